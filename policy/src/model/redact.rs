//! `[redact]`: what must not leave.

use super::Part;
use crate::{
    read::{Reader, Section},
    show::Settings,
    values::{self, boolean},
};

/// `[redact]`: what must not leave.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(default, deny_unknown_fields))]
pub struct Redact {
    /// Well-known shapes of keys and tokens, and high-entropy values beside credential words. Default true.
    pub secrets: bool,
    /// Names of JSON fields whose values are always replaced, compared without case.
    pub fields: Vec<String>,
}

impl Default for Redact {
    fn default() -> Self {
        Self { secrets: true, fields: Vec::new() }
    }
}

impl Part for Redact {
    fn name(&self) -> &'static str {
        "redact"
    }

    fn read(&mut self, reader: &mut Reader<'_>, mut section: Section<'_>) {
        section.set(reader, "secrets", &mut self.secrets, boolean);
        section.set(reader, "fields", &mut self.fields, |reader, field| {
            values::checked_texts(reader, field, |text| match text.trim().is_empty() {
                true => Err("expected the name of a field".to_owned()),
                false => Ok(()),
            })
        });
        section.finish(reader);
    }

    fn show(&self, settings: &mut Settings) {
        settings.add("secrets", self.secrets);
        settings.add("fields", &self.fields);
    }
}
