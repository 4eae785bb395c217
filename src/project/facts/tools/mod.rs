//! What a server offers by name, with everything that a model reads of it: tools, prompts, resources.
//!
//! Each language says in its own file where offers are written down ([`draft`]); what their descriptions, schemas and
//! handlers say is then read the same way for all. An offer is noted where it is written, whether or not the server
//! that it is registered on is known. What is computed is said to be, never guessed.

use std::collections::HashSet;

use super::Facts;
use crate::{
    finding::Place,
    project::{
        Role,
        language::Language,
        program::{At, Program},
        syntax::Span,
    },
};

mod annotations;
mod description;
mod draft;
mod fields;
mod go;
mod handler;
mod placement;
mod python;
mod rewritten;
mod rust;
mod schema;
mod types;
mod typescript;

pub use annotations::Annotations;
pub use description::{Description, Origin};
pub use fields::{FieldType, InputField};
pub use handler::{Effect, EffectKind, Handler};

pub(super) use self::{draft::Shape, schema::read as read_schema, typescript::written};

use draft::{Draft, Given};

/// What is offered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum OfferKind {
    /// A tool.
    Tool,
    /// A prompt.
    Prompt,
    /// A resource or a template of resources.
    Resource,
}

/// A text with its place.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Said {
    /// What is said.
    pub text: String,
    /// Where.
    pub place: Place,
}

/// What a caller sends.
#[derive(Clone, Debug, Default)]
pub struct Input {
    /// The parameters, nested ones included.
    pub fields: Vec<InputField>,
    /// No parameter is missing here.
    pub complete: bool,
    /// References to schemas elsewhere: `$ref` with an address.
    pub remote: Vec<Said>,
}

/// A tool, prompt or resource.
#[derive(Clone, Debug)]
pub struct Offer {
    /// What it is.
    pub kind: OfferKind,
    /// The language that it is written in.
    pub language: Language,
    /// Its name, where it is no computed one.
    pub name: Option<Said>,
    /// A title for people.
    pub title: Option<Said>,
    /// What it says of itself.
    pub description: Description,
    /// What it takes.
    pub input: Input,
    /// What it promises of its behaviour, where it promises anything.
    pub annotations: Option<Annotations>,
    /// What runs, where that is known.
    pub handler: Option<Handler>,
    /// Where it is written down.
    pub place: Place,
    /// Where the server that it is registered on is made, where there is one candidate alone.
    pub server: Option<Place>,
    /// Nothing decides whether it is registered.
    pub unconditional: bool,
    /// It is registered while a call is answered.
    pub while_serving: bool,
    /// It is an entry of a list that a handler of `tools/list` gives, not a registration.
    pub listed: bool,
    /// It is one of several versions of the same thing (`@mcp.tool(version=..)`).
    pub versioned: bool,
}

impl Offer {
    /// As a report calls it: "tool `x`".
    pub fn label(&self) -> String {
        let kind = match self.kind {
            OfferKind::Tool => "tool",
            OfferKind::Prompt => "prompt",
            OfferKind::Resource => "resource",
        };
        match &self.name {
            Some(name) => format!("{kind} `{}`", name.text),
            None => format!("a {kind}"),
        }
    }

    /// What a model reads of it, with places: the description, the title, what is said of parameters.
    pub fn texts(&self) -> Vec<(&str, &Place)> {
        let description = self.description.place().map(|place| (self.description.text(), place));
        let title = self.title.iter().map(|said| (said.text.as_str(), &said.place));
        let fields = self.input.fields.iter().filter_map(|field| field.description.as_ref());
        let fields = fields.map(|said| (said.text.as_str(), &said.place));
        description.into_iter().chain(title).chain(fields).collect()
    }
}

/// Adds every offer of the program, in order of files.
pub(super) fn add(program: &Program<'_>, facts: &mut Facts) {
    let mut drafts = Vec::new();
    for (file, unit) in program.units().iter().enumerate() {
        if unit.role == Role::Test {
            continue;
        }
        match unit.language {
            Language::TypeScript => typescript::add(program, file, &mut drafts),
            Language::Python => python::add(program, file, &mut drafts),
            Language::Rust => rust::add(program, file, &mut drafts),
            Language::Go => go::add(program, file, &mut drafts),
            Language::Java | Language::CSharp => {}
        }
    }
    drafts.retain(|draft| !program.function_at(draft.at).is_test);
    let mut seen: HashSet<(usize, Span)> = HashSet::new();
    drafts.retain(|draft| seen.insert((draft.at.file, draft.span)));
    let handlers: HashSet<At> = drafts.iter().filter_map(|draft| draft.handler).collect();
    let reader = handler::Reader::new(program);
    let mut offers: Vec<Offer> = drafts.iter().map(|draft| finish(&reader, draft, &handlers)).collect();
    offers.sort_by(|a, b| (&a.place.path, a.place.start).cmp(&(&b.place.path, b.place.start)));
    facts.offers = offers;
    facts.rewritten_descriptions = rewritten::find(program, &handlers);
}

fn finish<'a>(reader: &handler::Reader<'_, 'a>, draft: &Draft<'a>, handlers: &HashSet<At>) -> Offer {
    let program = reader.program;
    let mut input = Input { complete: !draft.shapes.is_empty(), ..Input::default() };
    for shape in &draft.shapes {
        schema::read(program, shape, &mut input);
    }
    if let Some(handler) = draft.handler {
        reader.mark_deciding(handler, &mut input.fields);
    }
    Offer {
        kind: draft.kind,
        language: program.unit(draft.at).language,
        name: draft.name.as_ref().and_then(|given| said(program, given)),
        title: draft.title.as_ref().and_then(|given| said(program, given)),
        description: description::read(program, draft.description.as_ref()),
        input,
        annotations: annotations::read(program, &draft.annotations),
        handler: draft.handler.map(|at| reader.read(at)),
        place: program.place(draft.at.file, draft.span),
        server: draft.receiver.and_then(|(at, receiver)| placement::made(program, at, receiver)),
        versioned: draft.versioned,
        unconditional: placement::unconditional(program, draft.at, draft.span, 3),
        while_serving: placement::inside(program, draft.at, handlers),
        listed: draft.listed,
    }
}

/// The text that is given, where it is a constant.
fn said<'a>(program: &Program<'a>, given: &Given<'a>) -> Option<Said> {
    match given {
        Given::Said(said) => Some(said.clone()),
        Given::Unknown(_) => None,
        Given::Written(at, expression) => {
            let text = program.text(*at, expression)?;
            Some(Said { text, place: program.place(at.file, expression.span) })
        }
    }
}

#[cfg(test)]
mod tests;
