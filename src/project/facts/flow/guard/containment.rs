//! Is a path inside of a folder? Checks that hold, and checks that do not.

use super::{Proof, Subject, all};
use crate::project::{
    Language,
    facts::{
        Weakness,
        flow::{
            engine::Run,
            environment::{Environment, Fact, Via},
            mask::{Form, Mask},
        },
    },
    syntax::{Call, Expression, Kind, Part, Span},
};

impl<'a> Run<'_, '_, 'a> {
    /// A check by parts of a path: it holds for what `..` was resolved in.
    pub(in super::super) fn inside_folder(&self, subject: &Subject, span: Span) -> Proof {
        let mask = subject.form.contained();
        let fact = Fact { name: subject.name.clone(), mask, ..Fact::default() };
        let fact = if mask.is_empty() { self.weak(subject, Weakness::Unresolved, span) } else { fact };
        Proof { when_true: vec![fact], ..Proof::default() }
    }

    /// `x.startsWith(prefix)` on texts.
    pub(super) fn begins_with(
        &mut self,
        subject: &Subject,
        (text, prefix): (&'a Expression, &'a Expression),
        span: Span,
        environment: &mut Environment,
    ) -> Proof {
        let name = || subject.name.clone();
        let literal = self.program().text(self.at, prefix);
        let fact = |mask: Mask| vec![Fact { name: name(), mask, ..Fact::default() }];
        let literal_of = |text: &str| literal.as_deref() == Some(text);
        if subject.via == Via::Relative {
            let parent = literal.as_deref().is_some_and(|text| text.starts_with(".."));
            let mask = subject.form.with(Form::NORMAL).contained();
            return Proof { when_false: if parent { fact(mask) } else { Vec::new() }, ..Proof::default() };
        }
        if subject.via == Via::Host || subject.via == Via::Scheme {
            let when_false = vec![self.weak(subject, Weakness::Hosts, span)];
            return Proof { when_true: when_false.clone(), when_false, equals: None };
        }
        match literal.as_deref() {
            Some("-" | "--") => return Proof { when_false: fact(Mask::ARGUMENT), ..Proof::default() },
            Some("/" | "\\" | "~") => {
                let form = if literal_of("/") { Form::RELATIVE } else { Form::default() };
                let fact = Fact { name: name(), form, ..Fact::default() };
                return Proof { when_false: vec![fact], ..Proof::default() };
            }
            Some(text) if text.starts_with("..") => return Proof::default(),
            Some(text) if text.contains("://") => return self.begins_with_site(subject, text, span),
            _ => {}
        }
        if self.value(prefix, environment).is_some() {
            return Proof::default();
        }
        if self.compares_parts(text, prefix) || self.ends_with_separator(prefix, 4) {
            return self.inside_folder(subject, span);
        }
        if literal.as_deref().is_some_and(|text| !text.starts_with(['/', '.'])) {
            return Proof::default();
        }
        Proof { when_true: vec![self.weak(subject, Weakness::Prefix, span)], ..Proof::default() }
    }

    /// `url.startsWith("https://api.example.com/")`
    fn begins_with_site(&self, subject: &Subject, literal: &str, span: Span) -> Proof {
        let host = literal.split_once("://").is_some_and(|(_, rest)| rest.contains('/') && !rest.starts_with('/'));
        let mask = if host { Mask::ADDRESS } else { Mask::SCHEME };
        let weak = (!host).then(|| self.weak(subject, Weakness::Scheme, span).weak).flatten();
        let fact = Fact { name: subject.name.clone(), mask, weak, ..Fact::default() };
        Proof { when_true: vec![fact], ..Proof::default() }
    }

    /// Rust: whether the parts of paths are compared, and not texts.
    fn compares_parts(&self, path: &'a Expression, prefix: &'a Expression) -> bool {
        if self.program().unit(self.at).language != Language::Rust {
            return false;
        }
        let (_, value) = self.program().value(self.at, prefix);
        let written = |expression: &Expression| {
            let written = self.program().source(self.at.file, expression.span);
            ["to_str", "display", "as_str", "format!"].iter().any(|word| written.contains(word))
        };
        let typed = self.program().symbol(self.at, path).unwrap_or_default();
        let text = matches!(typed.as_str(), "str()" | "String()") || written(path) || written(prefix);
        !text && !matches!(value.kind, Kind::Template(_))
    }

