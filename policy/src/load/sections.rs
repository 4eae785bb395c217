//! One function per section: its keys, its ranges.

use std::{path::Path, time::Duration};

use super::{checks, unenforced};
use crate::{
    ByteSize, Policy,
    model::{
        Audit, AuditSink, Auth, Capabilities, Doctor, Limits, Log, LogLevel, Paths, Rates, Redact, Server, Sessions,
        Tool, Transport,
    },
    read::{Field, Reader, Section},
    suggest,
    values::{self, boolean, count, duration, size},
};

const MILLISECOND: Duration = Duration::from_millis(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);

/// Reads every section but `access` into `policy`. `base` is the folder that relative paths start from.
pub(super) fn read(reader: &mut Reader<'_>, root: &mut Section<'_>, base: &Path, policy: &mut Policy) {
    let mut section = |reader: &mut Reader<'_>, name| {
        let field = root.get(name);
        Section::of(reader, name, field)
    };
    let here = section(reader, "server");
    server(reader, here, &mut policy.server);
    let here = section(reader, "capabilities");
    capabilities(reader, here, &mut policy.capabilities);
    let here = section(reader, "auth");
    auth(reader, here, base, &mut policy.auth);
    let here = section(reader, "limits");
    limits(reader, here, &mut policy.limits);
    let here = section(reader, "rate");
    rates(reader, here, &mut policy.rate);
    let here = section(reader, "paths");
    paths(reader, &here, base, &mut policy.paths);
    let here = section(reader, "redact");
    redact(reader, here, &mut policy.redact);
    let here = section(reader, "log");
    log(reader, here, &mut policy.log);
    let here = section(reader, "audit");
    audit(reader, here, base, &mut policy.audit);
    let here = section(reader, "doctor");
    doctor(reader, here, &mut policy.doctor);
    let here = section(reader, "tools");
    tools(reader, &here, policy);
}

fn server(reader: &mut Reader<'_>, mut section: Section<'_>, server: &mut Server) {
    section.set(reader, "name", &mut server.name, |reader, field| checked(reader, field, checks::name));
    section.set(reader, "transports", &mut server.transports, transports);
    section.set(reader, "listen", &mut server.listen, |reader, field| {
        let text = values::text(reader, field)?;
        checks::listen(&text).map_err(|why| field.impossible(reader, why)).ok()
    });
    section.set(reader, "sessions", &mut server.sessions, |reader, field| {
        choice(reader, field, &[("stateless", Sessions::Stateless), ("bounded", Sessions::Bounded)])
    });
    section.set(reader, "max_sessions", &mut server.max_sessions, count(1..=1_000_000));
    section.set(reader, "allowed_origins", &mut server.allowed_origins, |reader, field| {
        values::checked_texts(reader, field, checks::origin)
    });
    section.set(reader, "allowed_hosts", &mut server.allowed_hosts, |reader, field| {
        values::checked_texts(reader, field, checks::host)
    });
    section.set(reader, "trusted_proxies", &mut server.trusted_proxies, |reader, field| {
        values::checked_texts(reader, field, checks::network)
    });
    section.finish(reader);
}

fn transports(reader: &mut Reader<'_>, field: &Field<'_>) -> Option<Vec<Transport>> {
    let mut transports = Vec::new();
    let mut whole = true;
    for item in values::items(reader, field, "a list of transports")? {
        if let Some(name @ ("unix" | "websocket")) = item.value.as_str() {
            unenforced::value(reader, &item, &format!("the transport `{name}`"), "use \"stdio\" or \"http\"");
            whole = false;
            continue;
        }
        match choice(reader, &item, &[("stdio", Transport::Stdio), ("http", Transport::Http)]) {
            Some(transport) if transports.contains(&transport) => {
                item.impossible(reader, "this transport is in the list already");
                whole = false;
            }
            Some(transport) => transports.push(transport),
            None => whole = false,
        }
    }
    if whole && transports.is_empty() {
        field.impossible(reader, "a server without a transport serves nobody; use [\"stdio\"] or [\"http\"]");
    }
    (whole && !transports.is_empty()).then_some(transports)
}

