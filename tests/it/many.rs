//! `mcpsec doctor` on many projects in one run.

use mcpsec::report::Format;
use predicates::{boolean::PredicateBooleanExt, str::contains};
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    command::mcpsec,
    repository::{project, write},
};

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
fn one_that_cannot_be_checked_is_in_the_report_and_the_others_are_checked() {
    let folder = projects();
    write(folder.path(), "wrong/mcpsec.toml", "version = 1\n[doctor]\nfail-on = \"high\"\n");
    doctor(&folder)
        .args(["weak", "missing", "other", "wrong"])
        .assert()
        .code(2)
        .stdout(contains("shell-injection").and(contains("not checked: `missing` is not a directory")))
        .stderr(
            contains("error: missing: `missing` is not a directory")
                .and(contains("1 of 4 projects fail, 2 not checked")),
        );
    for format in Format::ALL {
        let output = doctor(&folder).args(["weak", "wrong", "missing", "--format", format.name]).output();
        let output = output.expect("the command runs");
        assert_eq!(output.status.code(), Some(2), "{}", format.name);
        let text = String::from_utf8(output.stdout).expect("a report is text");
        let told = ["is not a directory", "fail-on", "shell-injection"];
        assert!(told.iter().all(|it| text.contains(it)), "{}: {text}", format.name);
    }
    doctor(&folder).args(["settled", "other"]).assert().code(5);
    doctor(&folder).args(["settled", "weak", "--baseline", "x"]).assert().code(2).stderr(contains("one project"));
}

#[test]
fn a_list_gives_a_list_whatever_is_in_it() {
    let folder = projects();
    for (list, expected, code) in [
        ("missing\nsettled\n", &[("missing", 2), ("settled", 0)][..], 2),
        ("settled\n", &[("settled", 0)], 0),
        ("missing\n", &[("missing", 2)], 2),
    ] {
        let output = doctor(&folder).args(["--projects", "-", "--format", "json"]).write_stdin(list).output();
        let output = output.expect("the command runs");
        assert_eq!(output.status.code(), Some(code), "{list}");
        let report: Value = serde_json::from_slice(&output.stdout).expect("the report is JSON");
        let told = report["projects"].as_array().expect("a list").iter();
        let told: Vec<_> =
            told.map(|it| (it["name"].as_str().unwrap_or(""), it["exit_code"].as_i64().unwrap_or(-1))).collect();
        assert_eq!(told, expected);
        assert_eq!(report["exit_code"], code);
    }
    doctor(&folder)
        .args(["--projects", "-", "--fix"])
        .write_stdin("weak\n")
        .assert()
        .code(2)
        .stderr(contains("one project"));
}

#[test]
fn a_list_may_be_written_anywhere() {
    let folder = projects();
    write(folder.path(), "lists/windows.txt", "\u{feff}../weak\r\n\r\n  # and this\r\n  ../settled  \r\n");
    doctor(&folder)
        .args(["--projects", "lists/windows.txt", "--format", "concise"])
        .assert()
        .code(1)
        .stdout(contains("weak/server.py:").and(contains("lists").not()))
        .stderr(contains("checked 2 projects"));
    doctor(&folder).args(["--projects", "lists"]).assert().code(2).stderr(contains("cannot read the list"));
}

#[cfg(unix)]
#[test]
fn a_folder_is_checked_once_and_one_within_another_for_itself() {
    let folder = projects();
    std::os::unix::fs::symlink("weak", folder.path().join("link")).expect("a link can be made");
    doctor(&folder).args(["weak", "link", "./weak/", "weak/../weak"]).assert().code(1).stderr(contains("checked with"));
    doctor(&folder)
        .args([".", "settled", "--format", "concise"])
        .assert()
        .code(1)
        .stdout(contains("./settled/server.py:10:12").and(contains("\nsettled/server.py").not()))
        .stderr(contains("note: `settled` lies in another project"));
}

#[test]
fn hundreds_of_projects_give_the_same_bytes_each_time_and_few_descriptions() {
    let folder = projects();
    let mut list = "other\nmissing\n".to_owned();
    for number in 0..200 {
        write(folder.path(), &format!("all/{number}/server.py"), &WEAK.replace("cat", &format!("cat -{number}")));
        list += &format!("all/{number}\n");
    }
    let run = |threads: &str, format: &str| {
        let mut command = mcpsec();
        command.current_dir(&folder).env("RAYON_NUM_THREADS", threads).args(["doctor", "--projects", "-"]);
        command.args(["--format", format, "--select", "injection"]).write_stdin(list.clone());
        command.output().expect("the command runs").stdout
    };
    let first = run("1", "sarif");
    assert!(run("8", "sarif") == first);
    let sarif: Value = serde_json::from_slice(&first).expect("it is JSON");
    let runs = sarif["runs"].as_array().expect("a list");
    assert_eq!(runs.len(), 202);
    // What hundreds of runs say of the same rules would be most of the file.
    assert!(runs.iter().all(|run| run["tool"]["driver"]["rules"].as_array().is_some_and(|rules| rules.len() <= 2)));
    let human = String::from_utf8(run("8", "human")).expect("a report is text");
    let table: Vec<&str> = human.lines().skip(3).take(202).collect();
    assert!(table[0].starts_with("missing ") && table[0].ends_with("not checked"), "{}", table[0]);
    assert!(table[1].starts_with("all/0 ") && table[201].starts_with("other "), "{table:?}");
}
