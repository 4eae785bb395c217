//! Any text is a source in C#, of a server and of the body of its tool: from the parser to the rules.
#![no_main]

use libfuzzer_sys::fuzz_target;

const BEFORE: &str = r#"using ModelContextProtocol.Server;
var builder = WebApplication.CreateBuilder(args);
builder.Services.AddMcpServer().WithStdioServerTransport().WithHttpTransport().WithTools<Tools>();
var app = builder.Build();
app.MapMcp();
app.Run();
class Tools {
    [McpServerTool]
    public static string A(string b) {
"#;
const AFTER: &str = r#"
    }
}
"#;

fuzz_target!(|text: &str| {
    let tool = format!("{BEFORE}{text}{AFTER}");
    mcpsec_fuzz::project([("Other.cs", text), ("Program.cs", tool.as_str())]);
});
