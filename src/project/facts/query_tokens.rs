//! Credentials that travel in the query of an address.

use std::sync::LazyLock;

use mcpsec_screen::secrets;
use regex::Regex;

use super::Facts;
use crate::{
    finding::Place,
    project::{
        language::Language,
        program::{At, Program, Site},
        syntax::{Expression, Kind, Part, Pattern},
    },
};

/// A credential in a query.
#[derive(Clone, Debug)]
pub struct QueryToken {
    /// Where it is read or put.
    pub place: Place,
    /// The name of the parameter.
    pub name: String,
    /// It is read from a caller's address; otherwise it is sent to another service.
    pub inbound: bool,
}

static SENT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"[?&]([A-Za-z_-]{3,32})=$").expect("a constant pattern"));

/// Objects that hold the query of a request, as they are written.
static QUERY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:(?:^|[.)\]])searchParams|\.query_params|\b(?:req|request)\.(?:query|args|GET)|\.URL\.Query\(\))$")
        .expect("a constant pattern")
});

pub(super) fn add(program: &Program<'_>, facts: &mut Facts) {
    for file in 0..program.units().len() {
        program.units()[file].expressions(&mut |function, expression| {
            let at = At { file, function };
            if let Some(token) = read(program, at, expression).or_else(|| sent(program, at, expression)) {
                facts.query_tokens.push(token);
            }
        });
        if program.units()[file].language == Language::Rust {
            extracted(program, file, facts);
        }
    }
    for site in program.calls() {
        facts.query_tokens.extend(put(program, site));
    }
}

/// Names of parameters that hold a credential for longer than one exchange.
fn is_credential(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let once = [
        "reset",
        "invite",
        "invitation",
        "confirm",
        "verification",
        "csrf",
        "unsubscribe",
        "id_token",
        "client_secret",
    ];
    (secrets::credential_name(name) || matches!(lower.as_str(), "apikey" | "auth"))
        && !once.iter().any(|word| lower.contains(word))
}

/// `url.searchParams.get("token")`, `req.query.api_key`, `request.query_params["token"]`, `r.URL.Query().Get("token")`
fn read(program: &Program<'_>, at: At, expression: &Expression) -> Option<QueryToken> {
    let (object, name) = match &expression.kind {
        Kind::Call(call) => match &call.function.kind {
            Kind::Member(object, method) if matches!(method.value.as_str(), "get" | "Get") => {
                (&**object, call.positional(0)?.text()?)
            }
            // Hono and gin: `c.req.query("token")`, `c.Query("token")`
            Kind::Member(object, method)
                if method.value == "query" && is_named(object, "req")
                    || method.value == "Query" && object.name() == Some("c") =>
            {
                let name = call.positional(0)?.text()?;
                return is_credential(name).then(|| inbound(program, at, expression, name));
            }
            _ => return None,
        },
        Kind::Index(object, key) => (&**object, key.text()?),
        Kind::Member(object, name) => (&**object, name.value.as_str()),
        _ => return None,
    };
    if !may_be_query(object) || !is_credential(name) {
        return None;
    }
    let written = program.source(at.file, object.span);
    // Pages in a browser read their own address.
    let own = written.contains("window.") || written.contains("location.");
    (QUERY.is_match(written) && !own).then(|| inbound(program, at, expression, name))
}

/// Whether an object ends as one in [`QUERY`] does; asked first, because every member of a program is looked at.
fn may_be_query(object: &Expression) -> bool {
    match &object.kind {
        Kind::Name(name) => name == "searchParams",
        Kind::Member(_, name) => {
            matches!(name.value.as_str(), "searchParams" | "query_params" | "query" | "args" | "GET")
        }
        Kind::Call(call) => call.written() == "Query",
        _ => false,
    }
}

fn is_named(object: &Expression, name: &str) -> bool {
    matches!(&object.kind, Kind::Member(_, field) if field.value == name)
}

fn inbound(program: &Program<'_>, at: At, expression: &Expression, name: &str) -> QueryToken {
    QueryToken { place: program.place(at.file, expression.span), name: name.to_owned(), inbound: true }
}

/// `` `https://api/x?api_key=${key}` ``, `"https://api/x?api_key=" + key`
fn sent(program: &Program<'_>, at: At, expression: &Expression) -> Option<QueryToken> {
    let before = |text: &str| SENT.captures(text).map(|found| found[1].to_owned()).filter(|name| is_credential(name));
    let name = match &expression.kind {
        Kind::Template(parts) => parts.windows(2).find_map(|pair| match pair {
            [Part::Text(text), Part::Value(_)] => before(text),
            _ => None,
        }),
        Kind::Binary(operator, text, value) if operator == "+" && value.text().is_none() => before(text.text()?),
        _ => None,
    }?;
    Some(QueryToken { place: program.place(at.file, expression.span), name, inbound: false })
}

/// `url.searchParams.set("api_key", key)`, `requests.get(url, params={"api_key": key})`
fn put<'a>(program: &Program<'a>, site: Site<'a>) -> Option<QueryToken> {
    let name = match &site.call.function.kind {
        Kind::Member(object, method) if matches!(method.value.as_str(), "set" | "append") => {
            let written = program.source(site.at.file, object.span);
            written.ends_with("searchParams").then(|| site.call.positional(0)?.text().map(str::to_owned)).flatten()
        }
        _ => {
            let requests = program.symbol(site.at, &site.call.function)?;
            let library = ["requests.", "httpx.", "aiohttp."].iter().any(|library| requests.starts_with(library));
            let (_, given) = program.value(site.at, site.call.keyword("params").filter(|_| library)?);
            let keys = given.record()?.entries.iter().filter_map(|entry| match entry {
                crate::project::syntax::Entry::Field(key, _) => Some(key.value.clone()),
                _ => None,
            });
            keys.into_iter().find(|key| is_credential(key))
        }
    }?;
    is_credential(&name).then(|| QueryToken { place: program.place(site.at.file, site.span), name, inbound: false })
}

/// `Query(parameters): Query<Parameters>` with a field for a credential.
fn extracted(program: &Program<'_>, file: usize, facts: &mut Facts) {
    for (function, definition) in program.units()[file].module.functions.iter().enumerate() {
        for parameter in &definition.parameters {
            let Some(annotation) = parameter.annotation.as_ref().filter(|one| one.name.ends_with("Query")) else {
                continue;
            };
            let wrapped = matches!(&parameter.pattern, Pattern::Wrapped(name, _) if name.ends_with("Query"));
            let Some(inner) = annotation.arguments.first().filter(|_| wrapped) else { continue };
            let Some((owner, class)) = program.class_of(At { file, function }, inner) else { continue };
            let fields = &program.units()[owner].module.classes[class].fields;
            if let Some(field) = fields.iter().find(|field| is_credential(&field.name)) {
                let place = program.place(file, parameter.span);
                facts.query_tokens.push(QueryToken { place, name: field.name.clone(), inbound: true });
            }
        }
    }
}
