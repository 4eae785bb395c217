//! What stands between a network and a Python server: authentication, checks of Host and Origin, limits.

use std::collections::BTreeSet;

use super::{last, path};
use crate::{
    finding::Place,
    project::{
        facts::{
            Protection,
            strength::{contains, is_conditional, strongest},
        },
        program::{At, Program, Site},
        syntax::{Call, Expression, Kind, Span, Statement},
    },
};

/// The calls of the files in which the protection of an endpoint may stand.
pub(super) struct Around<'p, 'a> {
    pub(super) program: &'p Program<'a>,
    files: BTreeSet<usize>,
    sites: Vec<Site<'a>>,
}

impl<'p, 'a> Around<'p, 'a> {
    pub(super) fn new(program: &'p Program<'a>, file: usize) -> Self {
        let files = program.closure(file);
        let sites = files.iter().flat_map(|&file| program.calls_in(file));
        let sites = sites.filter(|site| !program.function_at(site.at).is_test).collect();
        Self { program, files, sites }
    }

    pub(super) fn sites(&self) -> &[Site<'a>] {
        &self.sites
    }

    pub(super) fn files(&self) -> &BTreeSet<usize> {
        &self.files
    }

    fn place(&self, at: At, span: Span) -> Place {
        self.program.place(at.file, span)
    }

    /// Present, or optional where a condition decides whether the place is reached.
    fn in_force(&self, at: At, span: Span) -> Protection {
        let place = self.place(at, span);
        let function = self.program.function_at(at);
        if is_conditional(&function.body, span) { Protection::Optional(place) } else { Protection::Present(place) }
    }

    pub(super) fn authentication(&self) -> Protection {
        let named = self.sites.iter().filter_map(|site| self.authenticates(*site));
        let refused = self.by_status(&[401], |_| true).into_iter();
        // What answers 403 may check anything: only with a credential in sight it is this.
        let forbidden = self.by_status(&[403], |at| self.speaks_of_credentials(at)).into_iter();
        strongest(named.chain(refused).chain(forbidden))
    }

    fn authenticates(&self, site: Site<'a>) -> Option<Protection> {
        let (at, call) = (site.at, site.call);
        let function = path(self.program, at, &call.function);
        if super::servers::made_by(self.program, at, &call.function).is_some() {
            return self.configured_authentication(site);
        }
        let name = last(&function);
        if matches!(name, "add_middleware" | "Middleware") {
            let first = call.positional(0)?;
            let class = path(self.program, at, first);
            let speaks = [
                "RequireAuth",
                "AuthenticationMiddleware",
                "BearerAuth",
                "AuthMiddleware",
                "JWTMiddleware",
                "OAuth",
                "ApiKeyMiddleware",
                "APIKeyMiddleware",
            ];
            let external = !class.starts_with("@/");
            return (external && speaks.iter().any(|word| last(&class).contains(word)))
                .then(|| self.in_force(at, site.span));
        }
        let wraps = matches!(
            name,
            "RequireAuthMiddleware" | "BearerAuthBackend" | "BearerAuthMiddleware" | "AuthenticationMiddleware"
        );
        if wraps && !function.starts_with("@/") {
            return Some(self.in_force(at, site.span));
        }
        if matches!(name, "Depends" | "Security") && function.starts_with("fastapi") {
            let dependency = path(self.program, at, call.positional(0)?);
            let known = ["HTTPBearer", "HTTPBasic", "OAuth2PasswordBearer", "APIKeyHeader", "APIKeyQuery"];
            return known.contains(&last(&dependency)).then(|| self.in_force(at, site.span));
        }
        None
    }

    /// `FastMCP(.., auth=..)` and what `run` is given.
    fn configured_authentication(&self, site: Site<'a>) -> Option<Protection> {
        let given = ["auth", "token_verifier", "auth_server_provider", "auth_provider", "auth_config"];
        let value = given.iter().find_map(|keyword| site.call.keyword(keyword));
        let Some(value) = value else {
            let spread = site.call.arguments.iter().any(|argument| matches!(argument.value.kind, Kind::Spread(_)));
            return spread.then(|| Protection::Unknown("the server's settings are unpacked from elsewhere".to_owned()));
        };
        let (_, origin) = self.program.origin(site.at, value);
        let place = self.place(site.at, value.span);
        match &origin.kind {
            Kind::Null => None,
            Kind::Conditional(..) | Kind::Binary(..) => Some(Protection::Optional(place)),
            Kind::Name(_) | Kind::Member(..) | Kind::Index(..) => {
                Some(Protection::Unknown("what authenticates is chosen elsewhere".to_owned()))
            }
            Kind::Call(call) if self.may_be_nothing(site.at, call) => Some(Protection::Optional(place)),
            _ => Some(Protection::Present(place)),
        }
    }

