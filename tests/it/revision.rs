//! `mcpsec doctor --staged` and `--since`, and baselines, in real repositories.

use std::{fs, path::Path, process::Command as Process};

use predicates::{boolean::PredicateBooleanExt, str::contains};
use serde_json::Value;

use super::{
    command::mcpsec,
    repository::{git, repository, write},
};

/// A server with one weakness in line 8, whose tool is called `name`.
fn weak(name: &str) -> String {
    format!(
        "import {{ exec }} from \"node:child_process\";\n\
         import {{ McpServer }} from \"@modelcontextprotocol/sdk/server/mcp.js\";\n\
         import {{ StdioServerTransport }} from \"@modelcontextprotocol/sdk/server/stdio.js\";\n\
         import {{ z }} from \"zod\";\n\
         const server = new McpServer({{ name: \"files\", version: \"1.0.0\" }});\n\
         \n\
         server.tool(\"{name}\", {{ folder: z.string() }}, async ({{ folder }}) => {{\n  \
         exec(`{name} ${{folder}}`);\n  \
         return {{ content: [] }};\n\
         }});\n\
         await server.connect(new StdioServerTransport());\n"
    )
}

const HARMLESS: &str = "import { McpServer } from \"@modelcontextprotocol/sdk/server/mcp.js\";\n\
     export const server = new McpServer({ name: \"files\", version: \"1.0.0\" });\n";

fn doctor(folder: &Path, arguments: &[&str]) -> assert_cmd::Command {
    let mut command = mcpsec();
    command.current_dir(folder).args(["doctor", "--select", "shell-injection,secrets,env-file-committed,doctor"]);
    command.args(arguments);
    command
}

/// Rule and path of what is reported.
fn found(folder: &Path, arguments: &[&str]) -> Vec<(String, String)> {
    let output = doctor(folder, arguments).args(["--format", "json"]).output().expect("the command runs");
    let report: Value = serde_json::from_slice(&output.stdout).expect("the report is JSON");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let findings = report["findings"].as_array().expect("a list").iter();
    findings.map(|finding| (text(&finding["rule"]), text(&finding["file"]))).collect()
}

fn pair(rule: &str, path: &str) -> (String, String) {
    (rule.to_owned(), path.to_owned())
}

#[test]
fn what_is_staged_counts_and_not_what_lies_there() {
    let repository = repository(&[("src/a.ts", HARMLESS)]);
    let folder = repository.path();
    doctor(folder, &["--staged"]).assert().code(0);

    write(folder, "src/b.ts", &weak("list"));
    doctor(folder, &["--staged"]).assert().code(0);
    git(folder, &["add", "src/b.ts"]);
    write(folder, "src/b.ts", HARMLESS);
    assert_eq!(found(folder, &["--staged"]), [pair("shell-injection", "src/b.ts")]);
    doctor(folder, &["--staged"]).assert().code(1).stdout(contains("src/b.ts:8"));
    doctor(folder, &[]).assert().code(0);
}

#[test]
fn a_planted_secret_stops_a_commit_and_is_not_shown() {
    let repository = repository(&[("src/a.ts", HARMLESS)]);
    let folder = repository.path();
    let key = ["AKIA", "Z7QX3MPL5RNT2VWY"].concat();
    write(folder, "src/config.ts", &format!("export const key = \"{key}\";\n"));
    write(folder, ".env", &format!("AWS_ACCESS_KEY_ID={key}\n"));
    git(folder, &["add", "-A"]);
    doctor(folder, &["--staged"]).assert().code(1).stdout(contains("src/config.ts:1").and(contains(&key).not()));
}

