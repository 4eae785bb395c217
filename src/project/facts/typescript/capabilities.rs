//! Capabilities that a server announces in so many words.

use super::{
    super::{Capability, Declared},
    Scan,
};
use crate::project::{
    program::At,
    syntax::{Entry, Expression, Kind, Record},
};

/// Spreads inside spreads that are followed.
const MAX_SPREADS: usize = 8;

/// What was read of a record of capabilities.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) declared: Vec<Declared>,
    pub(super) incomplete: Vec<String>,
}

impl<'a> Scan<'_, 'a> {
    /// The capabilities of a server's options: `{ capabilities: {..} }`.
    pub(super) fn options(&self, at: At, options: &'a Expression, read: &mut Read) {
        let mut known = false;
        for (at, origin) in self.program.origins(at, options) {
            match &origin.kind {
                Kind::Record(record) => {
                    known = true;
                    self.field(at, record, read, MAX_SPREADS);
                }
                Kind::Null => known = true,
                _ => {}
            }
        }
        if !known {
            read.incomplete.push("the server's options are computed".to_owned());
        }
    }

    fn field(&self, at: At, record: &'a Record, read: &mut Read, spreads: usize) {
        for entry in &record.entries {
            match entry {
                Entry::Field(key, value) if key.value == "capabilities" => self.capabilities(at, value, read, spreads),
                Entry::Field(..) => {}
                Entry::Computed(..) => read.incomplete.push("an option's name is computed".to_owned()),
                Entry::Spread(inner) => {
                    let mut known = false;
                    for (at, origin) in self.program.origins(at, inner) {
                        if let (Kind::Record(record), Some(spreads)) = (&origin.kind, spreads.checked_sub(1)) {
                            known = true;
                            self.field(at, record, read, spreads);
                        }
                    }
                    if !known {
                        read.incomplete.push("options are spread from a value that is not written down".to_owned());
                    }
                }
            }
        }
    }

    /// The value of `capabilities`, also of `registerCapabilities`.
    pub(super) fn capabilities(&self, at: At, value: &'a Expression, read: &mut Read, spreads: usize) {
        let origins = self.program.origins(at, value);
        if matches!(value.kind, Kind::Name(_) | Kind::Member(..)) {
            self.added(at, value, read);
        }
        if origins.len() > 1 || matches!(value.kind, Kind::Conditional(..) | Kind::Binary(..)) {
            read.incomplete.push("capabilities depend on a condition".to_owned());
        }
        for (at, origin) in origins {
            match (&origin.kind, spreads.checked_sub(1)) {
                (Kind::Record(record), Some(spreads)) => {
                    for entry in &record.entries {
                        match entry {
                            Entry::Field(key, value) => self.capability(at, &key.value, key.span, value, read),
                            Entry::Computed(..) => {
                                read.incomplete.push("a capability's name is computed".to_owned());
                            }
                            Entry::Spread(inner) => self.capabilities(at, inner, read, spreads),
                        }
                    }
                }
                (Kind::Null | Kind::Boolean(_), _) => {}
                _ => read.incomplete.push("capabilities are not written down".to_owned()),
            }
        }
    }

    /// `capabilities.tools = {}`: entries that are added to a record later on.
    fn added(&self, at: At, record: &'a Expression, read: &mut Read) {
        let written = self.program.source(at.file, record.span);
        self.program.units()[at.file].expressions(&mut |function, expression| {
            if let Kind::Assign(target, value) = &expression.kind
                && let Kind::Member(object, key) = &target.kind
                && self.program.source(at.file, object.span) == written
                && named(&key.value).is_some()
            {
                read.incomplete.push(format!("`{}` is added later", key.value));
                self.capability(At { file: at.file, function }, &key.value, key.span, value, read);
            }
        });
    }

    fn capability(
        &self,
        at: At,
        key: &str,
        span: crate::project::syntax::Span,
        value: &'a Expression,
        read: &mut Read,
    ) {
        let Some(capability) = named(key) else { return };
        match &value.kind {
            Kind::Null | Kind::Boolean(false) => return,
            Kind::Conditional(..) | Kind::Binary(..) => {
                read.incomplete.push(format!("`{key}` depends on a condition"));
            }
            _ => {}
        }
        read.declared.push(Declared { capability, place: self.program.place(at.file, span) });
    }
}

/// The capability of a key.
fn named(key: &str) -> Option<Capability> {
    use Capability::{Completions, Logging, Prompts, Resources, Tools};
    [Tools, Resources, Prompts, Completions, Logging].into_iter().find(|capability| capability.name() == key)
}
