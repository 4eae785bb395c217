//! `mcpsec doctor`, `explain` and `rules`, as people and workflows use them.

use std::{
    fs,
    path::Path,
    process::{Command as Process, Stdio},
};

use predicates::{boolean::PredicateBooleanExt, str::contains};
use serde_json::Value;
use tempfile::TempDir;

use crate::{command::mcpsec, repository::project};

/// A server with one critical weakness in line 9.
pub(crate) const WEAK: &str = r#"import { exec } from "node:child_process";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { z } from "zod";

const server = new McpServer({ name: "files", version: "1.0.0" });

server.tool("list", { folder: z.string() }, async ({ folder }) => {
  exec(`ls -l ${folder}`);
  return { content: [] };
});
await server.connect(new StdioServerTransport());
"#;

pub(crate) fn doctor(folder: &Path) -> assert_cmd::Command {
    let mut command = mcpsec();
    // Other rules have opinions on such small projects; these journeys are about one of them.
    command.arg("doctor").arg(folder).args(["--select", "shell-injection,doctor"]);
    command
}

/// The report as JSON, whatever the exit code.
pub(crate) fn json(mut command: assert_cmd::Command) -> Value {
    let output = command.args(["--format", "json"]).output().expect("the command runs");
    serde_json::from_slice(&output.stdout).expect("the report is JSON")
}

fn rules(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().expect("findings are a list");
    findings.iter().map(|finding| finding["rule"].as_str().expect("a finding has a rule")).collect()
}

#[test]
fn a_missing_directory_is_an_error_and_not_a_clean_result() {
    mcpsec().args(["doctor", "no/such/dir"]).assert().code(2).stderr(contains("`no/such/dir` is not a directory"));
}

#[test]
fn an_empty_folder_has_nothing_to_check() {
    let folder = project(&[]);
    mcpsec().arg("doctor").arg(folder.path()).assert().code(5).stderr(contains("exit 5: no MCP server"));
}

#[test]
fn findings_fail_the_run_and_the_frame_shows_the_line() {
    let folder = project(&[("src/index.ts", WEAK)]);
    doctor(folder.path())
        .assert()
        .code(1)
        .stdout(
            contains("critical[shell-injection]")
                .and(contains("src/index.ts:9:3"))
                .and(contains("exec(`ls -l ${folder}`)")),
        )
        .stderr(contains("exit 1: 1 finding at or above medium"));
}

#[test]
fn a_clean_project_exits_with_zero() {
    let folder = project(&[("src/index.ts", &WEAK.replace("${folder}", "."))]);
    doctor(folder.path()).assert().code(0).stdout(contains("no findings"));
}

#[test]
fn a_suppression_with_a_reason_accepts_one_line() {
    let accepted = WEAK.replace("  exec(", "  // mcpsec: ignore[shell-injection] -- folders are chosen by us\n  exec(");
    let folder = project(&[("src/index.ts", &accepted)]);
    doctor(folder.path()).assert().code(0).stdout(contains("1 suppressed"));
    doctor(folder.path())
        .arg("--show-suppressed")
        .assert()
        .code(0)
        .stdout(contains("suppressed: folders are chosen by us"));
    let report = json(doctor(folder.path()));
    assert_eq!(report["findings"][0]["suppressed"]["reason"], "folders are chosen by us");

    let trailing = WEAK.replace("`);", "`); // mcpsec: ignore[injection] expires=2999-12-31 -- by group, at the end");
    doctor(project(&[("src/index.ts", &trailing)]).path()).assert().code(0);
    let whole = format!("// mcpsec: ignore-file[shell-injection] -- a demonstration\n{WEAK}");
    doctor(project(&[("src/index.ts", &whole)]).path()).assert().code(0);
}

