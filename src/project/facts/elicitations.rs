//! Questions to the person who uses a server: elicitations, and what they ask for.

use super::{
    Facts,
    tools::{Input, InputField, Said, Shape, read_schema},
};
use crate::{
    finding::Place,
    project::{
        Role,
        program::{At, Program, Site},
        syntax::{Expression, Kind, Part, Record},
    },
};

/// A question.
#[derive(Clone, Debug)]
pub struct Elicitation {
    /// The call.
    pub place: Place,
    /// What a form asks for.
    pub fields: Vec<InputField>,
    /// What is constant of the address that is opened instead of a form.
    pub address: Option<Said>,
}

/// Names of the functions that ask, in four languages.
const ASKS: &[&str] = &[
    "elicitInput",
    "elicit",
    "elicit_form",
    "elicit_url",
    "elicit_with_timeout",
    "create_elicitation",
    "createElicitation",
    "Elicit",
    "RequestElicitation",
];
const SCHEMAS: &[&str] = &["requestedSchema", "requested_schema", "RequestedSchema", "schema", "response_type"];

pub(super) fn add(program: &Program<'_>, facts: &mut Facts) {
    for (file, unit) in program.units().iter().enumerate() {
        if unit.role == Role::Test {
            continue;
        }
        for site in program.calls_in(file) {
            let Kind::Member(_, word) = &site.call.function.kind else { continue };
            let tested = program.function_at(site.at).is_test;
            if ASKS.contains(&word.value.as_str()) && !tested {
                facts.elicitations.push(read(program, site));
            }
        }
    }
}

fn read<'a>(program: &Program<'a>, site: Site<'a>) -> Elicitation {
    let Site { at, call, span } = site;
    let mut found = Elicitation { place: program.place(at.file, span), fields: Vec::new(), address: None };
    let mut input = Input::default();
    let typed = call.types.iter().find_map(|inner| program.class_of(at, inner));
    if let Some((file, class)) = typed {
        read_schema(program, &Shape::Class(file, class), &mut input);
    }
    for argument in &call.arguments {
        match argument.name.as_deref() {
            Some(name) if SCHEMAS.contains(&name) => schema(program, at, &argument.value, &mut input),
            Some("url") => found.address = address(program, at, &argument.value),
            Some(_) => {}
            None => {
                let (owner, value) = program.value(at, &argument.value);
                match value.record() {
                    Some(record) => parameters(program, owner, record, &mut found, &mut input),
                    None if matches!(value.kind, Kind::Name(_)) => schema(program, at, &argument.value, &mut input),
                    None => {}
                }
            }
        }
    }
    found.fields = input.fields;
    found
}

/// `{ message, requestedSchema }`, also one level down: `ElicitationRequest{ Params: .. }`.
fn parameters<'a>(program: &Program<'a>, at: At, record: &'a Record, found: &mut Elicitation, input: &mut Input) {
    if let Some(inner) = SCHEMAS.iter().find_map(|key| record.get(key)) {
        schema(program, at, inner, input);
    }
    if let Some(url) = ["url", "URL"].iter().find_map(|key| record.get(key)) {
        found.address = found.address.take().or_else(|| address(program, at, url));
    }
    if let Some(inner) = ["Params", "params"].iter().find_map(|key| record.get(key)) {
        let (owner, value) = program.value(at, inner);
        if let Some(record) = value.record() {
            parameters(program, owner, record, found, input);
        }
    }
}

fn schema<'a>(program: &Program<'a>, at: At, schema: &'a Expression, input: &mut Input) {
    read_schema(program, &Shape::Written(at, schema), input);
}

/// What is constant of an address.
fn address<'a>(program: &Program<'a>, at: At, url: &'a Expression) -> Option<Said> {
    let (owner, value) = program.value(at, url);
    let text = match &value.kind {
        Kind::Template(parts) => {
            parts.iter().map(|part| if let Part::Text(text) = part { text.as_str() } else { "{}" }).collect::<String>()
        }
        _ => program.text(owner, value)?,
    };
    Some(Said { text, place: program.place(owner.file, value.span) })
}
