//! What a variable or field is set to, apart from where it is declared: by assignments, by flags that write into it, and
//! by the defaults in the tags of its struct.

use super::{Scan, written};
use crate::project::{
    program::At,
    syntax::{Expression, Kind, Pattern, Statement},
};

/// Keys of tags that hold a default: of caarlos0/env, of cleanenv, and of what goes by `default` alone.
const TAGS: &[&str] = &["envDefault:\"", "env-default:\"", "default:\""];

/// One thing that something is set to.
pub(super) enum Setting<'a> {
    /// An expression.
    Value(At, &'a Expression),
    /// A default that somebody may change.
    Default(String),
}

impl<'a> Scan<'_, 'a> {
    /// What a variable or field may be set to.
    pub(super) fn settings(&self, at: At, read: &'a Expression) -> Vec<Setting<'a>> {
        let mut found = Vec::new();
        match &read.kind {
            Kind::Name(name) => {
                let shared = self.is_of_package(at.file, name);
                self.set_in(at.file, &mut found, &|owner, target| {
                    target.name() == Some(name.as_str()) && (shared || self.setup(owner) == self.setup(at))
                });
            }
            Kind::Member(_, name) => {
                for file in self.program.closure(at.file).into_iter().filter(|file| self.files.contains(file)) {
                    self.set_in(
                        file,
                        &mut found,
                        &|_, target| matches!(&target.kind, Kind::Member(_, field) if field.value == name.value),
                    );
                    found.extend(self.tagged(file, &name.value).map(Setting::Default));
                }
            }
            _ => {}
        }
        found
    }

    /// What the file sets where a target is the one that is meant: `x = value`, `flag.StringVar(&x, "name", "default", "")`.
    fn set_in(&self, file: usize, found: &mut Vec<Setting<'a>>, is_meant: &dyn Fn(At, &'a Expression) -> bool) {
        self.program.units()[file].expressions(&mut |function, expression| {
            let owner = At { file, function };
            match &expression.kind {
                Kind::Assign(target, value) if is_meant(owner, target) => found.push(Setting::Value(owner, value)),
                Kind::Call(call)
                    if matches!(written(call), "StringVar" | "StringVarP")
                        && call.positional(0).is_some_and(|target| is_meant(owner, target)) =>
                {
                    found.extend(self.flag(owner, call).map(Setting::Default));
                }
                _ => {}
            }
        });
    }

    /// Defaults in the tags of fields with a name.
    fn tagged(&self, file: usize, name: &str) -> impl Iterator<Item = String> + use<'_, 'a> {
        let fields = self.program.units()[file].module.classes.iter().flat_map(|class| &class.fields);
        let name = name.to_owned();
        let tags = fields.filter(move |field| field.name == name).flat_map(|field| &field.attributes);
        tags.filter_map(Expression::text).filter_map(|tag| {
            let rest = TAGS.iter().find_map(|key| Some(tag.split_once(key)?.1))?;
            Some(rest.split('"').next().unwrap_or_default().to_owned())
        })
    }

    /// The outermost function around a position.
    fn setup(&self, at: At) -> Option<At> {
        self.around(at).filter(|at| at.function != 0).last()
    }

    /// Whether a name is declared outside of functions.
    fn is_of_package(&self, file: usize, name: &str) -> bool {
        self.program.units()[file].module.functions[0]
            .body
            .iter()
            .any(|statement| matches!(statement, Statement::Let { pattern: Pattern::Name(own, _), .. } if own == name))
    }
}
