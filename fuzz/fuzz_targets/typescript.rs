//! Any text is a source in TypeScript, of a server and of the body of its tool: from the parser to the rules.
#![no_main]

use libfuzzer_sys::fuzz_target;

const BEFORE: &str = r#"
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import * as other from "./other.js";
const server = new McpServer({ name: "a", version: "1" });
server.registerTool("a", { inputSchema: { b: z.string(), c: z.number() } }, async ({ b, c }) => {
"#;
const AFTER: &str = r#"
});
await server.connect(new StdioServerTransport());
"#;

fuzz_target!(|text: &str| {
    let tool = format!("{BEFORE}{text}{AFTER}");
    mcpsec_fuzz::project([("src/other.ts", text), ("src/index.ts", tool.as_str())]);
});
