//! Languages: one file or folder each, from text to [`Module`]. An adapter never knows a rule.

mod braces;
mod csharp;
mod fields;
mod go;
#[cfg(test)]
mod hostile;
mod java;
mod lowering;
mod parse;
mod python;
#[cfg(test)]
mod render;
mod rust;
#[cfg(test)]
mod short;
mod sugar;
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
    /// Java.
    Java,
    /// C#.
    CSharp,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 6] = [Self::TypeScript, Self::Python, Self::Rust, Self::Go, Self::Java, Self::CSharp];

    /// Languages in which what callers send is followed to where it acts, and tools are read in full. Of the others
    /// servers, transports, their protection and what is written down in so many words are known.
    pub const FOLLOWED: [Self; 4] = [Self::TypeScript, Self::Python, Self::Rust, Self::Go];

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
            "java" => Some(Self::Java),
            "cs" => Some(Self::CSharp),
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
            Self::Java => "Java",
            Self::CSharp => "C#",
        }
    }

    /// Whether methods name what belongs to their object without `this`, and files what belongs to their package.
    pub fn has_implicit_this(self) -> bool {
        matches!(self, Self::Java | Self::CSharp)
    }

    /// Lowers a source text. Never fails: what is not understood is marked in the module.
    pub fn lower(self, text: &str) -> Module {
        match self {
            Self::TypeScript => typescript::lower(text),
            Self::Python => python::lower(text),
            Self::Go => go::lower(text),
            Self::Java => java::lower(text),
            Self::CSharp => csharp::lower(text),
            Self::Rust => rust::lower(text),
        }
    }
}
