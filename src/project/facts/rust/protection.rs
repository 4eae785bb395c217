//! What stands between a network and a Rust server: layers and middleware of axum and tower.

use super::{calls, last, path, word};
use crate::{
    finding::Place,
    project::{
        facts::{
            Protection,
            strength::{combined, is_conditional, older, strongest},
        },
        program::{At, Program, Site},
        syntax::{Call, Expression, Kind, Span, Statement},
    },
};

/// The calls of the files in which the protection of an endpoint may stand.
pub(super) struct Around<'p, 'a> {
    program: &'p Program<'a>,
    sites: Vec<Site<'a>>,
}

impl<'p, 'a> Around<'p, 'a> {
    pub(super) fn new(program: &'p Program<'a>, file: usize) -> Self {
        let files = program.closure(file);
        let sites = calls(program).into_iter().filter(|site| files.contains(&site.at.file)).collect();
        Self { program, sites }
    }

    fn place(&self, at: At, span: Span) -> Place {
        self.program.place(at.file, span)
    }

    /// Present, or optional where a condition decides whether the place is reached.
    fn in_force(&self, at: At, span: Span) -> Protection {
        let place = self.place(at, span);
        if is_conditional(&self.program.function_at(at).body, span) {
            Protection::Optional(place)
        } else {
            Protection::Present(place)
        }
    }

    /// Middleware functions of the project, with where they are mounted.
    fn middleware(&self) -> Vec<(Site<'a>, At)> {
        let mounts = self.sites.iter().filter_map(|site| {
            let position = match word(site.call) {
                "from_fn" => 0,
                "from_fn_with_state" => 1,
                _ => return None,
            };
            let function = self.program.function(site.at, site.call.positional(position)?)?;
            Some((*site, function))
        });
        mounts.collect()
    }

    pub(super) fn authentication(&self) -> Protection {
        let mut found = Vec::new();
        for (site, function) in self.middleware() {
            let refuses = self.answers(function, &["UNAUTHORIZED", "401"])
                || (self.answers(function, &["FORBIDDEN", "403"]) && self.speaks(function, CREDENTIALS));
            if refuses {
                found.push(match skips(self.program, function) {
                    true => Protection::Optional(self.place(function, self.program.function_at(function).name_span)),
                    false => self.in_force(site.at, site.span),
                });
            }
        }
        for site in &self.sites {
            found.extend(self.layered(*site, &["Auth", "ValidateRequestHeader", "Jwt", "ApiKey", "BearerToken"]));
        }
        // A refusal that nothing mounts may be reached in a way that is not known here.
        if found.is_empty() && self.refused_somewhere() {
            return Protection::Unknown("a function refuses callers, and where it is used is not known".to_owned());
        }
        strongest(found)
    }

    fn refused_somewhere(&self) -> bool {
        let mut functions: Vec<At> = self.sites.iter().map(|site| site.at).collect();
        functions.sort_unstable();
        functions.dedup();
        functions.into_iter().any(|at| {
            at.function != 0
                && self.answers(at, &["UNAUTHORIZED", "401"])
                && self.speaks(at, &["authorization", "x-api-key"])
        })
    }

    /// `.layer(SomeLayer::new(..))` whose type's name has one of the words.
    fn layered(&self, site: Site<'a>, words: &[&str]) -> Option<Protection> {
        if !matches!(word(site.call), "layer" | "route_layer" | "wrap") {
            return None;
        }
        let (at, origin) = self.program.origin(site.at, site.call.positional(0)?);
        let mut made = origin;
        // `Layer::new(..).with(..)`: the type is at the beginning of the chain.
        while let Some(Kind::Member(object, _)) = made.call().map(|call| &call.function.kind) {
            made = object;
        }
        let name = match &made.kind {
            Kind::Record(record) => record.name.as_deref().map(|name| path(self.program, at, name)),
            _ => self.program.symbol(at, made),
        };
        let name = name.unwrap_or_default();
        let name = last(&name);
        words.iter().any(|word| name.contains(word)).then(|| self.in_force(site.at, site.span))
    }