#[cfg(unix)]
#[test]
fn a_hook_sees_what_a_commit_takes_beside_the_index() {
    use std::os::unix::fs::PermissionsExt as _;

    let repository = repository(&[("src/a.ts", HARMLESS), ("src/b.ts", HARMLESS)]);
    let folder = repository.path();
    let hook = folder.join(".git/hooks/pre-commit");
    let command = assert_cmd::cargo::cargo_bin("mcpsec");
    fs::create_dir_all(folder.join(".git/hooks")).expect("made");
    fs::write(&hook, format!("#!/bin/sh\nexec '{}' doctor --staged -q\n", command.display())).expect("written");
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).expect("set");
    let commit = |arguments: &[&str]| {
        let mut git = Process::new("git");
        git.args(["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]);
        git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
        git.args(["commit", "-q", "-m", "more"]).args(arguments).current_dir(folder);
        git.output().expect("git is there").status.success()
    };
    write(folder, "src/a.ts", &format!("// harmless\n{HARMLESS}"));
    write(folder, "src/b.ts", &weak("list"));
    assert!(!commit(&["-a"]), "all that is changed");
    assert!(!commit(&["src/b.ts"]), "one file");
    assert!(commit(&["src/a.ts"]), "the other file");

    let elsewhere = self::repository(&[("src/a.ts", HARMLESS)]);
    let mut command = doctor(folder, &["--staged"]);
    command.env("GIT_INDEX_FILE", elsewhere.path().join(".git/index"));
    command.assert().code(2).stderr(contains("is none of this repository's"));
}

#[test]
fn what_was_there_before_is_not_said_again_even_where_it_moved_within_its_file() {
    let repository = repository(&[("src/a.ts", &weak("list"))]);
    let folder = repository.path();
    assert_eq!(found(folder, &[]), [pair("shell-injection", "src/a.ts")]);
    assert!(found(folder, &["--since", "HEAD"]).is_empty());
    doctor(folder, &["--since", "HEAD"]).assert().code(0);

    write(folder, "src/a.ts", &format!("// A comment.\n\n{}", weak("list")));
    write(folder, "src/b.ts", &weak("find"));
    assert_eq!(found(folder, &["--since", "main"]), [pair("shell-injection", "src/b.ts")]);
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-q", "-m", "second"]);
    assert!(found(folder, &["--since", "HEAD"]).is_empty());
    assert_eq!(found(folder, &["--since", "HEAD~1"]), [pair("shell-injection", "src/b.ts")]);
    assert_eq!(found(folder, &["--since", "main^"]), [pair("shell-injection", "src/b.ts")]);
}

#[test]
fn packed_objects_tags_short_ids_and_linked_work_trees_are_read() {
    let repository = repository(&[("src/a.ts", HARMLESS)]);
    let folder = repository.path();
    git(folder, &["tag", "-a", "v1", "-m", "one"]);
    write(folder, "src/b.ts", &weak("find"));
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-q", "-m", "second"]);
    git(folder, &["gc", "-q"]);
    git(folder, &["pack-refs", "--all"]);
    let output = Process::new("git").args(["rev-parse", "--short=7", "v1^{commit}"]).current_dir(folder).output();
    let short = String::from_utf8(output.expect("git is there").stdout).expect("text");
    for name in ["v1", short.trim(), "HEAD~", "@^"] {
        assert_eq!(found(folder, &["--since", name]), [pair("shell-injection", "src/b.ts")], "{name}");
    }
    let other = tempfile::tempdir().expect("a folder");
    let linked = other.path().join("linked");
    git(folder, &["worktree", "add", "-q", linked.to_str().expect("a path"), "-b", "side"]);
    write(&linked, "src/c.ts", &weak("grep"));
    git(&linked, &["add", "-A"]);
    assert_eq!(found(&linked, &["--staged"]), [pair("shell-injection", "src/c.ts")]);
}

#[test]
fn a_package_of_a_repository_is_compared_with_itself() {
    let repository = repository(&[("packages/a/src/a.ts", HARMLESS), (".gitignore", ".env\n"), ("LICENSE", "MIT\n")]);
    let folder = repository.path().join("packages/a");
    write(&folder, "src/b.ts", &weak("find"));
    write(repository.path(), "packages/b/src/b.ts", &weak("find"));
    git(repository.path(), &["add", "-A"]);
    assert_eq!(found(&folder, &["--staged"]), [pair("shell-injection", "src/b.ts")]);
    let mut command = mcpsec();
    command.current_dir(&folder).args(["doctor", "--staged", "--select", "license-missing,env-not-ignored"]);
    command.assert().code(0);
}

#[test]
fn a_new_repository_is_checked_as_it_is_staged() {
    let folder = tempfile::tempdir().expect("a folder");
    git(folder.path(), &["init", "-q"]);
    write(folder.path(), "src/a.ts", &weak("list"));
    git(folder.path(), &["add", "-A"]);
    assert_eq!(found(folder.path(), &["--staged"]), [pair("shell-injection", "src/a.ts")]);
}

#[test]
fn unknown_revisions_and_folders_without_a_repository_are_usage_errors() {
    let repository = repository(&[("src/a.ts", HARMLESS)]);
    doctor(repository.path(), &["--since", "nowhere"])
        .assert()
        .code(2)
        .stderr(contains("there is no branch, tag or commit `nowhere` here"));
    doctor(repository.path(), &["--since", "HEAD~7"]).assert().code(2).stderr(contains("fetch more of the history"));
    doctor(repository.path(), &["--since", "HEAD^99999999999999999999"]).assert().code(2);
    let folder = tempfile::tempdir().expect("a folder");
    doctor(folder.path(), &["--staged"]).assert().code(2).stderr(contains("is in no git repository"));
}

#[test]
fn a_change_cannot_lower_the_gate_that_it_is_held_against() {
    let repository = repository(&[("src/a.ts", HARMLESS), ("mcpsec.toml", "version = 1\n")]);
    let folder = repository.path();
    write(folder, "mcpsec.toml", "version = 1\n\n[doctor]\nfail_on = \"never\"\nignore = [\"shell-injection\"]\n");
    write(folder, "src/b.ts", &weak("find"));
    doctor(folder, &[]).assert().code(0);
    let weakened = pair("configuration-weakened", "mcpsec.toml");
    let expected = [weakened.clone(), weakened, pair("shell-injection", "src/b.ts")];
    assert_eq!(found(folder, &["--since", "HEAD"]), expected);
    doctor(folder, &["--since", "HEAD"])
        .assert()
        .code(1)
        .stdout(contains("`fail_on` was `medium`, and is `never`").and(contains("`shell-injection`")));
}

#[test]
fn a_baseline_accepts_what_is_there_and_nothing_new() {
    let repository = repository(&[("src/a.ts", &weak("list"))]);
    let folder = repository.path();
    let baseline = |arguments: &[&str]| {
        let mut command = mcpsec();
        command.current_dir(folder).arg("baseline").args(arguments);
        command
    };
    write(folder, "mcpsec.toml", "version = 1\n[doctor]\nignore = [\"repo\"]\n");
    baseline(&["show"]).assert().code(2).stderr(contains("`mcpsec baseline create` writes it"));
    baseline(&["create"]).assert().code(0).stderr(contains("accepted"));
    let text = fs::read_to_string(folder.join(".mcpsec-baseline")).expect("it was written");
    assert!(text.lines().any(|line| line.starts_with("shell-injection\tsrc/a.ts\t")), "{text}");
    doctor(folder, &[]).assert().code(0);
    doctor(folder, &["--no-baseline"]).assert().code(1);
    baseline(&["show"]).assert().code(0).stdout(contains("src/a.ts:8: critical[shell-injection]"));

    // Moved, and one more of its kind.
    write(folder, "src/a.ts", &format!("\n\n{}", weak("list")));
    write(folder, "src/b.ts", &weak("find"));
    assert_eq!(found(folder, &[]), [pair("shell-injection", "src/b.ts")]);
    baseline(&["create"]).assert().code(2).stderr(contains("--accept-new"));
    baseline(&["create", "--accept-new"]).assert().code(0);
    doctor(folder, &[]).assert().code(0);

    // Mended: said, and pruned.
    write(folder, "src/b.ts", HARMLESS);
    assert!(found(folder, &[]).contains(&pair("baseline-stale", ".mcpsec-baseline")));
    baseline(&["prune"]).assert().code(0).stdout(contains("src/b.ts: shell-injection"));
    assert!(!found(folder, &[]).contains(&pair("baseline-stale", ".mcpsec-baseline")));

    write(folder, ".mcpsec-baseline", "<<<<<<< ours\n");
    doctor(folder, &[]).assert().code(2).stderr(contains("line 1 is no line of a baseline"));
}

#[test]
fn branches_that_both_accept_something_merge() {
    let repository = repository(&[("src/m.ts", &weak("list")), ("src/z.ts", &weak("list"))]);
    let folder = repository.path();
    let create = || {
        mcpsec().current_dir(folder).args(["baseline", "create", "--accept-new", "-q"]).assert().code(0);
        git(folder, &["add", "-A"]);
        git(folder, &["commit", "-q", "-m", "more"]);
    };
    create();
    git(folder, &["checkout", "-q", "-b", "side"]);
    write(folder, "src/a.ts", &weak("find"));
    create();
    git(folder, &["checkout", "-q", "main"]);
    write(folder, "src/p.ts", &weak("grep"));
    create();
    git(folder, &["merge", "-q", "side", "-m", "merged"]);
    doctor(folder, &[]).assert().code(0);
}

#[test]
fn severities_are_what_the_project_says() {
    let repository = repository(&[
        ("src/a.ts", &weak("list")),
        ("mcpsec.toml", "version = 1\n[doctor.severity]\nshell-injection = \"low\"\n"),
    ]);
    doctor(repository.path(), &[]).assert().code(0).stdout(contains("low[shell-injection]"));
    write(repository.path(), "mcpsec.toml", "version = 1\n[doctor.severity]\nshel-injection = \"low\"\n");
    doctor(repository.path(), &[]).assert().code(2).stderr(contains("did you mean `shell-injection`?"));
    write(repository.path(), "mcpsec.toml", "version = 1\n[doctor.severity]\nshell-injection = \"grave\"\n");
    doctor(repository.path(), &[]).assert().code(2).stderr(contains("cannot be `grave`"));
}

#[test]
fn what_a_change_connects_with_a_server_is_new_though_its_file_is_not() {
    let apart = "import { exec } from \"node:child_process\";\nexport const list = (folder) => exec(`ls ${folder}`);\n";
    let repository = repository(&[("src/a.ts", HARMLESS), ("src/apart.ts", apart)]);
    let folder = repository.path();
    assert!(found(folder, &[]).is_empty(), "no server needs it");
    let connected = weak("list").replace("exec }", "list }").replace("node:child_process", "./apart.js");
    write(folder, "src/b.ts", &connected.replace("exec(`list ${folder}`)", "list(folder)"));
    git(folder, &["add", "-A"]);
    assert_eq!(found(folder, &["--staged"]), [pair("shell-injection", "src/apart.ts")]);
    git(folder, &["commit", "-q", "-m", "second"]);
    write(folder, "src/b.ts", HARMLESS);
    git(folder, &["add", "-A"]);
    assert!(found(folder, &["--staged"]).is_empty());
    assert!(found(folder, &["--since", "HEAD"]).is_empty());
}

#[test]
fn files_that_are_not_read_as_they_are_stay_what_they_were() {
    let repository = repository(&[("src/a.ts", HARMLESS)]);
    let folder = repository.path();
    fs::write(folder.join("src/latin.ts"), b"// caf\xe9\nexport const token = process.env.TOKEN;\n").expect("written");
    write(folder, "src/broken.ts", &format!("{HARMLESS}const = {{ ( [ ;;; }} class 7 {{ ) => (( \n").repeat(9));
    write(folder, "dist/built.js", &weak("list"));
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-q", "-m", "second"]);
    write(folder, "src/b.ts", &weak("find"));
    git(folder, &["add", "-A"]);
    assert_eq!(found(folder, &["--staged"]), [pair("shell-injection", "src/b.ts")]);
}

#[test]
fn a_suppression_is_said_though_nothing_is_left_that_could_be_new() {
    let repository = repository(&[("src/a.ts", HARMLESS), ("mcpsec.toml", "version = 1\n")]);
    let folder = repository.path();
    let suppressed = weak("list").replace("  exec(", "  // mcpsec: ignore[shell-injection] -- a test\n  exec(");
    write(folder, "src/b.ts", &suppressed);
    git(folder, &["add", "-A"]);
    let accepted = pair("shell-injection", "src/b.ts");
    assert_eq!(found(folder, &["--staged"]), [pair("configuration-weakened", "src/b.ts"), accepted.clone()]);
    git(folder, &["commit", "-q", "-m", "second"]);
    assert_eq!(found(folder, &["--staged"]), [accepted]);
}

/// As the doctor alone: git's objects are read as data.
#[test]
fn nothing_is_started_written_or_connected_to() {
    let repository = repository(&[("src/a.ts", &weak("list"))]);
    let folder = repository.path();
    write(folder, "src/b.ts", &weak("find"));
    git(folder, &["add", "-A"]);
    let trace = folder.join("../").join(format!("{}.trace", std::process::id()));
    let traced = Process::new("strace")
        .args(["-f", "-qq", "-e", "trace=execve,socket,connect,unlink,rename,mkdir", "-o"])
        .arg(&trace)
        .arg(assert_cmd::cargo::cargo_bin("mcpsec"))
        .args(["doctor", "--staged", "--since", "HEAD", "--select", "shell-injection", "--format", "json"])
        .current_dir(folder)
        .output();
    // CI installs strace; elsewhere it may be missing.
    let Ok(traced) = traced else { return assert!(std::env::var_os("CI").is_none(), "strace is not installed") };
    let calls = fs::read_to_string(&trace).unwrap_or_default();
    let _ = fs::remove_file(&trace);
    // Where processes may not be traced, nothing was.
    if calls.contains("execve(") {
        assert_eq!(traced.status.code(), Some(1), "{}", String::from_utf8_lossy(&traced.stderr));
        let calls: Vec<&str> = calls.lines().filter(|line| !line.contains("+++") && !line.contains("---")).collect();
        assert_eq!(calls.len(), 1, "{calls:#?}");
    }
}
