//! Every setting with its value: what applies, also where the file says nothing.

use std::{fmt, path::Path};

use crate::{
    ByteSize, Loaded, Origin, Policy, Rate,
    model::{AuditSink, LogLevel, Sessions, Transport},
    units::show_duration,
};

/// One setting as the policy file would write it.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// Its path, such as `limits.body` or `access.rules.0.who`.
    pub path: String,
    /// Its value.
    pub value: Value,
    /// Where it came from.
    pub origin: Origin,
}

/// A value of the policy file.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A text; sizes, durations and rates are texts with their unit.
    Text(String),
    /// A whole number.
    Number(u64),
    /// True or false.
    Switch(bool),
    /// Texts.
    List(Vec<String>),
    /// Not set, and without a default.
    Unset,
}

impl fmt::Display for Value {
    /// Writes the value as TOML; an unset one as `(not set)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
        match self {
            Self::Text(text) => f.write_str(&quoted(text)),
            Self::Number(number) => write!(f, "{number}"),
            Self::Switch(switch) => write!(f, "{switch}"),
            Self::List(list) => {
                write!(f, "[{}]", list.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", "))
            }
            Self::Unset => f.write_str("(not set)"),
        }
    }
}

impl Loaded {
    /// Every setting, in the order of the documentation.
    pub fn settings(&self) -> Vec<Setting> {
        let settings = values(&self.policy).into_iter();
        settings.map(|(path, value)| Setting { origin: self.origins.of(&path).clone(), path, value }).collect()
    }
}

/// Paths and values of every setting of `policy`.
pub(crate) fn values(policy: &Policy) -> Vec<(String, Value)> {
    let mut list = Vec::new();
    server(policy, &mut list);
    limits(policy, &mut list);
    let mut add = |path: &str, value: Value| list.push((path.to_owned(), value));
    add("rate.default", rate(policy.rate.default));
    add("rate.unauthenticated", rate(policy.rate.unauthenticated));
    add("rate.max_clients", number(policy.rate.max_clients));
    add("rate.store", text("memory"));
    for (index, rule) in policy.access.rules.iter().enumerate() {
        add(&format!("access.rules.{index}.who"), Value::List(rule.who.clone()));
        add(&format!("access.rules.{index}.may"), Value::List(rule.may.clone()));
    }
    for (name, root) in &policy.paths.roots {
        add(&format!("paths.{name}"), path(root));
    }
    add("redact.secrets", Value::Switch(policy.redact.secrets));
    add("redact.fields", Value::List(policy.redact.fields.clone()));
    add(
        "log.level",
        text(match policy.log.level {
            LogLevel::Error => "error",
            LogLevel::Warn => "warn",
            LogLevel::Info => "info",
            LogLevel::Debug => "debug",
        }),
    );
    add(
        "audit.sink",
        match &policy.audit.sink {
            AuditSink::Stderr => text("stderr"),
            AuditSink::File(file) => Value::Text(format!("file:{}", file.display())),
        },
    );
    for (name, tool) in &policy.tools {
        add(&format!("tools.{name}.rate"), tool.rate.map_or(Value::Unset, rate));
        add(&format!("tools.{name}.timeout"), tool.timeout.map_or(Value::Unset, duration));
    }
    add("doctor.fail_on", text(&policy.doctor.fail_on));
    add("doctor.exclude", Value::List(policy.doctor.exclude.clone()));
    add("doctor.ignore", Value::List(policy.doctor.ignore.clone()));
    add("doctor.behind_gateway", Value::Switch(policy.doctor.behind_gateway));
    add("doctor.baseline", policy.doctor.baseline.clone().map_or(Value::Unset, Value::Text));
    for (rule, severity) in &policy.doctor.severity {
        add(&format!("doctor.severity.{rule}"), text(severity));
    }
    list
}

