//! `[[access.rules]]`: who may do what.

use super::Part;
use crate::{
    keys,
    pattern::LONGEST_PATTERN,
    read::{Field, Reader, Section},
    show::Settings,
    suggest, values,
};

/// `[access]`: who may do what. Without a rule nothing but handshake, discovery and ping is allowed.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(default, deny_unknown_fields))]
pub struct Access {
    /// One that matches allows; none forbids.
    pub rules: Vec<AccessRule>,
}

/// One `[[access.rules]]` entry.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct AccessRule {
    /// `local`, `anonymous`, `key:<id>`, `scope:<name>` or `*` (any proven caller).
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
        for (index, rule) in self.rules.iter().enumerate() {
            settings.add(format!("rules.{index}.who"), &rule.who);
            settings.add(format!("rules.{index}.may"), &rule.may);
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
        Some(("scope", scope)) => keys::check_scope(scope),
        _ => {
            let forms = "\"local\", \"anonymous\", \"key:ID\", \"scope:NAME\" or \"*\"";
            Err(match suggest::nearest(who, ["local", "anonymous"]) {
                Some(word) => format!("did you mean \"{word}\"? A caller is {forms}"),
                None => format!("a caller is {forms}"),
            })
        }
    }
}

fn call(may: &str) -> Result<(), String> {
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
    fn callers_are_of_five_kinds() {
        for who in ["local", "anonymous", "*", "key:ab12cd34", "scope:read", "scope:files:write"] {
            assert_eq!(caller(who), Ok(()), "{who}");
        }
        for who in
            ["", "Local", "everyone", "key:", "key:*", "key:short", "scope:", "scope:*", "scope:a b", "user:x", "locl"]
        {
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
