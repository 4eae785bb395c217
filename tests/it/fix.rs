//! `mcpsec doctor --fix` and `--diff`, on folders on disk.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use predicates::{boolean::PredicateBooleanExt, str::contains};

use crate::{command::mcpsec, repository::project};

const SERVER: &str = "\
from mcp.server.fastmcp import FastMCP

mcp = FastMCP(\"notes\")


@mcp.tool()
def note(text: str) -> str:
    \"\"\"Takes a note.\"\"\"
    print(\"noted\")  # said to nobody
    return \"done\"


mcp.run()
";

const FIXED: &str = "\
import sys

from mcp.server.fastmcp import FastMCP

mcp = FastMCP(\"notes\")


@mcp.tool()
def note(text: str) -> str:
    \"\"\"Takes a note.\"\"\"
    print(\"noted\", file=sys.stderr)  # said to nobody
    return \"done\"


mcp.run()
";

fn doctor(folder: &Path, arguments: &[&str]) -> assert_cmd::assert::Assert {
    let mut command = mcpsec();
    command.current_dir(folder).args(["doctor", "--select", "stdout-noise,env-not-ignored,bind-all-interfaces"]);
    command.args(arguments).assert()
}

/// Every file of a folder, hidden ones included, but not git's own.
fn contents(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("a folder").flatten().filter(|entry| entry.file_name() != ".git") {
        let name = entry.file_name().to_string_lossy().into_owned();
        found.insert(name, fs::read_to_string(entry.path()).unwrap_or_default());
    }
    found
}

#[test]
fn safe_fixes_are_applied_and_the_rest_is_reported() {
    let folder = project(&[("server.py", SERVER)]);
    doctor(folder.path(), &[]).code(1).stderr(contains("2 findings can be fixed with --fix (--diff shows it)\n"));
    doctor(folder.path(), &["--fix"]).code(0).stderr(contains("fixed 2 findings in 2 files\n"));
    let ignored = ".env\n.env.*\n!.env.example\n";
    let expected = [(".gitignore", ignored), ("server.py", FIXED)];
    assert_eq!(contents(folder.path()), expected.map(|(path, text)| (path.to_owned(), text.to_owned())).into());
    doctor(folder.path(), &["--fix"]).code(0).stderr(contains("fixed 0 findings in 0 files\n"));
    doctor(folder.path(), &["--diff"]).code(0).stdout("");
}

#[test]
fn unsafe_fixes_have_to_be_asked_for() {
    let server = SERVER.replace("mcp.run()", "mcp.run(transport=\"streamable-http\", host=\"0.0.0.0\")");
    let server = server.replace("FastMCP(\"notes\")", "FastMCP(\"notes\", host=\"0.0.0.0\")");
    let folder = project(&[("server.py", &server), (".gitignore", ".env*\n")]);
    doctor(folder.path(), &["--fix"])
        .code(1)
        .stderr(contains("fixed 0 findings in 0 files; 1 more with --unsafe-fixes"));
    doctor(folder.path(), &["--fix", "--unsafe-fixes"]).code(0).stderr(contains("fixed 1 finding in 1 file\n"));
    assert!(contents(folder.path())["server.py"].contains("host=\"127.0.0.1\""));
}

#[test]
fn the_diff_is_what_git_applies_and_what_fixing_does() {
    let windows = SERVER.replace('\n', "\r\n");
    let files = [("server.py", windows.as_str()), (".gitignore", "node_modules"), ("a b.py", SERVER)];
    let (one, other) = (project(&files), project(&files));
    let diff = doctor(one.path(), &["--diff", "--quiet"]).code(1).get_output().stdout.clone();
    assert_eq!(contents(one.path())["server.py"], windows, "nothing is written");
    fs::write(one.path().join(".patch"), diff).expect("written");
    let git = |arguments: &[&str]| {
        let status = Command::new("git").current_dir(one.path()).args(arguments).status().expect("git runs");
        assert!(status.success(), "git {arguments:?}");
    };
    git(&["init", "--quiet"]);
    git(&["apply", ".patch"]);
    fs::remove_file(one.path().join(".patch")).expect("it is there");
    doctor(other.path(), &["--fix", "--quiet"]).code(0);
    assert_eq!(contents(one.path()), contents(other.path()));
    assert_eq!(contents(one.path())["server.py"], FIXED.replace('\n', "\r\n"));
    assert_eq!(contents(one.path())[".gitignore"], "node_modules\n.env\n.env.*\n!.env.example");
}

#[test]
fn what_is_suppressed_or_not_asked_for_is_not_fixed() {
    let accepted = SERVER.replace("# said to nobody", "# mcpsec: ignore[stdout-noise] -- a test");
    let folder = project(&[("server.py", &accepted)]);
    doctor(folder.path(), &["--fix", "--ignore", "env-not-ignored"]).code(0).stderr(contains("fixed 0 findings"));
    let expected = BTreeMap::from([("server.py".to_owned(), accepted)]);
    assert_eq!(contents(folder.path()), expected);
}

#[test]
fn combinations_that_mean_nothing_are_refused() {
    let folder = project(&[("server.py", SERVER)]);
    doctor(folder.path(), &["--unsafe-fixes"]).code(2).stderr(contains("`--fix` or `--diff`"));
    doctor(folder.path(), &["--diff", "--format", "json"]).code(2).stderr(contains("no other format"));
    doctor(folder.path(), &["--diff", "--fix"]).code(2).stderr(contains("cannot be used with"));
    doctor(folder.path(), &["--fix", "--format", "json"]).code(0).stdout(contains("\"findings\":[]"));
}

#[cfg(unix)]
#[test]
fn links_and_files_that_are_read_only_stay_as_they_are() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let folder = project(&[("server.py", SERVER), (".gitignore", ".env*\n")]);
    let path = folder.path().join("server.py");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).expect("set");
    doctor(folder.path(), &["--fix"])
        .code(1)
        .stderr(contains("not fixed: stdout-noise in server.py: `server.py` is read-only"));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("set");

    let elsewhere = tempfile::tempdir().expect("a folder");
    fs::remove_file(folder.path().join(".gitignore")).expect("it is there");
    symlink(elsewhere.path().join("rules"), folder.path().join(".gitignore")).expect("made");
    doctor(folder.path(), &["--fix"])
        .stderr(contains("not fixed: env-not-ignored").and(contains("fixed 1 finding in 1 file")));
    assert_eq!(fs::read_dir(elsewhere.path()).expect("a folder").count(), 0);
    assert_eq!(fs::read_to_string(&path).expect("there"), FIXED);
    assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o755);
}

/// Killed without warning, at some moment of its work: each file is the old or the new one.
#[cfg(unix)]
#[test]
fn a_killed_run_leaves_each_file_old_or_new() {
    let names: Vec<String> = (0..40).map(|number| format!("server_{number}.py")).collect();
    let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), SERVER)).collect();
    let binary = mcpsec().get_program().to_owned();
    let (mut torn, mut half) = (Vec::new(), 0);
    for round in 0..30 {
        let folder = project(&files);
        let mut command = Command::new(&binary);
        command.args(["doctor", "--fix", "--select", "stdout-noise"]).arg(folder.path());
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
        // From the first file that is changed on, a little later in each round.
        let started = std::time::Instant::now();
        let changed = || {
            names
                .iter()
                .any(|name| fs::metadata(folder.path().join(name)).is_ok_and(|it| it.len() > SERVER.len() as u64))
        };
        while !changed() && started.elapsed() < Duration::from_secs(20) && child.try_wait().expect("a child").is_none()
        {
        }
        std::thread::sleep(Duration::from_micros(150 * round));
        child.kill().expect("it may be over");
        child.wait().expect("a child");
        let contents = contents(folder.path());
        let of_project = contents.iter().filter(|(name, _)| !name.starts_with('.'));
        torn.extend(of_project.filter(|(_, text)| *text != SERVER && *text != FIXED).map(|(name, _)| name.clone()));
        let old = contents.values().filter(|text| *text == SERVER).count();
        half += usize::from(old > 0 && old < names.len());
        if round % 10 == 9 {
            mcpsec().args(["doctor", "--fix", "--select", "stdout-noise"]).arg(folder.path()).assert().code(0);
            let after = self::contents(folder.path());
            assert!(after.values().all(|text| text == FIXED), "the next run ends the work");
        }
    }
    assert!(torn.is_empty(), "{torn:?}");
    assert!(half > 3, "only {half} runs were killed in the middle");
}
