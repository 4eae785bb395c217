//! Services that a program reaches without encryption.

use super::{
    Facts,
    bindings::{self, Written, last_name, words},
};
use crate::{
    finding::{Confidence, Place},
    project::{
        address::{Host, authority, cleartext},
        program::{Program, Site},
        syntax::{Expression, Kind, Part},
    },
};

/// An unencrypted address of another machine.
#[derive(Clone, Debug)]
pub struct CleartextEndpoint {
    /// The address.
    pub place: Place,
    /// Its host.
    pub host: String,
    /// How sure it is that something is sent there.
    pub confidence: Confidence,
}

/// Calls that send a request to their first argument, by the end of their name.
const REQUESTS: &[&str] = &[
    "fetch",
    "axios",
    "get",
    "post",
    "put",
    "patch",
    "delete",
    "request",
    "urlopen",
    "Get",
    "Post",
    "NewRequest",
    "NewRequestWithContext",
    "StreamableHTTPClientTransport",
    "SSEClientTransport",
    "WebSocketClientTransport",
    "streamablehttp_client",
    "streamable_http_client",
    "sse_client",
    "from_uri",
    "NewStreamableHttpClient",
    "NewSSEMCPClient",
];

/// Last words of names that hold the address of a service.
const NAMES: &[&str] = &["url", "uri", "endpoint", "issuer", "base", "api", "server", "host", "origin"];

/// Words of names that hold an address as an identifier.
const IDENTIFIERS: &[&str] = &[
    "schema",
    "namespace",
    "ns",
    "xmlns",
    "xml",
    "license",
    "home",
    "homepage",
    "doc",
    "docs",
    "documentation",
    "spec",
    "vocab",
    "help",
    "reference",
    "example",
    "website",
    "site",
    "profile",
    "icon",
    "logo",
    "repository",
    "bugs",
    "info",
];

/// Hosts whose addresses name things and are not fetched.
const VOCABULARIES: &[&str] = &[
    "json-schema.org",
    "www.w3.org",
    "w3.org",
    "schema.org",
    "purl.org",
    "xmlns.com",
    "ogp.me",
    "www.opengis.net",
    "schemas.microsoft.com",
    "schemas.xmlsoap.org",
    "schemas.openxmlformats.org",
    "www.sitemaps.org",
    "java.sun.com",
    "www.apache.org",
    "maven.apache.org",
    "schemas.android.com",
    "dublincore.org",
    "www.springframework.org",
    "sodipodi.sourceforge.net",
    "www.inkscape.org",
    "creativecommons.org",
    "rdfs.org",
    "www.iana.org",
    "hl7.org",
    "docbook.org",
    "opensource.org",
];

pub(super) fn add(program: &Program<'_>, facts: &mut Facts) {
    let mut found: Vec<CleartextEndpoint> = Vec::new();
    for site in program.calls() {
        found.extend(requested(program, site));
    }
    for (file, unit) in program.units().iter().enumerate() {
        if !unit.text.contains("http://") && !unit.text.contains("ws://") {
            continue;
        }
        for Written { at, name, value } in bindings::of_file(program, file) {
            if program.function_at(at).is_test || !holds_address(name) {
                continue;
            }
            // `os.getenv("URL", "http://..")`, `process.env.URL || "http://.."`
            let mut literals = Vec::new();
            alternatives(value, &mut literals);
            let judged = literals.into_iter().find_map(|literal| judge(program, file, literal, Confidence::Medium));
            found.extend(judged);
        }
    }
    found.sort_by(|a, b| {
        (&a.place.path, a.place.start, b.confidence).cmp(&(&b.place.path, b.place.start, a.confidence))
    });
    found.dedup_by(|next, kept| next.place.path == kept.place.path && next.place.start < kept.place.end);
    facts.cleartext_endpoints.extend(found);
}

fn requested<'a>(program: &Program<'a>, site: Site<'a>) -> Option<CleartextEndpoint> {
    if program.function_at(site.at).is_test {
        return None;
    }
    let name = last_name(&site.call.function)?;
    if !REQUESTS.contains(&name) {
        return None;
    }
    let argument = site.call.arguments.iter().map(|argument| &argument.value).find(|value| !is_number(value))?;
    // `new URL("..")` around it.
    let inner =
        argument.call().filter(|call| last_name(&call.function) == Some("URL")).and_then(|call| call.positional(0));
    let (at, literal) = program.value(site.at, inner.unwrap_or(argument));
    judge(program, at.file, literal, Confidence::High)
}

fn is_number(value: &Expression) -> bool {
    matches!(value.kind, Kind::Number(_) | Kind::Null)
}

fn alternatives<'a>(value: &'a Expression, literals: &mut Vec<&'a Expression>) {
    match &value.kind {
        Kind::Text(_) | Kind::Template(_) => literals.push(value),
        Kind::Binary(operator, left, right) if matches!(operator.as_str(), "||" | "??" | "or" | "+") => {
            alternatives(left, literals);
            alternatives(right, literals);
        }
        Kind::Call(call)
            if matches!(
                last_name(&call.function),
                Some("getenv" | "get" | "URL" | "unwrap_or" | "to_string" | "from" | "into" | "unwrap_or_else")
            ) =>
        {
            call.arguments.iter().for_each(|argument| alternatives(&argument.value, literals));
            if let Kind::Member(object, _) = &call.function.kind {
                alternatives(object, literals);
            }
        }
        _ => {}
    }
}

fn holds_address(name: &str) -> bool {
    let words = words(name);
    let last = words.last().map_or("", String::as_str);
    NAMES.contains(&last.trim_end_matches(|letter: char| letter.is_ascii_digit()))
        && !words.iter().any(|word| IDENTIFIERS.contains(&word.as_str()))
}

fn judge(
    program: &Program<'_>,
    file: usize,
    literal: &Expression,
    confidence: Confidence,
) -> Option<CleartextEndpoint> {
    let text = match &literal.kind {
        Kind::Text(text) => text,
        // The host stands before the first hole.
        Kind::Template(parts) => match parts.first()? {
            Part::Text(text) if text.splitn(4, '/').count() > 3 => text,
            _ => return None,
        },
        _ => return None,
    };
    let public = cleartext(text)? == Host::Public;
    let (_, rest) = text.split_once("://")?;
    let host = authority(rest).to_ascii_lowercase();
    let vocabulary = VOCABULARIES.contains(&host.as_str());
    // A pattern or a sentence that begins like an address is none.
    let plain = !text.contains(char::is_whitespace)
        && host.contains('.')
        && host.is_ascii()
        && !host.contains(['(', '\\', '|']);
    (public && !vocabulary && plain).then(|| CleartextEndpoint {
        place: program.place(file, literal.span),
        host,
        confidence,
    })
}
