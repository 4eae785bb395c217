//! What a middleware protects: by the library that it comes from, else by what its body does.

use super::{super::Protection, Scan, last};
use crate::project::{
    program::{At, Thing},
    syntax::{Call, Expression, Kind},
};

/// Middlewares inside middlewares that are followed.
const MAX_DEPTH: usize = 5;

/// What stands before a transport, by kind.
#[derive(Debug)]
pub(super) struct Verdict {
    pub(super) authentication: Protection,
    pub(super) host_check: Protection,
    pub(super) rate_limit: Protection,
}

impl Default for Verdict {
    fn default() -> Self {
        Self { authentication: Protection::Absent, host_check: Protection::Absent, rate_limit: Protection::Absent }
    }
}

/// Keeps the stronger of two.
pub(super) fn strengthen(known: &mut Protection, found: Protection) {
    let rank = |protection: &Protection| match protection {
        Protection::Absent => 0,
        Protection::Disabled(_) => 1,
        Protection::Unknown(_) => 2,
        Protection::Optional(_) => 3,
        Protection::Present(_) => 4,
    };
    if rank(&found) > rank(known) {
        *known = found;
    }
}

impl<'a> Scan<'_, 'a> {
    /// Adds what an expression that is mounted before a route protects.
    pub(super) fn judge(&self, at: At, mounted: &'a Expression, optional: bool, verdict: &mut Verdict) {
        self.judge_within(at, mounted, optional, verdict, MAX_DEPTH);
    }

    fn judge_within(&self, at: At, mounted: &'a Expression, optional: bool, verdict: &mut Verdict, depth: usize) {
        let Some(depth) = depth.checked_sub(1) else { return };
        match &mounted.kind {
            Kind::List(items) => items.iter().for_each(|item| self.judge_within(at, item, optional, verdict, depth)),
            Kind::Spread(inner) => self.judge_within(at, inner, optional, verdict, depth),
            Kind::Conditional(_, a, b) => {
                [a, b].into_iter().for_each(|part| self.judge_within(at, part, true, verdict, depth));
            }
            Kind::Binary(operator, _, part) if operator == "&&" => self.judge_within(at, part, true, verdict, depth),
            Kind::Function(function) => {
                self.body(At { file: at.file, function: *function }, at, mounted, optional, verdict)
            }
            Kind::Call(call) => self.made(at, mounted, call, optional, verdict, depth),
            Kind::Name(_) | Kind::Member(..) => self.referred(at, mounted, optional, verdict, depth),
            Kind::Record(record) => {
                // Fastify's route options, and middleware objects with a handler.
                let hooks = ["preHandler", "onRequest", "preValidation", "handler", "config"];
                let found = hooks.iter().filter_map(|key| record.get(key));
                found.for_each(|hook| self.judge_within(at, hook, optional, verdict, depth));
            }
            _ => {}
        }
    }

    /// A call that gives a middleware.
    fn made(
        &self,
        at: At,
        mounted: &'a Expression,
        call: &'a Call,
        optional: bool,
        verdict: &mut Verdict,
        depth: usize,
    ) {
        match self.program.thing(at, &call.function) {
            Some(Thing::Function(factory)) => {
                let before = (verdict.authentication.clone(), verdict.host_check.clone(), verdict.rate_limit.clone());
                for result in self.program.results(factory) {
                    self.judge_within(factory, result, optional, verdict, depth);
                }
                let same =
                    before == (verdict.authentication.clone(), verdict.host_check.clone(), verdict.rate_limit.clone());
                if same {
                    self.by_name(at, mounted, super::written(call), verdict);
                }
            }
            Some(Thing::External(symbol)) => {
                let optional = optional || self.is_optional(at, call);
                self.library(at, mounted, &symbol, optional, verdict);
            }
            _ => self.by_name(at, mounted, super::written(call), verdict),
        }
    }

    fn referred(&self, at: At, mounted: &'a Expression, optional: bool, verdict: &mut Verdict, depth: usize) {
        if let Some(function) = self.program.function(at, mounted) {
            return self.body(function, at, mounted, optional, verdict);
        }
        let origins = self.program.origins(at, mounted);
        let mut followed = false;
        for (owner, origin) in origins.into_iter().filter(|(_, origin)| origin.span != mounted.span) {
            followed = true;
            self.judge_within(owner, origin, optional, verdict, depth);
        }
        if !followed {
            let name = match &mounted.kind {
                Kind::Name(name) => name.as_str(),
                Kind::Member(_, name) => name.value.as_str(),
                _ => "",
            };
            match self.program.symbol(at, mounted) {
                Some(symbol) if symbol.contains(['/', '.', '(']) => {
                    self.library(at, mounted, &symbol, optional, verdict)
                }
                _ => self.by_name(at, mounted, name, verdict),
            }
        }
    }

    /// A middleware of the project: by what its body does.
    fn body(&self, function: At, at: At, mounted: &'a Expression, optional: bool, verdict: &mut Verdict) {
        let seen = self.seen(function);
        let place = self.place(at, mounted);
        let protection = |optional: bool| {
            if optional { Protection::Optional(place.clone()) } else { Protection::Present(place.clone()) }
        };
        let mut found = false;
        if seen.credential && (seen.unauthorized || seen.forbidden || seen.throws) {
            strengthen(&mut verdict.authentication, protection(optional || seen.optional));
            found = true;
        }
        if seen.origin && (seen.forbidden || seen.unauthorized || seen.throws) && !seen.credential {
            strengthen(&mut verdict.host_check, protection(optional || seen.optional));
            found = true;
        }
        if seen.too_many {
            strengthen(&mut verdict.rate_limit, protection(optional));
            found = true;
        }
        if !found {
            let name = self.program.function_at(function).name.as_deref().unwrap_or_default();
            self.by_name(at, mounted, name, verdict);
        }
    }

    /// What handlers on the way check themselves.
    pub(super) fn judge_handler(&self, function: At, verdict: &mut Verdict) {
        let seen = self.seen(function);
        let span = self.program.function_at(function).name_span;
        let place = self.program.place(function.file, span);
        let protection = |optional: bool| {
            if optional { Protection::Optional(place.clone()) } else { Protection::Present(place.clone()) }
        };
        // A handler has many reasons to answer 400 or to throw: only the plain refusals count.
        if seen.credential && seen.unauthorized {
            strengthen(&mut verdict.authentication, protection(seen.optional));
        }
        if seen.origin && seen.forbidden {
            strengthen(&mut verdict.host_check, protection(seen.optional));
        }
        if seen.too_many {
            strengthen(&mut verdict.rate_limit, protection(false));
        }
        // `if (!validateHost(req, res)) return;`: a library's check, called by hand.
        self.program.function_at(function).expressions(&mut |expression| {
            let Kind::Call(call) = &expression.kind else { return };
            let Some(symbol) = self.program.symbol(function, &call.function) else { return };
            let made = symbol.ends_with("()") && !symbol.starts_with("@/");
            if made || symbol.starts_with("@modelcontextprotocol/") {
                self.library(function, expression, &symbol, false, verdict);
            }
        });
    }

    /// A library's middleware.
    fn library(&self, at: At, mounted: &'a Expression, symbol: &str, optional: bool, verdict: &mut Verdict) {
        let place = self.place(at, mounted);
        let protection =
            || if optional { Protection::Optional(place.clone()) } else { Protection::Present(place.clone()) };
        let symbol = symbol.trim_end_matches("()");
        if is_limiter(symbol) {
            strengthen(&mut verdict.rate_limit, protection());
        } else if is_host_check(symbol) {
            strengthen(&mut verdict.host_check, protection());
        } else if is_authentication(symbol) {
            strengthen(&mut verdict.authentication, protection());
        }
    }

    /// What could not be followed: its name says at most that something may be there.
    fn by_name(&self, _at: At, _mounted: &'a Expression, name: &str, verdict: &mut Verdict) {
        let lower = name.to_ascii_lowercase();
        let any = |words: &[&str]| words.iter().any(|word| lower.contains(word));
        let unknown = || Protection::Unknown(format!("`{name}` could not be followed"));
        if any(&["auth", "verify", "protect", "guard", "apikey", "jwt"]) {
            strengthen(&mut verdict.authentication, unknown());
        }
        if any(&["origin", "rebind", "hostcheck", "allowedhost", "validatehost"]) {
            strengthen(&mut verdict.host_check, unknown());
        }
        if any(&["limit", "throttle"]) {
            strengthen(&mut verdict.rate_limit, unknown());
        }
    }

    /// `required: false`, `credentialsRequired: false`, `optional: true`
    fn is_optional(&self, at: At, call: &'a Call) -> bool {
        call.arguments.iter().any(|argument| {
            let (_, value) = self.program.value(at, &argument.value);
            let Some(record) = value.record() else { return false };
            let is = |key: &str, wanted: bool| {
                record.get(key).is_some_and(|value| matches!(value.kind, Kind::Boolean(found) if found == wanted))
            };
            is("required", false) || is("credentialsRequired", false) || is("optional", true) || is("enabled", false)
        })
    }
}

