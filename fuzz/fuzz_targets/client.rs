//! Any text is a client's configuration, or an error, and its places lie in the text.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let paths = [".mcp.json", ".vscode/mcp.json", ".codex/config.toml", "manifest.json", ".zed/settings.json"];
    let project = mcpsec_fuzz::project(paths.map(|path| (path, text)));
    for server in project.clients.iter().flat_map(|client| &client.servers) {
        let words = server.arguments.iter().chain(&server.command).chain(&server.url);
        for place in words.map(|word| &word.place).chain([&server.place]) {
            assert!(text.get(place.start..place.end).is_some());
        }
    }
});
