//! Rules of this repository that a compiler does not know.

use std::{
    fs,
    path::{Path, PathBuf},
};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a folder, sorted; build output and version control are no part of the repository.
fn files(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        let Ok(listing) = fs::read_dir(&folder) else { continue };
        for path in listing.map(|entry| entry.expect("a folder can be listed").path()) {
            let name = path.file_name().expect("a listed file has a name").to_string_lossy().into_owned();
            if path.is_dir() && !matches!(name.as_str(), "target" | ".git" | "node_modules") {
                folders.push(path);
            } else if path.is_file() {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

fn sources() -> Vec<PathBuf> {
    let folders = ["src", "screen/src", "policy/src", "runtime/src", "tests"];
    folders
        .iter()
        .flat_map(|folder| files(folder))
        .filter(|path| path.extension().is_some_and(|it| it == "rs"))
        .collect()
}

/// The names of modules in `src/lib.rs`, in order.
fn modules() -> Vec<String> {
    let text = fs::read_to_string(root().join("src/lib.rs")).expect("the library has a root");
    let names = text.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    names.map(str::to_owned).collect()
}

#[test]
fn a_module_uses_only_those_above_it() {
    let modules = modules();
    assert!(modules.len() > 5, "the modules of the library are found");
    for (position, module) in modules.iter().enumerate() {
        let own = files(&format!("src/{module}")).into_iter().chain([root().join(format!("src/{module}.rs"))]);
        for path in own.filter(|path| path.extension().is_some_and(|extension| extension == "rs")) {
            let Ok(text) = fs::read_to_string(&path) else { continue };
            for below in &modules[position + 1..] {
                let product = text.split("#[cfg(test)]").next().unwrap_or_default();
                let nested = product.split("use crate::{").skip(1).filter_map(|rest| rest.split(';').next());
                let used = nested.flat_map(str::lines).any(|line| line.trim().starts_with(&format!("{below}::")));
                assert!(
                    !used && !product.contains(&format!("crate::{below}::")),
                    "{} uses `{below}`, which stands below `{module}` in src/lib.rs",
                    shown(&path)
                );
            }
        }
    }
}

#[test]
fn no_source_file_outgrows_a_reader() {
    let long: Vec<String> = sources()
        .iter()
        .filter(|path| path.components().all(|part| part.as_os_str() != "tests"))
        .filter_map(|path| {
            let text = fs::read_to_string(path).expect("sources are text");
            let lines = text.split("#[cfg(test)]").next().unwrap_or_default().lines().count();
            (lines > 500).then(|| format!("{}: {lines} lines without tests, at most 500", shown(path)))
        })
        .collect();
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn templates_and_fixtures_hold_no_file_that_packaging_drops_or_git_obeys() {
    for path in files("templates").into_iter().chain(files("fixtures")) {
        let name = path.file_name().expect("a listed file has a name").to_string_lossy();
        assert!(!matches!(&*name, "Cargo.toml" | ".gitignore"), "{}: name it differently", shown(&path));
    }
}

#[test]
fn recipes_name_files_that_exist() {
    let text = fs::read_to_string(root().join("CONTRIBUTING.md")).expect("there is a guide for contributors");
    let mut checked = 0;
    for name in text.split('`').skip(1).step_by(2) {
        // Places of files to be written are patterns, and commands are no files.
        let path = name.contains('/') && !name.contains(['<', ' ', '*', '{', '>']);
        if path {
            checked += 1;
            assert!(root().join(name).exists(), "CONTRIBUTING.md names `{name}`, which is not there");
        }
    }
    assert!(checked > 5, "the recipes name files");
}

#[test]
fn rules_are_held_to_being_pure() {
    let text = fs::read_to_string(root().join("src/rules/mod.rs")).expect("there are rules");
    assert!(text.contains("#![deny(clippy::disallowed_methods)]"), "rules may reach the file system");
    for path in files("src/rules") {
        let text = fs::read_to_string(&path).expect("sources are text");
        for forbidden in ["std::fs", "std::env", "std::net", "std::process", "std::time", "allow(clippy::disallowed"] {
            assert!(!text.contains(forbidden), "{} uses {forbidden}", shown(&path));
        }
    }
}

#[test]
fn only_the_command_line_knows_clap_and_colours() {
    for path in files("src").into_iter().filter(|path| !shown(path).starts_with("src/cli/")) {
        let text = fs::read_to_string(&path).unwrap_or_default();
        for forbidden in ["use clap", "clap::", "dialoguer::", "anstream"] {
            assert!(!text.contains(forbidden), "{} uses {forbidden}", shown(&path));
        }
    }
}

#[test]
fn nothing_is_left_for_later_in_words() {
    for path in sources() {
        let text = fs::read_to_string(&path).expect("sources are text");
        for (index, line) in text.lines().enumerate() {
            // The words are put together here, so that this file does not hold them.
            let words = [["TO", "DO"], ["FIX", "ME"], ["X", "XX"], ["todo", "!("], ["unimplemented", "!("]]
                .map(|it| it.concat());
            let found = words.iter().find(|word| line.contains(word.as_str()) && !line.contains('"'));
            assert!(found.is_none(), "{}:{}: {}", shown(&path), index + 1, line.trim());
        }
    }
}
