//! Reads TOML tables key by key, and remembers what nobody asked for: that is how an unknown key is found.

use std::{fmt::Display, ops::Range, path::Path};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::{
    environment::{Environment, Origin, Origins},
    problem::{Lines, Place, Problem},
    suggest,
};

/// Nobody mends more than these at once, and a hostile file must not make us say a million things.
const MOST_PROBLEMS: usize = 200;

/// A file being read: its text, and what was noticed so far.
pub(crate) struct Reader<'a> {
    pub(crate) file: &'a str,
    pub(crate) text: &'a str,
    pub(crate) environment: &'a Environment,
    /// The folder that relative paths start from.
    pub(crate) base: &'a Path,
    pub(crate) problems: Vec<Problem>,
    pub(crate) origins: Origins,
    lines: Lines,
    /// Takes the problems that are too many to keep.
    overflow: Option<Problem>,
    unknown: Vec<Unknown>,
    known: Vec<(String, Vec<&'static str>)>,
}

struct Unknown {
    section: String,
    key: String,
    span: Range<usize>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(file: &'a str, text: &'a str, environment: &'a Environment, base: &'a Path) -> Self {
        Self {
            file,
            text,
            environment,
            base,
            problems: Vec::new(),
            origins: Origins::default(),
            lines: Lines::of(text),
            overflow: None,
            unknown: Vec::new(),
            known: Vec::new(),
        }
    }

    /// The tables of the text; what is no TOML becomes problems, and then nothing else is read.
    pub(crate) fn parse(&mut self) -> Option<Spanned<DeTable<'a>>> {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        for error in &errors {
            let span = error.span().unwrap_or(0..0);
            self.problem(span, format!("this is not TOML: {}", error.message().trim_end().replace('\n', ", ")));
        }
        errors.is_empty().then_some(table)
    }

    /// Notes a problem at `span`, and gives it back to add help.
    pub(crate) fn problem(&mut self, span: Range<usize>, message: impl Into<String>) -> &mut Problem {
        let file = self.file.to_owned();
        if self.problems.len() >= MOST_PROBLEMS {
            let message = "there are more problems than these".to_owned();
            return self.overflow.insert(Problem { file, place: None, message, help: Vec::new() });
        }
        let place = Some(Place::of(self.text, &self.lines, span));
        let at = self.problems.len();
        self.problems.push(Problem { file, place, message: message.into(), help: Vec::new() });
        &mut self.problems[at]
    }

    /// Everything that was noticed.
    pub(crate) fn into_problems(self) -> Vec<Problem> {
        // The help was for a problem that is not shown.
        let overflow = self.overflow.map(|problem| Problem { help: Vec::new(), ..problem });
        self.problems.into_iter().chain(overflow).collect()
    }

    /// Notes a problem with an environment variable.
    pub(crate) fn environment_problem(&mut self, message: impl Into<String>, help: &str) {
        self.problems.push(Problem {
            file: "environment".to_owned(),
            place: None,
            message: message.into(),
            help: vec![help.to_owned()],
        });
    }

    /// Reports the keys that nobody asked for, with what was probably meant.
    pub(crate) fn report_unknown(&mut self) {
        for unknown in std::mem::take(&mut self.unknown).into_iter().take(MOST_PROBLEMS) {
            let here: Vec<&str> = self
                .known
                .iter()
                .filter(|(section, _)| *section == unknown.section)
                .flat_map(|(_, keys)| keys.clone())
                .collect();
            let suggestion = match suggest::nearest(&unknown.key, here.iter().copied()) {
                Some(key) => format!("; did you mean `{key}`?"),
                None => self.elsewhere(&unknown),
            };
            let (what, place) = match unknown.section.as_str() {
                "" => ("unknown section or key", String::new()),
                section => ("unknown key", format!(" in [{section}]")),
            };
            let message = format!("{what} `{}`{place}{suggestion}", unknown.key);
            let plain = suggestion.is_empty();
            let problem = self.problem(unknown.span, message);
            if plain && !here.is_empty() {
                problem.help.push(format!("known here: {}", here.join(", ")));
            }
        }
    }

    /// A section that knows the key exactly.
    fn elsewhere(&self, unknown: &Unknown) -> String {
        let knows = |(section, keys): &&(String, Vec<&str>)| {
            !section.is_empty() && !section.contains('.') && keys.contains(&unknown.key.as_str())
        };
        self.known.iter().find(knows).map_or_else(String::new, |(section, _)| format!("; it belongs in [{section}]"))
    }

    pub(crate) fn origin(&self, span: &Range<usize>) -> Origin {
        Origin::File { file: self.file.to_owned(), line: self.lines.number(span.start) }
    }
}