/// A library that limits requests.
pub(super) fn is_limiter(symbol: &str) -> bool {
    let lower = symbol.to_ascii_lowercase();
    let name = last(&lower);
    let known = ["rate-limit", "ratelimit", "rate-limiter", "slow-down", "express-brute"];
    known.iter().any(|word| lower.contains(word)) || name.contains("ratelimit") || name == "throttle"
}

fn is_host_check(symbol: &str) -> bool {
    let name = last(symbol).to_ascii_lowercase();
    [
        "hostheadervalidation",
        "hostvalidation",
        "originvalidation",
        "checkorigin",
        "verifyorigin",
        "validateorigin",
        "allowedhosts",
    ]
    .iter()
    .any(|word| name.contains(word))
        || name == "csrf"
}

fn is_authentication(symbol: &str) -> bool {
    let name = last(symbol).to_ascii_lowercase();
    let about = ["metadata", "router", "handler", "provider", "client", "server", "wellknown", "initialize", "session"];
    let words =
        ["auth", "jwt", "bearer", "apikey", "api-key", "verifytoken", "requiretoken", "requiresession", "requireuser"];
    words.iter().any(|word| name.contains(word)) && !about.iter().any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_are_told_by_their_names() {
        assert!(
            is_limiter("express-rate-limit")
                && is_limiter("@fastify/rate-limit")
                && is_limiter("kit.createRateLimitMiddleware")
        );
        assert!(!is_limiter("express.json") && !is_limiter("p-limit"));
        assert!(is_host_check("@modelcontextprotocol/express.localhostHostValidation"));
        for symbol in [
            "passport.authenticate",
            "express-jwt",
            "hono/bearer-auth.bearerAuth",
            "@modelcontextprotocol/express.requireBearerAuth",
        ] {
            assert!(is_authentication(symbol), "{symbol}");
        }
        for symbol in [
            "@modelcontextprotocol/sdk/server/auth/router.js.mcpAuthRouter",
            "passport.initialize",
            "express.json",
            "cors",
        ] {
            assert!(!is_authentication(symbol), "{symbol}");
        }
    }
}
