//! `go.mod`.

use crate::{finding::Place, project::File};

use super::{Dependency, Ecosystem, Manifest, Purpose, Source};

pub(super) fn module(file: &File) -> Manifest {
    let mut manifest = Manifest::new(&file.path, Ecosystem::Go);
    manifest.is_package = true;
    manifest.is_application = true;
    let mut block = "";
    let mut offset = 0;
    for line in file.text.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        let code = line.split("//").next().unwrap_or_default();
        let words: Vec<&str> = code.split_whitespace().collect();
        match words.as_slice() {
            ["module", name] => manifest.name = Some((*name).to_owned()),
            [keyword, "("] => block = if *keyword == "require" { "require" } else { "other" },
            [")"] => block = "",
            ["require", name, version] => manifest.dependencies.push(required(name, version, start, line, &file.path)),
            [name, version] if block == "require" => {
                manifest.dependencies.push(required(name, version, start, line, &file.path));
            }
            _ => {}
        }
    }
    manifest
}

fn required(name: &str, version: &str, start: usize, line: &str, path: &str) -> Dependency {
    let indent = line.len() - line.trim_start().len();
    Dependency {
        name: name.to_owned(),
        source: Source::Registry(version.to_owned()),
        purpose: Purpose::Runtime,
        place: Place::new(path, start + indent, start + line.trim_end().len()),
    }
}
