//! Environment variables as a value, and where each setting came from.

use std::{collections::BTreeMap, fmt};

/// The environment that a policy is loaded in. A value, so that tests and the doctor need not change their own.
#[derive(Clone, Default)]
pub struct Environment {
    variables: BTreeMap<String, String>,
}

impl Environment {
    /// The environment of this process. Names and values that are no Unicode have U+FFFD in place of what is none.
    pub fn real() -> Self {
        std::env::vars_os()
            .map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()))
            .collect()
    }

    /// The value of a variable. One that is empty counts as unset: that is how containers and CI unset one.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Names of variables that are set, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.variables.iter().filter(|(_, value)| !value.is_empty()).map(|(name, _)| name.as_str())
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Values may be secrets.
        f.debug_set().entries(self.variables.keys()).finish()
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(variables: I) -> Self {
        Self { variables: variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect() }
    }
}

/// Where a setting came from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Origin {
    /// Nobody said anything.
    Default,
    /// The policy file says so.
    File {
        /// The file as it was named.
        file: String,
        /// Line, from 1.
        line: usize,
    },
    /// An environment variable says so; it wins over the file.
    Environment(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { file, line } => write!(f, "{file}:{line}"),
            Self::Environment(name) => write!(f, "environment variable {name}"),
        }
    }
}

/// Where each setting came from, by its path, such as `limits.body`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Origins {
    by_path: BTreeMap<String, Origin>,
}

impl Origins {
    /// Where the setting at `path` came from; a part of a setting came from where the setting did.
    pub fn of(&self, path: &str) -> &Origin {
        let mut path = path;
        loop {
            match (self.by_path.get(path), path.rsplit_once('.')) {
                (Some(origin), _) => return origin,
                (None, Some((above, _))) => path = above,
                (None, None) => return &Origin::Default,
            }
        }
    }

    pub(crate) fn set(&mut self, path: impl Into<String>, origin: Origin) {
        self.by_path.insert(path.into(), origin);
    }
}
