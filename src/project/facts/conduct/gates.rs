//! Gates that open where they should not: checks that fail open, routes that forget the check, and rights that the
//! caller claims.

use super::{Conduct, routes, survey::Survey};
use crate::{
    finding::Place,
    project::{
        program::At,
        syntax::{Expression, Function, Kind, Pattern, Span, Statement},
    },
};

/// How a gate opens.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Opens {
    /// An error of the check lets the request pass.
    OnError,
    /// A request without the credential is not compared at all.
    WhenAbsent,
    /// Another route to the same handler asks for nothing.
    BesideIt,
    /// The caller says what rights it has.
    ByClaim,
}

/// A gate that opens where it should not.
#[derive(Clone, Debug)]
pub struct OpenGate {
    /// How it opens.
    pub opens: Opens,
    /// Where.
    pub place: Place,
    /// As written, in one line.
    pub written: String,
    /// The gate that is in force, where there is one.
    pub other: Option<Place>,
}

/// Names of functions that prove a credential.
const PROOFS: &[&str] = &[
    "verify",
    "jwtVerify",
    "verifyToken",
    "verify_token",
    "validateToken",
    "validate_token",
    "verifyAccessToken",
    "verify_access_token",
    "verifyIdToken",
    "verify_id_token",
    "authenticate",
    "introspect",
    "checkApiKey",
    "validateApiKey",
    "verify_api_key",
    "get_signing_key_from_jwt",
];

/// Words of refusals.
const REFUSALS: &[&str] = &["401", "403", "unauthorized", "forbidden", "raise", "throw", "permissionerror", "reject("];

pub(super) const AUTH_WORDS: &[&str] = &["auth", "bearer", "verify", "apikey", "api_key", "jwt", "protect", "token"];

pub(super) fn add(survey: &Survey<'_, '_>, conduct: &mut Conduct) {
    for &file in &survey.files {
        let functions = &survey.program.units()[file].module.functions;
        for (function, definition) in functions.iter().enumerate().skip(1).filter(|(_, function)| !function.is_test) {
            let at = At { file, function };
            Statement::each(&definition.body, &mut |statement| match statement {
                Statement::Try { body, handlers, span, .. } => {
                    on_error(survey, at, definition, (body, handlers), *span, conduct);
                }
                Statement::If { condition, then, .. } => {
                    when_absent(survey, at, definition, condition, then, conduct);
                    by_claim(survey, at, condition, conduct);
                }
                _ => {}
            });
        }
    }
    routes::beside(survey, conduct);
}

pub(super) fn push(
    survey: &Survey<'_, '_>,
    opens: Opens,
    at: At,
    span: Span,
    other: Option<Place>,
    conduct: &mut Conduct,
) {
    let written = survey.written(at.file, span);
    conduct.open_gates.push(OpenGate { opens, place: survey.place(at, span), written, other });
}

type Tried<'a> = (&'a [Statement], &'a [(Pattern, Vec<Statement>)]);

/// `try { verify(token) } catch { next() }`
fn on_error<'a>(
    survey: &Survey<'_, 'a>,
    at: At,
    function: &'a Function,
    (body, handlers): Tried<'a>,
    span: Span,
    conduct: &mut Conduct,
) {
    let mut proves = false;
    for statement in body {
        statement.parts(&mut |part| {
            part.walk(&mut |inner| {
                let Some(call) = inner.call() else { return };
                let path = survey.program.symbol(at, &call.function).unwrap_or_default();
                proves |= PROOFS.contains(&call.written()) || matches!(path.as_str(), "jwt.decode" | "jose.jwt.decode");
            });
        });
    }
    let name = function.name.as_deref().unwrap_or_default().to_lowercase();
    if !proves || name.contains("optional") || !of_requests(survey, at) {
        return;
    }
    let rest = survey.program.source(at.file, Span::new(span.end, function.span.end)).to_lowercase();
    for (_, handler) in handlers {
        let refuses = refuses(survey, at, handler);
        let passes = handler.iter().find_map(goes_on);
        // What falls through may be refused afterwards.
        let silent =
            handler.is_empty() && !REFUSALS.iter().any(|word| rest.contains(word)) && rest.contains("call_next");
        if let Some(place) = passes.filter(|_| !refuses) {
            push(survey, Opens::OnError, at, place, None, conduct);
        } else if silent {
            push(survey, Opens::OnError, at, Span::new(span.start, span.start + 3), None, conduct);
        }
    }
}

