//! Checks of a text's characters: patterns, characters that must not occur, replacements.

use super::{Proof, Subject, alphabet::Alphabet};
use crate::project::{
    facts::{
        Weakness,
        flow::{
            engine::Run,
            environment::{Environment, Fact, Via},
            mask::{Form, Mask},
        },
    },
    program::{At, Program},
    syntax::{Call, Expression, Kind, Span},
};

impl<'a> Run<'_, '_, 'a> {
    /// What a text that contains `literal`, or does not, proves.
    pub(super) fn contains_text(
        &mut self,
        text: &'a Expression,
        literal: &str,
        span: Span,
        environment: &Environment,
    ) -> Proof {
        // `x.split("/")`, `Path(x).parts`, `path.components()` are looked through.
        let whole = match &text.kind {
            Kind::Call(call) => match &call.function.kind {
                Kind::Member(object, method)
                    if matches!(method.value.as_str(), "split" | "components" | "iter" | "parts" | "lower") =>
                {
                    object
                }
                _ => text,
            },
            Kind::Member(object, parts) if parts.value == "parts" => object,
            _ => text,
        };
        let Some(subject) = self.subject(whole, environment) else { return Proof::default() };
        self.lacks(&subject, literal, span)
    }

    fn lacks(&self, subject: &Subject, literal: &str, span: Span) -> Proof {
        let name = || subject.name.clone();
        let no = |fact: Fact| Proof { when_false: vec![fact], ..Proof::default() };
        match (subject.via, literal) {
            (Via::Relative, literal) if literal.starts_with("..") => {
                let mask = subject.form.with(Form::NORMAL).contained();
                no(Fact { name: name(), mask, ..Fact::default() })
            }
            (Via::Host, _) => {
                let fact = self.weak(subject, Weakness::Hosts, span);
                Proof { when_true: vec![fact.clone()], when_false: vec![fact], equals: None }
            }
            (Via::Same, "..") => {
                let weak = self.weak(subject, Weakness::Parent, span);
                no(Fact { form: Form::NO_PARENT, ..weak })
            }
            // Other ways to leave a folder are left: the text begins with it, or `..` ends it.
            (Via::Same, "../" | "..\\") => no(self.weak(subject, Weakness::Parent, span)),
            (Via::Same, literal) if literal.len() == 1 => {
                let mask = Alphabet::without(literal, "").harmless();
                no(Fact { name: name(), mask, ..Fact::default() })
            }
            _ => Proof::default(),
        }
    }

    /// What a match of a pattern proves of a text.
    pub(super) fn matches_pattern(
        &mut self,
        text: &'a Expression,
        pattern: &str,
        whole: bool,
        span: Span,
        environment: &Environment,
    ) -> Proof {
        let Some(subject) = self.subject(text, environment) else { return Proof::default() };
        let fact = |mask: Mask| vec![Fact { name: subject.name.clone(), mask, ..Fact::default() }];
        if let Some(alphabet) = Alphabet::matched(pattern, whole) {
            let mask = alphabet.harmless();
            let mask = match subject.via {
                Via::Same => mask,
                Via::Host => Mask::ADDRESS.with(Mask::ENDPOINT),
                Via::Scheme => Mask::SCHEME,
                Via::Folder | Via::Relative => Mask::NONE,
            };
            return Proof { when_true: fact(mask), ..Proof::default() };
        }
        if matches!(pattern, r"\.\." | r"\.\.[\/\\]" | r"\.\.\/") {
            return self.lacks(&subject, if pattern == r"\.\." { ".." } else { "../" }, span);
        }
        if let Some(alphabet) = Alphabet::lacking(pattern, "") {
            return Proof { when_false: fact(alphabet.harmless()), ..Proof::default() };
        }
        match subject.via {
            Via::Host => {
                let fact = self.weak(&subject, Weakness::Hosts, span);
                Proof { when_true: vec![fact.clone()], when_false: vec![fact], equals: None }
            }
            _ => Proof::default(),
        }
    }
}

/// For which sinks a text is harmless that matches `pattern` (a schema's, mostly).
pub(in super::super) fn pattern_mask<'a>(program: &Program<'a>, at: At, pattern: &'a Expression) -> Mask {
    let Some(pattern) = pattern_text(program, at, pattern) else { return Mask::NONE };
    Alphabet::matched(&pattern, false).map(|alphabet| alphabet.harmless()).unwrap_or_default()
}

