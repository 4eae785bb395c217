//! Languages: one file or folder each, from text to [`Module`]. An adapter never knows a rule.

mod braces;
mod go;
#[cfg(test)]
mod hostile;
mod parse;
mod python;
#[cfg(test)]
mod render;
mod rust;
#[cfg(test)]
mod short;
mod typescript;

use super::syntax::Module;

/// A language that the doctor reads.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Language {
    /// TypeScript and JavaScript, with and without JSX.
    TypeScript,
    /// Python.
    Python,
    /// Rust.
    Rust,
    /// Go.
    Go,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 4] = [Self::TypeScript, Self::Python, Self::Rust, Self::Go];

    /// The language of a file, by its name.
    pub fn of(path: &str) -> Option<Self> {
        let name = path.rsplit('/').next().unwrap_or(path);
        let (stem, extension) = name.rsplit_once('.')?;
        if stem.is_empty() || stem.ends_with(".d") {
            return None;
        }
        match extension {
            "ts" | "tsx" | "mts" | "cts" | "js" | "jsx" | "mjs" | "cjs" => Some(Self::TypeScript),
            "py" => Some(Self::Python),
            "rs" => Some(Self::Rust),
            "go" => Some(Self::Go),
            _ => None,
        }
    }

    /// The name in output.
    pub fn name(self) -> &'static str {
        match self {
            Self::TypeScript => "TypeScript",
            Self::Python => "Python",
            Self::Rust => "Rust",
            Self::Go => "Go",
        }
    }

    /// Lowers a source text. Never fails: what is not understood is marked in the module.
    pub fn lower(self, text: &str) -> Module {
        match self {
            Self::TypeScript => typescript::lower(text),
            Self::Python => python::lower(text),
            Self::Go => go::lower(text),
            Self::Rust => rust::lower(text),
        }
    }
}
