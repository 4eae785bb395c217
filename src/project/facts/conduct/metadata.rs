//! Requests of tools to the service that tells a cloud's machines who they are.

use super::{Conduct, flow, survey::Survey};
use crate::{
    finding::Place,
    project::{
        program::At,
        syntax::{Expression, Kind, Part},
    },
};

/// A tool that asks the metadata service of a cloud.
#[derive(Clone, Debug)]
pub struct MetadataRequest {
    /// The request.
    pub place: Place,
    /// As written: `requests.get`.
    pub call: String,
    /// The host that is asked.
    pub host: &'static str,
    /// The tool that leads here, where it has a name.
    pub tool: Option<String>,
}

const HOSTS: &[&str] = &["169.254.169.254", "metadata.google.internal", "fd00:ec2::254", "100.100.100.200"];

/// Words of functions in which a server asks for its own credentials, or where it runs: it needs them to work.
const OWN: &[&str] = &[
    "bearer",
    "credential",
    "authorization",
    "access_token",
    "accesstoken",
    "get_token",
    "gettoken",
    "identity_token",
    "region",
    "project_id",
    "projectid",
];

pub(super) fn add(survey: &Survey<'_, '_>, conduct: &mut Conduct) {
    let speaks = |file: &usize| HOSTS.iter().any(|host| survey.program.units()[*file].text.contains(host));
    if !survey.files.iter().any(speaks) {
        return;
    }
    for known in &survey.calls {
        let at = known.site.at;
        if !survey.reach.contains(at) {
            continue;
        }
        let addresses = flow::requested(survey.program, at, known.site.call);
        let Some(host) = addresses.into_iter().find_map(|address| metadata_host(survey, at, address)) else { continue };
        let around = survey.around(at);
        if OWN.iter().any(|word| around.contains(word)) {
            continue;
        }
        conduct.metadata_requests.push(MetadataRequest {
            place: survey.site(known),
            call: survey.written(at.file, known.site.call.function.span),
            host,
            tool: survey.reach.tool(at).map(str::to_owned),
        });
    }
}

/// The metadata service that an address begins with.
fn metadata_host<'a>(survey: &Survey<'_, 'a>, at: At, address: &'a Expression) -> Option<&'static str> {
    let text = beginning(survey, at, address, 4)?;
    let rest = text.split_once("://").map_or(text.as_str(), |(_, rest)| rest);
    let rest = rest.trim_start_matches('[');
    HOSTS.iter().copied().find(|host| {
        rest.strip_prefix(host).is_some_and(|after| !after.starts_with(|c: char| c.is_alphanumeric() || c == '.'))
    })
}

/// The text that an expression begins with, as far as it is written down.
fn beginning<'a>(survey: &Survey<'_, 'a>, at: At, expression: &'a Expression, steps: usize) -> Option<String> {
    let steps = steps.checked_sub(1)?;
    if let Some(text) = survey.program.text(at, expression) {
        return Some(text);
    }
    let (at, value) = survey.program.value(at, expression);
    match &value.kind {
        Kind::Template(parts) => match parts.split_first()? {
            (Part::Text(text), _) if text.trim_end_matches('/').contains("://") && !text.ends_with("://") => {
                Some(text.clone())
            }
            (Part::Text(scheme), [Part::Value(host), ..]) => {
                beginning(survey, at, host, steps).map(|host| format!("{scheme}{host}"))
            }
            (Part::Value(base), _) => beginning(survey, at, base, steps),
            _ => None,
        },
        Kind::Binary(operator, a, _) if operator == "+" => beginning(survey, at, a, steps),
        Kind::Call(call) => beginning(survey, at, &call.arguments.first()?.value, steps),
        _ => None,
    }
}