    /// Whether a function names one of the statuses.
    fn answers(&self, at: At, statuses: &[&str]) -> bool {
        let mut found = false;
        self.program.function_at(at).expressions(&mut |expression| {
            found |= match &expression.kind {
                Kind::Member(_, name) => statuses.contains(&name.value.as_str()),
                Kind::Number(number) => statuses.contains(&number.as_str()),
                _ => false,
            };
        });
        found
    }

    fn speaks(&self, at: At, words: &[&str]) -> bool {
        let function = self.program.function_at(at);
        let text = self.program.source(at.file, function.span).to_lowercase();
        words.iter().any(|word| text.contains(word))
    }

    /// The SDK's own check of Host, by version, and what the project adds.
    pub(super) fn host_check(&self, route: Site<'a>) -> Protection {
        let own = self.middleware().into_iter().filter(|(_, function)| {
            self.speaks(*function, &["\"origin\"", "\"host\"", "header::origin", "header::host", "origin::"])
                && self.answers(*function, &["FORBIDDEN", "BAD_REQUEST", "403", "400", "MISDIRECTED_REQUEST"])
        });
        let own: Vec<Protection> = own.map(|(site, _)| self.in_force(site.at, site.span)).collect();
        combined(self.sdk_check(route), strongest(own))
    }

    fn sdk_check(&self, route: Site<'a>) -> Protection {
        for site in &self.sites {
            let place = self.place(site.at, site.span);
            match word(site.call) {
                // Under a condition it is a choice of whoever runs the server.
                "disable_allowed_hosts" if !is_conditional(&self.program.function_at(site.at).body, site.span) => {
                    return Protection::Disabled(place);
                }
                "with_allowed_hosts" | "with_allowed_origins" | "enforce_origin_validation" => {
                    return Protection::Present(place);
                }
                _ => {}
            }
        }
        let place = self.place(route.at, route.span);
        match older(self.program.version(&place.path, "rmcp"), [1, 4, 0]) {
            Some(false) => Protection::Present(place),
            Some(true) => Protection::Absent,
            None => Protection::Unknown("which version of `rmcp` is used is not known".to_owned()),
        }
    }

    pub(super) fn rate_limit(&self) -> Protection {
        let mut found = Vec::new();
        for site in &self.sites {
            found.extend(self.layered(*site, &["GovernorLayer", "RateLimitLayer", "RateLimit", "Throttle"]));
            if word(site.call) == "rate_limit" && path(self.program, site.at, &site.call.function).starts_with("tower.")
            {
                found.push(self.in_force(site.at, site.span));
            }
        }
        for (site, function) in self.middleware() {
            if self.answers(function, &["TOO_MANY_REQUESTS", "429"]) {
                found.push(self.in_force(site.at, site.span));
            }
        }
        let made =
            |site: &&Site<'a>| path(self.program, site.at, &site.call.function).starts_with("governor.RateLimiter.");
        if found.is_empty() && self.sites.iter().any(|site| made(&site)) {
            return Protection::Unknown("a `governor` limiter is made; where it is asked is not known".to_owned());
        }
        strongest(found)
    }
}

const CREDENTIALS: &[&str] = &["authorization", "api_key", "api-key", "token", "bearer"];

/// A middleware that lets everybody pass while nothing is configured.
fn skips(program: &Program<'_>, at: At) -> bool {
    program.function_at(at).body.iter().any(|statement| {
        let Statement::If { condition, then, .. } = statement else { return false };
        let text = program.source(at.file, condition.span);
        let unset =
            ["is_none()", "is_empty()", "disabled", "!state.auth", "no_auth"].iter().any(|word| text.contains(word));
        // `let Some(key) = key else { return next.run(request).await }`
        let otherwise = matches!(condition.kind, Kind::Unknown);
        (unset || otherwise) && passes(then)
    })
}

fn passes(body: &[Statement]) -> bool {
    let mut found = false;
    for statement in body {
        statement.parts(&mut |part: &Expression| {
            part.walk(&mut |inner| {
                let run = |call: &Call| {
                    matches!(&call.function.kind, Kind::Member(object, name)
                        if name.value == "run" && object.name() == Some("next"))
                };
                found |= inner.call().is_some_and(run);
            });
        });
    }
    found
}