/// The function deals with requests: it takes one and what comes next.
fn of_requests(survey: &Survey<'_, '_>, at: At) -> bool {
    let text = survey.around(at);
    text.contains("next(") || text.contains("call_next(")
}

/// A statement that hands the request on: `next()`, `return await call_next(request)`.
fn goes_on(statement: &Statement) -> Option<Span> {
    let mut found = None;
    statement.parts(&mut |part| {
        part.walk(&mut |inner| {
            let Some(call) = inner.call() else { return };
            let plain = call.written() == "next" && call.arguments.is_empty();
            if plain || call.written() == "call_next" {
                found = Some(inner.span);
            }
        });
    });
    found
}

fn refuses(survey: &Survey<'_, '_>, at: At, body: &[Statement]) -> bool {
    let mut refused = body.iter().any(|statement| matches!(statement, Statement::Raise(..)));
    for statement in body {
        statement.parts(&mut |part| {
            let text = survey.program.source(at.file, part.span).to_lowercase();
            refused |= REFUSALS.iter().any(|word| text.contains(word));
        });
    }
    refused
}

/// `if (token && token !== expected) refuse()`: who sends no token is not refused.
fn when_absent<'a>(
    survey: &Survey<'_, 'a>,
    at: At,
    function: &'a Function,
    condition: &'a Expression,
    then: &'a [Statement],
    conduct: &mut Conduct,
) {
    let Kind::Binary(operator, present, differs) = &condition.kind else { return };
    if !matches!(operator.as_str(), "&&" | "and") || !refuses(survey, at, then) {
        return;
    }
    let Some(name) = is_present(present) else { return };
    if !compares(differs, name) || !from_request(survey, at, function, name) {
        return;
    }
    // Another `if` may refuse what is absent.
    let mut refused = false;
    Statement::each(&function.body, &mut |statement| {
        if let Statement::If { condition: other, then, .. } = statement {
            refused |= is_absent(other, name) && refuses(survey, at, then);
        }
    });
    if !refused {
        push(survey, Opens::WhenAbsent, at, condition.span, None, conduct);
    }
}

/// The name that must hold something: `token`, `token != ""`, `token is not None`.
fn is_present(expression: &Expression) -> Option<&str> {
    match &expression.kind {
        Kind::Name(name) => Some(name),
        Kind::Binary(operator, name, nothing) if matches!(operator.as_str(), "!=" | "!==" | "is not") => {
            let empty = matches!(nothing.kind, Kind::Null) || nothing.text() == Some("");
            name.name().filter(|_| empty)
        }
        _ => None,
    }
}

fn is_absent(expression: &Expression, name: &str) -> bool {
    let mut found = false;
    expression.walk(&mut |part| match &part.kind {
        Kind::Unary(operator, inner) if matches!(operator.as_str(), "!" | "not") => {
            found |= inner.name() == Some(name);
        }
        Kind::Binary(operator, left, nothing) if matches!(operator.as_str(), "==" | "===" | "is") => {
            let empty = matches!(nothing.kind, Kind::Null) || nothing.text() == Some("");
            found |= empty && left.name() == Some(name);
        }
        _ => {}
    });
    found
}

