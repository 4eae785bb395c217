//! Every setting with its value: what applies, also where the file says nothing.

use std::{fmt, path::Path, time::Duration};

use crate::{ByteSize, Loaded, Origin, Policy, Rate, units::show_duration};

/// One setting as the policy file would write it.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// Its path, such as `limits.body` or `access.rules.0.who`.
    pub path: String,
    /// Its value.
    pub value: Value,
    /// Where it came from.
    pub origin: Origin,
}

/// A value of the policy file.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A text; sizes, durations and rates are texts with their unit.
    Text(String),
    /// A whole number.
    Number(u64),
    /// True or false.
    Switch(bool),
    /// Texts.
    List(Vec<String>),
    /// Whole numbers.
    Numbers(Vec<u64>),
    /// Not set, and without a default.
    Unset,
}

impl fmt::Display for Value {
    /// Writes the value as TOML; an unset one as `(not set)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
        match self {
            Self::Text(text) => f.write_str(&quoted(text)),
            Self::Number(number) => write!(f, "{number}"),
            Self::Switch(switch) => write!(f, "{switch}"),
            Self::List(list) => {
                write!(f, "[{}]", list.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", "))
            }
            Self::Numbers(list) => {
                write!(f, "[{}]", list.iter().map(u64::to_string).collect::<Vec<_>>().join(", "))
            }
            Self::Unset => f.write_str("(not set)"),
        }
    }
}

impl Loaded {
    /// Every setting, in the order of the documentation.
    pub fn settings(&self) -> Vec<Setting> {
        let settings = values(&self.policy).into_iter();
        settings.map(|(path, value)| Setting { origin: self.origins.of(&path).clone(), path, value }).collect()
    }
}

/// Paths and values of every setting of `policy`.
pub(crate) fn values(policy: &Policy) -> Vec<(String, Value)> {
    let mut settings = Settings::default();
    for part in policy.parts() {
        settings.section = part.name();
        part.show(&mut settings);
    }
    settings.list
}

/// Collects settings, section by section.
#[derive(Default)]
pub(crate) struct Settings {
    section: &'static str,
    list: Vec<(String, Value)>,
}

impl Settings {
    /// Adds a key of the section.
    pub(crate) fn add(&mut self, key: impl fmt::Display, value: impl Into<Value>) {
        self.list.push((format!("{}.{key}", self.section), value.into()));
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<&Path> for Value {
    fn from(path: &Path) -> Self {
        Self::Text(path.display().to_string())
    }
}

impl From<bool> for Value {
    fn from(switch: bool) -> Self {
        Self::Switch(switch)
    }
}

impl From<usize> for Value {
    fn from(number: usize) -> Self {
        Self::Number(number as u64)
    }
}

impl From<ByteSize> for Value {
    fn from(size: ByteSize) -> Self {
        Self::Text(size.to_string())
    }
}

impl From<Duration> for Value {
    fn from(duration: Duration) -> Self {
        Self::Text(show_duration(duration))
    }
}

impl From<Rate> for Value {
    fn from(rate: Rate) -> Self {
        Self::Text(rate.to_string())
    }
}

impl From<&Vec<String>> for Value {
    fn from(list: &Vec<String>) -> Self {
        Self::List(list.clone())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Unset, Into::into)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Value;
    use crate::{Environment, Origin, Policy};

    #[test]
    fn every_key_that_can_be_written_is_shown_with_its_line() {
        let text = include_str!("load/full.toml");
        let loaded = Policy::parse(text, "mcpsec.toml", &Environment::default()).expect("valid");
        let shown: BTreeSet<String> = loaded
            .settings()
            .into_iter()
            .filter(|setting| matches!(setting.origin, Origin::File { .. }))
            .map(|setting| setting.path)
            .collect();
        let mut written = BTreeSet::new();
        let table: toml::Table = text.parse().expect("TOML");
        flatten("", &toml::Value::Table(table), &mut written);
        written.remove("version");
        assert_eq!(shown, written);
    }

    fn flatten(path: &str, value: &toml::Value, list: &mut BTreeSet<String>) {
        let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        match value {
            toml::Value::Table(table) => table.iter().for_each(|(key, value)| flatten(&below(key), value, list)),
            toml::Value::Array(items) if items.iter().any(toml::Value::is_table) => {
                items.iter().enumerate().for_each(|(index, item)| flatten(&below(&index.to_string()), item, list));
            }
            _ => {
                list.insert(path.to_owned());
            }
        }
    }

    #[test]
    fn values_are_shown_as_toml() {
        assert_eq!(Value::Text("a\"b".to_owned()).to_string(), "'a\"b'");
        assert_eq!(Value::List(vec!["a".to_owned(), "b".to_owned()]).to_string(), "[\"a\", \"b\"]");
        assert_eq!(Value::Number(3).to_string(), "3");
    }
}
