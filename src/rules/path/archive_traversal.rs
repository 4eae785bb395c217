//! The names in an archive decide which files are written.

use crate::{
    finding::{Confidence, Finding, Related, Severity},
    project::{
        Language, Project, Role,
        facts::{ArchiveFlaw, ArchiveWrite},
    },
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "archive-traversal",
    group: "path",
    title: "the names in an archive decide which files are written",
    severity: Severity::High,
    confidence: Confidence::Medium,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["CWE-22", "MCP05", "MSSS FS-01", "CVE-2007-4559"],
    docs: "
An archive says itself how its files are called, and nothing keeps it from calling one `../../.ssh/authorized_keys` or `/etc/cron.d/x`.
Code that joins these names with a folder and writes there puts files wherever whoever made the archive wants them: a program that
starts at the next login is code that runs. Links in a tar archive lead out in the same way.

Let a library unpack that refuses such names: in Python `extractall(path, filter=\"data\")` for tar (the default from Python 3.14 on; zip
is safe by itself), `extractAllTo` of `adm-zip`, `tar.x` and `unzipper.Extract` in Node, `Archive::unpack` and `ZipArchive::extract` in Rust.
Where names are joined by hand, check each one before it is used: `enclosed_name()` in Rust, `filepath.IsLocal` or `os.OpenRoot` in Go, and
elsewhere resolve the joined path and compare it with the folder by parts.

Reported are tar archives unpacked without a filter, and names that reach a file which is written, also through functions of the project.
Where every archive is made by the project itself and nobody else can change it, say so in a suppression: that cannot be seen here, and
therefore the rule is never sure. Not reported are libraries that refuse bad names before the code sees them, such as `yauzl` and `jszip`.
",
    applies,
    check,
};

fn applies(project: &Project) -> Result<(), &'static str> {
    if project.facts.archive_writes.is_empty() { context::has_server(project) } else { Ok(()) }
}

fn check(project: &Project, findings: &mut Vec<Finding>) {
    findings.extend(project.facts.archive_writes.iter().map(|write| finding(project, write)));
}

fn finding(project: &Project, write: &ArchiveWrite) -> Finding {
    let call = &write.call;
    let message = match write.flaw {
        ArchiveFlaw::Unfiltered => {
            format!("`{call}` writes each file of the archive under the name that the archive gives")
        }
        ArchiveFlaw::Joined => format!("a name out of the archive reaches `{call}`, and nothing checks where it leads"),
    };
    let message = match write.weakness {
        Some(weakness) => format!("a name out of the archive reaches `{call}`, and the check {}", weakness.note()),
        None => message,
    };
    let fix = match write.flaw {
        ArchiveFlaw::Unfiltered => "add `filter=\"data\"`",
        ArchiveFlaw::Joined => {
            "resolve the joined path and refuse it outside of the folder, or let a library unpack that does"
        }
    };
    let attack = "whoever makes the archive names a file `../../.bashrc` and writes it where it runs at the next login";
    let mut finding = context::finding(project, &RULE, write.place.clone(), message, attack, fix);
    if write.weakness.is_some() || context::role(project, &write.place) == Role::Script {
        finding.confidence = Confidence::Low;
    }
    let hops = write.hops.iter().map(|hop| Related { place: hop.place.clone(), message: hop.note.clone() });
    let others = write.others.iter().take(8);
    let others = others.map(|place| Related { place: place.clone(), message: "and here".to_owned() });
    finding.related = hops.filter(|related| related.place != write.place).chain(others).collect();
    finding
}
