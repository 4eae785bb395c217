//! Routes to the protocol that stand beside each other, of which some ask for a credential and some do not.

use super::{
    Conduct,
    gates::{AUTH_WORDS, Opens, push},
    survey::{Known, Survey},
};
use crate::{
    finding::Place,
    project::{
        Language,
        program::At,
        syntax::{Expression, Kind, Span},
    },
};

/// A route to the protocol: its app, path, handler's text, and whether something asks for a credential.
struct Route {
    app: String,
    place: Place,
    at: At,
    span: Span,
    /// Something before the handler asks for a credential.
    guarded: bool,
    /// Nothing stands before the handler, and it asks for nothing itself.
    open: bool,
}

/// Routes to the protocol of one app, of which some ask for a credential and some do not.
pub(super) fn beside(survey: &Survey<'_, '_>, conduct: &mut Conduct) {
    let routes: Vec<Route> = survey.calls.iter().filter_map(|known| route(survey, known)).collect();
    let mounted = |route: &Route| {
        survey.calls.iter().any(|known| {
            let Kind::Member(app, name) = &known.site.call.function.kind else { return false };
            known.site.at.file == route.at.file
                && matches!(name.value.as_str(), "use" | "addHook" | "Use" | "add_middleware")
                && survey.program.source(known.site.at.file, app.span) == route.app
                && names_auth(survey, known)
        })
    };
    for open in routes.iter().filter(|route| route.open) {
        let beside =
            routes.iter().find(|other| other.guarded && other.app == open.app && other.at.file == open.at.file);
        if let Some(guarded) = beside
            && !mounted(open)
        {
            push(survey, Opens::BesideIt, open.at, open.span, Some(guarded.place.clone()), conduct);
        }
    }
}

fn names_auth(survey: &Survey<'_, '_>, known: &Known<'_>) -> bool {
    let text = survey.program.source(known.site.at.file, known.site.span).to_lowercase();
    AUTH_WORDS.iter().any(|word| text.contains(word))
}

fn route<'a>(survey: &Survey<'_, 'a>, known: &Known<'a>) -> Option<Route> {
    let Kind::Member(app, verb) = &known.site.call.function.kind else { return None };
    let (at, call) = (known.site.at, known.site.call);
    let arguments: Vec<&Expression> = call.arguments.iter().map(|argument| &argument.value).collect();
    let (first, last) = (arguments.first()?, arguments.last()?);
    let path = survey.program.text(at, first).filter(|path| path.starts_with('/') || path.contains(" /"))?;
    let source = |expression: &Expression| survey.program.source(at.file, expression.span).to_lowercase();
    let is_metadata = path.contains(".well-known") || path.contains("health");
    let (speaks, guarded, open) = match survey.language(known) {
        Language::TypeScript if matches!(verb.value.as_str(), "get" | "post" | "delete" | "all") => {
            let body = survey.program.function(at, last).map(|function| {
                survey.program.source(function.file, survey.program.function_at(function).span).to_lowercase()
            });
            let body = body.unwrap_or_else(|| source(last));
            let own = body.contains("401") || body.contains("unauthorized") || body.contains("authenticate");
            let between = arguments.get(1..arguments.len().saturating_sub(1))?;
            let asks = between.iter().any(|middle| AUTH_WORDS.iter().any(|word| source(middle).contains(word)));
            // What stands between may be anything.
            (body.contains("handlerequest(") || body.contains("handlepostmessage("), asks, between.is_empty() && !own)
        }
        Language::Go if matches!(verb.value.as_str(), "Handle" | "HandleFunc") => {
            let text = source(last);
            let speaks =
                ["mcp", "sse", "streamable", "message"].iter().any(|word| text.contains(word) || path.contains(word));
            let wrapper = last.call().map(|call| call.written().to_lowercase()).unwrap_or_default();
            let guarded = AUTH_WORDS.iter().any(|word| wrapper.contains(word));
            // A function of one's own may do anything: only the bare handler is open.
            (speaks, guarded, matches!(last.kind, Kind::Name(_)) && !AUTH_WORDS.iter().any(|word| text.contains(word)))
        }
        _ => return None,
    };
    (speaks && !is_metadata).then(|| Route {
        app: survey.program.source(at.file, app.span).to_owned(),
        place: survey.site(known),
        at,
        span: known.site.span,
        guarded,
        open,
    })
}
