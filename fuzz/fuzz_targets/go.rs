//! Any text is a source in Go, of a server and of the body of its tool: from the parser to the rules.
#![no_main]

use libfuzzer_sys::fuzz_target;

const BEFORE: &str = r#"package main
import (
	"context"
	"os/exec"
	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)
func main() {
	s := server.NewMCPServer("a", "1")
	s.AddTool(mcp.NewTool("a", mcp.WithString("b")), func(ctx context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		b := r.GetString("b", "")
"#;
const AFTER: &str = r#"
	})
	server.ServeStdio(s)
}
"#;

fuzz_target!(|text: &str| {
    let tool = format!("{BEFORE}{text}{AFTER}");
    mcpsec_fuzz::project([("other.go", text), ("main.go", tool.as_str())]);
});
