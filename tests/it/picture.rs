//! The picture in README.md is what the command prints.

use std::{env, fs, path::Path};

use crate::command::mcpsec;

/// Fails if the picture is stale. `BLESS=1` draws it anew.
#[test]
fn the_picture_shows_what_the_doctor_prints() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let command = "mcpsec doctor --select shell-injection,path-traversal,env-not-ignored,tests-missing";
    let output = mcpsec()
        .args(command.split(' ').skip(1))
        .args(["--color", "always"])
        .current_dir(root.join("tests/cmd/doctor.in"))
        .output()
        .expect("the command runs");
    let printed = String::from_utf8(output.stdout).expect("the report is text");
    let expected = anstyle_svg::Term::new().render_svg(&format!("$ {command}\n{printed}"));
    let picture = root.join("docs/images/doctor.svg");
    if fs::read_to_string(&picture).unwrap_or_default() == expected {
        return;
    }
    assert!(
        env::var_os("BLESS").is_some(),
        "docs/images/doctor.svg is stale: run `BLESS=1 cargo test --test it picture`"
    );
    fs::write(&picture, expected).expect("the picture can be written");
}