#[test]
fn a_suppression_that_does_not_hold_changes_nothing_and_is_reported() {
    let with = |directive: &str| WEAK.replace("  exec(", &format!("  // mcpsec: {directive}\n  exec("));
    for directive in [
        "ignore[shell-injection]",
        "ignore -- no rule",
        "ignore[shell-injectoin] -- misspelt",
        "ignore[shell-injection] expires=2020-01-01 -- past",
        "ignore[shell-injection] expires=soon -- no day",
    ] {
        let folder = project(&[("src/index.ts", &with(directive))]);
        let report = json(doctor(folder.path()));
        assert_eq!(rules(&report), ["suppression-invalid", "shell-injection"], "{directive}");
        assert_eq!(report["exit_code"], 1, "{directive}");
    }
    let far = format!("// mcpsec: ignore[shell-injection] -- stands on another line\n\n{WEAK}");
    let report = json(doctor(project(&[("src/index.ts", &far)]).path()));
    assert_eq!(rules(&report), ["suppression-unused", "shell-injection"]);
    let text = format!("{WEAK}\nconst text = \"// mcpsec: ignore-file[shell-injection] -- in a string\";\n");
    assert_eq!(rules(&json(doctor(project(&[("src/index.ts", &text)]).path()))), ["shell-injection"]);
}

#[test]
fn names_of_rules_are_checked_and_corrected() {
    let folder = project(&[("src/index.ts", WEAK)]);
    for option in ["--select", "--ignore"] {
        mcpsec()
            .arg("doctor")
            .arg(folder.path())
            .args([option, "shell-injectoin"])
            .assert()
            .code(2)
            .stderr(contains("`shell-injectoin`").and(contains("did you mean `shell-injection`?")));
    }
    doctor(folder.path()).args(["--ignore", "injection"]).assert().code(0);
}

#[test]
fn the_policy_file_sets_the_gate_and_the_command_line_wins() {
    let folder = project(&[("src/index.ts", WEAK), ("mcpsec.toml", "version = 1\n[doctor]\nfail_on = \"never\"\n")]);
    doctor(folder.path()).assert().code(0);
    doctor(folder.path()).args(["--fail-on", "high"]).assert().code(1);
    let folder = project(&[("src/index.ts", WEAK), ("mcpsec.toml", "[doctor]\nignore = [\"shell-injection\"]\n")]);
    doctor(folder.path()).assert().code(0);
    for (text, said) in [
        ("[doctor]\nfail_on = \"higher\"\n", "`higher`"),
        ("[doctor]\nexlude = []\n", "`exlude`"),
        ("[doctor", "line 1"),
    ] {
        let folder = project(&[("src/index.ts", WEAK), ("mcpsec.toml", text)]);
        doctor(folder.path()).assert().code(2).stderr(contains("mcpsec.toml").and(contains(said)));
    }
}

#[test]
fn colours_are_for_terminals_and_for_who_asks() {
    let folder = project(&[("src/index.ts", WEAK)]);
    doctor(folder.path()).assert().stdout(contains("\u{1b}[").not());
    doctor(folder.path()).args(["--color", "always"]).assert().stdout(contains("\u{1b}["));
    doctor(folder.path()).env("CLICOLOR_FORCE", "1").assert().stdout(contains("\u{1b}["));
    doctor(folder.path()).env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1").assert().stdout(contains("\u{1b}[").not());
}

#[test]
fn names_and_sources_cannot_steer_the_terminal() {
    let hostile = WEAK.replace("`ls -l", "`ls \u{1b}[2J\u{202e} -l");
    let folder = project(&[("src/\u{1b}[31mx.ts", &hostile)]);
    let output = doctor(folder.path()).arg("--show-files").output().expect("the command runs");
    let text = String::from_utf8(output.stdout).expect("the report is text");
    assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text:?}");
}

