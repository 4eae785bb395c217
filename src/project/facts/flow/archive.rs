//! What archives hold as a source: the names in them are chosen by whoever made the archive.
//!
//! The archive itself is the controlled value, so that whatever is taken out of it is one, too: `getEntries()`, `header.Name`,
//! `entry.path`. From there it goes through the same joins, checks and files as the input of a caller.

use super::{
    engine::{Engine, Hit},
    mask::Mask,
    shape::canonical,
    taint::Taint,
};
use crate::project::{
    Language, Role,
    facts::{ArchiveWrite, Hop, Sink, archives::Flaw},
    program::{At, Program},
    syntax::Call,
};

/// Calls whose result holds names as they stand in an archive. Not here are libraries that refuse names which lead out:
/// `yauzl`, `jszip` and `node-stream-zip`.
const OPENS: &[&str] = &[
    "adm-zip",
    "unzipper.Parse",
    "unzipper.Open.file",
    "unzipper.Open.buffer",
    "unzipper.Open.url",
    "unzipper.Open.custom",
    "tar-stream.extract",
    "fflate.unzipSync",
    "zipfile.ZipFile",
    "tarfile.open",
    "tarfile.TarFile",
    "tarfile.TarFile.open",
    "archive/tar.NewReader",
    "archive/zip.NewReader",
    "archive/zip.OpenReader",
    "zip.ZipArchive.new",
    "zip.read.ZipArchive.new",
    "tar.Archive.new",
    "tokio_tar.Archive.new",
    "async_tar.Archive.new",
];

/// Words of files that may open one, to look at no others.
const WORDS: &[&str] = &["adm-zip", "unzipper", "tar-stream", "fflate", "zipfile", "tarfile", "archive/", "Archive"];

/// Calls that make folders: beside a file they are not what is told.
const FOLDERS: &[&str] =
    &["mkdir", "mkdirSync", "mkdirs", "makedirs", "ensureDir", "create_dir_all", "create_dir", "MkdirAll"];

/// Whether a file may open an archive.
pub(in crate::project::facts) fn is_likely(text: &str) -> bool {
    WORDS.iter().any(|word| text.contains(word))
}

/// Whether a call opens an archive whose names come as they are.
pub(super) fn opens<'a>(program: &Program<'a>, at: At, call: &'a Call) -> bool {
    if call.written() == "pipe" {
        // `stream.pipe(unzipper.Parse())` is what it is piped into.
        let inner = call.positional(0).and_then(|value| program.value(at, value).1.call());
        return inner.is_some_and(|inner| opens(program, at, inner));
    }
    let Some(symbol) = program.symbol(at, &call.function) else { return false };
    let symbol = canonical(&symbol);
    OPENS.contains(&symbol.as_str()) && !is_made(program, at, call)
}

/// The archive is written, and not read.
fn is_made<'a>(program: &Program<'a>, at: At, call: &'a Call) -> bool {
    let mode = call.keyword("mode").or_else(|| call.positional(1).filter(|_| is_python(program, at)));
    mode.and_then(|mode| program.text(at, mode)).is_some_and(|mode| mode.starts_with(['w', 'a', 'x']))
}

fn is_python(program: &Program<'_>, at: At) -> bool {
    program.unit(at).language == Language::Python
}

/// What is taken out of an archive that is opened at `hop`.
pub(super) fn names(hop: Hop) -> Taint {
    Taint { label: Some("name".to_owned()), hops: vec![hop], ..Taint::default() }
}

/// Whether a member of an entry is one part of its path: `adm-zip` tells the last one as `name`.
pub(super) fn is_one_part(program: &Program<'_>, at: At, member: &str) -> bool {
    let text = program.unit(at).text;
    member == "name" && text.contains("adm-zip") && !text.contains("tar-stream")
}

/// Every place where a name out of an archive decides which file is written.
pub(in crate::project::facts) fn writes(program: &Program<'_>) -> Vec<ArchiveWrite> {
    let engine = Engine::of_archives(program);
    let mut hits: Vec<Hit> = Vec::new();
    for at in openers(program) {
        let parameters = vec![None; program.function_at(at).parameters.len()];
        for hit in &engine.analyse(at, &parameters, None, 0).hits {
            let same = |known: &Hit| known.file == hit.file && known.span == hit.span;
            if writes_by_name(hit) && !hits.iter().any(same) {
                hits.push(hit.clone());
            }
        }
    }
    hits.sort_by_key(|hit| (hit.file, is_folder(hit), hit.span.start));
    let mut writes: Vec<(At, ArchiveWrite)> = Vec::new();
    for hit in hits {
        let place = program.place(hit.file, hit.span);
        let at = At { file: hit.file, function: innermost(program, &hit) };
        // One loop over an archive is one weakness, whatever it writes.
        match writes.iter_mut().find(|(known, _)| *known == at) {
            Some((_, write)) => write.others.push(place),
            None => {
                let weakness = hit.taint.weak.as_ref().map(|weak| weak.0);
                let (call, hops) = (hit.call, hit.taint.hops);
                writes.push((at, ArchiveWrite { place, call, flaw: Flaw::Joined, hops, weakness, others: Vec::new() }));
            }
        }
    }
    writes.into_iter().map(|(_, write)| write).collect()
}

/// The functions that open archives, and those that they stand in.
fn openers(program: &Program<'_>) -> Vec<At> {
    let mut openers: Vec<At> = Vec::new();
    for (file, unit) in program.units().iter().enumerate() {
        if unit.role == Role::Test || !is_likely(unit.text) {
            continue;
        }
        for site in program.calls_in(file).filter(|site| opens(program, site.at, site.call)) {
            let mut at = site.at;
            while let Some(parent) = program.function_at(at).parent.filter(|parent| *parent != 0) {
                openers.push(at);
                at.function = parent;
            }
            openers.push(at);
        }
    }
    openers.sort();
    openers.dedup();
    openers.retain(|at| !program.function_at(*at).is_test);
    openers
}

fn writes_by_name(hit: &Hit) -> bool {
    let written = hit.sink == Sink::PathWrite || hit.sink == Sink::PathRead && hit.call.ends_with("OpenFile");
    written && !hit.taint.clean.contains(Mask::PATH)
}

fn is_folder(hit: &Hit) -> bool {
    FOLDERS.contains(&hit.call.rsplit(['.', ':']).next().unwrap_or_default())
}

/// The function that a hit stands in.
fn innermost(program: &Program<'_>, hit: &Hit) -> usize {
    let functions = program.units()[hit.file].module.functions.iter().enumerate();
    let around = functions.filter(|(_, function)| function.span.contains(hit.span));
    around.min_by_key(|(_, function)| function.span.end - function.span.start).map_or(0, |(id, _)| id)
}
