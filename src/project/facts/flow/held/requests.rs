//! Requests that carry the token of a caller to another server.

use super::{Held, answers::leaves_of, downloads::address, tokens::is_authorization};
use crate::project::{
    Language,
    facts::{
        Sink,
        flow::{
            engine::{Hit, Run},
            environment::Environment,
            sink,
            taint::Taint,
        },
    },
    syntax::{Call, Expression, Kind, Span},
};

/// What the paths of clients of HTTP begin with.
const CLIENTS: &[&str] = &[
    "fetch",
    "globalThis.fetch",
    "node-fetch",
    "cross-fetch",
    "undici.",
    "axios",
    "got",
    "ky",
    "ofetch.",
    "superagent.",
    "needle",
    "http.request",
    "http.get",
    "https.request",
    "https.get",
    "requests.",
    "httpx.",
    "aiohttp.",
    "urllib.request.",
    "urllib3.",
];

/// Addresses at which a token is checked, or exchanged.
const CHECKS: &[&str] = &[
    "introspect",
    "userinfo",
    "user_info",
    "tokeninfo",
    "/token",
    "/oauth",
    "/verify",
    "/auth/",
    "jwks",
    "/whoami",
    "/validate",
    "token_endpoint",
    "token_url",
    "tokenendpoint",
    "tokenurl",
];

/// Words of functions that check who a caller is.
const CHECKERS: &[&str] =
    &["verify", "introspect", "validate", "authenticate", "authorize", "exchange", "userinfo", "whoami"];

impl<'a> Run<'_, '_, 'a> {
    /// Notes a request that shows the token of a caller.
    pub(super) fn shows_token(
        &mut self,
        call: &'a Call,
        span: Span,
        arguments: &[Option<Taint>],
        environment: &Environment,
    ) {
        if arguments.iter().flatten().all(|taint| taint.fields.is_none() && !taint.held.has(Held::TOKEN)) {
            return;
        }
        let Some(token) = self.shown(call, arguments).filter(|_| !self.is_check(call)) else { return };
        let written = self.program().source(self.at.file, call.function.span);
        let name = written.split_whitespace().collect::<String>();
        let hop = self.hop(span, format!("`{name}` sends it"));
        self.add_hits([Hit {
            sink: Sink::Authorization,
            file: self.at.file,
            span,
            call: name,
            taint: token.hop(hop),
            tool: environment.tool.clone(),
            extra: sink::Extra::default(),
        }]);
    }

    /// The token of a caller among the headers that a call sends.
    fn shown(&self, call: &'a Call, arguments: &[Option<Taint>]) -> Option<Taint> {
        let symbol = self.program().symbol(self.at, &call.function).unwrap_or_default();
        let word = match &call.function.kind {
            Kind::Member(_, word) => word.value.as_str(),
            _ => "",
        };
        match self.program().unit(self.at).language {
            Language::TypeScript | Language::Python => {
                let known = CLIENTS.iter().any(|client| match client.strip_suffix('.') {
                    Some(package) => symbol.starts_with(package) && symbol.contains('.'),
                    None => symbol == *client || symbol.strip_prefix(client).is_some_and(|rest| rest.starts_with('.')),
                });
                if !known || symbol.contains("Response") {
                    return None;
                }
                let mut given = call.arguments.iter().zip(arguments);
                given.find_map(|(argument, taint)| self.among(argument.name.as_deref(), taint.as_ref()?))
            }
            // `request.Header.Set("Authorization", token)`
            Language::Go => {
                let Kind::Member(header, _) = &call.function.kind else { return None };
                let Kind::Member(request, field) = &header.kind else { return None };
                let sets = matches!(word, "Set" | "Add") && field.value == "Header";
                let named = call.positional(0).and_then(|name| self.program().text(self.at, name));
                let own = self.program().symbol(self.at, request).is_some_and(|path| path.contains("NewRequest"));
                (sets && own && named.is_some_and(|name| is_authorization(&name)))
                    .then(|| token(arguments.get(1)?.as_ref()?))
                    .flatten()
            }
            Language::Java | Language::CSharp => None,
            // `client.get(url).header(AUTHORIZATION, token)`, `.bearer_auth(token)`
            Language::Rust => {
                if !symbol.starts_with("reqwest.") && !symbol.starts_with("ureq.") {
                    return None;
                }
                let named = || {
                    let name = call.positional(0)?;
                    let written = self.program().source(self.at.file, name.span);
                    let text = self.program().text(self.at, name);
                    Some(written.ends_with("AUTHORIZATION") || text.is_some_and(|text| is_authorization(&text)))
                };
                match word {
                    "bearer_auth" => token(arguments.first()?.as_ref()?),
                    "header" | "set" if named() == Some(true) => token(arguments.get(1)?.as_ref()?),
                    _ => None,
                }
            }
        }
    }

    /// The token in `headers`, or in options with `headers`.
    fn among(&self, keyword: Option<&str>, taint: &Taint) -> Option<Taint> {
        if keyword == Some("headers") {
            return self.header(taint);
        }
        let headers = taint.fields.as_ref()?.get("headers")?;
        self.header(&Taint { hops: [headers.hops.clone(), taint.hops.clone()].concat(), ..headers.clone() })
    }

    fn header(&self, headers: &Taint) -> Option<Taint> {
        match &headers.fields {
            Some(fields) => {
                let (_, value) = fields.iter().find(|(name, _)| is_authorization(name))?;
                token(&Taint { hops: [value.hops.clone(), headers.hops.clone()].concat(), ..value.clone() })
            }
            None => token(headers),
        }
    }

    /// The request asks whether the token holds, exchanges it, or stays on this machine.
    fn is_check(&self, call: &'a Call) -> bool {
        let address = address(self, call).to_lowercase();
        let local = ["//localhost", "//127.0.0.1", "//[::1]"].iter().any(|host| address.contains(host));
        let mut function = Some(self.at.function);
        let mut checks = false;
        while let Some(current) = function.filter(|&current| current != 0) {
            let definition = &self.program().units()[self.at.file].module.functions[current];
            let name = definition.name.as_deref().unwrap_or_default().to_lowercase();
            checks |= CHECKERS.iter().any(|word| name.contains(word));
            function = definition.parent;
        }
        local || checks || CHECKS.iter().any(|check| address.contains(check))
    }
}

/// The token of a caller, if a value is one.
fn token(taint: &Taint) -> Option<Taint> {
    let mut leaves = Vec::new();
    leaves_of(taint, &mut leaves, 3);
    leaves.into_iter().find(|leaf| leaf.held.has(Held::TOKEN))
}

/// The text of an expression, as far as it is written down, and the expression itself.
pub(super) fn written<'a>(run: &Run<'_, '_, 'a>, expression: &'a Expression) -> String {
    let (owner, value) = run.program().value(run.at, expression);
    let text = run.program().text(run.at, expression).unwrap_or_default();
    let own = run.program().source(run.at.file, expression.span);
    format!("{own} {} {text}", run.program().source(owner.file, value.span))
}
