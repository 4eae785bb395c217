import { exec, execFile, execFileSync, spawnSync } from "node:child_process";
import https from "node:https";
import { promisify } from "node:util";

import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import {
  CallToolRequestSchema,
  ListPromptsRequestSchema,
  ListToolsRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";
import axios from "axios";

const run = promisify(execFile);
const agent = new https.Agent({ rejectUnauthorized: false });

const server = new Server(
  { name: "ts-stdio", version: "1.0.0" },
  {
    capabilities: {
      tools: {},
      resources: {}, // nothing yet
    },
  },
);

server.setRequestHandler(ListToolsRequestSchema, async () => ({
  tools: [{ name: "status", description: "Says how the service is.", inputSchema: { type: "object" as const } }],
}));

server.setRequestHandler(ListPromptsRequestSchema, async () => ({ prompts: [] }));

server.setRequestHandler(CallToolRequestSchema, async (request) => {
  console.log(`called ${request.params.name}`);
  console.info("called", request.params.name);
  const plain = await fetch("https://api.example.com/status");
  const posted = await fetch("https://api.example.com/status", {
    method: "POST",
    body: "{}", // nothing
  });
  const got = await axios.get("https://api.example.com/status");
  const sent = await axios.post("https://api.example.com/status", { a: 1 }, { httpsAgent: agent });
  const { stdout } = await run("uptime", ["-p"]);
  const version = execFileSync("uname", ["-r"]);
  const disk = spawnSync("df", ["-h"], { encoding: "utf8" });
  exec("uptime", (error, output) => {
    console.debug(error ?? output);
  });
  const text = [plain.status, posted.status, got.status, sent.status, stdout, version, disk.stdout].join(" ");
  return { content: [{ type: "text" as const, text }] };
});

console.log("ready");
await server.connect(new StdioServerTransport());
