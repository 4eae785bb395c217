//! A path is checked as text and links in it are followed.

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
    id: "path-symlink-escape",
    group: "path",
    title: "a path is checked as text and links in it are followed",
    severity: Severity::Medium,
    confidence: Confidence::Low,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["CWE-59", "CWE-61", "MSSS FS-03", "CVE-2025-53109"],
    docs: "
The path of a caller is checked, and the check holds for its text: `..` is resolved and the folder compared. The file is then
opened by that path, and the system follows links. Whoever can put a link into the folder (another tool that writes, a
repository that is cloned into it, an archive) has it point to `/etc` or to a home folder.

Check the real path: `fs.realpath`, `Path.resolve`, `canonicalize`, `filepath.EvalSymlinks`; for a file that does not exist
yet, the real path of its folder. `os.Root` in Go and the `Dir` of `cap-std` in Rust refuse links that lead out.

The doctor does not know who can write to the folder, so this is a guess, and of low confidence. Where only the server's own
installation writes there, it is wrong to fix.
",
    applies: context::has_server_or_flow,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let attack = "whoever can place a link in the folder reads or writes what it points to";
    let fix = "check the real path (`realpath`, `resolve`, `canonicalize`, `EvalSymlinks`), and open that";
    let wanted = |flow: &Flow| {
        flows::opens_file(flow) && flow.weakness.as_ref().is_some_and(|(weakness, _)| *weakness == Weakness::Links)
    };
    flows::report(project, &RULE, findings, wanted, |_| {
        Told::usual(&RULE, "which follows links out of the folder that was checked", attack, fix)
    });
}