/// The text of a regular expression, however it is made; nothing where it looks at lines.
pub(super) fn pattern_text<'a>(program: &Program<'a>, at: At, expression: &'a Expression) -> Option<String> {
    let (owner, value) = program.origin(at, expression);
    match &value.kind {
        Kind::Text(pattern) => Some(pattern.clone()),
        Kind::Call(call) => {
            // `Regex::new(..)`, `re.compile(..)`, `new RegExp(..)`, `LazyLock::new(|| Regex::new(..))`
            let first = call.positional(0)?;
            if let Some(flags) = call.positional(1).and_then(|flags| program.text(owner, flags))
                && flags.contains('m')
            {
                return None;
            }
            match &first.kind {
                Kind::Function(function) => {
                    let inner = At { file: owner.file, function: *function };
                    let result = program.results(inner).into_iter().next()?;
                    if matches!(result.kind, Kind::Function(_)) { None } else { pattern_text(program, inner, result) }
                }
                _ => match &call.function.kind {
                    // `Regex::new(..).unwrap()`
                    Kind::Member(object, method) if matches!(method.value.as_str(), "unwrap" | "expect") => {
                        pattern_text(program, owner, object)
                    }
                    _ => program.text(owner, first),
                },
            }
        }
        _ => program.text(owner, value),
    }
    .or_else(|| {
        let Kind::Call(call) = &value.kind else { return None };
        let Kind::Member(object, method) = &call.function.kind else { return None };
        matches!(method.value.as_str(), "unwrap" | "expect").then(|| pattern_text(program, owner, object)).flatten()
    })
}

/// For which sinks a text is harmless in which a backslash was put before the characters of a pattern.
fn escaped(pattern: &str) -> Mask {
    let regex = ["(", "+", "["].iter().all(|character| pattern.contains(character));
    let quote = pattern.contains('"');
    let mask = if regex { Mask::REGEX } else { Mask::NONE };
    if quote { mask | Mask::TEXT } else { mask }
}

/// For which sinks a text is harmless after a call replaced characters in it.
pub(in super::super) fn replaced<'a>(program: &Program<'a>, at: At, call: &'a Call) -> Mask {
    let Kind::Member(object, method) = &call.function.kind else { return Mask::NONE };
    let text = |position: usize| call.positional(position).and_then(|argument| program.text(at, argument));
    let global = |pattern: &'a Expression| {
        let (owner, value) = program.value(at, pattern);
        let flags = value.call().and_then(|call| call.positional(1)).and_then(|flags| program.text(owner, flags));
        flags.is_some_and(|flags| flags.contains('g'))
    };
    let characters = |pattern: Option<String>, inserted: Option<String>| {
        // Each of these characters keeps its place, with a backslash before it.
        if inserted.as_deref().is_some_and(|inserted| inserted.starts_with('\\')) {
            return pattern.map(|pattern| escaped(&pattern));
        }
        Alphabet::lacking(&pattern?, &inserted.unwrap_or_default()).map(|alphabet| alphabet.harmless())
    };
    let plain = |removed: Option<String>, inserted: Option<String>| {
        let removed = removed.filter(|removed| removed.len() == 1)?;
        Some(Alphabet::without(&removed, &inserted?).harmless())
    };
    let python = matches!(object.name(), Some("re"));
    let mask = match method.value.as_str() {
        "sub" if python => characters(text(0), text(1)),
        "replace" | "replaceAll" => match call.positional(0) {
            Some(pattern) if matches!(program.value(at, pattern).1.kind, Kind::Call(_)) => {
                if global(pattern) {
                    characters(pattern_text(program, at, pattern), text(1))
                } else {
                    None
                }
            }
            // JavaScript's `replace` of a text replaces it once.
            _ if method.value == "replace" && program.unit(at).language == crate::project::Language::TypeScript => None,
            _ => plain(text(0), text(1)),
        },
        "replace_all" | "ReplaceAllString" | "ReplaceAllLiteralString" => {
            characters(pattern_text(program, at, object), text(1))
        }
        "sub" => characters(pattern_text(program, at, object), text(0)),
        "ReplaceAll" => plain(text(1), text(2)),
        _ => None,
    };
    mask.unwrap_or_default()
}
