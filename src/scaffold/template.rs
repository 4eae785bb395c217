//! Templates: a folder below `templates/` with a `template.toml` is one. There is no other list.
//!
//! In `files/`, a leading `_` of a file or folder name stands for a dot, and only `*.hbs` is rendered (without that
//! ending); everything else is copied byte for byte. `_shared/` holds partials, named without `.hbs`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::names::Ecosystem;
use crate::embedded::{self, TEMPLATES};

/// A template: what it asks, and what it writes.
#[derive(Clone, Debug)]
pub struct Template {
    /// What `template.toml` says.
    pub manifest: Manifest,
    /// Source files, by path below `files/`.
    pub files: BTreeMap<&'static str, &'static [u8]>,
    /// Lockfiles of real builds, by the name of the transport.
    pub locks: BTreeMap<&'static str, &'static str>,
}

/// `template.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The folder's name.
    pub id: String,
    /// What it makes, in one line.
    pub title: String,
    /// Recorded in the project, so that `update` knows where it comes from.
    pub version: String,
    /// Whose rules the name follows.
    pub ecosystem: Ecosystem,
    /// Questions, in the order in which they are asked.
    #[serde(rename = "variable")]
    pub variables: Vec<Variable>,
    /// Conditions; a file that none names is always written.
    #[serde(default, rename = "file")]
    pub conditions: Vec<Condition>,
}

/// One question.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variable {
    /// Its key in an answers file, and its flag.
    pub name: String,
    /// How a person is asked.
    pub prompt: String,
    /// What an answer may be.
    pub kind: Kind,
    /// Taken by `--defaults`; without one the answer must be given.
    pub default: Option<Answer>,
}

/// What an answer may be.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A project's name, under the rules of the ecosystem.
    Name,
    /// One line of free text with at most that many characters.
    Text(usize),
    /// One of these.
    Choice(Vec<String>),
    /// Any number of these.
    Choices(Vec<String>),
}

/// The answer to one question.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, serde::Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// A name, a text or a choice.
    One(String),
    /// Choices.
    Many(Vec<String>),
}

/// A file that is written only if the answers say so.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// Path below `files/`; a final `/` means everything below.
    pub path: String,
    /// Variable to values of which one must have been chosen; all variables must agree.
    pub when: BTreeMap<String, Vec<String>>,
}

/// Why a template cannot be used. Always a bug in the template.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// No template of that name is embedded.
    #[error("there is no template `{id}`; there are: {}", known.join(", "))]
    Unknown {
        /// What was asked for.
        id: String,
        /// What there is.
        known: Vec<&'static str>,
    },
    /// The manifest is wrong.
    #[error("the manifest of template `{id}` is wrong: {reason}")]
    Manifest {
        /// The template.
        id: String,
        /// What is wrong, with its line where known.
        reason: String,
    },
}

/// The ids of all templates.
pub fn ids() -> Vec<&'static str> {
    TEMPLATES.iter().filter_map(|file| file.path.strip_suffix("/template.toml")).collect()
}

/// The partials of `_shared/`, by name.
pub fn partials() -> impl Iterator<Item = (&'static str, &'static str)> {
    TEMPLATES.iter().filter_map(|file| {
        let name = file.path.strip_prefix("_shared/")?.strip_suffix(".hbs")?;
        Some((name, str::from_utf8(file.bytes).expect("partials are text, and a test renders them all")))
    })
}

/// Loads an embedded template.
pub fn load(id: &str) -> Result<Template, TemplateError> {
    let wrong = |reason: String| TemplateError::Manifest { id: id.to_owned(), reason };
    let unknown = || TemplateError::Unknown { id: id.to_owned(), known: ids() };
    let below = |file: &embedded::File, folder: &str| file.path.strip_prefix(id)?.strip_prefix(folder);
    let manifest = TEMPLATES.iter().find(|file| below(file, "/template.toml") == Some("")).ok_or_else(unknown)?;
    let text = str::from_utf8(manifest.bytes).map_err(|error| wrong(error.to_string()))?;
    let manifest: Manifest = toml::from_str(text).map_err(|error| wrong(error.to_string()))?;
    if manifest.id != id {
        return Err(wrong(format!("it calls itself `{}`", manifest.id)));
    }
    let files: BTreeMap<_, _> =
        TEMPLATES.iter().filter_map(|file| Some((below(file, "/files/")?, file.bytes))).collect();
    let lock = |file: &embedded::File| {
        Some((below(file, "/locks/")?.strip_suffix(".lock")?, str::from_utf8(file.bytes).ok()?))
    };
    let template = Template { manifest, files, locks: TEMPLATES.iter().filter_map(lock).collect() };
    template.validate().map_err(wrong)?;
    Ok(template)
}

impl Template {
    /// The question called `name`.
    pub fn variable(&self, name: &str) -> Option<&Variable> {
        self.manifest.variables.iter().find(|it| it.name == name)
    }

    /// A condition that names no file or no possible answer would silently do nothing.
    fn validate(&self) -> Result<(), String> {
        for condition in &self.manifest.conditions {
            let path = &condition.path;
            if !self.files.keys().any(|it| condition.covers(it)) {
                return Err(format!("`{path}` is not in files/"));
            }
            for (name, values) in &condition.when {
                let variable = self.variable(name).ok_or(format!("`{path}` depends on `{name}`, which nobody asks"))?;
                if let Some(value) = values.iter().find(|it| !variable.kind.choices().contains(it)) {
                    return Err(format!("`{path}` depends on `{name} = {value}`, which nobody can choose"));
                }
            }
        }
        Ok(())
    }
}

impl Condition {
    /// Whether it is about this file of the template.
    pub fn covers(&self, path: &str) -> bool {
        if self.path.ends_with('/') { path.starts_with(&self.path) } else { path == self.path }
    }
}

impl Kind {
    /// What can be chosen; empty where anything can be written.
    pub fn choices(&self) -> &[String] {
        match self {
            Self::Choice(choices) | Self::Choices(choices) => choices,
            Self::Name | Self::Text(_) => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_embedded_template_loads_and_asks_at_most_six_questions() {
        assert!(ids().contains(&"rust"));
        for id in ids() {
            let template = load(id).unwrap_or_else(|error| panic!("{error}"));
            assert!(template.manifest.variables.len() <= 6, "{id} asks too much");
            assert!(!template.files.is_empty(), "{id} writes nothing");
        }
    }

    #[test]
    fn an_unknown_template_is_answered_with_those_that_exist() {
        let error = load("pigeon").expect_err("there is no such template");
        assert!(error.to_string().ends_with("there are: rust"), "{error}");
    }
}
