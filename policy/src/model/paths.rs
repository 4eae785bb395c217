//! `[paths]`: folders that a server's file tools and resources may read, by name.

use std::{collections::BTreeMap, path::PathBuf};

use super::Part;
use crate::{
    read::{Reader, Section},
    show::Settings,
    values,
};

/// `[paths]`: folders that a server's file tools and resources may read, by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Paths {
    /// Name to folder, relative to the policy file's folder; absolute after loading.
    pub roots: BTreeMap<String, PathBuf>,
}

impl Part for Paths {
    fn name(&self) -> &'static str {
        "paths"
    }

    fn read(&mut self, reader: &mut Reader<'_>, section: Section<'_>) {
        for (name, field) in section.entries() {
            if let Some(path) = values::path(reader, &field) {
                let origin = reader.origin(&field.span);
                reader.origins.set(field.path, origin);
                self.roots.insert(name.to_owned(), path);
            }
        }
    }

    fn show(&self, settings: &mut Settings) {
        for (name, root) in &self.roots {
            settings.add(name, root.as_path());
        }
    }
}
