//! A file is where, or as, other users of the machine can plant, change or read it.

use std::collections::BTreeMap;

use crate::{
    finding::{Confidence, Finding, Related, Severity},
    project::{
        Language, Project,
        facts::{ExposedFile, FileExposure},
    },
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "temp-file-predictable",
    group: "path",
    title: "a file is open to other users of the machine",
    severity: Severity::Low,
    confidence: Confidence::Medium,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["CWE-377", "CWE-732", "CWE-379"],
    docs: "
A file with a fixed name in `/tmp` can be made by anybody first: as a link, so that the server overwrites what the link names, or as a file
whose owner reads along. A file or folder with mode `0777` can be changed by anybody. A credential that is written without a mode is
readable for every user of the machine under the usual mask.

Let the system choose the name (`mkstemp`, `tempfile.TemporaryDirectory`, `fs.mkdtemp`, `os.CreateTemp`, the crate `tempfile`), or use a folder of the
user's own (`~/.cache`, `XDG_RUNTIME_DIR`). Create what holds a credential with mode `0600`.

Reported once for a file of the source and each of the three. Only paths that are wholly written down count, and only modes that a `chmod` sets,
for the mask takes the rest away from others. Files that are created exclusively (`wx`, `x`, `O_EXCL`) are left out. In a container with one user
there is nobody else: suppress it there.
",
    applies: context::has_server,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let mut groups: BTreeMap<(&str, FileExposure), Vec<&ExposedFile>> = BTreeMap::new();
    for file in &project.facts.exposed_files {
        groups.entry((&file.place.path, file.exposure)).or_default().push(file);
    }
    findings.extend(groups.into_values().map(|files| finding(project, &files)));
}

fn finding(project: &Project, files: &[&ExposedFile]) -> Finding {
    let first = files[0];
    let written = &first.written;
    let (message, attack, fix) = match first.exposure {
        FileExposure::Planted => (
            format!("`{written}` has a fixed name in a folder that everybody writes to"),
            "another user of the machine puts a link there first, and the server overwrites what it names",
            "let the system choose the name, or use a folder of the user's own",
        ),
        FileExposure::Changed => (
            format!("mode `{written}` lets everybody write"),
            "another user of the machine changes the file, and the server trusts it",
            "give rights to the owner alone: `0600` for files, `0700` for folders",
        ),
        FileExposure::Read => (
            format!("`{written}` holds a credential, and is created with the usual rights"),
            "another user of the machine reads the credential",
            "create it with mode `0600`",
        ),
    };
    let mut finding = context::finding(project, &RULE, first.place.clone(), message, attack, fix);
    let others = files.iter().skip(1).take(20);
    finding.related =
        others.map(|file| Related { place: file.place.clone(), message: "and here".to_owned() }).collect();
    finding
}
