//! Edits of fixes, made from a source's text and its lowered form. Pure, and timid: what cannot be edited for certain has
//! no edit, and its fix stays advice.
//!
//! Replacements end lines with `\n`; whoever applies them writes the file's own line ends.

pub(crate) mod addresses;
pub(crate) mod capabilities;
pub(crate) mod hosts;
mod imports;
mod lists;
mod removal;
pub(crate) mod stdout;
pub(crate) mod timeouts;

use crate::{
    finding::{Edit, Fix, Place, Safety},
    project::{
        Project,
        syntax::{Call, Expression, Module, Span},
    },
};

/// A source to be edited.
#[derive(Clone, Copy)]
pub(crate) struct Source<'p> {
    /// Its path in the project.
    pub(crate) path: &'p str,
    /// The whole text.
    pub(crate) text: &'p str,
    /// The lowered form.
    pub(crate) module: &'p Module,
}

impl<'p> Source<'p> {
    /// The source that holds a place. One that the parser stumbles over somewhere is no ground for edits.
    pub(crate) fn of(project: &'p Project, place: &Place) -> Option<Self> {
        let file = project.file(&place.path)?;
        let module = file.module.as_ref().filter(|module| module.errors.is_empty() && !module.too_deep)?;
        Some(Self { path: &file.path, text: &file.text, module })
    }

    /// The expression that a place covers exactly; of several the call. Only what lies around the place is looked into.
    pub(crate) fn expression(&self, place: &Place) -> Option<&'p Expression> {
        let span = Span::new(place.start, place.end);
        let mut open: Vec<&'p Expression> = Vec::new();
        let mut push = |expression: &'p Expression| {
            if expression.span.contains(span) {
                open.push(expression);
            }
        };
        for function in &self.module.functions {
            let defaults = function.parameters.iter().filter_map(|parameter| parameter.default.as_ref());
            function.attributes.iter().chain(defaults).for_each(&mut push);
            if function.span.contains(span) || function.parent.is_none() {
                function.body.iter().for_each(|statement| statement.parts(&mut push));
            }
        }
        let fields = self.module.classes.iter().flat_map(|class| &class.fields);
        fields.filter_map(|field| field.value.as_ref()).for_each(&mut push);
        let mut found: Option<&Expression> = None;
        while let Some(expression) = open.pop() {
            if expression.span == span && (found.is_none() || expression.call().is_some()) {
                found = Some(expression);
            }
            expression.parts(&mut |part| {
                if part.span.contains(span) {
                    open.push(part);
                }
            });
        }
        found
    }

    /// The call that a place covers exactly.
    pub(crate) fn call(&self, place: &Place) -> Option<(Span, &'p Call)> {
        let expression = self.expression(place)?;
        Some((expression.span, expression.call()?))
    }

    /// The text of a span.
    pub(crate) fn source(&self, span: Span) -> &'p str {
        self.text.get(span.start..span.end).unwrap_or_default()
    }

    /// Puts a text in the place of another.
    pub(crate) fn replace(&self, span: Span, text: impl Into<String>) -> Edit {
        Edit { place: Place::new(self.path, span.start, span.end), replacement: text.into() }
    }

    /// Puts a text between two bytes.
    pub(crate) fn insert(&self, at: usize, text: impl Into<String>) -> Edit {
        self.replace(Span::new(at, at), text)
    }

    /// The quotation mark that the text uses more often.
    pub(crate) fn quote(&self) -> char {
        let count = |mark: char| self.text.matches(mark).count();
        if count('\'') > count('"') { '\'' } else { '"' }
    }

    /// The beginning of the line in which a byte lies.
    pub(crate) fn line_start(&self, at: usize) -> usize {
        line_start(self.text, at)
    }

    /// The white space before the first letter of the line in which a byte lies.
    pub(crate) fn indentation(&self, at: usize) -> &'p str {
        indentation(self.text, at)
    }
}

/// The beginning of the line in which a byte lies.
pub(crate) fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1)
}

/// The end of the line in which a byte lies, its line break included.
pub(crate) fn line_end(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|after| after.find('\n')).map_or(text.len(), |end| at + end + 1)
}

/// The white space before the first letter of the line in which a byte lies.
pub(crate) fn indentation(text: &str, at: usize) -> &str {
    let line = text.get(line_start(text, at)..).unwrap_or_default();
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

/// Lines at the end of a file, which keeps its last line break, or the want of one.
pub(crate) fn append_lines(project: &Project, path: &str, lines: &str) -> Edit {
    let text = project.file(path).map_or("", |file| file.text.as_str());
    let ends = text.is_empty() || text.ends_with('\n');
    let replacement = if ends { format!("{lines}\n") } else { format!("\n{lines}") };
    Edit { place: Place::new(path, text.len(), text.len()), replacement }
}

/// Takes an option away, which is then as its library has it by itself.
pub(crate) fn without(project: &Project, place: &Place) -> Option<Vec<Edit>> {
    Source::of(project, place)?.without(place)
}

/// A fix with these edits, or advice where there are none.
pub(crate) fn fix(title: impl Into<String>, safety: Safety, edits: Option<Vec<Edit>>) -> Fix {
    match edits {
        Some(edits) if !edits.is_empty() => Fix { title: title.into(), safety, edits },
        _ => Fix::advice(title),
    }
}
