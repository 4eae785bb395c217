//! What is generated from the rules' files is committed, and these tests hold it up to date.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
};

use mcpsec::{
    report::page,
    rules::{RULES, rule},
};

const MARKER: &str = "// generated from the files of this folder: BLESS=1 cargo test --test rules\n";

#[test]
fn the_lists_of_rules_name_every_rule_file() {
    let groups = groups();
    for (group, rules) in &groups {
        let mut block = String::from("\n");
        rules.iter().for_each(|rule| block += &format!("mod {rule};\n"));
        block += &format!(
            "\n#[rustfmt::skip]\npub(super) static RULES: &[&Rule] = {};\n",
            list(rules, |rule| format!("&{rule}::RULE"))
        );
        block_is_current(&format!("src/rules/{group}/mod.rs"), &block);
    }
    let names: Vec<String> = groups.keys().cloned().collect();
    let mut block = String::from("\n");
    names.iter().for_each(|group| block += &format!("mod {group};\n"));
    block += &format!(
        "\n#[rustfmt::skip]\nstatic GROUPS: &[&[&Rule]] = {};\n",
        list(&names, |group| format!("{group}::RULES"))
    );
    let mut ids: Vec<String> = groups.values().flatten().map(|rule| rule.replace('_', "-")).collect();
    ids.sort();
    ids.retain(|id| root(&format!("fixtures/rules/{id}.md")).is_file());
    let example = |id: &str| format!("(\"{id}\", include_str!(\"../../fixtures/rules/{id}.md\"))");
    block += &format!("\n#[rustfmt::skip]\nstatic EXAMPLES: &[(&str, &str)] = {};\n", list(&ids, example));
    block_is_current("src/rules/mod.rs", &block);
}

#[test]
fn every_rule_has_its_page_and_every_page_its_rule() {
    for rule in RULES.iter() {
        up_to_date(&format!("docs/rules/{}.md", rule.id), &page::rule(rule));
    }
    for path in entries(&root("docs/rules")) {
        assert!(rule(&stem(&path)).is_some(), "`{}` has no rule of that name", path.display());
    }
}

#[test]
fn the_summary_of_the_book_lists_every_page() {
    let mut text = String::from("# Summary\n\n[mcpsec](README.md)\n\n# Using it\n\n");
    for path in entries(&root("docs")).into_iter().filter(|path| path.extension().is_some_and(|it| it == "md")) {
        let name = stem(&path);
        if name != "README" && name != "SUMMARY" {
            let page = fs::read_to_string(&path).expect("a page is text");
            let title = page.lines().next().unwrap_or_default().trim_start_matches("# ");
            text += &format!("- [{title}]({name}.md)\n");
        }
    }
    text += "\n# Rules\n";
    for (group, rules) in groups() {
        text += &format!("\n- [{group}]()\n");
        for id in rules.iter().map(|rule| rule.replace('_', "-")) {
            text += &format!("    - [{id}](rules/{id}.md)\n");
        }
    }
    up_to_date("docs/SUMMARY.md", &text);
}

/// Every group with its rule files, as module names.
fn groups() -> BTreeMap<String, Vec<String>> {
    let mut groups = BTreeMap::new();
    for folder in entries(&root("src/rules")).into_iter().filter(|path| path.is_dir()) {
        let rules: Vec<String> = entries(&folder)
            .into_iter()
            .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
            .filter(|path| fs::read_to_string(path).is_ok_and(|text| text.contains("static RULE: Rule")))
            .map(|path| stem(&path))
            .collect();
        if !rules.is_empty() {
            groups.insert(stem(&folder), rules);
        }
    }
    groups
}

/// One item per line, so that two new rules meet in different lines of a merge.
fn list(names: &[String], item: impl Fn(&str) -> String) -> String {
    let items: String = names.iter().map(|name| format!("    {},\n", item(name))).collect();
    if items.is_empty() { "&[]".to_owned() } else { format!("&[\n{items}]") }
}

/// What a folder holds, sorted; nothing where there is no folder.
pub(crate) fn entries(folder: &Path) -> Vec<PathBuf> {
    let Ok(listing) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = listing.map(|entry| entry.expect("a folder can be listed").path()).collect();
    paths.sort();
    paths
}

fn stem(path: &Path) -> String {
    path.file_stem().expect("a listed file has a name").to_string_lossy().into_owned()
}

/// A path of this repository.
pub(crate) fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The part of a file after the marker, up to the next test module, is `block`.
#[track_caller]
fn block_is_current(path: &str, block: &str) {
    let text = fs::read_to_string(root(path)).unwrap_or_default();
    let head = match text.split_once(MARKER) {
        Some((head, _)) => head.to_owned(),
        None if text.is_empty() => "//! Rules of this group.\n\nuse super::Rule;\n\n".to_owned(),
        None => format!("{text}\n"),
    };
    up_to_date(path, &format!("{head}{MARKER}{block}"));
}

/// Fails where a generated file is stale, and writes it where `BLESS` is set.
#[track_caller]
pub(crate) fn up_to_date(path: &str, expected: &str) {
    if fs::read_to_string(root(path)).unwrap_or_default() == expected {
        return;
    }
    if env::var_os("BLESS").is_some() {
        fs::write(root(path), expected).unwrap_or_else(|error| panic!("cannot write `{path}`: {error}"));
        return;
    }
    panic!("`{path}` is stale: run `BLESS=1 cargo test --test rules`, twice for a new rule");
}
