//! Installing the package runs a download.

use std::sync::LazyLock;

use regex::Regex;

use crate::{
    finding::{Confidence, Finding, Place, Related, Severity},
    project::{File, Project, Role, manifest::Script},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "install-scripts",
    group: "supply_chain",
    title: "installing the package downloads and runs something",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-494", "CWE-506", "MCP04"],
    docs: "
A `preinstall`, `install` or `postinstall` script, a `setup.py` or a `build.rs` talks to the network. It runs on the machine of
everybody who installs the server, before anybody has looked at it and with all their rights; what it downloads is in no
lockfile. It is also how packages with stolen accounts attack, so that careful people switch such scripts off, and the server does
not start for them.

Bring what is needed with the package: as optional dependencies for single platforms, as a wheel, or as a file whose checksum the
script compares before it is used.

Scripts that build or set up (`husky`, `tsc`, `node-gyp`, `patch-package`, `prisma generate`) are not reported. A script of the
project that is called is read; one that compares a checksum is low. `prepare` runs for those who work on the package, and is not
judged.
",
    applies,
    check,
};

static DOWNLOAD: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?:\bcurl\s|\bwget\s|\bInvoke-WebRequest\b|\bhttps?\.get\(|\bhttps?\.request\(|\bfetch\(\s*[^)\s]|\baxios\b|\bgot\(",
        r"|node-fetch|\burllib\.request|\burlretrieve\(|\brequests\.get\(|\bhttpx\.get\(|\breqwest::|\bureq::)",
    ))
    .expect("the pattern of downloads is valid")
});

fn applies(project: &Project) -> Result<(), &'static str> {
    let known = |path: &str| ["package.json", "setup.py", "build.rs"].iter().any(|name| path.ends_with(name));
    if project.files.iter().any(|file| known(&file.path)) {
        Ok(())
    } else {
        Err("nothing here runs when it is installed")
    }
}

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for manifest in project.manifests.iter().filter(|manifest| manifest.path.ends_with("package.json")) {
        let hooks = ["preinstall", "install", "postinstall"];
        for script in hooks.iter().filter_map(|name| manifest.script(name)) {
            if script.place.path.starts_with("../") || context::role(project, &script.place) == Role::Test {
                continue;
            }
            npm(project, manifest.folder(), script, findings);
        }
    }
    for file in project.files.iter().filter(|file| file.role != Role::Test) {
        let name = file.path.rsplit('/').next().unwrap_or(&file.path);
        if !matches!(name, "setup.py" | "build.rs") {
            continue;
        }
        if let Some(place) = download(file) {
            push(project, place, format!("`{}` talks to the network while it is installed", file.path), None, findings);
        }
    }
}

fn npm(project: &Project, folder: &str, script: &Script, findings: &mut Vec<Finding>) {
    if DOWNLOAD.is_match(&script.command) {
        let message = format!("the script `{}` downloads something", script.name);
        return push(project, script.place.clone(), message, None, findings);
    }
    let words = script.command.split_whitespace().map(|word| word.trim_start_matches("./").trim_matches(['"', '\'']));
    let named = words.filter(|word| word.contains('.') || word.contains('/'));
    let called = named.into_iter().find_map(|word| {
        let base = if folder.is_empty() { word.to_owned() } else { format!("{folder}/{word}") };
        ["", ".js", ".mjs", ".cjs", "/index.js"].iter().find_map(|end| project.file(&format!("{base}{end}")))
    });
    let Some((file, place)) = called.and_then(|file| Some((file, download(file)?))) else { return };
    let message = format!("the script `{}` runs `{}`, which downloads something", script.name, file.path);
    push(project, script.place.clone(), message, Some((file, place)), findings);
}

/// Where a file talks to the network.
fn download(file: &File) -> Option<Place> {
    let mut offset = 0;
    for line in file.text.split_inclusive('\n') {
        let code = line.trim_start();
        let is_code = !code.starts_with("//") && !code.starts_with('#') && !code.starts_with('*');
        if let Some(found) = DOWNLOAD.find(line).filter(|_| is_code) {
            return Some(Place::new(&file.path, offset + found.start(), offset + found.end()));
        }
        offset += line.len();
    }
    None
}

fn push(project: &Project, place: Place, message: String, called: Option<(&File, Place)>, findings: &mut Vec<Finding>) {
    let mut finding = context::finding(
        project,
        &RULE,
        place,
        message,
        "whoever controls the address runs code on the machine of everybody who installs the server",
        "bring it with the package, or compare its checksum before it is used",
    );
    // A build script is no product, and runs all the same.
    let source = called.as_ref().map(|(file, _)| *file).or_else(|| project.file(&finding.place.path));
    if source.is_some_and(|file| file.text.contains("sha256") || file.text.contains("sha512")) {
        finding.severity = finding.severity.min(Severity::Low);
    }
    finding.related =
        called.map(|(_, place)| Related { place, message: "it downloads here".to_owned() }).into_iter().collect();
    findings.push(finding);
}
