//! What the body of a middleware or handler does with a request: what it reads and how it refuses.

use std::collections::BTreeSet;

use super::{Scan, secret_defaults::variable};
use crate::project::{
    program::At,
    syntax::{Expression, Kind, Pattern, Statement},
};

/// Calls of the project's functions that are followed.
const MAX_DEPTH: usize = 3;

/// What was seen in a function and in what it calls.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen {
    /// A header with a credential, or a token that is verified.
    pub(super) credential: bool,
    /// `Host` or `Origin`.
    pub(super) origin: bool,
    /// 401, or "unauthorized".
    pub(super) unauthorized: bool,
    /// 400, 403, 421.
    pub(super) forbidden: bool,
    /// 429
    pub(super) too_many: bool,
    /// Throws.
    pub(super) throws: bool,
    /// It lets pass where configuration says so.
    pub(super) optional: bool,
}

impl<'a> Scan<'_, 'a> {
    /// What a function does with a request, closures and called functions included.
    pub(super) fn seen(&self, function: At) -> Seen {
        let mut seen = Seen::default();
        self.look(function, &mut seen, &mut BTreeSet::new(), MAX_DEPTH);
        seen.optional |= self.lets_pass(function);
        seen
    }

    fn look(&self, at: At, seen: &mut Seen, visited: &mut BTreeSet<At>, depth: usize) {
        let Some(depth) = depth.checked_sub(1) else { return };
        if !visited.insert(at) {
            return;
        }
        let function = self.program.function_at(at);
        seen.throws |= raises(&function.body);
        // The check itself may stand in what is called, and be skipped there.
        if refuses_itself(&function.body) {
            seen.optional |= self.lets_pass(at);
        }
        function.expressions(&mut |expression| {
            note(expression, seen);
            match &expression.kind {
                Kind::Function(inner) => self.look(At { file: at.file, function: *inner }, seen, visited, depth + 1),
                Kind::Call(call) => {
                    if let Some(target) = self.program.function(at, &call.function) {
                        self.look(target, seen, visited, depth);
                    }
                    let verifies = [
                        "jwtverify",
                        "verifyaccesstoken",
                        "verifytoken",
                        "verifyjwt",
                        "timingsafeequal",
                        "verifyapikey",
                        "validateapikey",
                        "verifyidtoken",
                    ];
                    seen.credential |= verifies.contains(&super::written(call).to_ascii_lowercase().as_str());
                }
                _ => {}
            }
        });
    }

    /// Whether configuration, not the request, decides that the check is skipped.
    fn lets_pass(&self, at: At) -> bool {
        let function = self.program.function_at(at);
        let mut request: BTreeSet<&str> = BTreeSet::new();
        for parameter in &function.parameters {
            // A switch among the parameters is configuration, not the request.
            let is_switch = parameter.annotation.as_ref().is_some_and(|annotation| annotation.name == "boolean")
                || matches!(parameter.default.as_ref().map(|d| &d.kind), Some(Kind::Boolean(_)));
            if !is_switch {
                names(&parameter.pattern, &mut request);
            }
        }
        self.passes(at, &function.body, &mut request)
    }

    fn passes(&self, at: At, body: &'a [Statement], request: &mut BTreeSet<&'a str>) -> bool {
        body.iter().enumerate().any(|(index, statement)| match statement {
            Statement::Let { pattern, value, .. } => {
                // What is read from the request is the request.
                if value.as_ref().is_some_and(|value| mentions(value, request)) {
                    names(pattern, request);
                }
                false
            }
            Statement::If { condition, then, otherwise, .. } => {
                let after = &body[index + 1..];
                self.skips(at, condition, [then, otherwise, after], request)
                    || self.passes(at, then, request)
                    || self.passes(at, otherwise, request)
            }
            Statement::Block(inner) | Statement::Try { body: inner, .. } => self.passes(at, inner, request),
            _ => false,
        })
    }

    /// Whether an `if` skips the check, or is the check, depending on configuration.
    fn skips(
        &self,
        at: At,
        condition: &'a Expression,
        [then, otherwise, after]: [&'a [Statement]; 3],
        request: &BTreeSet<&'a str>,
    ) -> bool {
        let by_configuration = |part: &'a Expression| !mentions(part, request) && self.may_be_unset(at, part);
        let refuses = then.iter().chain(otherwise).any(refuses);
        // `if (KEY && header !== KEY) refuse()`
        if let Kind::Binary(operator, first, rest) = &condition.kind
            && operator == "&&"
            && refuses
            && mentions(rest, request)
            && by_configuration(first)
        {
            return true;
        }
        if refuses && conjuncts(condition).into_iter().any(is_demand) {
            return true;
        }
        if !by_configuration(condition) || is_opt_out(self.program.source(at.file, condition.span), refuses) {
            return false;
        }
        if refuses { !after.iter().any(self::refuses) } else { lets_on(then) && !after.is_empty() }
    }

    /// Whether a condition looks at a setting that may be missing: the environment, an option, a mode.
    fn may_be_unset(&self, at: At, condition: &'a Expression) -> bool {
        let mut unset = false;
        condition.walk(&mut |part| {
            unset |= match &part.kind {
                Kind::Name(_) => self.program.origins(at, part).iter().any(|(_, origin)| {
                    variable(origin).is_some()
                        || matches!(origin.kind, Kind::Null | Kind::Boolean(false) | Kind::Name(_) | Kind::Member(..))
                }),
                Kind::Member(..) => {
                    let fixed = self.program.text(at, part).is_some();
                    !fixed
                }
                _ => false,
            };
        });
        unset
    }
}