/// `token != expected`
fn compares(expression: &Expression, name: &str) -> bool {
    match &expression.kind {
        Kind::Binary(operator, left, right) if matches!(operator.as_str(), "!=" | "!==") => {
            left.name() == Some(name) || right.name() == Some(name)
        }
        Kind::Unary(operator, inner) if matches!(operator.as_str(), "!" | "not") => {
            let safe = ["timingSafeEqual", "compare_digest", "safeCompare", "timing_safe_equal"];
            inner.call().is_some_and(|call| {
                safe.contains(&call.written())
                    && call.arguments.iter().any(|argument| argument.value.name() == Some(name))
            })
        }
        _ => false,
    }
}

/// The name was given what a request carries.
fn from_request(survey: &Survey<'_, '_>, at: At, function: &Function, name: &str) -> bool {
    let mut found = false;
    Statement::each(&function.body, &mut |statement| {
        if let Statement::Let { pattern: Pattern::Name(own, _), value: Some(value), .. } = statement {
            let text = survey.program.source(at.file, value.span).to_lowercase();
            let read = ["header", "authorization", "query", "bearer"].iter().any(|word| text.contains(word));
            found |= own == name && read;
        }
    });
    found
}

/// `if (role === "admin")`, where the role is an argument of the tool.
fn by_claim<'a>(survey: &Survey<'_, 'a>, at: At, condition: &'a Expression, conduct: &mut Conduct) {
    if !survey.reach.contains(at) {
        return;
    }
    let mut found = None;
    condition.walk(&mut |part| {
        let claim = match &part.kind {
            Kind::Binary(operator, left, right) if matches!(operator.as_str(), "==" | "===" | "!=" | "!==") => {
                let rank = ["admin", "administrator", "root", "superuser", "superadmin"];
                let ranked = right.text().is_some_and(|text| rank.contains(&text.to_lowercase().as_str()));
                if ranked {
                    claimed(survey, at, left, &["role", "userrole", "callerrole", "requesterrole"])
                } else {
                    None
                }
            }
            Kind::Name(_) | Kind::Member(..) | Kind::Index(..) => claimed(
                survey,
                at,
                part,
                &["isadmin", "isadministrator", "issuperuser", "isauthorized", "isauthenticated"],
            ),
            _ => None,
        };
        found = found.or(claim);
    });
    let text = survey.around(at);
    let proven = ["authinfo", ".auth", "access_token", "scopes", "claims", "session", "current_user", "currentuser"];
    if let Some(span) = found
        && !proven.iter().any(|word| text.contains(word))
    {
        push(survey, Opens::ByClaim, at, span, None, conduct);
    }
}

/// An argument of a tool with one of the names.
fn claimed(survey: &Survey<'_, '_>, at: At, expression: &Expression, names: &[&str]) -> Option<Span> {
    let (name, object) = match &expression.kind {
        Kind::Name(name) => (name.as_str(), None),
        Kind::Member(object, name) => (name.value.as_str(), object.name()),
        Kind::Index(object, key) => (key.text()?, object.name()),
        _ => return None,
    };
    let plain: String = name.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    let handler = survey.reach.is_handler(at);
    let bound = |wanted: &str| {
        handler && survey.program.function_at(at).parameters.iter().any(|parameter| binds(&parameter.pattern, wanted))
    };
    let given = match object {
        Some(object) => matches!(object, "args" | "arguments" | "params" | "input" | "parameters") || bound(object),
        None => bound(name),
    };
    (names.contains(&plain.as_str()) && given).then_some(expression.span)
}

fn binds(pattern: &Pattern, wanted: &str) -> bool {
    match pattern {
        Pattern::Ignore => false,
        Pattern::Name(name, _) => name == wanted,
        Pattern::Fields(fields) => fields.iter().any(|(_, inner)| binds(inner, wanted)),
        Pattern::Items(items) | Pattern::Wrapped(_, items) => items.iter().any(|inner| binds(inner, wanted)),
        Pattern::Rest(inner) => binds(inner, wanted),
    }
}