/// One table. Ask for its keys, then call [`Section::finish`].
pub(crate) struct Section<'t> {
    path: String,
    table: Option<&'t DeTable<'t>>,
    known: Vec<&'static str>,
}

/// One value, and the path of its key.
pub(crate) struct Field<'t> {
    pub(crate) path: String,
    pub(crate) value: &'t DeValue<'t>,
    pub(crate) span: Range<usize>,
}

impl<'t> Section<'t> {
    pub(crate) fn root(table: &'t DeTable<'t>) -> Self {
        Self { path: String::new(), table: Some(table), known: Vec::new() }
    }

    /// The table in `field`, or an empty one if there is none.
    pub(crate) fn of(reader: &mut Reader<'_>, path: &str, field: Option<Field<'t>>) -> Self {
        let table = field.and_then(|field| match field.value {
            DeValue::Table(table) => Some(table),
            other => {
                let message = format!("`{path}` is a section, not {}", kind(other));
                reader.problem(field.span, message).help.push(format!("write [{path}] and its keys below"));
                None
            }
        });
        Self { path: path.to_owned(), table, known: Vec::new() }
    }

    /// The value of `key`, if it is there.
    pub(crate) fn get(&mut self, key: &'static str) -> Option<Field<'t>> {
        self.known.push(key);
        self.field(key)
    }

    fn field(&self, key: &str) -> Option<Field<'t>> {
        let value = self.table?.get(key)?;
        Some(Field { path: self.path_of(key), value: value.get_ref(), span: value.span() })
    }

    /// Reads `key` into `slot` with `read`, and notes where it came from. Leaves the default if it is absent or wrong.
    pub(crate) fn set<T>(
        &mut self,
        reader: &mut Reader<'_>,
        key: &'static str,
        slot: &mut T,
        read: impl FnOnce(&mut Reader<'_>, &Field<'_>) -> Option<T>,
    ) {
        let Some(field) = self.get(key) else { return };
        if let Some(value) = read(reader, &field) {
            let origin = reader.origin(&field.span);
            reader.origins.set(field.path, origin);
            *slot = value;
        }
    }

    /// Every key with its value, for sections whose keys are names. Nothing is unknown in them.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&'t str, Field<'t>)> + use<'t> {
        let path = self.path.clone();
        self.table.into_iter().flatten().map(move |(key, value)| {
            let name = key.get_ref().as_ref();
            let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
            (name, Field { path, value: value.get_ref(), span: value.span() })
        })
    }

    /// Where the key itself stands.
    pub(crate) fn key_span(&self, key: &str) -> Option<Range<usize>> {
        self.table?.get_key_value(key).map(|(key, _)| key.span())
    }

    /// Where one of its keys stands, for a problem of the section as a whole.
    pub(crate) fn any_span(&self) -> Range<usize> {
        self.table.into_iter().flatten().map(|(key, _)| key.span()).min_by_key(|span| span.start).unwrap_or(0..0)
    }

    /// Notes the keys that were not asked for.
    pub(crate) fn finish(self, reader: &mut Reader<'_>) {
        for (key, _) in self.table.into_iter().flatten() {
            if !self.known.contains(&key.get_ref().as_ref()) {
                reader.unknown.push(Unknown {
                    section: self.path.clone(),
                    key: key.get_ref().clone().into_owned(),
                    span: key.span(),
                });
            }
        }
        reader.known.push((self.path, self.known));
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }
}

/// What a value is, in words.
pub(crate) fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a section",
    }
}

impl Field<'_> {
    /// Notes that the value has the wrong type.
    pub(crate) fn wrong_type(&self, reader: &mut Reader<'_>, wanted: &str) {
        let message = format!("`{}` is {wanted}, not {}", self.path, kind(self.value));
        reader.problem(self.span.clone(), message);
    }

    /// Notes that the value cannot be, and why.
    pub(crate) fn impossible(&self, reader: &mut Reader<'_>, why: impl Display) {
        reader.problem(self.span.clone(), format!("`{}`: {why}", self.path));
    }
}
