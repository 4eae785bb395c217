//! `[[access.rules]]`: who may do what.

use std::collections::{BTreeMap, BTreeSet};

use super::Part;
use crate::{
    Identity, ProvenBy, checks, keys,
    pattern::{self, LONGEST_PATTERN},
    read::{Field, Reader, Section},
    show::Settings,
    suggest, values,
};

/// `[access]`: who may do what. Without a rule nothing but handshake, discovery and ping is allowed.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(default, deny_unknown_fields))]
pub struct Access {
    /// Who is in a role, by the role's name: the same words as in `who` of a rule, but for other roles. A proof may
    /// name roles, too.
    pub roles: BTreeMap<String, Vec<String>>,
    /// Which scopes a scope includes, by its name: `admin = ["write"]`. Inclusion goes on: what `write` includes, `admin`
    /// does, too.
    pub scopes: BTreeMap<String, Vec<String>>,
    /// One that matches allows; none forbids.
    pub rules: Vec<AccessRule>,
}

impl Access {
    /// Whether an entry of a rule's `who` means this caller.
    pub(crate) fn names(&self, who: &str, caller: &Identity) -> bool {
        match who.split_once(':') {
            None if who == "*" => caller.proven_by != ProvenBy::Nothing,
            Some(("scope", scope)) => self.grants(&caller.scopes, scope),
            Some(("role", role)) => {
                caller.roles.contains(role)
                    || self
                        .roles
                        .get(role)
                        .is_some_and(|who| who.iter().any(|who| !who.starts_with("role:") && self.names(who, caller)))
            }
            Some(("user" | "cert", _)) => pattern::matches_target(who, &caller.subject),
            _ => who == caller.subject,
        }
    }

    /// Whether one of `held` is `wanted`, or includes it.
    fn grants(&self, held: &BTreeSet<String>, wanted: &str) -> bool {
        if held.contains(wanted) {
            return true;
        }
        if self.scopes.is_empty() {
            return false;
        }
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let mut open: Vec<&str> = held.iter().map(String::as_str).collect();
        while let Some(scope) = open.pop() {
            if scope == wanted {
                return true;
            }
            if seen.insert(scope) {
                open.extend(self.scopes.get(scope).into_iter().flatten().map(String::as_str));
            }
        }
        false
    }
}

/// One `[[access.rules]]` entry.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct AccessRule {
    /// `local`, `anonymous`, `key:<id>`, `token:<name>`, `user:<sub>`, `cert:<name>`, `uid:<number>`, `scope:<name>`,
    /// `role:<name>` or `*` (any proven caller). `user` and `cert` may have wildcards, as `may` has.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub who: Vec<String>,
    /// `method` or `method:target`, such as `tools/list` or `tools/call:search_*`. `*` stands for any characters but
    /// `/`, `**` for any characters, and `*` alone for any target.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub may: Vec<String>,
}

/// Methods that rules are written for; a near miss of one of these is a slip.
const METHODS: [&str; 14] = [
    "tools/list",
    "tools/call",
    "resources/list",
    "resources/read",
    "resources/templates/list",
    "resources/subscribe",
    "resources/unsubscribe",
    "prompts/list",
    "prompts/get",
    "completion/complete",
    "logging/setLevel",
    "subscriptions/listen",
    "tasks/get",
    "tasks/cancel",
];

/// Methods whose calls are aimed at something.
const AIMED: [&str; 6] = [
    "tools/call",
    "resources/read",
    "resources/subscribe",
    "resources/unsubscribe",
    "prompts/get",
    "completion/complete",
];

impl Part for Access {
    fn name(&self) -> &'static str {
        "access"
    }

    fn read(&mut self, reader: &mut Reader<'_>, mut section: Section<'_>) {
        words(reader, &mut section, "roles", &mut self.roles, |who| match who.starts_with("role:") {
            true => Err("a role lists callers, not other roles".to_owned()),
            false => caller(who),
        });
        words(reader, &mut section, "scopes", &mut self.scopes, keys::check_scope);
        section.set(reader, "rules", &mut self.rules, |reader, field| {
            let entries = values::items(reader, field, "a list of [[access.rules]]")?;
            for (index, entry) in entries.iter().enumerate() {
                let origin = reader.origin(&entry.span);
                reader.origins.set(format!("access.rules.{index}"), origin);
            }
            Some(entries.into_iter().filter_map(|entry| rule(reader, entry)).collect())
        });
        section.finish(reader);
    }

    fn show(&self, settings: &mut Settings) {
        for (name, who) in &self.roles {
            settings.add(format!("roles.{name}"), who);
        }
        for (name, scopes) in &self.scopes {
            settings.add(format!("scopes.{name}"), scopes);
        }
        for (index, rule) in self.rules.iter().enumerate() {
            settings.add(format!("rules.{index}.who"), &rule.who);
            settings.add(format!("rules.{index}.may"), &rule.may);
        }
    }
}

