//! `[[doctor.ignore]]`: what does not count, where, why and how long.

use toml::de::DeValue;

use crate::{
    checks,
    read::{Field, Reader, Section, kind},
    values,
};

/// An entry of `[[doctor.ignore]]`: findings of a rule that do not count.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Ignored {
    /// A rule's id or a group.
    pub rule: String,
    /// Globs of the files; everywhere where there is none.
    pub paths: Vec<String>,
    /// The words of whoever wrote it.
    pub reason: String,
    /// The last day on which it holds: `2027-03-31`.
    pub until: Option<String>,
}

/// Names of rules, and tables that say more.
pub(super) fn read(reader: &mut Reader<'_>, field: &Field<'_>, ignored: &mut Vec<Ignored>) -> Option<Vec<String>> {
    let mut names = Vec::new();
    for item in values::items(reader, field, "a list of rules")? {
        match item.value {
            DeValue::Table(_) => {
                let path = format!("{}.{}", item.path, ignored.len());
                ignored.extend(entry(reader, &path, item));
            }
            _ => names.extend(values::text(reader, &item)),
        }
    }
    Some(names)
}

fn entry(reader: &mut Reader<'_>, path: &str, item: Field<'_>) -> Option<Ignored> {
    let span = item.span.clone();
    let mut section = Section::of(reader, path, Some(item));
    let (mut rule, mut paths, mut reason, mut until) = (String::new(), Vec::new(), String::new(), None);
    section.set(reader, "rule", &mut rule, values::text);
    section.set(reader, "paths", &mut paths, |reader, field| values::checked_texts(reader, field, checks::glob));
    section.set(reader, "reason", &mut reason, values::text);
    section.set(reader, "until", &mut until, |reader, field| day(reader, field).map(Some));
    section.finish(reader);
    for (key, value) in [("rule", &rule), ("reason", &reason)] {
        if value.trim().is_empty() {
            reader.problem(span.clone(), format!("an entry of [[doctor.ignore]] needs a `{key}`"));
            return None;
        }
    }
    Some(Ignored { rule, paths, reason, until })
}

/// A day, as TOML writes it or as a text.
fn day(reader: &mut Reader<'_>, field: &Field<'_>) -> Option<String> {
    let day = match field.value {
        DeValue::Datetime(day) => day.to_string(),
        DeValue::String(day) => day.to_string(),
        other => {
            field.impossible(reader, format!("expected a day such as 2027-03-31, not {}", kind(other)));
            return None;
        }
    };
    let written = day.len() == 10 && day.split('-').map(str::len).eq([4, 2, 2]);
    if !written {
        field.impossible(reader, "expected a day such as 2027-03-31");
    }
    written.then_some(day)
}
