//! A copy of the runtime that is not the runtime.

use crate::{
    finding::{Confidence, Finding, Fix, Place, Severity},
    project::{Project, RuntimeCopy},
    rules::Rule,
};

pub(super) static RULE: Rule = Rule {
    id: "runtime-copy-changed",
    group: "supply_chain",
    title: "the copy of mcpsec-runtime in vendor/ was changed",
    severity: Severity::High,
    confidence: Confidence::High,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-353", "CWE-829", "MCP04"],
    docs: "
`mcpsec new` writes the sources of the runtime to `vendor/`. They enforce the policy: who may call, how often, with which
arguments. A change there can take a check away while `mcpsec.toml` still promises it, and nobody reviews vendored code.

Put the original back: make a project with the same command elsewhere (`mcpsec new NAME --defaults`) and copy its `vendor/`.
If a change is needed, make it in the runtime's own repository, or take the runtime from there with
`mcpsec new --runtime git:URL@REV`.

A copy that another version of mcpsec has written is compared with what `.mcpsec/project.toml` says of it.
",
    applies,
    check,
};

fn applies(project: &Project) -> Result<(), &'static str> {
    project.runtime_copy.map(drop).ok_or("no copy of the runtime in vendor/")
}

fn check(project: &Project, findings: &mut Vec<Finding>) {
    if project.runtime_copy != Some(RuntimeCopy::Changed) {
        return;
    }
    let dependencies = project.manifests.iter().flat_map(|manifest| &manifest.dependencies);
    let place = dependencies.filter(|it| it.name == "mcpsec-runtime").map(|it| it.place.clone()).next();
    findings.push(Finding {
        rule: RULE.id,
        severity: Severity::High,
        confidence: Confidence::High,
        place: place.unwrap_or_else(|| Place::top("Cargo.toml")),
        message: "the copy of `mcpsec-runtime` in `vendor/` is not what mcpsec writes".to_owned(),
        attack: "whoever changed it can have taken out a check that `mcpsec.toml` still promises".to_owned(),
        related: Vec::new(),
        fix: Some(Fix::advice("put back the `vendor/` that `mcpsec new` writes")),
    });
}
