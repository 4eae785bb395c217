//! Questions that must not be asked.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{
        Language, Project,
        facts::tools::{FieldType, InputField},
    },
    rules::{Rule, context},
};
use mcpsec_screen::secrets::credential_name;

pub(super) static RULE: Rule = Rule {
    id: "elicitation-secret",
    group: "metadata",
    title: "the user is asked for a secret through the client",
    severity: Severity::High,
    confidence: Confidence::High,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["MCP specification: elicitation", "CWE-522", "MCP01"],
    docs: "
The answer to a form goes through the client and often through the model, and is kept where conversations are kept. The specification forbids
asking for secrets in a form. An attacker who controls a server uses the same form to phish: people who are used to it answer.

Send the user to a page of your own (an elicitation with a URL), and put no secret into that address: it stands in histories and
logs.

Names of parameters decide. A field that only names a secret (`token_name`) or asks for consent is not reported.
",
    applies: context::has_server,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for elicitation in &project.facts.elicitations {
        if let Some(field) = elicitation.fields.iter().find(|field| is_secret(field)) {
            findings.push(context::finding(
                project,
                &RULE,
                field.place.clone(),
                format!("a form asks the user for `{}`", field.name),
                "the secret goes through the client and the conversation, where others read it",
                "send the user to a page of your own with an elicitation by URL",
            ));
        }
        if let Some(address) = elicitation.address.as_ref().filter(|address| holds_secret(&address.text)) {
            findings.push(context::finding(
                project,
                &RULE,
                address.place.clone(),
                "the address that the user is sent to holds a secret".to_owned(),
                "whoever reads the history, a log or the conversation has the secret",
                "put a single-use id into the address, and keep the secret on the server",
            ));
        }
    }
}

fn is_secret(field: &InputField) -> bool {
    let plain: String = field.name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    let payment = ["cardnumber", "creditcard", "creditcardnumber", "cvv", "cvc", "ssn", "socialsecuritynumber", "pin"];
    let text = !matches!(field.kind, FieldType::Boolean | FieldType::Choice | FieldType::Object | FieldType::List);
    text && (field.secret_format || credential_name(&field.name) || payment.contains(&plain.as_str()))
}

/// `?token=`, `&api_key=`: parameters of the address.
fn holds_secret(address: &str) -> bool {
    let query = address.split_once('?').map(|(_, query)| query).unwrap_or_default();
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .any(|(name, _)| credential_name(name) && name != "token_id")
}
