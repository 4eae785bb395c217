//! `[doctor]`: what `mcpsec doctor` reads; severities and rule ids are checked by the command.

use std::collections::BTreeMap;

use super::Part;
use crate::{
    checks,
    read::{Reader, Section},
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
    /// Rules that are switched off, by id.
    pub ignore: Vec<String>,
    /// Clients are authenticated by something in front of this server.
    pub behind_gateway: bool,
    /// Severities of rules, by id, where this project sees them otherwise: `cors-wildcard = "high"`.
    #[cfg_attr(feature = "schema", schemars(with = "std::collections::BTreeMap<String, crate::schema::SeverityText>"))]
    pub severity: BTreeMap<String, String>,
    /// File with findings that are accepted because they were there before. Without it, `.mcpsec-baseline` where that
    /// exists.
    pub baseline: Option<String>,
}

impl Default for Doctor {
    fn default() -> Self {
        Self {
            fail_on: "medium".to_owned(),
            exclude: Vec::new(),
            ignore: Vec::new(),
            behind_gateway: false,
            severity: BTreeMap::new(),
            baseline: None,
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
        section.set(reader, "ignore", &mut self.ignore, values::texts);
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
        section.finish(reader);
    }

    fn show(&self, settings: &mut Settings) {
        settings.add("fail_on", self.fail_on.as_str());
        settings.add("exclude", &self.exclude);
        settings.add("ignore", &self.ignore);
        settings.add("behind_gateway", self.behind_gateway);
        settings.add("baseline", self.baseline.as_deref());
        for (rule, severity) in &self.severity {
            settings.add(format!("severity.{rule}"), severity.as_str());
        }
    }
}
