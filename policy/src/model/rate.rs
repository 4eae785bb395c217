//! `[rate]`: how often a client may call.

use super::Part;
use crate::{
    Rate,
    read::{Reader, Section},
    show::Settings,
    unenforced,
    values::{self, count},
};

/// `[rate]`: how often.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(default, deny_unknown_fields))]
pub struct Rates {
    /// Per client and method. Default 100/min.
    pub default: Rate,
    /// Per address, before it is known who calls. Default 20/min of refused (unauthenticated) requests.
    pub unauthenticated: Rate,
    /// Most clients remembered; the least recently seen is forgotten. Default 10000.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 10000000)))]
    pub max_clients: usize,
}

impl Default for Rates {
    fn default() -> Self {
        Self { default: Rate::per_minute(100), unauthenticated: Rate::per_minute(20), max_clients: 10_000 }
    }
}

impl Part for Rates {
    fn name(&self) -> &'static str {
        "rate"
    }

    fn read(&mut self, reader: &mut Reader<'_>, mut section: Section<'_>) {
        section.set(reader, "default", &mut self.default, values::rate);
        section.set(reader, "unauthenticated", &mut self.unauthenticated, values::rate);
        section.set(reader, "max_clients", &mut self.max_clients, count(1..=10_000_000));
        section.set(reader, "store", &mut (), |reader, field| {
            if field.value.as_str() != Some("memory") {
                let instead = "write `store = \"memory\"`: each process then counts for itself";
                unenforced::value(reader, field, "a store outside of this process", instead);
            }
            Some(())
        });
        section.finish(reader);
    }

    fn show(&self, settings: &mut Settings) {
        settings.add("default", self.default);
        settings.add("unauthenticated", self.unauthenticated);
        settings.add("max_clients", self.max_clients);
        settings.add("store", "memory");
    }
}