    /// `root + sep`, `` `${root}/` ``, `os.path.join(root, "")`
    fn ends_with_separator(&self, prefix: &'a Expression, steps: usize) -> bool {
        let Some(steps) = steps.checked_sub(1) else { return false };
        let (_, value) = self.program().origin(self.at, prefix);
        let separator = |part: &Expression| match &part.kind {
            Kind::Text(text) => text.ends_with(['/', '\\']),
            Kind::Name(name) => name.to_lowercase().contains("sep"),
            Kind::Member(_, name) => matches!(name.value.as_str(), "sep" | "Separator" | "PathSeparator" | "altsep"),
            Kind::Call(call) => call.arguments.iter().any(
                |argument| matches!(&argument.value.kind, Kind::Member(_, name) if name.value.ends_with("Separator")),
            ),
            _ => false,
        };
        match &value.kind {
            Kind::Binary(operator, _, b) if operator == "+" => separator(b) || self.ends_with_separator(b, steps),
            Kind::Template(parts) => parts.last().is_some_and(|part| match part {
                Part::Text(text) => text.ends_with(['/', '\\']),
                Part::Value(value) => separator(value),
            }),
            Kind::Conditional(_, a, b) => self.ends_with_separator(a, steps) || self.ends_with_separator(b, steps),
            Kind::Call(call) => {
                let last = call.arguments.last();
                // `os.path.join(root, "")`, `root.replace(/\/?$/, "/")`
                let text = last.filter(|_| call.arguments.len() > 1).and_then(|last| last.value.text());
                text.is_some_and(|text| text.is_empty() || text.ends_with(['/', '\\']))
            }
            _ => separator(value) && prefix.text().is_none_or(|text| text.len() > 1),
        }
    }

    /// `os.path.commonpath([root, path]) == root`
    pub(super) fn common_path(
        &mut self,
        a: &'a Expression,
        b: &'a Expression,
        environment: &mut Environment,
    ) -> Option<Proof> {
        let (owner, value) = self.program().origin(self.at, a);
        let call = value.call().filter(|_| owner.file == self.at.file)?;
        let symbol = self.program().symbol(owner, &call.function)?;
        let weak = match symbol.as_str() {
            "os.path.commonpath" => false,
            "os.path.commonprefix" => true,
            _ => return None,
        };
        let Kind::List(items) = &call.positional(0)?.kind else { return None };
        let subjects: Vec<Subject> = items.iter().filter_map(|item| self.subject(item, environment)).collect();
        let subject = subjects.into_iter().find(|subject| environment.holds(&subject.name))?;
        if weak {
            let fact = self.weak(&subject, Weakness::Prefix, b.span);
            return Some(Proof { when_true: vec![fact], ..Proof::default() });
        }
        Some(self.inside_folder(&subject, b.span))
    }

    /// `filepath.IsLocal(x)`, `path.isAbsolute(x)`, `x.is_relative_to(root)`
    pub(super) fn path_test(
        &mut self,
        symbol: &str,
        method: &str,
        call: &'a Call,
        span: Span,
        environment: &Environment,
    ) -> Option<Proof> {
        let object = match &call.function.kind {
            Kind::Member(object, _) => self.subject(object, environment),
            _ => None,
        };
        let argument = call.positional(0).and_then(|argument| self.subject(argument, environment));
        match (symbol, method) {
            ("path/filepath.IsLocal" | "io/fs.ValidPath", _) => {
                let subject = argument?;
                let mask =
                    if subject.via == Via::Relative { subject.form.with(Form::NORMAL).contained() } else { Mask::FILE };
                Some(Proof {
                    when_true: vec![Fact { name: subject.name, mask, ..Fact::default() }],
                    ..Proof::default()
                })
            }
            ("path.isAbsolute" | "os.path.isabs" | "path/filepath.IsAbs" | "path.IsAbs", _)
            | (_, "is_absolute" | "has_root") => {
                let subject = if method.starts_with("is_") || method == "has_root" { object } else { argument }?;
                let fact = Fact { name: subject.name, form: Form::RELATIVE, ..Fact::default() };
                Some(Proof { when_false: vec![fact], ..Proof::default() })
            }
            (_, "is_relative_to") => Some(self.inside_folder(&object?, span)),
            (_, "isdigit" | "isnumeric" | "isdecimal") => {
                Some(Proof { when_true: vec![all(object?.name)], ..Proof::default() })
            }
            _ => None,
        }
    }
}
