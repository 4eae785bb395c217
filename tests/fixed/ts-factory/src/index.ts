import express, { type Request, type Response } from "express";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { z } from "zod";

const port = Number(process.env.PORT ?? 8766);
const app = express();
app.use(express.json());

app.post("/mcp", async (request: Request, response: Response) => {
  const server = new McpServer({ name: "ts-factory", version: "1.0.0" });
  server.registerTool("greet", { description: "Greets.", inputSchema: { name: z.string().max(80) } }, async ({ name }) => ({
    content: [{ type: "text", text: `hello ${name}` }],
  }));
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined, enableJsonResponse: true });
  await server.connect(transport);
  await transport.handleRequest(request, response, request.body);
});

app.listen(port, "127.0.0.1", () => {
  console.error("listening");
});
