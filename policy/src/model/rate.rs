//! `[rate]`: how often a client may call.

use std::{collections::BTreeMap, fmt, time::Duration};

use super::{Part, access};
use crate::{
    Call, Rate, pattern,
    read::{Field, Reader, Section},
    show::Settings,
    suggest,
    values::{self, MILLISECOND, Word, count, duration, word},
};

/// Methods that have a rate of their own: those of MCP, and one name each for all custom requests and notifications,
/// since their names are free to invent.
pub const RATED_METHODS: [&str; 27] = [
    "ping",
    "initialize",
    "server/discover",
    "completion/complete",
    "logging/setLevel",
    "prompts/get",
    "prompts/list",
    "resources/list",
    "resources/templates/list",
    "resources/read",
    "subscriptions/listen",
    "resources/subscribe",
    "resources/unsubscribe",
    "tools/call",
    "tools/list",
    "custom",
    "tasks/get",
    "tasks/update",
    "tasks/cancel",
    "skills/list",
    "skills/get",
    "resources/directory/read",
    "notifications/cancelled",
    "notifications/progress",
    "notifications/initialized",
    "notifications/roots/list_changed",
    "notifications/custom",
];
/// Every call is held against every rule.
const MOST_RULES: usize = 64;
/// A prefix is written before each name in the store.
const LONGEST_PREFIX: usize = 64;

/// How calls are counted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename_all = "snake_case"))]
pub enum Window {
    /// A bucket that refills evenly: a full burst at once, then one call per period divided by count. In the worst period
    /// twice the count passes.
    Bucket,
    /// No period of that length, wherever it begins, has more calls than the count.
    Sliding,
    /// Periods follow each other from midnight UTC on 1 January 1970 (so that a day is a day in UTC), and each begins with
    /// the whole count.
    Fixed,
}

impl Word for Window {
    const WORDS: &'static [(&'static str, Self)] =
        &[("bucket", Self::Bucket), ("sliding", Self::Sliding), ("fixed", Self::Fixed)];
}

/// Who shares what a rule allows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename_all = "snake_case"))]
pub enum Per {
    /// Nobody: each caller has its own.
    Client,
    /// The callers of one tenant: see [`Identity::tenant`](crate::Identity::tenant).
    Tenant,
    /// All callers.
    Server,
}

impl Word for Per {
    const WORDS: &'static [(&'static str, Self)] =
        &[("client", Self::Client), ("tenant", Self::Tenant), ("server", Self::Server)];
}

/// One `[[rate.rules]]` entry: a limit for some calls, beside those of their method and tool.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct RateRule {
    /// `method` or `method:target`, as in `may` of an access rule.
    #[cfg_attr(feature = "schema", schemars(rename = "match"))]
    pub matching: String,
    /// How many such calls.
    pub limit: Rate,
    /// Who shares them. Default client.
    #[cfg_attr(feature = "schema", schemars(default = "client"))]
    pub per: Per,
    /// How they are counted. Default as `rate.window`.
    #[cfg_attr(feature = "schema", schemars(default, with = "Window"))]
    pub window: Option<Window>,
}

#[cfg(feature = "schema")]
fn client() -> Per {
    Per::Client
}

impl RateRule {
    /// Whether the rule counts this call. In doubt it does: a target that climbs with `..`, or is written with percent
    /// signs or capitals that the pattern does not have, counts as one that the pattern describes.
    pub fn matches(&self, call: Call<'_>) -> bool {
        let (method, target) = self
            .matching
            .split_once(':')
            .map_or((self.matching.as_str(), None), |(method, target)| (method, Some(target)));
        pattern::matches(method, call.method)
            && match (target, call.target) {
                (None | Some("*" | "**"), _) => true,
                (Some(pattern), Some(target)) => pattern::may_match_target(pattern, target),
                (Some(_), None) => false,
            }
    }
}

/// Where rates are counted.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum Store {
    /// In this process.
    #[default]
    Memory,
    /// In a Redis or Valkey that all replicas share.
    Redis(StoreUrl),
}

/// Address of a store. It may hold a password, so it shows itself without one.
#[derive(Clone, Eq, PartialEq)]
pub struct StoreUrl(String);

impl StoreUrl {
    /// The whole address, to connect with. Never for a log.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether the connection is encrypted.
    pub fn is_encrypted(&self) -> bool {
        self.0.starts_with("rediss://")
    }
}

impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, rest) = self.0.split_once("://").unwrap_or(("redis", ""));
        match rest.rsplit_once('@') {
            Some((_, place)) => write!(f, "{scheme}://***@{place}"),
            None => write!(f, "{scheme}://{rest}"),
        }
    }
}