#[cfg(unix)]
#[test]
fn a_closed_pipe_is_no_failure() {
    let folder = project(&[("src/index.ts", WEAK)]);
    let binary = assert_cmd::cargo::cargo_bin("mcpsec");
    let script = format!(
        "'{}' doctor --show-files --statistics '{}' | head -1; exit ${{PIPESTATUS[0]}}",
        binary.display(),
        folder.path().display()
    );
    let output = Process::new("bash").args(["-c", &script]).stdin(Stdio::null()).output().expect("bash runs");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(!stderr.contains("panic") && !stderr.contains("error:"), "{stderr}");
    assert!(matches!(output.status.code(), Some(0 | 1)), "{:?}", output.status);
}

#[test]
fn what_cannot_be_read_is_said_and_is_not_clean() {
    let harmless = WEAK.replace("${folder}", ".");
    let large = format!("// {}\n", "x".repeat(1024 * 1024 + 1));
    let folder = project(&[("src/index.ts", &harmless), ("src/large.ts", &large)]);
    doctor(folder.path())
        .assert()
        .code(3)
        .stdout(contains("not checked: src/large.ts: too large"))
        .stderr(contains("exit 3: not everything was checked"));
    doctor(folder.path()).arg("--allow-incomplete").assert().code(0);
    let report = json(doctor(folder.path()));
    assert_eq!(report["incomplete"][0]["file"], "src/large.ts");
    let weak = project(&[("src/index.ts", WEAK), ("src/large.ts", &large)]);
    doctor(weak.path()).assert().code(1);
}

#[test]
fn hostile_files_are_survived() {
    let folder = project(&[
        ("src/index.ts", WEAK),
        ("src/broken.ts", "const = ((((( `${ server.tool(\"x\" function {{{{"),
        ("deep.py", &("(".repeat(50_000) + &")".repeat(50_000))),
        ("deep.json", &("[".repeat(50_000) + &"]".repeat(50_000))),
        ("deep.go", &format!("package a\nvar x = {}1", "-".repeat(50_000))),
        ("deep.rs", &format!("fn a() {{ {} }}", "{".repeat(20_000))),
        ("package.json", "{\"name\": \"\u{1b}[2J\", \"dependencies\": [1, null, {}], \"scripts\": \"rm -rf /\"}"),
        ("Cargo.toml", "[package\nname = 1"),
        ("pyproject.toml", "[project]\ndependencies = 5\n"),
        (".mcp.json", "{\"mcpServers\": {\"a\": {\"command\": [[[1]]], \"args\": \"x\"}}}"),
        ("Dockerfile", "FROM\nUSER\nFROM a AS\n\\\n"),
        (".gitignore", "[z-a\n!\n/\n\\\n"),
    ]);
    fs::write(folder.path().join("src/binary.ts"), [0u8, 159, 146, 150, 255, 254]).expect("written");
    fs::write(folder.path().join("src/latin1.py"), b"x = '\xe9\xff'\n").expect("written");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("/", folder.path().join("src/root")).expect("linked");
        std::os::unix::fs::symlink(folder.path(), folder.path().join("src/loop")).expect("linked");
        std::os::unix::fs::symlink("self", folder.path().join("self")).expect("linked");
        fs::create_dir(folder.path().join(".git")).expect("made");
        fs::write(folder.path().join(".git/index"), b"DIRC\0\0\0\x02\xff\xff\xff\xffgarbage").expect("written");
    }
    let mut command = mcpsec();
    let output =
        command.arg("doctor").arg(folder.path()).args(["--format", "json"]).output().expect("the command runs");
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).expect("the report is JSON");
    assert!(rules(&report).contains(&"shell-injection"), "the rest is still checked");
    let outside = report.to_string();
    assert!(!outside.contains("src/root/") && !outside.contains("src/loop/"), "links are not followed");
    assert!(!outside.contains("this is a bug of mcpsec"), "no rule panicked: {}", report["incomplete"]);
}