/// Notes what an expression reads and answers.
fn note(expression: &Expression, seen: &mut Seen) {
    match &expression.kind {
        Kind::Number(number) => match number.as_str() {
            "401" => seen.unauthorized = true,
            "403" | "400" | "421" => seen.forbidden = true,
            "429" => seen.too_many = true,
            _ => {}
        },
        Kind::Text(text) => {
            let lower = text.to_ascii_lowercase();
            let header =
                lower.starts_with("x-") && ["auth", "key", "token", "secret"].iter().any(|w| lower.contains(w));
            seen.credential |=
                header || matches!(lower.as_str(), "authorization" | "api-key" | "apikey" | "proxy-authorization");
            seen.origin |= matches!(lower.as_str(), "host" | "origin");
            if lower.len() < 80 {
                seen.unauthorized |= lower.contains("unauthorized") || lower.contains("unauthenticated");
                seen.too_many |= lower.contains("rate limit exceeded") || lower.contains("too many requests");
            }
        }
        Kind::Member(object, name) => {
            let is_headers = matches!(&object.kind, Kind::Member(_, inner) if inner.value == "headers")
                || object.name() == Some("headers");
            let lower = name.value.to_ascii_lowercase();
            seen.credential |=
                lower == "authorization" || (is_headers && (lower.contains("key") || lower.contains("token")));
            seen.origin |= is_headers && matches!(lower.as_str(), "host" | "origin")
                || lower == "hostname" && matches!(object.name(), Some("req" | "request"));
            seen.unauthorized |= matches!(lower.as_str(), "unauthorized" | "unauthenticated");
            seen.forbidden |= lower == "forbidden";
            seen.too_many |=
                matches!(lower.as_str(), "too_many_requests" | "toomanyrequests" | "rate_limited" | "ratelimited");
        }
        Kind::Call(call) => {
            let lower = super::written(call).to_ascii_lowercase();
            let answers_401 = lower.contains("401") && !lower.starts_with("is");
            seen.unauthorized |= answers_401 || lower.contains("unauthorized") || lower == "invalidtokenerror";
            seen.forbidden |= lower.contains("forbidden");
            seen.too_many |= lower.contains("toomanyrequests") || asks_limiter(&call.function, &lower);
        }
        _ => {}
    }
}

/// `rateLimiter.check(ip)`, `limiter.consume(key)`, `this.rateLimit.isAllowed(client)`
fn asks_limiter(function: &Expression, method: &str) -> bool {
    let Kind::Member(object, _) = &function.kind else { return false };
    let receiver = match &object.kind {
        Kind::Name(name) => name,
        Kind::Member(_, name) => &name.value,
        _ => return false,
    };
    let receiver = receiver.to_ascii_lowercase();
    let asks = ["check", "consume", "limit", "hit", "take", "acquire", "allow", "isallowed", "increment", "record"];
    (receiver.contains("ratelimit") || receiver.ends_with("limiter")) && asks.iter().any(|ask| method.starts_with(ask))
}

