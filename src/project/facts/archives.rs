//! Archives that are unpacked under the names which they give.

use super::{Facts, Hop, Weakness, flow::archive};
use crate::{
    finding::Place,
    project::{
        File, Role,
        language::Language,
        program::{Program, Site},
        syntax::{Expression, Kind},
    },
};

/// A file, or a whole archive, that is written wherever the archive says.
#[derive(Clone, Debug)]
pub struct ArchiveWrite {
    /// The call that writes.
    pub place: Place,
    /// As written.
    pub call: String,
    /// How the names get to it.
    pub flaw: Flaw,
    /// From where the archive is opened.
    pub hops: Vec<Hop>,
    /// A check on the way that does not hold.
    pub weakness: Option<Weakness>,
    /// What else is written by these names.
    pub others: Vec<Place>,
}

/// How the names of an archive decide what is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Flaw {
    /// The library unpacks it and trusts the names.
    Unfiltered,
    /// Each name is joined with a folder.
    Joined,
}

/// Words of functions that look at the members before they unpack them, or choose a filter where there is one.
const CHECKS: &[&str] = &[
    "filter",
    "commonpath",
    "commonprefix",
    "relative_to",
    "startswith(",
    "basename(",
    "isabs(",
    "is_absolute(",
    "realpath(",
    "abspath(",
    "'..'",
    "\"..\"",
    ".name = ",
];

pub(super) fn add(program: &Program<'_>, files: &[File], facts: &mut Facts) {
    for (file, unit) in program.units().iter().enumerate() {
        let unpacks = unit.language == Language::Python && unit.text.contains("tarfile");
        if unit.role == Role::Test || !unpacks || unit.text.contains("extraction_filter") {
            continue;
        }
        let sites = program.calls_in(file).filter(|site| is_unfiltered(program, *site));
        let sites: Vec<Site<'_>> = sites.filter(|site| !is_checked(program, *site)).collect();
        if sites.is_empty() || is_newest(files) {
            continue;
        }
        facts.archive_writes.extend(sites.into_iter().map(|site| ArchiveWrite {
            place: program.place(file, site.span),
            call: program.source(file, site.call.function.span).to_owned(),
            flaw: Flaw::Unfiltered,
            hops: Vec::new(),
            weakness: None,
            others: Vec::new(),
        }));
    }
    facts.archive_writes.extend(archive::writes(program));
}

/// `tar.extractall(..)` and `tar.extract(..)` without a filter, of all members.
fn is_unfiltered<'a>(program: &Program<'a>, site: Site<'a>) -> bool {
    let call = site.call;
    if !matches!(call.written(), "extractall" | "extract") || call.keyword("filter").is_some() {
        return false;
    }
    let symbol = program.symbol(site.at, &call.function).unwrap_or_default();
    let opens_stream = symbol.starts_with("tarfile.open()") || symbol.starts_with("tarfile.TarFile");
    let spreads = call.arguments.iter().any(|argument| matches!(argument.value.kind, Kind::Spread(_)));
    opens_stream && !spreads && call.keyword("members").is_none_or(is_all)
}

/// The members as they come: `tar.getmembers()`, `tar`.
fn is_all(members: &Expression) -> bool {
    match &members.kind {
        Kind::Null | Kind::Name(_) => true,
        Kind::Call(call) => call.written() == "getmembers",
        _ => false,
    }
}

/// The function around the call asks something of the members, or hands them to a function of the project.
fn is_checked<'a>(program: &Program<'a>, site: Site<'a>) -> bool {
    let function = program.function_at(site.at);
    let text =
        if site.at.function == 0 { program.unit(site.at).text } else { program.source(site.at.file, function.span) };
    let Kind::Member(archive, _) = &site.call.function.kind else { return false };
    let archive = archive.name();
    let members: Vec<&str> = archive.into_iter().chain(["member", "m", "tarinfo", "info"]).collect();
    CHECKS.iter().any(|word| text.contains(word))
        || program.calls_in(site.at.file).any(|other| {
            let given = other.call.arguments.iter().filter_map(|argument| argument.value.name());
            other.at == site.at
                && given.into_iter().any(|name| members.contains(&name))
                && program.function(other.at, &other.call.function).is_some()
        })
}

/// The project runs on Python 3.14 or later alone, which filters by itself.
fn is_newest(files: &[File]) -> bool {
    files.iter().filter(|file| file.path.ends_with("pyproject.toml")).any(|file| {
        let line = file.text.lines().find(|line| line.trim_start().starts_with("requires-python"));
        let minor = line.and_then(|line| line.split_once("3.")).map(|(_, rest)| rest);
        let digits = minor.map(|rest| rest.chars().take_while(char::is_ascii_digit).collect::<String>());
        line.is_some_and(|line| line.contains(">=") || line.contains("==") || line.contains("~="))
            && digits.and_then(|digits| digits.parse::<u32>().ok()).is_some_and(|minor| minor >= 14)
    })
}
