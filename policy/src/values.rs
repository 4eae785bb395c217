//! Readers of single values: from a TOML value to a type, or a problem.

use std::{ops::RangeInclusive, path::PathBuf, time::Duration};

use toml::{Spanned, de::DeValue};

use crate::{
    ByteSize, Rate, checks,
    read::{Field, Reader},
    suggest,
    units::{self, show_duration},
};

pub(crate) const MILLISECOND: Duration = Duration::from_millis(1);
pub(crate) const MINUTE: Duration = Duration::from_secs(60);
pub(crate) const HOUR: Duration = Duration::from_secs(3_600);
pub(crate) const DAY: Duration = Duration::from_secs(86_400);

/// A value that the file writes as one of a few words.
pub(crate) trait Word: Copy + PartialEq + 'static {
    /// Each word, and what it stands for.
    const WORDS: &'static [(&'static str, Self)];

    /// The word for this value.
    fn as_word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, value)| *value == self).map_or("", |(word, _)| word)
    }
}

pub(crate) fn boolean(reader: &mut Reader<'_>, field: &Field<'_>) -> Option<bool> {
    match field.value {
        DeValue::Boolean(value) => Some(*value),
        _ => {
            field.wrong_type(reader, "true or false");
            None
        }
    }
}

/// A string with `${VAR}` replaced by the variable's value.
pub(crate) fn text(reader: &mut Reader<'_>, field: &Field<'_>) -> Option<String> {
    match field.value {
        DeValue::String(value) => expand(reader, field, value),
        _ => {
            field.wrong_type(reader, "a string");
            None
        }
    }
}

pub(crate) fn texts(reader: &mut Reader<'_>, field: &Field<'_>) -> Option<Vec<String>> {
    checked_texts(reader, field, |_| Ok(()))
}

/// A string that passes `check`; what it says otherwise is the problem.
pub(crate) fn checked(
    reader: &mut Reader<'_>,
    field: &Field<'_>,
    check: impl Fn(&str) -> Result<(), String>,
) -> Option<String> {
    let text = text(reader, field)?;
    check(&text).map_err(|why| field.impossible(reader, why)).is_ok().then_some(text)
}

/// A path, absolute or from the policy file's folder.
pub(crate) fn path(reader: &mut Reader<'_>, field: &Field<'_>) -> Option<PathBuf> {
    checked(reader, field, checks::path).map(|path| reader.base.join(path))
}

/// One of the words of `T`.
pub(crate) fn word<T: Word>(reader: &mut Reader<'_>, field: &Field<'_>) -> Option<T> {
    choice(reader, field, T::WORDS)
}

/// One of a few words.
pub(crate) fn choice<T: Copy>(reader: &mut Reader<'_>, field: &Field<'_>, choices: &[(&str, T)]) -> Option<T> {
    let text = text(reader, field)?;
    if let Some((_, value)) = choices.iter().find(|(name, _)| *name == text) {
        return Some(*value);
    }
    let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
    let listed = names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
    let why = match suggest::nearest(&text, names) {
        Some(name) => format!("did you mean \"{name}\"? Expected one of {listed}"),
        None => format!("expected one of {listed}"),
    };
    field.impossible(reader, why);
    None
}

/// A list of strings of which each passes `check`; what it says otherwise is the problem.
pub(crate) fn checked_texts(
    reader: &mut Reader<'_>,
    field: &Field<'_>,
    check: impl Fn(&str) -> Result<(), String>,
) -> Option<Vec<String>> {
    let values: Vec<_> = items(reader, field, "a list of strings")?
        .into_iter()
        .map(|item| {
            let value = text(reader, &item)?;
            match check(&value) {
                Ok(()) => Some(value),
                Err(why) => {
                    item.impossible(reader, why);
                    None
                }
            }
        })
        .collect();
    values.into_iter().collect()
}

/// The items of a list, each as a field of the list's path.
pub(crate) fn items<'t>(reader: &mut Reader<'_>, field: &Field<'t>, wanted: &str) -> Option<Vec<Field<'t>>> {
    match field.value {
        DeValue::Array(array) => Some(
            array
                .iter()
                .map(|item: &Spanned<DeValue<'_>>| Field {
                    path: field.path.clone(),
                    value: item.get_ref(),
                    span: item.span(),
                })
                .collect(),
        ),
        _ => {
            field.wrong_type(reader, wanted);
            None
        }
    }
}

