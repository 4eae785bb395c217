//! `[doctor]`: what `mcpsec doctor` reads; severities and rule ids are checked by the command.

use std::collections::BTreeMap;

use super::{Ignored, Part, ignored};
use crate::{
    checks,
    read::{Reader, Section},
    rule_options,
    show::Settings,
    values::{self, boolean},
};

/// `[doctor]`: what `mcpsec doctor` reads; severities and rule ids are checked by the command.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(default, deny_unknown_fields))]
pub struct Doctor {
    /// Least severity that fails a run: `low`, `medium`, `high`, `critical` or `never`. Default `medium`.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["low", "medium", "high", "critical", "never"])))]
    pub fail_on: String,
    /// Globs of paths that are not read.
    pub exclude: Vec<String>,
    /// Rules that are switched off, by id; `[[doctor.ignore]]` instead says where, why and how long a rule does not count.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::IgnoreList"))]
    pub ignore: Vec<String>,
    /// `[[doctor.ignore]]`: what does not count, and why.
    #[cfg_attr(feature = "schema", schemars(skip))]
    pub ignored: Vec<Ignored>,
    /// Clients are authenticated by something in front of this server.
    pub behind_gateway: bool,
    /// Severities of rules, by id, where this project sees them otherwise: `cors-wildcard = "high"`.
    #[cfg_attr(feature = "schema", schemars(with = "std::collections::BTreeMap<String, crate::schema::SeverityText>"))]
    pub severity: BTreeMap<String, String>,
    /// File with findings that are accepted because they were there before. Without it, `.mcpsec-baseline` where that
    /// exists.
    pub baseline: Option<String>,
    /// `[doctor.rules.RULE]`: what the project has of its own that single rules should know, by rule and key.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::RuleOptionsTable"))]
    pub rules: BTreeMap<String, BTreeMap<String, Vec<String>>>,
}

impl Default for Doctor {
    fn default() -> Self {
        Self {
            fail_on: "medium".to_owned(),
            exclude: Vec::new(),
            ignore: Vec::new(),
            ignored: Vec::new(),
            behind_gateway: false,
            severity: BTreeMap::new(),
            baseline: None,
            rules: BTreeMap::new(),
        }
    }
}

impl Part for Doctor {
    fn name(&self) -> &'static str {
        "doctor"
    }

    fn read(&mut self, reader: &mut Reader<'_>, mut section: Section<'_>) {
        section.set(reader, "fail_on", &mut self.fail_on, |reader, field| {
            let names = ["low", "medium", "high", "critical", "never"];
            values::choice(reader, field, &names.map(|name| (name, name))).map(str::to_owned)
        });
        section.set(reader, "exclude", &mut self.exclude, |reader, field| {
            values::checked_texts(reader, field, checks::glob)
        });
        let entries = &mut self.ignored;
        section.set(reader, "ignore", &mut self.ignore, |reader, field| ignored::read(reader, field, entries));
        section.set(reader, "behind_gateway", &mut self.behind_gateway, boolean);
        section.set(reader, "baseline", &mut self.baseline, |reader, field| values::text(reader, field).map(Some));
        if let Some(field) = section.get("severity") {
            let path = field.path.clone();
            let severities = Section::of(reader, &path, Some(field));
            for (rule, field) in severities.entries() {
                let names = ["info", "low", "medium", "high", "critical"];
                let severity = values::choice(reader, &field, &names.map(|name| (name, name)));
                let Some(severity) = severity else { continue };
                let origin = reader.origin(&field.span);
                reader.origins.set(field.path, origin);
                self.severity.insert(rule.to_owned(), severity.to_owned());
            }
        }
        if let Some(field) = section.get("rules") {
            rule_options::read(reader, field, &mut self.rules);
        }
        section.finish(reader);
    }

    fn show(&self, settings: &mut Settings) {
        settings.add("fail_on", self.fail_on.as_str());
        settings.add("exclude", &self.exclude);
        // Of entries each has its own lines.
        if self.ignored.is_empty() || !self.ignore.is_empty() {
            settings.add("ignore", &self.ignore);
        }
        for (index, ignored) in self.ignored.iter().enumerate() {
            settings.add(format!("ignore.{index}.rule"), ignored.rule.as_str());
            settings.add(format!("ignore.{index}.paths"), &ignored.paths);
            settings.add(format!("ignore.{index}.reason"), ignored.reason.as_str());
            settings.add(format!("ignore.{index}.until"), ignored.until.as_deref());
        }
        settings.add("behind_gateway", self.behind_gateway);
        settings.add("baseline", self.baseline.as_deref());
        for (rule, severity) in &self.severity {
            settings.add(format!("severity.{rule}"), severity.as_str());
        }
        for (rule, options) in &self.rules {
            for (key, texts) in options {
                settings.add(format!("rules.{rule}.{key}"), texts);
            }
        }
    }
}
