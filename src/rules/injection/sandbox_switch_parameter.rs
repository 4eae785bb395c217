//! Protections that the caller switches off.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{
        Language, Project,
        facts::tools::{FieldType, OfferKind},
    },
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "sandbox-switch-parameter",
    group: "injection",
    title: "a parameter of a tool turns a protection off",
    severity: Severity::High,
    confidence: Confidence::Medium,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["CVE-2026-42074", "CWE-807", "MCP05"],
    docs: "
A caller who can say `no_sandbox: true` will: the model that fills in the parameter follows whatever text is in its context, and so
the protection holds exactly until somebody attacks it.

Decide by configuration of the person who runs the server, not by an argument. Reported are parameters whose name says that a protection
is switched off and that the handler asks for in a condition. `force` and `overwrite` change what a tool does, not
what guards it, and are not reported.
",
    applies: context::has_offer,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for offer in project.facts.offers.iter().filter(|offer| offer.kind == OfferKind::Tool) {
        for field in offer.input.fields.iter().filter(|field| field.decides && switches_off(&field.name)) {
            let boolean = matches!(field.kind, FieldType::Boolean | FieldType::Unknown);
            if boolean {
                findings.push(context::finding(
                    project,
                    &RULE,
                    field.place.clone(),
                    format!("`{}` of {} lets the caller switch a protection off", field.name, offer.label()),
                    "a text in the model's context asks for the call with the protection switched off",
                    "take the switch from the server's configuration, not from the arguments",
                ));
            }
        }
    }
}

/// Words for a protection, and words that take it away.
fn switches_off(name: &str) -> bool {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    let off = ["no", "skip", "disable", "bypass", "without", "ignore", "unsafe", "allow"];
    let guards = [
        "sandbox",
        "confirmation",
        "confirm",
        "approval",
        "security",
        "safetycheck",
        "safetychecks",
        "permissioncheck",
        "permissions",
        "authcheck",
        "verification",
        "sslverification",
        "tlsverification",
        "allowlist",
        "pathcheck",
        "validation",
    ];
    let whole = [
        "unsafe",
        "unsafemode",
        "allowall",
        "allowunsafe",
        "allowdangerous",
        "dangerouslyskippermissions",
        "dangerouslydisablesandbox",
        "bypassrestrictions",
        "unrestricted",
        "disablesafety",
        "skipsafety",
        "insecure",
        "allowdestructive",
    ];
    let stripped = off.iter().filter(|word| **word != "allow").find_map(|word| plain.strip_prefix(word));
    whole.contains(&plain.as_str()) || stripped.is_some_and(|rest| guards.contains(&rest))
}
