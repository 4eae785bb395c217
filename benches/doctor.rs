//! The doctor on synthetic repositories of 50 and of 5,000 files, with `ripgrep` counting lines in the same tree as the
//! reference. `cargo bench --bench doctor`. Best of several runs of whole processes; the tree is in the file cache.
#![expect(clippy::print_stdout, reason = "the table is this program's output")]

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

const RUNS: usize = 7;

fn main() {
    println!("best of {RUNS} runs; reference: `rg --count-matches '' --hidden` in the same tree");
    println!("{:>6} {:>9} {:>11} {:>11} {:>7}", "files", "lines", "doctor s", "ripgrep s", "ratio");
    for files in [50, 5_000] {
        let root = tree(files);
        let doctor = best(
            Command::new(env!("CARGO_BIN_EXE_mcpsec"))
                .args(["doctor", "--project"])
                .arg(&root)
                .args(["--format", "json"]),
            &[0, 1],
        );
        let reference = best(Command::new("rg").args(["--count-matches", "", "--hidden"]).arg(&root), &[0]);
        let lines = lines(&root);
        match reference {
            Some(reference) => {
                let ratio = doctor.unwrap_or_default().as_secs_f64() / reference.as_secs_f64();
                let (doctor, reference) = (doctor.unwrap_or_default().as_secs_f64(), reference.as_secs_f64());
                println!("{files:6} {lines:9} {doctor:11.3} {reference:11.3} {ratio:7.1}");
            }
            None => println!(
                "{files:6} {lines:9} {:11.3} {:>11} {:>7}",
                doctor.unwrap_or_default().as_secs_f64(),
                "no rg",
                "-"
            ),
        }
    }
}

/// The shortest of several runs; nothing where the program is missing. Another exit code ends the measurement.
fn best(command: &mut Command, allowed: &[i32]) -> Option<Duration> {
    command.stdout(Stdio::null()).stderr(Stdio::null()).stdin(Stdio::null());
    let mut best: Option<Duration> = None;
    for _ in 0..RUNS {
        let begun = Instant::now();
        let status = command.status().ok()?;
        let took = begun.elapsed();
        let code = status.code().unwrap_or(-1);
        assert!(allowed.contains(&code), "{command:?} ended with {code}");
        best = Some(best.map_or(took, |known| known.min(took)));
    }
    best
}

fn lines(root: &Path) -> usize {
    let mut open = vec![root.to_owned()];
    let mut lines = 0;
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).expect("just written").flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else {
                lines += fs::read_to_string(path).unwrap_or_default().lines().count();
            }
        }
    }
    lines
}

/// A repository of one TypeScript and one Python server with many modules, written once below `target/bench`.
fn tree(files: usize) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench").join(files.to_string());
    let _ = fs::remove_dir_all(&root);
    let write = |path: &str, text: &str| {
        let path = root.join(path);
        fs::create_dir_all(path.parent().expect("it has a folder")).expect("target is writable");
        fs::write(path, text).expect("target is writable");
    };
    write("package.json", PACKAGE);
    write("package-lock.json", "{ \"lockfileVersion\": 3, \"packages\": {} }\n");
    write(".gitignore", "node_modules\n.env\n");
    write("LICENSE", "MIT\n");
    write("src/index.ts", SERVER);
    write("server/main.py", PYTHON_SERVER);
    for number in 0..files.saturating_sub(6) {
        if number % 3 == 0 {
            write(&format!("server/area{}/module{number}.py", number % 40), &python(number));
        } else {
            write(&format!("src/area{}/module{number}.ts", number % 40), &typescript(number));
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
