//! Any text is a source in Python, of a server and of the body of its tool: from the parser to the rules.
#![no_main]

use libfuzzer_sys::fuzz_target;

const BEFORE: &str = r#"
from mcp.server.fastmcp import FastMCP
import os, subprocess, httpx, sqlite3, other
mcp = FastMCP("a")
@mcp.tool()
def a(b: str, c: int) -> str:
    d = b
"#;
const AFTER: &str = r#"
mcp.run()
"#;

fuzz_target!(|text: &str| {
    let tool = format!("{BEFORE}{text}{AFTER}");
    mcpsec_fuzz::project([("other.py", text), ("server.py", tool.as_str())]);
});
