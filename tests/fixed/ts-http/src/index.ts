import express from "express";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { z } from "zod";

const app = express();
app.use(express.json());

app.post("/mcp", async (request, response) => {
  const server = new McpServer({ name: "ts-http", version: "1.0.0" });
  server.registerTool("greet", { description: "Greets.", inputSchema: { name: z.string().max(80) } }, async ({ name }) => ({
    content: [{ type: "text", text: `hello ${name}` }],
  }));
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: undefined,
    enableJsonResponse: true, // one answer for one request
  });
  await server.connect(transport);
  await transport.handleRequest(request, response, request.body);
});

app.listen(8765, () => {
  console.error("listening");
});
