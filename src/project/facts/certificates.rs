//! Connections that take every certificate.

use super::{
    Facts,
    bindings::{self, Written, last_name},
    strength,
};
use crate::{
    finding::Place,
    project::{
        Role,
        program::{At, Program, Site},
        syntax::{Expression, Kind, Span},
    },
};

/// A switched-off check of certificates.
#[derive(Clone, Debug)]
pub struct UncheckedCertificate {
    /// Where it is switched off.
    pub place: Place,
    /// The switch, as the library names it.
    pub switch: String,
    /// Only under a condition.
    pub conditional: bool,
}

/// Names of switches, and the value that switches the check off.
const SWITCHES: &[(&str, &str)] = &[
    ("rejectUnauthorized", "false"),
    ("strictSSL", "false"),
    ("InsecureSkipVerify", "true"),
    ("verify_ssl", "False"),
    ("check_hostname", "False"),
    ("verify_mode", "ssl.CERT_NONE"),
    ("cert_reqs", "ssl.CERT_NONE"),
    ("cert_reqs", "\"CERT_NONE\""),
    ("cert_reqs", "'CERT_NONE'"),
    ("NODE_TLS_REJECT_UNAUTHORIZED", "\"0\""),
    ("NODE_TLS_REJECT_UNAUTHORIZED", "'0'"),
    ("NODE_TLS_REJECT_UNAUTHORIZED", "0"),
];

/// Methods and classes of web clients that take `verify=`.
const VERIFYING: &[&str] =
    &["get", "post", "put", "patch", "delete", "head", "options", "request", "stream", "Client", "AsyncClient"];

pub(super) fn add(program: &Program<'_>, facts: &mut Facts) {
    for (file, unit) in program.units().iter().enumerate() {
        // Cheap, and true of few files.
        let speaks = ["erify", "rejectUnauthorized", "strictSSL", "TLS_REJECT", "CERT_NONE", "check_hostname"];
        if !speaks.iter().any(|word| unit.text.contains(word)) {
            continue;
        }
        let mut seen: Vec<Span> = Vec::new();
        let all = bindings::of_file(program, file);
        let modes: Vec<At> = all.iter().filter(|one| one.name == "verify_mode").map(|one| one.at).collect();
        for Written { at, name, value } in all {
            // Python asks for both: one decision.
            if name == "check_hostname" && modes.contains(&at) {
                continue;
            }
            let written = program.source(file, value.span).trim();
            let switched = SWITCHES.iter().any(|(switch, off)| *switch == name && *off == written);
            if switched && !seen.contains(&value.span) {
                seen.push(value.span);
                push(program, at, value.span, name, facts);
            }
        }
    }
    for site in program.calls() {
        if let Some((span, switch)) = called(program, site) {
            push(program, site.at, span, &switch, facts);
        }
    }
}

/// `danger_accept_invalid_certs(true)`, `ssl._create_unverified_context()`, `requests.get(url, verify=False)`
fn called<'a>(program: &Program<'a>, site: Site<'a>) -> Option<(Span, String)> {
    let name = last_name(&site.call.function)?;
    let is = |value: Option<&Expression>, expected: bool| {
        value.filter(|value| matches!(value.kind, Kind::Boolean(on) if on == expected)).map(|value| value.span)
    };
    match name {
        "danger_accept_invalid_certs" | "danger_accept_invalid_hostnames" => {
            is(site.call.positional(0), true).map(|_| (site.span, name.to_owned()))
        }
        "_create_unverified_context" => Some((site.span, name.to_owned())),
        "TCPConnector" => is(site.call.keyword("ssl"), false).map(|span| (span, "ssl".to_owned())),
        _ if VERIFYING.contains(&name) || name == "Session" => {
            let web = program.symbol(site.at, &site.call.function).is_none_or(|path| {
                ["requests.", "httpx.", "aiohttp."].iter().any(|library| path.starts_with(library))
                    || path.starts_with("@/")
            });
            is(site.call.keyword("verify").filter(|_| web), false).map(|span| (span, "verify".to_owned()))
        }
        _ => None,
    }
}

fn push(program: &Program<'_>, at: At, span: Span, switch: &str, facts: &mut Facts) {
    let function = program.function_at(at);
    if function.is_test {
        return;
    }
    let mut conditional = strength::is_conditional(&function.body, span);
    function.expressions(&mut |expression| {
        let chosen = match &expression.kind {
            Kind::Conditional(_, then, otherwise) => then.span.contains(span) || otherwise.span.contains(span),
            Kind::Binary(operator, _, right) => operator == "&&" && right.span.contains(span),
            _ => false,
        };
        conditional |= chosen;
    });
    facts.unchecked_certificates.push(UncheckedCertificate {
        place: program.place(at.file, span),
        switch: switch.to_owned(),
        conditional: conditional || is_chosen(program, at, 3),
    });
}

/// Whether a function runs, or an object of its class is made, under conditions alone.
fn is_chosen(program: &Program<'_>, at: At, steps: usize) -> bool {
    let Some(steps) = steps.checked_sub(1) else { return false };
    let mut classes = program.units()[at.file].module.classes.iter();
    let class = classes.find(|class| class.methods.contains(&at.function));
    let made = |class: &crate::project::syntax::Class| -> Vec<(At, Span)> {
        let sites = program.calls().filter(|site| last_name(&site.call.function) == Some(class.name.as_str()));
        sites.map(|site| (site.at, site.span)).collect()
    };
    let sites: Vec<(At, Span)> = match class {
        Some(class) => made(class),
        None => program.callers(at).iter().map(|site| (site.at, site.span)).collect(),
    };
    let sites: Vec<_> = sites.into_iter().filter(|(at, _)| program.unit(*at).role != Role::Test).collect();
    !sites.is_empty()
        && sites.into_iter().all(|(caller, span)| {
            strength::is_conditional(&program.function_at(caller).body, span)
                || caller.function != 0 && caller != at && is_chosen(program, caller, steps)
        })
}