/// A whole number in `range`.
pub(crate) fn count(range: RangeInclusive<usize>) -> impl Fn(&mut Reader<'_>, &Field<'_>) -> Option<usize> {
    move |reader, field| {
        let DeValue::Integer(value) = field.value else {
            field.wrong_type(reader, "a whole number");
            return None;
        };
        let number = i128::from_str_radix(&value.as_str().replace('_', ""), value.radix()).ok();
        let number = number.and_then(|number| usize::try_from(number).ok()).filter(|number| range.contains(number));
        if number.is_none() {
            field.impossible(reader, format!("must be from {} to {}", range.start(), range.end()));
        }
        number
    }
}

/// A size in `range`: a string with a unit, or an integer of bytes.
pub(crate) fn size(range: RangeInclusive<ByteSize>) -> impl Fn(&mut Reader<'_>, &Field<'_>) -> Option<ByteSize> {
    move |reader, field| {
        let parsed = match field.value {
            DeValue::Integer(value) if value.radix() == 10 => value.as_str().parse::<ByteSize>(),
            DeValue::String(value) => expand(reader, field, value)?.parse::<ByteSize>(),
            _ => {
                field.wrong_type(reader, "a size such as \"1MiB\"");
                return None;
            }
        };
        let within = |value: ByteSize| match range.contains(&value) {
            true => Ok(value),
            false => Err(format!("must be from {} to {}", range.start(), range.end())),
        };
        parsed.map_err(|error| error.to_string()).and_then(within).map_err(|why| field.impossible(reader, why)).ok()
    }
}

/// A duration in `range`.
pub(crate) fn duration(range: RangeInclusive<Duration>) -> impl Fn(&mut Reader<'_>, &Field<'_>) -> Option<Duration> {
    move |reader, field| {
        let text = match field.value {
            DeValue::String(value) => expand(reader, field, value)?,
            // A bare number gets the answer that names a unit.
            DeValue::Integer(value) => value.as_str().to_owned(),
            _ => {
                field.wrong_type(reader, "a duration such as \"30s\"");
                return None;
            }
        };
        let within = |value: Duration| match range.contains(&value) {
            true => Ok(value),
            false => Err(format!("must be from {} to {}", show_duration(*range.start()), show_duration(*range.end()))),
        };
        let parsed = units::parse_duration(&text).map_err(|error| error.to_string());
        parsed.and_then(within).map_err(|why| field.impossible(reader, why)).ok()
    }
}

pub(crate) fn rate(reader: &mut Reader<'_>, field: &Field<'_>) -> Option<Rate> {
    match field.value {
        DeValue::String(value) => {
            let text = expand(reader, field, value)?;
            text.parse().map_err(|error| field.impossible(reader, error)).ok()
        }
        _ => {
            field.wrong_type(reader, "a rate such as \"100/min\"");
            None
        }
    }
}

/// Replaces `${VAR}`; `$${` stands for `${`. An unset variable is a problem and never the literal text.
fn expand(reader: &mut Reader<'_>, field: &Field<'_>, text: &str) -> Option<String> {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    let mut whole = true;
    while let Some(at) = rest.find("${") {
        let (before, after) = (&rest[..at], &rest[at + 2..]);
        if let Some(literal) = before.strip_suffix('$') {
            expanded.push_str(literal);
            expanded.push_str("${");
            rest = after;
            continue;
        }
        expanded.push_str(before);
        let Some((name, after)) = after.split_once('}').filter(|(name, _)| variable_name(name)) else {
            reader
                .problem(
                    field.span.clone(),
                    format!("`{}`: `${{` does not begin a variable such as `${{NAME}}`", field.path),
                )
                .help
                .push("write `$${` where these two characters are meant".to_owned());
            return None;
        };
        match reader.environment.get(name) {
            Some(value) if value.contains('\u{FFFD}') => {
                field.impossible(reader, format!("the environment variable `{name}` is not Unicode"));
                whole = false;
            }
            Some(value) => expanded.push_str(value),
            None => {
                field.impossible(reader, format!("the environment variable `{name}` is not set"));
                whole = false;
            }
        }
        rest = after;
    }
    expanded.push_str(rest);
    whole.then_some(expanded)
}

fn variable_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