/// A project that would run something if anybody asked git or a package manager.
#[cfg(unix)]
fn booby_trapped(marker: &Path) -> TempDir {
    let run = format!("touch {}", marker.display());
    let git = format!(
        "[core]\n\trepositoryformatversion = 0\n\tfsmonitor = {run}\n\thooksPath = hooks\n\tpager = {run}\n\tsshCommand = {run}\n[alias]\n\tstatus = !{run}\n"
    );
    let package = format!("{{\"name\": \"x\", \"scripts\": {{\"preinstall\": \"{run}\", \"test\": \"{run}\"}}}}");
    let folder = project(&[
        ("src/index.ts", WEAK),
        (".git/config", &git),
        (".git/HEAD", "ref: refs/heads/main\n"),
        ("package.json", &package),
        ("setup.py", &format!("import os\nos.system('{run}')\n")),
        ("conftest.py", &format!("import os\nos.system('{run}')\n")),
        (
            "build.rs",
            &format!("fn main() {{ std::process::Command::new(\"sh\").args([\"-c\", \"{run}\"]).status(); }}"),
        ),
        (".cargo/config.toml", &format!("[build]\nrustc-wrapper = \"{run}\"\n")),
        (".npmrc", "node-options=--require=./evil.js\n"),
        ("evil.js", "require('fs').writeFileSync('/tmp/never', '');\n"),
    ]);
    let hook = folder.path().join(".git/hooks/post-index-change");
    fs::create_dir_all(hook.parent().expect("a folder")).expect("made");
    fs::write(&hook, format!("#!/bin/sh\n{run}\n")).expect("written");
    fs::set_permissions(&hook, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("made executable");
    folder
}

#[cfg(unix)]
#[test]
fn nothing_in_the_project_is_executed_and_no_socket_is_opened() {
    let elsewhere = tempfile::tempdir().expect("a folder can be made");
    let (marker, trace) = (elsewhere.path().join("executed"), elsewhere.path().join("trace"));
    let folder = booby_trapped(&marker);
    mcpsec().arg("doctor").arg(folder.path()).assert().code(1);
    assert!(!marker.exists(), "something in the project was executed");

    // Where the machine can trace: one program is started, ours, and nothing is connected or written.
    let traced = Process::new("strace")
        .args(["-f", "-qq", "-e", "trace=execve,socket,connect,unlink,rename,mkdir", "-o"])
        .arg(&trace)
        .arg(assert_cmd::cargo::cargo_bin("mcpsec"))
        .arg("doctor")
        .arg(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    let Ok(status) = traced else { return };
    let trace = fs::read_to_string(&trace).unwrap_or_default();
    if status.code() == Some(1) && trace.contains("execve(") {
        let calls: Vec<&str> = trace.lines().filter(|line| !line.contains("+++") && !line.contains("---")).collect();
        assert_eq!(calls.len(), 1, "{calls:#?}");
    }
}

#[test]
fn explain_prints_the_page_and_helps_with_names() {
    mcpsec()
        .args(["explain", "Shell-Injection"])
        .assert()
        .code(0)
        .stdout(contains("# shell-injection").and(contains("finding: shell-injection")));
    mcpsec().args(["explain", "shel-injection"]).assert().code(2).stderr(contains("did you mean `shell-injection`?"));
    mcpsec().args(["explain", "qqqqqqqqqq"]).assert().code(2).stderr(contains("`mcpsec rules` lists them"));
}

#[test]
fn rules_are_listed_in_three_formats() {
    mcpsec().arg("rules").assert().code(0).stdout(contains("shell-injection"));
    mcpsec()
        .args(["rules", "--format", "markdown"])
        .assert()
        .code(0)
        .stdout(contains("| [`shell-injection`](shell-injection.md) |"));
    let output = mcpsec().args(["rules", "--format", "json"]).output().expect("the command runs");
    let list: Value = serde_json::from_slice(&output.stdout).expect("the list is JSON");
    assert!(list.as_array().is_some_and(|rules| rules.iter().any(|rule| rule["id"] == "shell-injection")));
}
