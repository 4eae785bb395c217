//! Input of a caller is turned into objects of any class.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project, facts::Sink},
    rules::{
        Rule, context,
        flows::{self, Told},
    },
};

pub(super) static RULE: Rule = Rule {
    id: "unsafe-deserialization",
    group: "injection",
    title: "input of a caller is turned into objects of any class",
    severity: Severity::Critical,
    confidence: Confidence::High,
    languages: &[Language::TypeScript, Language::Python],
    since: "0.1.0",
    references: &["CWE-502", "MCP05"],
    docs: "
`pickle`, `yaml.load` without a safe loader, `dill`, `joblib`, `jsonpickle`, `torch.load` with more than weights and
`node-serialize` build whatever their input names, and run code while they do. If the input, or the file that it is read from, is
chosen by the caller of a tool, so is the code.

Use a format of plain data: JSON, `yaml.safe_load`, `weights_only=True`, `safetensors`.

Versions are looked at: `js-yaml` from 4 on and `torch` from 2.6 on are safe by default, and not reported.
",
    applies: context::has_server_or_flow,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let attack = "whoever writes a text that the model reads sends an object that runs code when it is built";
    let fix = "read a format of plain data (JSON, `yaml.safe_load`, `weights_only=True`)";
    flows::report(
        project,
        &RULE,
        findings,
        |flow| flow.sink == Sink::Deserialize,
        |_| Told::usual(&RULE, "which builds objects of any class from it", attack, fix),
    );
}