    /// A function of the project that returns `None` on some way.
    fn may_be_nothing(&self, at: At, call: &'a Call) -> bool {
        let Some(function) = self.program.function(at, &call.function) else { return false };
        let mut nothing = false;
        returns(&self.program.function_at(function).body, &mut |value| {
            nothing |= value.is_none_or(|value| matches!(value.kind, Kind::Null));
        });
        nothing
    }

    /// Functions that answer with one of the statuses: as an argument, or in a record; comparisons do not count.
    fn by_status(&self, statuses: &[u16], counts: impl Fn(At) -> bool) -> Vec<Protection> {
        let mut found = Vec::new();
        for site in &self.sites {
            let answers = site.call.arguments.iter().any(|argument| {
                let (_, value) = self.program.origin(site.at, &argument.value);
                let keyword = argument.name.as_deref();
                let fits = keyword.is_none_or(|name| matches!(name, "status_code" | "status" | "code"));
                fits && is_status(value, statuses)
                    || matches!(&argument.value.kind, Kind::Record(record)
                        if record.get("status").is_some_and(|status| is_status(status, statuses)))
            });
            if answers && self.serves(*site) && counts(site.at) {
                found.push(self.enforced(*site));
            }
        }
        found
    }

    fn speaks_of_credentials(&self, at: At) -> bool {
        const WORDS: [&str; 6] = ["authorization", "api_key", "api-key", "apikey", "token", "bearer"];
        let function = self.program.function_at(at);
        let text = self.program.source(at.file, function.span).to_lowercase();
        at.function != 0 && WORDS.iter().any(|word| text.contains(word))
    }

    /// The call makes an answer or an error of a web framework.
    fn serves(&self, site: Site<'a>) -> bool {
        let function = path(self.program, site.at, &site.call.function);
        let name = last(&function);
        name.ends_with("Response")
            || name.ends_with("HTTPException")
            || matches!(name, "send" | "abort" | "_send" | "send_error" | "send_response")
    }

    /// Whether a refusal is skipped while its secret is not configured.
    fn enforced(&self, site: Site<'a>) -> Protection {
        let place = self.place(site.at, site.span);
        let function = self.program.function_at(site.at);
        let skips = function.body.iter().any(|statement| self.skips(site.at, statement, site.span));
        if skips || self.mounted_conditionally(site.at) {
            Protection::Optional(place)
        } else {
            Protection::Present(place)
        }
    }

    /// `if not SECRET: return await call_next(request)`, and `if SECRET: <the check>`.
    fn skips(&self, at: At, statement: &'a Statement, refusal: Span) -> bool {
        let Statement::If { condition, then, otherwise, span } = statement else { return false };
        let leaves = matches!(then.last(), Some(Statement::Return(..)));
        let negated = match &condition.kind {
            Kind::Unary(operator, inner) if operator == "not" => Some(&**inner),
            Kind::Binary(operator, inner, other) if operator == "is" && matches!(other.kind, Kind::Null) => {
                Some(&**inner)
            }
            _ => None,
        };
        let inside = |body: &[Statement]| contains(body, refusal);
        if let Some(inner) = negated {
            if leaves && !inside(then) && self.is_setting(at, inner) {
                return true;
            }
        } else if inside(then) && span.contains(refusal) && self.is_setting(at, condition) {
            return true;
        }
        then.iter().chain(otherwise).any(|inner| self.skips(at, inner, refusal))
    }

    /// A value from the environment or a settings object, which may be empty.
    fn is_setting(&self, at: At, expression: &'a Expression) -> bool {
        let (origin_at, origin) = self.program.origin(at, expression);
        let Some(call) = origin.call() else { return false };
        let function = path(self.program, origin_at, &call.function);
        if !matches!(function.as_str(), "os.getenv" | "os.environ.get" | "environ.get") {
            return false;
        }
        let fallback = call.positional(1).and_then(|fallback| self.program.text(origin_at, fallback));
        fallback.is_none_or(|fallback| fallback.is_empty())
    }

