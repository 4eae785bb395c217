//! Any text is a source in Java, of a server and of the body of its tool: from the parser to the rules.
#![no_main]

use libfuzzer_sys::fuzz_target;

const BEFORE: &str = r#"package a;
import io.modelcontextprotocol.server.*;
import io.modelcontextprotocol.server.transport.*;
class Main {
    public static void main(String[] args) {
        var tool = new McpServerFeatures.SyncToolSpecification(definition(), (exchange, arguments) -> {
"#;
const AFTER: &str = r#"
        });
        McpServer.sync(new StdioServerTransportProvider(mapper)).tools(tool).build();
    }
}
"#;

fuzz_target!(|text: &str| {
    let tool = format!("{BEFORE}{text}{AFTER}");
    mcpsec_fuzz::project([("Other.java", text), ("Main.java", tool.as_str())]);
});
