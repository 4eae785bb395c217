//! Values that end up in access logs.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project, facts::tools::InputField},
    rules::{Rule, context},
};
use mcpsec_screen::secrets::credential_name;

pub(super) static RULE: Rule = Rule {
    id: "header-parameter-sensitive",
    group: "metadata",
    title: "a secret or personal parameter is copied into a header",
    severity: Severity::High,
    confidence: Confidence::High,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["MCP specification 2026-07-28: x-mcp-header", "CWE-532", "MCP01"],
    docs: "
`x-mcp-header` has clients copy a parameter into an HTTP header, so that proxies can route by it. Headers are written to access logs by
every proxy on the way, and kept. The specification says not to do this with secrets and personal data.

Remove `x-mcp-header` from the parameter, or route by another one, such as a region.
",
    applies: context::has_offer,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for offer in &project.facts.offers {
        for field in offer.input.fields.iter().filter(|field| is_sensitive(field)) {
            let Some(header) = &field.header else { continue };
            findings.push(context::finding(
                project,
                &RULE,
                header.place.clone(),
                format!("`{}` of {} is copied into a header", field.name, offer.label()),
                "whoever reads a proxy's access log has the value",
                "remove `x-mcp-header` from this parameter",
            ));
        }
    }
}

fn is_sensitive(field: &InputField) -> bool {
    let plain: String = field.name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    let personal = [
        "email",
        "emailaddress",
        "phone",
        "phonenumber",
        "ssn",
        "socialsecuritynumber",
        "birthdate",
        "dateofbirth",
        "creditcard",
        "cardnumber",
        "iban",
        "passport",
        "passportnumber",
        "cvv",
        "pin",
    ];
    field.secret_format || credential_name(&field.name) || personal.contains(&plain.as_str())
}