impl fmt::Debug for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// `[rate]`: how often.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(default, deny_unknown_fields))]
pub struct Rates {
    /// Per client and method. Default 100/min.
    pub default: Rate,
    /// Per client, for single methods, instead of `default`.
    pub methods: BTreeMap<String, Rate>,
    /// How calls are counted, but for `unauthenticated`. Default bucket.
    pub window: Window,
    /// Further limits for some calls.
    pub rules: Vec<RateRule>,
    /// Per address, before it is known who calls. Default 20/min of refused (unauthenticated) requests.
    pub unauthenticated: Rate,
    /// Most clients remembered; the least recently seen is forgotten. Default 10000.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 10000000)))]
    pub max_clients: usize,
    /// `memory`, or the address of a Redis or Valkey, such as `rediss://user:${PASSWORD}@cache.example.org:6380/0`.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::StoreText"))]
    pub store: Store,
    /// Longest wait for an answer of the store. Default 20 ms.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::DurationText"))]
    pub store_wait: Duration,
    /// Begins every name that is written into the store. Servers with the same prefix share their counts. Default
    /// `mcpsec`.
    pub store_prefix: String,
    /// Most copies of this server that share the store. While it is away, each allows one such share of every limit,
    /// and never more than half. Required with a store.
    #[cfg_attr(feature = "schema", schemars(with = "usize", range(min = 1, max = 10000)))]
    pub replicas: Option<usize>,
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            default: Rate::per_minute(100),
            methods: BTreeMap::new(),
            window: Window::Bucket,
            rules: Vec::new(),
            unauthenticated: Rate::per_minute(20),
            max_clients: 10_000,
            store: Store::Memory,
            store_wait: Duration::from_millis(20),
            store_prefix: "mcpsec".to_owned(),
            replicas: None,
        }
    }
}

impl Part for Rates {
    fn name(&self) -> &'static str {
        "rate"
    }

    fn read(&mut self, reader: &mut Reader<'_>, mut section: Section<'_>) {
        section.set(reader, "default", &mut self.default, values::rate);
        section.set(reader, "methods", &mut self.methods, methods);
        section.set(reader, "window", &mut self.window, word);
        section.set(reader, "rules", &mut self.rules, rules);
        section.set(reader, "unauthenticated", &mut self.unauthenticated, values::rate);
        section.set(reader, "max_clients", &mut self.max_clients, count(1..=10_000_000));
        let place = section.key_span("store");
        section.set(reader, "store", &mut self.store, store);
        section.set(reader, "store_wait", &mut self.store_wait, duration(MILLISECOND..=Duration::from_secs(1)));
        section.set(reader, "store_prefix", &mut self.store_prefix, |reader, field| {
            values::checked(reader, field, prefix)
        });
        section.set(reader, "replicas", &mut self.replicas, |reader, field| count(1..=10_000)(reader, field).map(Some));
        if let (Some(place), Store::Redis(_), None) = (place, &self.store, self.replicas) {
            let problem = reader.problem(place, "a store outside of this process needs `rate.replicas`");
            problem.help.push(
                "write `replicas = N`, the most copies of this server that share the store: while it is away, each \
                 allows one such share of every limit"
                    .to_owned(),
            );
        }
        section.finish(reader);
    }

    fn show(&self, settings: &mut Settings) {
        settings.add("default", self.default);
        for (method, rate) in &self.methods {
            settings.add(format!("methods.{method}"), *rate);
        }
        settings.add("window", self.window.as_word());
        for (index, rule) in self.rules.iter().enumerate() {
            settings.add(format!("rules.{index}.match"), rule.matching.as_str());
            settings.add(format!("rules.{index}.limit"), rule.limit);
            settings.add(format!("rules.{index}.per"), rule.per.as_word());
            settings.add(format!("rules.{index}.window"), rule.window.unwrap_or(self.window).as_word());
        }
        settings.add("unauthenticated", self.unauthenticated);
        settings.add("max_clients", self.max_clients);
        match &self.store {
            Store::Memory => settings.add("store", "memory"),
            Store::Redis(url) => settings.add("store", url.to_string().as_str()),
        }
        settings.add("store_wait", self.store_wait);
        settings.add("store_prefix", self.store_prefix.as_str());
        settings.add("replicas", self.replicas);
    }
}

fn methods(reader: &mut Reader<'_>, field: &Field<'_>) -> Option<BTreeMap<String, Rate>> {
    let table = Field { path: field.path.clone(), value: field.value, span: field.span.clone() };
    let entries: Vec<_> = Section::of(reader, &field.path, Some(table)).entries().collect();
    let mut methods = BTreeMap::new();
    for (name, field) in entries {
        if !RATED_METHODS.contains(&name) {
            let why = match suggest::nearest(name, RATED_METHODS) {
                Some(known) => format!("this is no method; did you mean `{known}`?"),
                None => "this is no method of MCP; the methods of your own share the rate of `custom`".to_owned(),
            };
            field.impossible(reader, why);
        } else if let Some(rate) = values::rate(reader, &field) {
            methods.insert(name.to_owned(), rate);
        }
    }
    Some(methods)
}

