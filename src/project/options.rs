//! What `mcpsec.toml` says to single rules: `[doctor.rules.RULE]`.

use std::collections::BTreeMap;

use mcpsec_policy::RULE_OPTIONS;
use toml::{Table, Value};

use super::File;

/// The options of a project's rules.
#[derive(Clone, Debug, Default)]
pub struct Options(BTreeMap<(&'static str, &'static str), Vec<String>>);

impl Options {
    /// Those in the policy file among `files`, read leniently: what is wrong with it stops the doctor before.
    pub fn of(files: &[File]) -> Self {
        let policy = files.iter().find(|file| file.path == "mcpsec.toml");
        let table = policy.and_then(|file| file.text.parse::<Table>().ok()).unwrap_or_default();
        let rules = table.get("doctor").and_then(|doctor| doctor.get("rules"));
        let texts = |option: &mcpsec_policy::RuleOption| {
            let list = rules?.get(option.rule)?.get(option.key)?.as_array()?;
            let texts = list.iter().filter_map(Value::as_str).map(str::to_owned).collect();
            Some(((option.rule, option.key), texts))
        };
        Self(RULE_OPTIONS.iter().filter_map(texts).collect())
    }

    /// The texts of one option; none where it is not given.
    pub fn texts(&self, rule: &str, key: &str) -> &[String] {
        let given = self.0.iter().find(|((of, known), _)| *of == rule && *known == key);
        given.map_or(&[], |(_, texts)| texts)
    }
}
