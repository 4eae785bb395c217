//! Synthetic repositories to measure.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use crate::speech::Speech;

/// How many of the modules speak of MCP, and so have to be parsed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// None but the servers and what they import: a large repository in which a server lives.
    Usual,
    /// Every second.
    Half,
    /// All: each registers a tool.
    Dense,
}

/// A repository of one language whose modules all speak of MCP and call each other, written anew below `target/bench`.
pub(crate) fn write_in(speech: Speech, files: usize) -> PathBuf {
    let root = emptied(&format!("{speech:?}-{files}"));
    speech.server(files).into_iter().for_each(|(path, text)| put(&root, path, &text));
    for number in 0..files {
        let (path, text) = speech.module(number, files);
        put(&root, &path, &text);
    }
    root
}

fn emptied(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench").join(name.to_lowercase());
    let _ = fs::remove_dir_all(&root);
    root
}

fn put(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().expect("it has a folder")).expect("target is writable");
    fs::write(path, text).expect("target is writable");
}

/// A repository of one TypeScript and one Python server with many modules, written anew below `target/bench`.
pub(crate) fn write(kind: Kind, files: usize) -> PathBuf {
    let root = emptied(&format!("{kind:?}-{files}"));
    let write = |path: &str, text: &str| put(&root, path, text);
    write("package.json", PACKAGE);
    write("package-lock.json", "{ \"lockfileVersion\": 3, \"packages\": {} }\n");
    write(".gitignore", "node_modules\n.env\n");
    write("LICENSE", "MIT\n");
    write("src/index.ts", SERVER);
    write("server/main.py", PYTHON_SERVER);
    for number in 0..files.saturating_sub(6) {
        let speaks = match kind {
            Kind::Usual => false,
            Kind::Half => number % 2 == 0,
            Kind::Dense => true,
        };
        if number % 3 == 0 {
            let tool = if speaks { python_tool(number) } else { String::new() };
            write(&format!("server/area{}/module{number}.py", number % 40), &(python(number) + &tool));
        } else {
            let tool = if speaks { typescript_tool(number) } else { String::new() };
            write(&format!("src/area{}/module{number}.ts", number % 40), &(tool + &typescript(number)));
        }
    }
    root
}

fn typescript(number: usize) -> String {
    let mut text = String::from("import { readFile } from \"node:fs/promises\";\nimport { z } from \"zod\";\n\n");
    for item in 0..8 {
        let _ = write!(
            text,
            "export const schema{item} = z.object({{ id: z.number().int(), name: z.string().max({number}) }});\n\n\
             /** Loads entry {item} and keeps what is asked for. */\n\
             export async function load{item}(path: string, options: {{ limit?: number; prefix?: string }} = {{}}) {{\n\
             \x20 const text = await readFile(path, \"utf8\");\n\
             \x20 const lines = text.split(\"\\n\").filter((line) => line.startsWith(options.prefix ?? \"\"));\n\
             \x20 if (lines.length > (options.limit ?? 100)) {{\n    throw new Error(`too many lines: ${{lines.length}}`);\n  }}\n\
             \x20 return lines.map((line, index) => ({{ index, line: line.trim(), area: {number} }}));\n}}\n\n"
        );
    }
    text
}

fn python(number: usize) -> String {
    let mut text = String::from("import json\nfrom dataclasses import dataclass\n\n\n");
    for item in 0..8 {
        let _ = write!(
            text,
            "@dataclass\nclass Entry{item}:\n    \"\"\"Entry {item} of module {number}.\"\"\"\n    name: str\n    size: int = {number}\n\n\n\
             def load{item}(text: str, limit: int = 100) -> list[Entry{item}]:\n    rows = json.loads(text)\n\
             \x20   if len(rows) > limit:\n        raise ValueError(f\"too many rows: {{len(rows)}}\")\n\
             \x20   return [Entry{item}(row[\"name\"], row.get(\"size\", 0)) for row in rows if row]\n\n\n"
        );
    }
    text
}

fn typescript_tool(number: usize) -> String {
    format!(
        "import {{ McpServer }} from \"@modelcontextprotocol/sdk/server/mcp.js\";\n\n\
         export function register{number}(server: McpServer) {{\n\
         \x20 server.registerTool(\"load{number}\", {{ description: \"Loads\", inputSchema: {{ limit: z.number() }} }}, async ({{ limit }}) => {{\n\
         \x20   const rows = await load0(\"data.txt\", {{ limit }});\n\
         \x20   return {{ content: [{{ type: \"text\", text: JSON.stringify(rows) }}] }};\n  }});\n}}\n\n"
    )
}

fn python_tool(number: usize) -> String {
    format!(
        "def register(mcp):\n    @mcp.tool()\n    def load_{number}(text: str) -> int:\n\
         \x20       \"\"\"Counts rows, as an MCP tool.\"\"\"\n        return len(load0(text))\n"
    )
}

const PACKAGE: &str = r#"{
  "name": "bench", "version": "1.0.0", "private": true, "type": "module",
  "scripts": { "build": "tsc", "start": "node dist/index.js", "test": "vitest run" },
  "dependencies": { "@modelcontextprotocol/sdk": "1.32.2", "zod": "3.25.0" }
}
"#;

const SERVER: &str = r#"import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { z } from "zod";
import { load0 } from "./area1/module1.js";

const server = new McpServer({ name: "bench", version: "1.0.0" });
server.registerTool("load", { description: "Loads", inputSchema: { limit: z.number() } }, async ({ limit }) => {
  const rows = await load0("data.txt", { limit });
  return { content: [{ type: "text", text: JSON.stringify(rows) }] };
});
await server.connect(new StdioServerTransport());
"#;

const PYTHON_SERVER: &str = r#"from mcp.server.fastmcp import FastMCP

mcp = FastMCP("bench")


@mcp.tool()
def add(a: int, b: int) -> int:
    """Adds two numbers."""
    return a + b


if __name__ == "__main__":
    mcp.run()
"#;