fn capabilities(reader: &mut Reader<'_>, mut section: Section<'_>, capabilities: &mut Capabilities) {
    section.set(reader, "tools", &mut capabilities.tools, boolean);
    section.set(reader, "resources", &mut capabilities.resources, boolean);
    section.set(reader, "prompts", &mut capabilities.prompts, boolean);
    section.set(reader, "completions", &mut capabilities.completions, boolean);
    section.set(reader, "logging", &mut capabilities.logging, boolean);
    section.finish(reader);
}

fn auth(reader: &mut Reader<'_>, mut section: Section<'_>, base: &Path, auth: &mut Auth) {
    section.set(reader, "api_keys", &mut auth.api_keys, |reader, field| {
        checked(reader, field, checks::path).map(|path| Some(base.join(path)))
    });
    section.set(reader, "insecure_allow_anyone", &mut auth.insecure_allow_anyone, boolean);
    let instead = "use `api_keys`, or put the server behind a gateway that checks tokens";
    unenforced::key(reader, &mut section, "auth", "jwt", instead);
    section.finish(reader);
}

fn limits(reader: &mut Reader<'_>, mut section: Section<'_>, limits: &mut Limits) {
    section.set(reader, "body", &mut limits.body, size(ByteSize(1)..=ByteSize::mib(64)));
    section.set(reader, "response", &mut limits.response, size(ByteSize(1)..=ByteSize::mib(256)));
    section.set(reader, "concurrency", &mut limits.concurrency, count(1..=10_000));
    section.set(reader, "queue", &mut limits.queue, count(0..=100_000));
    section.set(reader, "queue_wait", &mut limits.queue_wait, duration(MILLISECOND..=HOUR));
    section.set(reader, "timeout", &mut limits.timeout, duration(MILLISECOND..=DAY));
    section.set(reader, "header_timeout", &mut limits.header_timeout, duration(MILLISECOND..=10 * MINUTE));
    section.set(reader, "body_timeout", &mut limits.body_timeout, duration(MILLISECOND..=HOUR));
    section.set(reader, "drain", &mut limits.drain, duration(Duration::ZERO..=HOUR));
    section.set(reader, "connections", &mut limits.connections, count(1..=1_000_000));
    // The JSON parser itself ends at 128.
    section.set(reader, "depth", &mut limits.depth, count(1..=127));
    section.set(reader, "values", &mut limits.values, count(1..=10_000_000));
    section.finish(reader);
}

fn rates(reader: &mut Reader<'_>, mut section: Section<'_>, rates: &mut Rates) {
    section.set(reader, "default", &mut rates.default, values::rate);
    section.set(reader, "unauthenticated", &mut rates.unauthenticated, values::rate);
    section.set(reader, "max_clients", &mut rates.max_clients, count(1..=10_000_000));
    section.set(reader, "store", &mut (), |reader, field| {
        if field.value.as_str() != Some("memory") {
            let instead = "write `store = \"memory\"`: each process then counts for itself";
            unenforced::value(reader, field, "a store outside of this process", instead);
        }
        Some(())
    });
    section.finish(reader);
}

fn paths(reader: &mut Reader<'_>, section: &Section<'_>, base: &Path, paths: &mut Paths) {
    for (name, field) in section.entries() {
        if let Some(path) = checked(reader, &field, checks::path) {
            let origin = reader.origin(&field.span);
            reader.origins.set(field.path, origin);
            paths.roots.insert(name.to_owned(), base.join(path));
        }
    }
}

fn redact(reader: &mut Reader<'_>, mut section: Section<'_>, redact: &mut Redact) {
    section.set(reader, "secrets", &mut redact.secrets, boolean);
    section.set(reader, "fields", &mut redact.fields, |reader, field| {
        values::checked_texts(reader, field, |text| match text.trim().is_empty() {
            true => Err("expected the name of a field".to_owned()),
            false => Ok(()),
        })
    });
    section.finish(reader);
}

