//! Input of a caller decides which file is opened.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{
        Language, Project,
        facts::{Flow, Sink},
    },
    rules::{
        Rule, context,
        flows::{self, Told},
    },
};

pub(super) static RULE: Rule = Rule {
    id: "path-traversal",
    group: "path",
    title: "input of a caller decides which file is opened",
    severity: Severity::High,
    confidence: Confidence::High,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["CWE-22", "MCP05", "MSSS FS-01", "CVE-2025-53110", "CVE-2025-68143"],
    docs: "
An argument of a tool is used as a path, or as a part of one, and nothing checks where it leads. `../../.ssh/id_rsa` or an
absolute path then reads files that the server was never meant to give away; where the call writes, it plants them.

Resolve the path first, and compare afterwards, by parts: in Node `path.resolve` or `fs.realpath`, then `path.relative(root,
p)` must not begin with `..`; in Python `Path(root, p).resolve().is_relative_to(root)`; in Rust `canonicalize` and
`Path::starts_with`; in Go `filepath.IsLocal` or `os.OpenRoot`. A name that is one part of a path (`basename`, a pattern
without slashes, a value from a fixed set) is enough, too.

Recognised are such checks wherever they stand, also in a function of the project that throws or returns the proven path.
A check that is there and does not hold is reported by `path-prefix-check` instead. Not followed are paths that one call
stores and another opens. Where any file of the machine is meant to be reachable, say so in a suppression.
",
    applies: context::has_server_or_flow,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let attack = "whoever writes a text that the model reads names any file that the server can open, such as `../../.ssh/id_rsa`";
    let plants = "whoever writes a text that the model reads has something written anywhere that the server may write, such as `../../.bashrc`";
    let fix = "resolve the path, check that it lies inside of a fixed folder, and open what was checked";
    let wanted = |flow: &Flow| flows::opens_file(flow) && !flow.resource && flow.weakness.is_none();
    flows::report(project, &RULE, findings, wanted, |flow| {
        if flow.sink == Sink::PathWrite {
            let told = Told::usual(&RULE, "which writes wherever it leads", plants, fix);
            return Told { severity: Severity::Critical, ..told };
        }
        Told::usual(&RULE, "which opens whatever it leads to", attack, fix)
    });
}
