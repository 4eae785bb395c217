//! What a tool promises of its behaviour: the hints of the specification, under the names of four languages.

use super::draft::Hints;
use crate::{
    finding::Place,
    project::{
        program::{At, Program},
        syntax::{Entry, Expression, Kind},
    },
};

/// Hints, with the place of each.
#[derive(Clone, Debug, Default)]
pub struct Annotations {
    /// `readOnlyHint`
    pub read_only: Option<(bool, Place)>,
    /// `destructiveHint`
    pub destructive: Option<(bool, Place)>,
    /// `idempotentHint`
    pub idempotent: Option<(bool, Place)>,
    /// `openWorldHint`
    pub open_world: Option<(bool, Place)>,
    /// A hint is computed, or comes from elsewhere.
    pub computed: bool,
}

/// Reads the hints that are given; nothing where none is.
pub(super) fn read<'a>(program: &Program<'a>, given: &Hints<'a>) -> Option<Annotations> {
    let mut found = Annotations::default();
    for (at, expression) in given {
        one(program, *at, expression, &mut found, 4);
    }
    let any = found.computed
        || [&found.read_only, &found.destructive, &found.idempotent, &found.open_world].iter().any(|it| it.is_some());
    any.then_some(found)
}

fn one<'a>(program: &Program<'a>, at: At, expression: &'a Expression, found: &mut Annotations, steps: usize) {
    let Some(steps) = steps.checked_sub(1) else { return };
    let (at, value) = program.value(at, expression);
    match &value.kind {
        Kind::Record(record) => {
            for entry in &record.entries {
                match entry {
                    Entry::Field(key, value) => hint(program, at, &key.value, value, found),
                    Entry::Spread(inner) => one(program, at, inner, found, steps),
                    Entry::Computed(..) => found.computed = true,
                }
            }
        }
        Kind::Call(call) => {
            let positional = call.arguments.iter().find(|argument| argument.name.is_none());
            for argument in &call.arguments {
                if let Some(name) = &argument.name {
                    hint(program, at, name, &argument.value, found);
                }
            }
            // `mcp.WithReadOnlyHintAnnotation(true)`, `ToolAnnotations::new().read_only(true)`, `new ToolAnnotations({..})`
            let word = match &call.function.kind {
                Kind::Name(name) => name.as_str(),
                Kind::Member(object, name) => {
                    if object.call().is_some() {
                        one(program, at, object, found, steps);
                    }
                    name.value.as_str()
                }
                _ => "",
            };
            if let Some(argument) = positional {
                if slot(word, found).is_some() {
                    hint(program, at, word, &argument.value, found);
                } else {
                    one(program, at, &argument.value, found, steps);
                }
            }
        }
        Kind::Null => {}
        _ => found.computed = true,
    }
}

/// The hint that a key means: `readOnlyHint`, `read_only_hint`, `ReadOnlyHint`, `WithReadOnlyHintAnnotation`, `read_only`.
fn slot<'f>(key: &str, found: &'f mut Annotations) -> Option<&'f mut Option<(bool, Place)>> {
    let plain: String = key.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    let plain = plain.trim_start_matches("with").trim_end_matches("annotation").trim_end_matches("hint");
    Some(match plain {
        "readonly" => &mut found.read_only,
        "destructive" => &mut found.destructive,
        "idempotent" => &mut found.idempotent,
        "openworld" => &mut found.open_world,
        _ => return None,
    })
}

fn hint<'a>(program: &Program<'a>, at: At, key: &str, value: &'a Expression, found: &mut Annotations) {
    let place = program.place(at.file, value.span);
    let decided = boolean(program, at, value, 3);
    let Some(slot) = slot(key, found) else { return };
    match decided {
        Some(Some(flag)) => *slot = Some((flag, place)),
        Some(None) => {}
        None => found.computed = true,
    }
}

/// A truth value, also behind Go's helpers for pointers: `ptr(true)`, `mcp.ToBoolPtr(false)`, `Some(true)`.
fn boolean<'a>(program: &Program<'a>, at: At, value: &'a Expression, steps: usize) -> Option<Option<bool>> {
    let steps = steps.checked_sub(1)?;
    let (at, value) = program.value(at, value);
    match &value.kind {
        Kind::Boolean(flag) => Some(Some(*flag)),
        Kind::Null => Some(None),
        Kind::Call(call) if call.arguments.len() == 1 => boolean(program, at, call.positional(0)?, steps),
        _ => None,
    }
}
