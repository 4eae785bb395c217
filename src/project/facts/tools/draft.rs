//! An offer as its language writes it down, before it is read.

use super::{Input, OfferKind, Said};
use crate::{
    finding::Place,
    project::{
        program::{At, Program},
        syntax::{ClassId, Expression, FunctionId, Span, Text},
    },
};

/// A tool, prompt or resource and the expressions that say what it is.
#[derive(Debug)]
pub(in super::super) struct Draft<'a> {
    pub(super) kind: OfferKind,
    pub(super) at: At,
    /// Where it is reported.
    pub(super) span: Span,
    pub(super) name: Option<Given<'a>>,
    pub(super) title: Option<Given<'a>>,
    pub(super) description: Option<Given<'a>>,
    pub(super) shapes: Vec<Shape<'a>>,
    pub(super) annotations: Hints<'a>,
    pub(super) handler: Option<At>,
    pub(super) receiver: Option<(At, &'a Expression)>,
    pub(super) listed: bool,
    pub(super) versioned: bool,
}

/// Annotations: a record or a call, or the options of mcp-go one by one.
pub(super) type Hints<'a> = Vec<(At, &'a Expression)>;

/// A text: as an expression, or read already.
#[derive(Clone, Debug)]
pub(in super::super) enum Given<'a> {
    /// An expression.
    Written(At, &'a Expression),
    /// A docstring, a doc comment, the name of a function.
    Said(Said),
    /// It may be given where it cannot be followed.
    Unknown(Place),
}

/// What describes the arguments.
#[derive(Clone, Debug)]
pub(in super::super) enum Shape<'a> {
    /// A schema: zod, JSON Schema, a class by its name, `model_json_schema()`.
    Written(At, &'a Expression),
    /// The fields of a class or struct.
    Class(usize, ClassId),
    /// The parameters of a function.
    Parameters(At),
    /// Fields that are read already.
    Read(Input),
    /// Something is not known.
    Unknown,
}

impl<'a> Draft<'a> {
    /// An offer of which nothing is known but its place.
    pub(super) fn new(kind: OfferKind, at: At, span: Span) -> Self {
        Self {
            kind,
            at,
            span,
            name: None,
            title: None,
            description: None,
            shapes: Vec::new(),
            annotations: Vec::new(),
            handler: None,
            receiver: None,
            listed: false,
            versioned: false,
        }
    }

    /// A function that is offered under its own name and documentation.
    pub(super) fn of_function(program: &Program<'a>, kind: OfferKind, file: usize, function: FunctionId) -> Self {
        let at = At { file, function };
        let definition = program.function_at(at);
        let outer = At { file, function: definition.parent.unwrap_or(0) };
        let mut draft = Self::new(kind, outer, definition.name_span);
        let place = program.place(file, definition.name_span);
        draft.name = definition.name.clone().map(|text| Given::Said(Said { text, place }));
        draft.description = definition.documentation.as_ref().map(|text| Given::documented(program, file, text));
        draft.handler = Some(at);
        draft
    }
}

impl Given<'_> {
    /// A docstring or doc comment.
    pub(super) fn documented(program: &Program<'_>, file: usize, text: &Text) -> Self {
        Self::Said(Said { text: text.value.clone(), place: program.place(file, text.span) })
    }
}
