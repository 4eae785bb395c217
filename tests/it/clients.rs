//! `mcpsec clients`, on home folders made for the purpose.

use std::{fs, path::Path};

use super::{command::mcpsec, repository::project};
use predicates::{boolean::PredicateBooleanExt, str::contains};
use serde_json::Value;

fn clients(home: &Path, arguments: &[&str]) -> assert_cmd::Command {
    let mut command = mcpsec();
    command.args(["clients", "--system", "linux", "--home"]).arg(home).args(arguments);
    command
}

/// Rule and file of what is reported.
fn found(home: &Path) -> Vec<(String, String)> {
    let output = clients(home, &["--format", "json"]).output().expect("the command runs");
    let report: Value = serde_json::from_slice(&output.stdout).expect("the report is JSON");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let findings = report["findings"].as_array().expect("a list").iter();
    findings.map(|finding| (text(&finding["rule"]), text(&finding["file"]))).collect()
}

const UNPINNED: [(&str, &str); 6] = [
    (
        ".claude.json",
        "{\"projects\": {\"/a\": {\"mcpServers\": {\"x\": {\"command\": \"npx\", \"args\": [\"-y\", \"one-server\"]}}}}}\n",
    ),
    (".codex/config.toml", "[mcp_servers.x]\ncommand = \"npx\"\nargs = [\"-y\", \"two-server\"]\n"),
    (
        ".config/Code/User/mcp.json",
        "{\n  // mine\n  \"servers\": {\"x\": {\"command\": \"npx\", \"args\": [\"-y\", \"three-server\",],},},\n}\n",
    ),
    (".config/goose/config.yaml", "extensions:\n  x:\n    type: stdio\n    cmd: npx\n    args: [-y, four-server]\n"),
    (
        ".config/zed/settings.json",
        "{\"context_servers\": {\"x\": {\"command\": \"npx\", \"args\": [\"-y\", \"five-server\"]}}}\n",
    ),
    (".cursor/mcp.json", "{\"mcpServers\": {\"x\": {\"command\": \"npx\", \"args\": [\"-y\", \"six-server\"]}}}\n"),
];

#[test]
fn every_client_is_read_in_its_own_form_and_a_name_counts_for_one_client() {
    let home = project(&UNPINNED);
    let expected: Vec<(String, String)> =
        UNPINNED.iter().map(|(path, _)| ("client-runner-unpinned".to_owned(), format!("~/{path}"))).collect();
    assert_eq!(found(home.path()), expected);
    clients(home.path(), &[])
        .assert()
        .code(1)
        .stdout(contains("~/.cursor/mcp.json:1").and(contains("suppress: --ignore client-runner-unpinned")))
        .stderr(contains("exit 1"));
    clients(home.path(), &["--fail-on", "never"]).assert().code(0);
    clients(home.path(), &["--ignore", "client-runner-unpinned"]).assert().code(0);
    clients(home.path(), &["--format", "sarif"]).assert().code(1).stdout(contains("client-runner-unpinned"));
}

#[test]
fn a_secret_is_found_and_not_shown() {
    let key = ["ghp_", "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"].concat();
    let text = format!(
        "{{\"mcpServers\": {{\"x\": {{\"command\": \"x-server\", \"env\": {{\"TOKEN\": \"{key}\"}}}}}}, \
         \"inputs\": [\"{key}\"]}}\n"
    );
    let home = project(&[(".cursor/mcp.json", &text)]);
    assert!(found(home.path()).contains(&("client-secret-inline".to_owned(), "~/.cursor/mcp.json".to_owned())));
    for format in ["human", "json", "sarif"] {
        clients(home.path(), &["--format", format]).assert().code(1).stdout(contains(&key).not());
    }
}

#[test]
fn without_a_configuration_there_is_nothing_to_check() {
    let home = project(&[(".config/Code/User/settings.json", "{\"editor.tabSize\": 2}\n"), ("notes/mcp.json", "{")]);
    clients(home.path(), &[])
        .assert()
        .code(5)
        .stdout("")
        .stderr(contains("says nothing about servers").and(contains("~/.codex/config.toml")));
    clients(&home.path().join("missing"), &[]).assert().code(2).stderr(contains("does not exist"));
}

#[test]
fn the_places_are_listed_for_each_system() {
    let home = project(&[(".cursor/mcp.json", "{\"mcpServers\": {\"x\": {\"command\": \"x\"}}}\n")]);
    clients(home.path(), &["--list"])
        .assert()
        .code(0)
        .stdout(contains("read    Cursor            ~/.cursor/mcp.json\n").and(contains("~/.config/Claude/")));
    let mut windows = mcpsec();
    windows.args(["clients", "--list", "--system", "windows", "--home"]).arg(home.path());
    windows.assert().code(0).stdout(contains("~/AppData/Roaming/Claude/claude_desktop_config.json"));
}

#[test]
fn what_cannot_be_read_makes_the_result_incomplete_and_nothing_is_written() {
    let home = project(&[(".cursor/mcp.json", "{\"mcpServers\": {\"x\": {\"command\": \"x-server\"}}}\n")]);
    clients(home.path(), &[]).assert().code(0);
    fs::create_dir_all(home.path().join(".codex/config.toml")).expect("made");
    clients(home.path(), &[]).assert().code(3).stdout(contains("~/.codex/config.toml"));
    let entries = fs::read_dir(home.path()).expect("a folder").count();
    assert_eq!(entries, 2);
}

#[test]
fn settings_without_servers_are_checked_too() {
    let home = project(&[(".claude/settings.json", "{\"permissions\": {\"allow\": [\"Read(~/notes/**)\"]}}\n")]);
    clients(home.path(), &[]).assert().code(0);
    fs::write(home.path().join(".claude/settings.json"), "{\"enableAllProjectMcpServers\": true}\n").expect("written");
    assert_eq!(found(home.path()), [("client-auto-approve".to_owned(), "~/.claude/settings.json".to_owned())]);
}
