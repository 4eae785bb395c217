//! A check of a path does not keep it inside of its folder.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{
        Language, Project,
        facts::{Flow, Weakness},
    },
    rules::{
        Rule, context,
        flows::{self, Told},
    },
};

pub(super) static RULE: Rule = Rule {
    id: "path-prefix-check",
    group: "path",
    title: "a check of a path does not keep it inside of its folder",
    severity: Severity::High,
    confidence: Confidence::Medium,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["CWE-22", "CWE-187", "MSSS FS-02", "CVE-2025-53110"],
    docs: "
There is a check, and paths pass it that it should stop. `path.startsWith(root)` compares text, so `/data-private` lies
inside of `/data`; a check before `..` is resolved sees `/data/../etc`; a search for `..` lets absolute paths through where
parts are put together with `path.resolve`, `os.path.join` or `PathBuf::join`.

Resolve first (`fs.realpath`, `Path.resolve`, `canonicalize`, `filepath.EvalSymlinks`), compare by parts afterwards
(`path.relative`, `is_relative_to`, `Path::starts_with`, `filepath.Rel` or `IsLocal`) or with a separator at the end of the
folder, and open what was checked.

The finding stands at the check and lists what relies on it. A search for `..` before `path.join` holds on its own and is
shown at low confidence: it breaks as soon as the path is decoded again. A check that runs only when a folder is configured
is shown at low confidence, too.
",
    applies: context::has_server_or_flow,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let attack =
        "whoever writes a text that the model reads names a path that passes the check and leads out of the folder";
    let fix = "resolve the path, then compare it with the folder by parts, or with a separator after the folder";
    let wanted = |flow: &Flow| {
        flows::opens_file(flow) && flow.weakness.as_ref().is_some_and(|(weakness, _)| *weakness != Weakness::Links)
    };
    flows::report_checks(project, &RULE, findings, wanted, |flow| {
        let weakness = flow.weakness.as_ref().map_or(Weakness::Prefix, |(weakness, _)| *weakness);
        let told = Told::usual(&RULE, weakness.note(), attack, fix);
        match weakness {
            Weakness::ParentOnly => Told { severity: Severity::Low, ..told.guess() },
            Weakness::Optional => Told { severity: Severity::Medium, ..told.guess() },
            _ => told,
        }
    });
}
