//! The doctor in a hook before a commit: one module of a repository is changed and staged.

use std::{fs, path::Path, process::Command};

use crate::{
    RUNS,
    measure::{Cost, best},
    size,
    tree::{self, Kind},
};

const FILES: usize = 500;

/// Prints what a run on what is staged takes, beside git showing what is staged.
pub(crate) fn measure() {
    println!("\nbest of {RUNS} runs, one of {FILES} files is changed; reference: `git diff --cached --stat`");
    println!(
        "{:>7} {:>7} {:>10} {:>9} {:>9} {:>7} {:>9}",
        "", "files", "lines", "doctor s", "git s", "ratio", "peak MiB"
    );
    for kind in [Kind::Usual, Kind::Half] {
        let root = tree::write(kind, FILES);
        let (files, lines) = size(&root);
        stage(&root);
        let Cost { seconds, .. } =
            best(git(&root).args(["diff", "--cached", "--stat"]), &[0], RUNS).expect("git is there");
        let mut command = Command::new(env!("CARGO_BIN_EXE_mcpsec"));
        let cost =
            best(command.args(["doctor", "--staged"]).current_dir(&root), &[0, 1, 3], RUNS).expect("it was built");
        let name = format!("{kind:?}").to_lowercase();
        let ratio = cost.seconds / seconds;
        println!("{name:>7} {files:7} {lines:10} {:9.3} {seconds:9.3} {ratio:7.1} {:>9}", cost.seconds, cost.peak());
    }
}

/// Commits everything, and stages a change of a module that matters where any module does.
fn stage(root: &Path) {
    for arguments in [&["init", "-q"][..], &["add", "-A"], &["commit", "-q", "-m", "all"], &["gc", "-q"]] {
        assert!(git(root).args(arguments).status().expect("git is there").success(), "{arguments:?}");
    }
    let module = root.join("src/area4/module4.ts");
    let text = fs::read_to_string(&module).expect("it was written");
    fs::write(&module, text.replace("too many lines", "more lines than wanted")).expect("target is writable");
    assert!(git(root).args(["add", "-A"]).status().expect("git is there").success());
}

fn git(root: &Path) -> Command {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]);
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null").current_dir(root);
    command
}