fn server(policy: &Policy, list: &mut Vec<(String, Value)>) {
    let mut add = |path: &str, value: Value| list.push((path.to_owned(), value));
    let server = &policy.server;
    let transports = server.transports.iter().map(|transport| match transport {
        Transport::Stdio => "stdio".to_owned(),
        Transport::Http => "http".to_owned(),
    });
    add("server.name", text(&server.name));
    add("server.transports", Value::List(transports.collect()));
    add("server.listen", Value::Text(server.listen.to_string()));
    add(
        "server.sessions",
        text(match server.sessions {
            Sessions::Stateless => "stateless",
            Sessions::Bounded => "bounded",
        }),
    );
    add("server.max_sessions", number(server.max_sessions));
    add("server.allowed_origins", Value::List(server.allowed_origins.clone()));
    add("server.allowed_hosts", Value::List(server.allowed_hosts.clone()));
    add("server.trusted_proxies", Value::List(server.trusted_proxies.clone()));
    let capabilities = policy.capabilities;
    add("capabilities.tools", Value::Switch(capabilities.tools));
    add("capabilities.resources", Value::Switch(capabilities.resources));
    add("capabilities.prompts", Value::Switch(capabilities.prompts));
    add("capabilities.completions", Value::Switch(capabilities.completions));
    add("capabilities.logging", Value::Switch(capabilities.logging));
    add("auth.api_keys", policy.auth.api_keys.as_deref().map_or(Value::Unset, path));
    if !policy.auth.environment_keys.is_empty() {
        let ids = policy.auth.environment_keys.iter().map(|record| record.id.clone());
        add("auth.environment_keys", Value::List(ids.collect()));
    }
    add("auth.insecure_allow_anyone", Value::Switch(policy.auth.insecure_allow_anyone));
}

fn limits(policy: &Policy, list: &mut Vec<(String, Value)>) {
    let mut add = |key: &str, value: Value| list.push((format!("limits.{key}"), value));
    let limits = &policy.limits;
    add("body", size(limits.body));
    add("response", size(limits.response));
    add("concurrency", number(limits.concurrency));
    add("queue", number(limits.queue));
    add("queue_wait", duration(limits.queue_wait));
    add("timeout", duration(limits.timeout));
    add("header_timeout", duration(limits.header_timeout));
    add("body_timeout", duration(limits.body_timeout));
    add("drain", duration(limits.drain));
    add("connections", number(limits.connections));
    add("depth", number(limits.depth));
    add("values", number(limits.values));
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn number(number: usize) -> Value {
    Value::Number(number as u64)
}

fn size(size: ByteSize) -> Value {
    Value::Text(size.to_string())
}

fn duration(duration: std::time::Duration) -> Value {
    Value::Text(show_duration(duration))
}

fn rate(rate: Rate) -> Value {
    Value::Text(rate.to_string())
}

fn path(path: &Path) -> Value {
    Value::Text(path.display().to_string())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Value;
    use crate::{Environment, Origin, Policy};

    #[test]
    fn every_key_that_can_be_written_is_shown_with_its_line() {
        let text = include_str!("load/full.toml");
        let loaded = Policy::parse(text, "mcpsec.toml", &Environment::default()).expect("valid");
        let shown: BTreeSet<String> = loaded
            .settings()
            .into_iter()
            .filter(|setting| matches!(setting.origin, Origin::File { .. }))
            .map(|setting| setting.path)
            .collect();
        let mut written = BTreeSet::new();
        let table: toml::Table = text.parse().expect("TOML");
        flatten("", &toml::Value::Table(table), &mut written);
        written.remove("version");
        assert_eq!(shown, written);
    }

    fn flatten(path: &str, value: &toml::Value, list: &mut BTreeSet<String>) {
        let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        match value {
            toml::Value::Table(table) => table.iter().for_each(|(key, value)| flatten(&below(key), value, list)),
            toml::Value::Array(items) if items.iter().any(toml::Value::is_table) => {
                items.iter().enumerate().for_each(|(index, item)| flatten(&below(&index.to_string()), item, list));
            }
            _ => {
                list.insert(path.to_owned());
            }
        }
    }

    #[test]
    fn values_are_shown_as_toml() {
        assert_eq!(Value::Text("a\"b".to_owned()).to_string(), "'a\"b'");
        assert_eq!(Value::List(vec!["a".to_owned(), "b".to_owned()]).to_string(), "[\"a\", \"b\"]");
        assert_eq!(Value::Number(3).to_string(), "3");
    }
}
