import { exec } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { z } from "zod";

const NOTES = path.resolve("notes");
const server = new McpServer({ name: "notes", version: "1.0.0" });

server.tool("search_notes", { words: z.string() }, async ({ words }) => {
  const command = `grep -ril "${words}" ${NOTES}`;
  exec(command);
  return { content: [] };
});

server.tool("read_note", { name: z.string() }, async ({ name }) => {
  const file = path.resolve(NOTES, name);
  if (!file.startsWith(NOTES + path.sep)) {
    throw new Error("not a note");
  }
  return { content: [{ type: "text", text: await readFile(file, "utf8") }] };
});

server.tool("export_note", { name: z.string(), target: z.string() }, async ({ name, target }) => {
  await writeFile(target, name);
  return { content: [] };
});

server.tool("run_script", { script: z.string() }, async ({ script }) => {
  // mcpsec: ignore[shell-injection] -- this tool is a terminal, and runs in a sandbox
  exec(script);
  return { content: [] };
});

await server.connect(new StdioServerTransport());