    /// The middleware class or function is mounted under a condition.
    fn mounted_conditionally(&self, at: At) -> bool {
        let function = self.program.function_at(at);
        let module = self.program.unit(at).module;
        let class = function.class.map(|class| module.classes[class].name.as_str());
        let Some(name) = class.or(function.name.as_deref()) else { return false };
        let mounts = self.sites.iter().filter(|site| {
            matches!(&site.call.function.kind, Kind::Member(_, word) if word.value == "add_middleware")
                && site.call.positional(0).is_some_and(|first| last(&path(self.program, site.at, first)) == name)
        });
        let mounts: Vec<_> = mounts.collect();
        !mounts.is_empty()
            && mounts.iter().all(|site| is_conditional(&self.program.function_at(site.at).body, site.span))
    }

    /// Host or Origin is checked by something other than the SDK.
    pub(super) fn host_check(&self) -> Protection {
        let mut found = Vec::new();
        for site in &self.sites {
            let function = path(self.program, site.at, &site.call.function);
            let first = site.call.positional(0).map(|first| path(self.program, site.at, first)).unwrap_or_default();
            let trusted = last(&function) == "TrustedHostMiddleware"
                || (matches!(last(&function), "add_middleware" | "Middleware")
                    && last(&first) == "TrustedHostMiddleware");
            if trusted {
                let hosts = site.call.keyword("allowed_hosts").map(|hosts| self.program.origin(site.at, hosts).1);
                let any = hosts.is_some_and(|hosts| {
                    matches!(&hosts.kind, Kind::List(items) if items.iter().any(|item| item.text() == Some("*")))
                });
                let place = self.place(site.at, site.span);
                found.push(if any { Protection::Disabled(place) } else { self.in_force(site.at, site.span) });
            }
            if reads_origin(site.call) && self.refuses(site.at) {
                found.push(Protection::Present(self.place(site.at, site.span)));
            }
        }
        strongest(found)
    }

    fn refuses(&self, at: At) -> bool {
        self.sites.iter().filter(|site| site.at == at).any(|site| {
            self.serves(*site)
                && site.call.arguments.iter().any(|argument| is_status(&argument.value, &[400, 403, 421]))
        })
    }

    pub(super) fn rate_limit(&self) -> Protection {
        let mut found = self.by_status(&[429], |_| true);
        for site in &self.sites {
            let function = path(self.program, site.at, &site.call.function);
            let first = site.call.positional(0).map(|first| path(self.program, site.at, first)).unwrap_or_default();
            if super::limiters::limits(&function)
                || (last(&function) == "add_middleware" && super::limiters::limits(&first))
            {
                found.push(self.in_force(site.at, site.span));
            } else if function.starts_with("@/") && super::limiters::sounds(&function) {
                found.push(Protection::Unknown(format!("`{}` may limit calls", last(&function))));
            }
        }
        strongest(found)
    }
}

fn reads_origin(call: &Call) -> bool {
    let Kind::Member(object, name) = &call.function.kind else { return false };
    let headers = match &object.kind {
        Kind::Member(_, field) => field.value.contains("headers"),
        Kind::Name(name) => name.contains("headers"),
        _ => false,
    };
    let wanted = call.positional(0).and_then(Expression::text).map(str::to_lowercase);
    headers && name.value == "get" && matches!(wanted.as_deref(), Some("origin" | "host"))
}

fn is_status(value: &Expression, statuses: &[u16]) -> bool {
    match &value.kind {
        Kind::Number(number) => number.parse().is_ok_and(|number: u16| statuses.contains(&number)),
        Kind::Member(_, name) => {
            let name = name.value.as_str();
            statuses.iter().any(|status| name.starts_with(&format!("HTTP_{status}")))
                || (statuses.contains(&401) && name == "UNAUTHORIZED")
                || (statuses.contains(&403) && name == "FORBIDDEN")
                || (statuses.contains(&429) && name == "TOO_MANY_REQUESTS")
        }
        _ => false,
    }
}

/// Every value that a body returns.
pub(super) fn returns<'e>(body: &'e [Statement], visit: &mut dyn FnMut(Option<&'e Expression>)) {
    Statement::each(body, &mut |statement| {
        if let Statement::Return(value, _) = statement {
            visit(value.as_ref());
        }
    });
}
