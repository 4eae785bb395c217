//! Code is downloaded while the server runs, and run.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project, facts::Misuse},
    rules::{Rule, context, flows},
};

pub(super) static RULE: Rule = Rule {
    id: "remote-code-load",
    group: "supply_chain",
    title: "code is downloaded while the server runs, and run",
    severity: Severity::Critical,
    confidence: Confidence::High,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["CWE-494", "CWE-829", "MCP04"],
    docs: "
What this server does is decided by a file on another machine, anew each time. No review, lockfile or scanner sees it, and whoever
owns that machine, its domain or the way to it runs code with everything that the server may do.

Make the code a part of the package. If it must be downloaded, pin its version and compare its hash or signature with one that is
written in the source, before it is run.

Reported is what was downloaded where it is evaluated, imported, loaded as a library or started as a program; a file is followed
through the name that holds its path, within a function. Nothing is reported where a function on the way speaks of a hash,
checksum or signature. Downloads from this machine and data are not reported.
",
    applies: context::has_server_or_held_flow,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let attack = "whoever controls the address, its domain or the way to it runs code of theirs in the server";
    let fix = "ship the code with the package, or compare its hash with one in the source before it is run";
    flows::report_held(
        project,
        &RULE,
        findings,
        Misuse::DownloadRun,
        |flow, _| format!("`{}` runs {}, and nothing checks it", flow.call, flow.name),
        (attack, fix),
    );
}
