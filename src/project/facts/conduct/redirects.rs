//! Comparisons of redirect addresses that let more pass than one address.

use super::{Conduct, survey::Survey};
use crate::{
    finding::Place,
    project::{
        program::At,
        syntax::{Expression, Kind},
    },
};

/// A comparison of a redirect address by a part of it.
#[derive(Clone, Debug)]
pub struct RedirectCheck {
    /// The comparison.
    pub place: Place,
    /// As written, in one line.
    pub written: String,
}

pub(super) fn add(survey: &Survey<'_, '_>, conduct: &mut Conduct) {
    for known in &survey.calls {
        let call = known.site.call;
        let (address, part) = match (&call.function.kind, known.word) {
            (_, "HasPrefix" | "Contains" | "HasSuffix") if known.symbol.starts_with("strings.") => {
                (call.positional(0), call.positional(1))
            }
            (
                Kind::Member(object, _),
                "startsWith" | "includes" | "endsWith" | "startswith" | "endswith" | "starts_with" | "ends_with"
                | "contains",
            ) => (Some(&**object), call.positional(0)),
            _ => continue,
        };
        let (Some(address), Some(part)) = (address, part) else { continue };
        if is_redirect(address) && is_loose(survey, known.site.at, known.word, part) {
            push(survey, known.site.at, known.site.span, conduct);
        }
    }
    for &file in &survey.files {
        survey.program.units()[file].expressions(&mut |function, expression| {
            let Kind::Binary(operator, part, address) = &expression.kind else { return };
            let at = At { file, function };
            if operator == "in"
                && is_redirect(address)
                && is_loose(survey, at, "contains", part)
                && survey.program.text(at, part).is_some()
            {
                push(survey, at, expression.span, conduct);
            }
        });
    }
}

fn push(survey: &Survey<'_, '_>, at: At, span: crate::project::syntax::Span, conduct: &mut Conduct) {
    conduct
        .redirect_checks
        .push(RedirectCheck { place: survey.place(at, span), written: survey.written(at.file, span) });
}

/// A single redirect address, by its name.
fn is_redirect(expression: &Expression) -> bool {
    let name = match &expression.kind {
        Kind::Name(name) => name,
        Kind::Member(_, name) => &name.value,
        Kind::Index(_, key) => return key.text().is_some_and(is_name),
        Kind::Call(call) => {
            return matches!(&call.function.kind, Kind::Member(object, name)
            if matches!(name.value.as_str(), "toString" | "as_str" | "String" | "lower") && is_redirect(object));
        }
        _ => return false,
    };
    is_name(name)
}

fn is_name(name: &str) -> bool {
    let plain: String = name.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    matches!(
        plain.as_str(),
        "redirecturi" | "redirecturl" | "clientredirecturi" | "redirecturistr" | "redirecturistring"
    )
}

/// Whether what follows the compared part may be another host's name.
fn is_loose<'a>(survey: &Survey<'_, 'a>, at: At, word: &str, part: &'a Expression) -> bool {
    let Some(text) = survey.program.text(at, part) else {
        // A prefix from the configuration may end anywhere.
        return word.to_lowercase().contains("start") || word == "HasPrefix";
    };
    if word.to_lowercase().contains("start") || word == "HasPrefix" {
        // `https://host/`, `http://localhost:` and a scheme of one's own leave the host alone.
        let Some((scheme, rest)) = text.split_once("://") else { return false };
        return matches!(scheme, "http" | "https") && !rest.is_empty() && !rest.contains(['/', ':']);
    }
    // A fragment, an error of syntax and the like are looked for as well: only a name of a host decides.
    text.contains('.') && !text.contains("..") && text.contains(|c: char| c.is_ascii_alphabetic())
}