/// The parts of `a && b && c`; nothing where there is one alone.
fn conjuncts(condition: &Expression) -> Vec<&Expression> {
    let mut parts = Vec::new();
    let mut open = vec![condition];
    while let Some(part) = open.pop() {
        match &part.kind {
            Kind::Binary(operator, left, right) if operator == "&&" => open.extend([&**left, &**right]),
            _ => parts.push(part),
        }
    }
    if parts.len() > 1 { parts } else { Vec::new() }
}

/// `requireAuth`, `options.forceOAuth`: who calls is asked of some only.
fn is_demand(part: &Expression) -> bool {
    let name = match &part.kind {
        Kind::Name(name) => name,
        Kind::Member(_, name) => &name.value,
        _ => return false,
    };
    let lower = name.to_ascii_lowercase();
    ["require", "force", "enforce", "wants", "needs", "must", "should"].iter().any(|word| lower.starts_with(word))
}

/// Whether a condition is met unless somebody asks for the opposite: `!unsafeDisableAuth`, `SKIP_AUTH !== "true"`;
/// without `wanted`, whether it is met only then: `disableAuth`.
pub(super) fn is_opt_out(condition: &str, wanted: bool) -> bool {
    let text: String = condition.chars().filter(|c| c.is_ascii_alphanumeric() || "!&|?".contains(*c)).collect();
    let lower = text.to_ascii_lowercase();
    let words =
        ["disable", "unsafe", "insecure", "skip", "noauth", "withoutauth", "bypass", "anonymous", "unauthenticated"];
    // Of several conditions nobody knows which one decides.
    let is_one = !["&&", "||", "?"].iter().any(|operator| lower.contains(operator));
    is_one && lower.contains('!') == wanted && words.iter().any(|word| lower.contains(word))
}

fn names<'a>(pattern: &'a Pattern, found: &mut BTreeSet<&'a str>) {
    match pattern {
        Pattern::Ignore => {}
        Pattern::Name(name, _) => {
            found.insert(name);
        }
        Pattern::Fields(fields) => fields.iter().for_each(|(_, inner)| names(inner, found)),
        Pattern::Items(items) | Pattern::Wrapped(_, items) => items.iter().for_each(|inner| names(inner, found)),
        Pattern::Rest(inner) => names(inner, found),
    }
}

fn mentions(expression: &Expression, wanted: &BTreeSet<&str>) -> bool {
    let mut found = false;
    expression.walk(&mut |part| found |= part.name().is_some_and(|name| wanted.contains(name)));
    found
}

/// Whether a body says 401 itself.
fn refuses_itself(body: &[Statement]) -> bool {
    let mut seen = Seen::default();
    for statement in body {
        statement.parts(&mut |part| part.walk(&mut |inner| note(inner, &mut seen)));
    }
    seen.unauthorized
}

/// Whether a statement answers with a refusal or throws.
fn refuses(statement: &Statement) -> bool {
    let mut seen = Seen::default();
    statement.parts(&mut |part| part.walk(&mut |inner| note(inner, &mut seen)));
    seen.unauthorized || seen.forbidden || seen.too_many || raises(std::slice::from_ref(statement))
}

/// Whether statements go on without a refusal: `next()` or a return.
fn lets_on(body: &[Statement]) -> bool {
    body.iter().any(|statement| {
        let mut calls_next = matches!(statement, Statement::Return(..));
        statement.parts(&mut |part| {
            part.walk(&mut |e| calls_next |= e.call().is_some_and(|call| call.function.name() == Some("next")));
        });
        calls_next
    })
}

fn raises(body: &[Statement]) -> bool {
    body.iter().any(|statement| match statement {
        Statement::Raise(..) => true,
        Statement::If { then, otherwise, .. } => raises(then) || raises(otherwise),
        Statement::Block(body) | Statement::Loop { body, .. } => raises(body),
        Statement::Try { body, handlers, .. } => raises(body) || handlers.iter().any(|(_, body)| raises(body)),
        Statement::Match(chosen) => chosen.arms.iter().any(|arm| raises(&arm.body)),
        _ => false,
    })
}
