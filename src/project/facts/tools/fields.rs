//! One parameter of an offer.

use super::Said;
use crate::finding::Place;

/// What a parameter holds.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum FieldType {
    /// Text.
    Text,
    /// One of some values that are written down.
    Choice,
    /// A whole number.
    Integer,
    /// Any number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A record.
    Object,
    /// A list.
    List,
    /// Not known.
    #[default]
    Unknown,
}

/// A parameter.
#[derive(Clone, Debug)]
pub struct InputField {
    /// Its name.
    pub name: String,
    /// Where it is named.
    pub place: Place,
    /// What is said of it.
    pub description: Option<Said>,
    /// What it holds.
    pub kind: FieldType,
    /// The HTTP header that it is mirrored into: `x-mcp-header`.
    pub header: Option<Said>,
    /// It lies in an alternative or a list, so that a client cannot tell beforehand whether it is there.
    pub uncertain: bool,
    /// `format: password`, `SecretStr`.
    pub secret_format: bool,
    /// The handler asks for it in a condition.
    pub decides: bool,
}
