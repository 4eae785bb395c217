//! Every call outside tests with what it means, and what callers reach: asked once, for the facts of all languages.

use std::sync::OnceLock;

use super::{Facts, reach::Reach};
use crate::{
    finding::Place,
    project::{
        Language, Role,
        program::{At, Program, Site, Unit},
        syntax::{Entry, Expression, Kind, Record, Span, Statement},
    },
};

/// A call with the library's function that it means.
#[derive(Clone, Debug)]
pub(super) struct Known<'a> {
    pub(super) site: Site<'a>,
    /// Canonical path; empty for what cannot be resolved.
    pub(super) symbol: String,
    /// The name under which it is called, whatever it is called on.
    pub(super) word: &'a str,
}

/// The program, each call resolved once.
pub(super) struct Survey<'p, 'a> {
    pub(super) program: &'p Program<'a>,
    /// Files that are no tests.
    pub(super) files: Vec<usize>,
    /// Every call of those files that is not in a test, in order.
    pub(super) calls: Vec<Known<'a>>,
    pub(super) reach: Reach,
    /// What is known of servers and endpoints.
    pub(super) facts: &'p Facts,
    /// Texts of files in lowercase, by file: several parts ask for the same.
    lower: Vec<OnceLock<String>>,
}

impl<'p, 'a> Survey<'p, 'a> {
    pub(super) fn new(program: &'p Program<'a>, facts: &'p Facts) -> Self {
        let units = program.units().iter().enumerate();
        let followed = |unit: &Unit<'_>| Language::FOLLOWED.contains(&unit.language);
        let files = units.filter(|(_, unit)| unit.role != Role::Test && followed(unit));
        let files: Vec<usize> = files.map(|(file, _)| file).collect();
        let sites = files.iter().flat_map(|&file| program.calls_in(file));
        let calls = sites
            .filter(|site| {
                let function = program.function_at(site.at);
                !function.is_test && (site.at.function == 0 || !is_dead(&function.body, site.span))
            })
            .map(|site| {
                let symbol = program.symbol(site.at, &site.call.function).unwrap_or_default();
                Known { site, symbol, word: site.call.written() }
            })
            .collect();
        let lower = program.units().iter().map(|_| OnceLock::new()).collect();
        Self { program, files, calls, reach: Reach::new(program), facts, lower }
    }

    pub(super) fn place(&self, at: At, span: Span) -> Place {
        self.program.place(at.file, span)
    }

    /// The place of a call.
    pub(super) fn site(&self, known: &Known<'_>) -> Place {
        self.place(known.site.at, known.site.span)
    }

    pub(super) fn language(&self, known: &Known<'_>) -> Language {
        self.program.unit(known.site.at).language
    }

    /// An option of a call: a keyword, or a field of a record among its arguments, also behind a name.
    pub(super) fn option(&self, known: &Known<'a>, key: &str) -> Option<(At, &'a Expression)> {
        let Site { at, call, .. } = known.site;
        if let Some(value) = call.keyword(key) {
            return Some((at, value));
        }
        call.arguments.iter().find_map(|argument| {
            let (owner, record) = self.record(at, &argument.value)?;
            record.get(key).map(|value| (owner, value))
        })
    }

    /// The record that an expression is, or that a name stands for.
    pub(super) fn record(&self, at: At, expression: &'a Expression) -> Option<(At, &'a Record)> {
        let (owner, value) = self.program.value(at, expression);
        value.record().map(|record| (owner, record))
    }

    /// Whether options of a call may come from elsewhere: spread, or behind a name that is not written down.
    pub(super) fn is_open(&self, known: &Known<'a>, from: usize) -> bool {
        let Site { at, call, .. } = known.site;
        call.arguments.iter().enumerate().any(|(position, argument)| match &argument.value.kind {
            Kind::Spread(_) => true,
            _ if position < from || argument.name.is_some() => false,
            _ => match self.program.value(at, &argument.value).1 {
                Expression { kind: Kind::Record(record), .. } => has_spread(record),
                value => matches!(value.kind, Kind::Name(_) | Kind::Member(..) | Kind::Index(..) | Kind::Call(_)),
            },
        })
    }

    /// The source of the function around a position, and of the named one around that; in lowercase.
    pub(super) fn around(&self, at: At) -> String {
        let mut function = self.program.function_at(at);
        let mut id = at.function;
        while function.name.is_none()
            && let Some(parent) = function.parent.filter(|&parent| parent != 0)
        {
            id = parent;
            function = self.program.function_at(At { file: at.file, function: parent });
        }
        if id == 0 { String::new() } else { self.program.source(at.file, function.span).to_lowercase() }
    }

    /// The text of a file, in lowercase.
    pub(super) fn file_text(&self, file: usize) -> &str {
        self.lower[file].get_or_init(|| self.program.units()[file].text.to_lowercase())
    }

    /// As written, in one line, shortened.
    pub(super) fn written(&self, file: usize, span: Span) -> String {
        let words: Vec<&str> = self.program.source(file, span).split_whitespace().collect();
        let text = words.join(" ");
        match text.char_indices().nth(60) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text,
        }
    }
}

/// Whether something stands behind the statement that leaves its function for good.
fn is_dead(body: &[Statement], span: Span) -> bool {
    let end = body.iter().find_map(|statement| match statement {
        Statement::Return(_, span) | Statement::Raise(_, span) => Some(span.end),
        _ => None,
    });
    end.is_some_and(|end| end <= span.start)
}

/// Whether a record takes in another.
pub(super) fn has_spread(record: &Record) -> bool {
    record.entries.iter().any(|entry| matches!(entry, Entry::Spread(_)))
}

/// A whole number as it is written, powers of two and products included where they are written out.
pub(super) fn number(expression: &Expression) -> Option<f64> {
    match &expression.kind {
        Kind::Number(text) => {
            let digits: String = text.chars().filter(|c| *c != '_').collect();
            digits.trim_end_matches(|c: char| c.is_ascii_alphabetic() && c != 'e').parse().ok()
        }
        Kind::Binary(operator, a, b) => {
            let (a, b) = (number(a)?, number(b)?);
            match operator.as_str() {
                "*" => Some(a * b),
                "+" => Some(a + b),
                "<<" => Some(a * b.exp2()),
                "**" => Some(a.powf(b)),
                _ => None,
            }
        }
        Kind::Unary(operator, inner) if operator == "-" => number(inner).map(|value| -value),
        Kind::Name(name) if name == "Infinity" => Some(f64::INFINITY),
        _ => None,
    }
}
