//! `[doctor.rules.RULE]`: what a project has of its own that single rules should know. One table: what is read, described in
//! the schema and asked for by the doctor is what stands here.

use std::collections::BTreeMap;

use crate::{
    read::{Field, Reader, Section},
    suggest, values,
};

/// An option of a rule. Every one is a list of texts.
#[derive(Clone, Copy, Debug)]
pub struct RuleOption {
    /// The rule's id.
    pub rule: &'static str,
    /// The key in the rule's section.
    pub key: &'static str,
    /// What stands in the list.
    pub about: &'static str,
}

/// Every option, by rule.
pub const RULE_OPTIONS: &[RuleOption] = &[
    option("argument-injection", "guards", "Functions of this project after which a text is no option of a program."),
    option("dependency-typosquat", "packages", "Packages that are meant, although another one has nearly their name."),
    option(
        "environment-undocumented",
        "variables",
        "Variables that need no documentation; `ACME_*` is all that begin so.",
    ),
    option("path-traversal", "guards", "Functions of this project after which a path stays in its folder."),
    option("shell-injection", "guards", "Functions of this project after which a text is one word of a shell."),
    option("sql-injection", "guards", "Functions of this project after which a text can stand in a query."),
    option("ssrf", "guards", "Functions of this project after which an address may be requested."),
    option("tests-not-in-ci", "commands", "Commands of this project that run its tests: `make check`."),
];

const fn option(rule: &'static str, key: &'static str, about: &'static str) -> RuleOption {
    RuleOption { rule, key, about }
}

/// Reads the options of every rule that is named.
pub(crate) fn read(
    reader: &mut Reader<'_>,
    field: Field<'_>,
    options_of: &mut BTreeMap<String, BTreeMap<String, Vec<String>>>,
) {
    let path = field.path.clone();
    let section = Section::of(reader, &path, Some(field));
    for (rule, field) in section.entries() {
        let known: Vec<&'static str> = RULE_OPTIONS.iter().filter(|it| it.rule == rule).map(|it| it.key).collect();
        if known.is_empty() {
            let rules = RULE_OPTIONS.iter().map(|it| it.rule);
            let hint = suggest::nearest(rule, rules.clone()).map(|near| format!("; did you mean `{near}`?"));
            let mut listed: Vec<&str> = rules.collect();
            listed.dedup();
            let problem = reader.problem(field.span, format!("`{rule}` has no options{}", hint.unwrap_or_default()));
            problem.help.push(format!("these have: {}", listed.join(", ")));
            continue;
        }
        let path = field.path.clone();
        let mut options = Section::of(reader, &path, Some(field));
        for key in known {
            let mut texts = None;
            options.set(reader, key, &mut texts, |reader, field| values::texts(reader, field).map(Some));
            if let Some(texts) = texts {
                options_of.entry(rule.to_owned()).or_default().insert(key.to_owned(), texts);
            }
        }
        options.finish(reader);
    }
}