fn rules(reader: &mut Reader<'_>, field: &Field<'_>) -> Option<Vec<RateRule>> {
    let entries = values::items(reader, field, "a list of [[rate.rules]]")?;
    if MOST_RULES < entries.len() {
        field.impossible(reader, format!("at most {MOST_RULES} rules: every call is held against each"));
        return None;
    }
    for (index, entry) in entries.iter().enumerate() {
        let origin = reader.origin(&entry.span);
        reader.origins.set(format!("rate.rules.{index}"), origin);
    }
    Some(entries.into_iter().filter_map(|entry| rule(reader, entry)).collect())
}

fn rule(reader: &mut Reader<'_>, entry: Field<'_>) -> Option<RateRule> {
    let span = entry.span.clone();
    let mut section = Section::of(reader, "rate.rules", Some(entry));
    let (matching, limit) = (section.get("match"), section.get("limit"));
    let (per, window) = (section.get("per"), section.get("window"));
    section.finish(reader);
    for (key, field) in [("match", &matching), ("limit", &limit)] {
        if field.is_none() {
            reader.problem(span.clone(), format!("a rate rule has no `{key}`"));
        }
    }
    let matching = values::checked(reader, &matching?, access::call);
    let limit = values::rate(reader, &limit?);
    let per = per.map_or(Some(Per::Client), |field| word(reader, &field));
    let window = window.map_or(Some(None), |field| word(reader, &field).map(Some));
    Some(RateRule { matching: matching?, limit: limit?, per: per?, window: window? })
}

/// What is wrong with an address is said without the address: it may hold a password.
fn store(reader: &mut Reader<'_>, field: &Field<'_>) -> Option<Store> {
    let written = field.value.as_str().unwrap_or_default();
    let text = values::text(reader, field)?;
    if text == "memory" {
        return Some(Store::Memory);
    }
    let Some(rest) = text.strip_prefix("redis://").or_else(|| text.strip_prefix("rediss://")) else {
        field.impossible(reader, "expected \"memory\", \"redis://HOST:PORT\" or \"rediss://HOST:PORT\"");
        return None;
    };
    let (credentials, place) = rest.rsplit_once('@').map_or((None, rest), |(before, place)| (Some(before), place));
    let password = credentials.map(|credentials| credentials.split_once(':').map_or("", |(_, password)| password));
    if password.is_some_and(|password| !password.is_empty() && written.contains(password)) {
        field.impossible(reader, "a password does not belong into this file; write it as `${VARIABLE}`");
        return None;
    }
    if place.is_empty()
        || place.starts_with(['/', ':'])
        || place.contains(|c: char| c.is_whitespace() || c.is_control())
    {
        field.impossible(reader, "the address names no host; expected such as \"redis://127.0.0.1:6379\"");
        return None;
    }
    Some(Store::Redis(StoreUrl(text)))
}

fn prefix(text: &str) -> Result<(), String> {
    let written = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':');
    match (1..=LONGEST_PREFIX).contains(&text.len()) && text.bytes().all(written) {
        true => Ok(()),
        false => Err(format!("a prefix has 1 to {LONGEST_PREFIX} letters, digits, `-`, `_`, `.` or `:`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(matching: &str) -> RateRule {
        RateRule { matching: matching.to_owned(), limit: Rate::per_minute(1), per: Per::Client, window: None }
    }

    #[test]
    fn a_rule_counts_a_target_in_every_spelling() {
        let big = rule("resources/read:file:///big/**");
        let counts = |target: &str| big.matches(Call { method: "resources/read", target: Some(target) });
        for target in [
            "file:///big/a",
            "file:///big/a/b",
            "file:///BIG/a",
            "FILE:///big/a",
            "file:///%62ig/a",
            "file:///%2562ig/a",
            "file:///small/../big/a",
            "file:///small/%2e%2e/big/a",
        ] {
            assert!(counts(target), "{target}");
        }
        assert!(counts(&format!("file:///{}", "a".repeat(10_000))), "what is too long to be looked at");
        for target in ["file:///small/a", "file:///bigger"] {
            assert!(!counts(target), "{target}");
        }
        assert!(!big.matches(Call { method: "resources/subscribe", target: Some("file:///big/a") }));
    }

    #[test]
    fn an_address_never_shows_its_password() {
        for text in ["redis://:hunter2@cache:6379/0", "rediss://me:hunter2@cache", "redis://hunter2@cache"] {
            let url = StoreUrl(text.to_owned());
            assert!(!format!("{url} {url:?}").contains("hunter2"), "{url}");
            assert_eq!(url.expose(), text);
        }
        assert_eq!(StoreUrl("redis://cache:6379".to_owned()).to_string(), "redis://cache:6379");
    }
}