fn log(reader: &mut Reader<'_>, mut section: Section<'_>, log: &mut Log) {
    section.set(reader, "level", &mut log.level, |reader, field| {
        use LogLevel::{Debug, Error, Info, Warn};
        choice(reader, field, &[("error", Error), ("warn", Warn), ("info", Info), ("debug", Debug)])
    });
    section.finish(reader);
}

fn audit(reader: &mut Reader<'_>, mut section: Section<'_>, base: &Path, audit: &mut Audit) {
    section.set(reader, "sink", &mut audit.sink, |reader, field| {
        let text = values::text(reader, field)?;
        match (text.as_str(), text.strip_prefix("file:")) {
            ("stderr", _) => Some(AuditSink::Stderr),
            (_, Some(path)) if checks::path(path).is_ok() => Some(AuditSink::File(base.join(path))),
            _ => {
                field.impossible(reader, "expected \"stderr\" or \"file:PATH\"");
                None
            }
        }
    });
    section.finish(reader);
}

fn doctor(reader: &mut Reader<'_>, mut section: Section<'_>, doctor: &mut Doctor) {
    section.set(reader, "fail_on", &mut doctor.fail_on, |reader, field| {
        let names = ["low", "medium", "high", "critical", "never"];
        choice(reader, field, &names.map(|name| (name, name))).map(str::to_owned)
    });
    section.set(reader, "exclude", &mut doctor.exclude, |reader, field| {
        values::checked_texts(reader, field, checks::glob)
    });
    section.set(reader, "ignore", &mut doctor.ignore, values::texts);
    section.set(reader, "behind_gateway", &mut doctor.behind_gateway, boolean);
    section.set(reader, "baseline", &mut doctor.baseline, |reader, field| values::text(reader, field).map(Some));
    if let Some(field) = section.get("severity") {
        let path = field.path.clone();
        let severities = Section::of(reader, &path, Some(field));
        for (rule, field) in severities.entries() {
            let names = ["info", "low", "medium", "high", "critical"];
            let severity = choice(reader, &field, &names.map(|name| (name, name)));
            let Some(severity) = severity else { continue };
            let origin = reader.origin(&field.span);
            reader.origins.set(field.path, origin);
            doctor.severity.insert(rule.to_owned(), severity.to_owned());
        }
    }
    section.finish(reader);
}

fn tools(reader: &mut Reader<'_>, section: &Section<'_>, policy: &mut Policy) {
    for (name, field) in section.entries() {
        let mut tool = Tool::default();
        let path = field.path.clone();
        let mut section = Section::of(reader, &path, Some(field));
        section.set(reader, "rate", &mut tool.rate, |reader, field| values::rate(reader, field).map(Some));
        section.set(reader, "timeout", &mut tool.timeout, |reader, field| {
            duration(MILLISECOND..=DAY)(reader, field).map(Some)
        });
        section.finish(reader);
        policy.tools.insert(name.to_owned(), tool);
    }
}

fn checked(reader: &mut Reader<'_>, field: &Field<'_>, check: fn(&str) -> Result<(), String>) -> Option<String> {
    let text = values::text(reader, field)?;
    check(&text).map_err(|why| field.impossible(reader, why)).is_ok().then_some(text)
}

/// One of a few words.
fn choice<T: Copy>(reader: &mut Reader<'_>, field: &Field<'_>, choices: &[(&str, T)]) -> Option<T> {
    let text = values::text(reader, field)?;
    if let Some((_, value)) = choices.iter().find(|(name, _)| *name == text) {
        return Some(*value);
    }
    let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
    let listed = names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
    let why = match suggest::nearest(&text, names) {
        Some(name) => format!("did you mean \"{name}\"? Expected one of {listed}"),
        None => format!("expected one of {listed}"),
    };
    field.impossible(reader, why);
    None
}
