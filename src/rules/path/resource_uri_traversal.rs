//! The URI of a resource decides which file is read.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project, facts::Flow},
    rules::{
        Rule, context,
        flows::{self, Told},
    },
};

pub(super) static RULE: Rule = Rule {
    id: "resource-uri-traversal",
    group: "path",
    title: "the URI of a resource decides which file is read",
    severity: Severity::High,
    confidence: Confidence::High,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["CWE-22", "MSSS FS-01"],
    docs: "
A handler of resources makes a path of the URI that a client asks for, or of a variable of a template (`file:///{path}`), and
nothing checks where it leads. `..%2f..%2fetc%2fpasswd` reads files that were never listed as resources. The protocol
demands that servers validate URIs.

Look the URI up in a list of what was offered. Where files of a folder are offered, decode first, resolve, and check that the
result lies inside of the folder, as `path-traversal` explains.

A fixed URI is no input, and a variable that is one part of a path (`basename`, a pattern without slashes) is harmless.
",
    applies: context::has_server_or_flow,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let attack =
        "whoever writes a text that the model reads asks for a URI that leads to any file, such as `../../etc/passwd`";
    let fix = "look the URI up in a list, or resolve the path and check that it lies inside of a fixed folder";
    let wanted = |flow: &Flow| flows::opens_file(flow) && flow.resource && flow.weakness.is_none();
    flows::report(project, &RULE, findings, wanted, |_| {
        Told::usual(&RULE, "which opens whatever it leads to", attack, fix)
    });
}
