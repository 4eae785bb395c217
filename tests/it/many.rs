//! `mcpsec doctor` on many projects in one run.

use predicates::{boolean::PredicateBooleanExt, str::contains};
use serde_json::Value;
use tempfile::TempDir;

use crate::{command::mcpsec, repository::project};

const WEAK: &str = "import os\nfrom mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP(\"notes\")\n\n\n@mcp.tool()\n\
    def show(name: str) -> int:\n    \"\"\"Shows a note.\"\"\"\n    return os.system(f\"cat {name}\")\n\n\nmcp.run()\n";

/// Three projects: one is weak, one is weak and accepts it in its settings, one has nothing to do with MCP.
fn projects() -> TempDir {
    project(&[
        ("weak/server.py", WEAK),
        ("settled/server.py", WEAK),
        ("settled/mcpsec.toml", "version = 1\n[doctor]\nignore = [\"shell-injection\"]\n"),
        ("other/readme.txt", "nothing\n"),
        ("lists/all.txt", "# every one\n../settled\n\n../weak\n../settled/\n"),
    ])
}

fn doctor(folder: &TempDir) -> assert_cmd::Command {
    let mut command = mcpsec();
    command.current_dir(folder).args(["doctor", "--select", "shell-injection"]);
    command
}

#[test]
fn each_has_its_own_settings_and_the_worst_comes_first() {
    let folder = projects();
    let output = doctor(&folder).args(["--project", "settled", "--project", "weak", "--format", "json"]).output();
    let output = output.expect("the command runs");
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&output.stdout).expect("the report is JSON");
    let projects = report["projects"].as_array().expect("a list").iter();
    let counts = projects.map(|it| it["findings"].as_array().expect("a list").len());
    assert_eq!(counts.collect::<Vec<_>>(), [1, 0], "{report}");
}

#[test]
fn a_list_names_folders_beside_itself_each_once() {
    let folder = projects();
    doctor(&folder)
        .args(["--projects", "lists/all.txt"])
        .assert()
        .code(1)
        .stdout(contains("weak").and(contains("settled")))
        .stderr(contains("checked 2 projects").and(contains("exit 1: 1 of 2 projects fail")));
    doctor(&folder).args(["--projects", "-"]).write_stdin("settled\n").assert().code(0);
    doctor(&folder).args(["--projects", "-"]).write_stdin("# none\n").assert().code(2).stderr(contains("no project"));
    doctor(&folder).args(["--projects", "missing.txt"]).assert().code(2).stderr(contains("cannot read the list"));
}

#[test]
fn one_that_cannot_be_checked_is_named_and_the_others_are_checked() {
    let folder = projects();
    doctor(&folder)
        .args(["weak", "missing", "other"])
        .assert()
        .code(2)
        .stdout(contains("shell-injection"))
        .stderr(contains("error: missing: `missing` is not a directory"));
    doctor(&folder).args(["settled", "other"]).assert().code(5);
    doctor(&folder).args(["settled", "weak", "--baseline", "x"]).assert().code(2).stderr(contains("one project"));
}

#[test]
fn a_run_over_many_gives_the_same_bytes_each_time() {
    let folder = projects();
    let run = |threads: &str| {
        let mut command = doctor(&folder);
        command.env("RAYON_NUM_THREADS", threads).args(["other", "settled", "weak", "--format", "sarif"]);
        command.output().expect("the command runs").stdout
    };
    let first = run("1");
    assert!((0..5).all(|_| run("4") == first));
}