/// A table of lists, `NAME = ["...", ...]`.
fn words(
    reader: &mut Reader<'_>,
    section: &mut Section<'_>,
    key: &'static str,
    table: &mut BTreeMap<String, Vec<String>>,
    check: fn(&str) -> Result<(), String>,
) {
    let Some(field) = section.get(key) else { return };
    let path = field.path.clone();
    for (name, field) in Section::of(reader, &path, Some(field)).entries() {
        if let Err(why) = keys::check_scope(name) {
            field.impossible(reader, why);
        } else if let Some(list) = values::checked_texts(reader, &field, check) {
            let origin = reader.origin(&field.span);
            reader.origins.set(field.path, origin);
            table.insert(name.to_owned(), list);
        }
    }
}

fn rule(reader: &mut Reader<'_>, entry: Field<'_>) -> Option<AccessRule> {
    let span = entry.span.clone();
    let mut section = Section::of(reader, "access.rules", Some(entry));
    let who = section.get("who");
    let may = section.get("may");
    section.finish(reader);
    for (key, field) in [("who", &who), ("may", &may)] {
        if field.is_none() {
            reader.problem(span.clone(), format!("an access rule has no `{key}`"));
        }
    }
    let who = entries(reader, who?, caller);
    let may = entries(reader, may?, call);
    Some(AccessRule { who: who?, may: may? })
}

fn entries(reader: &mut Reader<'_>, field: Field<'_>, check: fn(&str) -> Result<(), String>) -> Option<Vec<String>> {
    let entries = values::checked_texts(reader, &field, check)?;
    if entries.is_empty() {
        field.impossible(reader, "an empty list allows nothing to nobody; remove the rule");
        return None;
    }
    Some(entries)
}

fn caller(who: &str) -> Result<(), String> {
    match who.split_once(':') {
        None if matches!(who, "local" | "anonymous" | "*") => Ok(()),
        Some(("key", id)) if keys::is_id(id) => Ok(()),
        Some(("key", _)) => {
            Err("a key is named by its id, such as \"key:ab12cd34\"; `mcpsec key list` shows it".to_owned())
        }
        Some(("scope" | "role" | "token", name)) => keys::check_scope(name),
        Some(("uid", number)) if number.parse::<u32>().is_ok_and(|id| id.to_string() == number) => Ok(()),
        Some(("uid", _)) => Err("a user of this machine is named by number, such as \"uid:1000\"".to_owned()),
        Some(("user" | "cert", name)) => checks::name_pattern(name),
        _ => {
            let forms = "\"local\", \"anonymous\", \"key:ID\", \"token:NAME\", \"user:SUB\", \"cert:NAME\", \"uid:NUMBER\", \
                         \"scope:NAME\", \"role:NAME\" or \"*\"";
            Err(match suggest::nearest(who, ["local", "anonymous"]) {
                Some(word) => format!("did you mean \"{word}\"? A caller is {forms}"),
                None => format!("a caller is {forms}"),
            })
        }
    }
}

/// Whether `may` is how calls are named.
pub(super) fn call(may: &str) -> Result<(), String> {
    let (method, target) = may.split_once(':').map_or((may, None), |(method, target)| (method, Some(target)));
    let method_is_written = !method.is_empty()
        && method
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'*' | b'_' | b'-' | b'.' | b'$'));
    if !method_is_written || target == Some("") {
        return Err("a call is \"method\" or \"method:target\", such as \"tools/call:search_*\"".to_owned());
    }
    if may.len() > LONGEST_PATTERN || may.contains("***") {
        return Err(format!("a pattern has at most {LONGEST_PATTERN} bytes, and no more than two `*` together"));
    }
    if method.contains('*') {
        return Ok(());
    }
    if !METHODS.contains(&method)
        && let Some(known) = suggest::nearest(method, METHODS)
    {
        return Err(format!("did you mean `{known}`? The pattern would match no known method"));
    }
    if target.is_some() && METHODS.contains(&method) && !AIMED.contains(&method) {
        return Err(format!("`{method}` has no target; write \"{method}\" alone"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{call, caller};

    #[test]
    fn callers_are_of_known_kinds() {
        for who in [
            "local",
            "anonymous",
            "*",
            "key:ab12cd34",
            "scope:read",
            "scope:files:write",
            "user:x",
            "user:*",
            "cert:spiffe://a/*",
            "token:ci",
            "uid:0",
            "role:ops",
        ] {
            assert_eq!(caller(who), Ok(()), "{who}");
        }
        for who in [
            "",
            "Local",
            "everyone",
            "key:",
            "key:*",
            "key:short",
            "scope:",
            "scope:*",
            "scope:a b",
            "usr:x",
            "locl",
            "user:",
            "user:a b",
            "uid:x",
            "uid:007",
            "uid:-1",
            "role:",
            "role:*",
            "token:*",
            "cert:***",
        ] {
            assert!(caller(who).is_err(), "{who}");
        }
    }

    #[test]
    fn calls_are_methods_with_or_without_a_target() {
        for may in [
            "tools/list",
            "tools/*",
            "*",
            "tools/call:search_*",
            "resources/read:file:///data/**",
            "my/method",
            "custom:x",
        ] {
            assert_eq!(call(may), Ok(()), "{may}");
        }
        for may in [
            "",
            ":",
            "tools/call:",
            "tool/call",
            "tools/cal:x",
            "tools call",
            "tools/list:x",
            "a***b",
            "tools/call:***",
        ] {
            assert!(call(may).is_err(), "{may}");
        }
        assert!(call(&"a".repeat(513)).is_err());
        assert!(call(&"a".repeat(512)).is_ok());
    }
}
