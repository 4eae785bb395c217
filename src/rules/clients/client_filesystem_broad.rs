//! A server for files is given more than the project.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{
        Project,
        client::{
            ServerEntry, Word,
            launch::{Reach, reach},
        },
    },
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "client-filesystem-broad",
    group: "clients",
    title: "a server may read far more files than it needs",
    severity: Severity::High,
    confidence: Confidence::High,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-732", "CWE-552", "MCP02"],
    docs: "
A server for files that is given `/`, a home folder or `~/.ssh` reads keys, mails and the files of every other project, and
often writes them. A web page or an issue that the model reads can ask for them: the model cannot tell that order from the
person's, and the server does what the model says.

Give it the folder that the work is in: `${workspaceFolder}`, `.`, or a folder below the home. Mount folders for containers
read-only (`:ro`) where nothing is written.

Recognised are servers whose program or package says that it serves files, and folders that a container mounts. A folder below
the home (`/Users/me/Documents`) is not reported. Severity is one level lower where the container mounts it read-only.
",
    applies: context::has_client,
    check,
};

/// What names of programs and packages that serve files contain.
const FILE_SERVERS: &[&str] =
    &["filesystem", "file-system", "file_system", "mcp-server-fs", "mcp-files", "mcp-fs", "fs-mcp", "files-mcp"];

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for server in project.clients.iter().flat_map(|client| &client.servers) {
        for (word, reach, read_only) in broad(server) {
            let mut finding = context::finding(
                project,
                &RULE,
                word.place.clone(),
                format!("`{}` is given {}", server.name, reach.name()),
                "a text that the model reads makes it hand over, or change, files that have nothing to do with the work",
                "give it the folder of the project alone",
            );
            if read_only {
                finding.severity = context::lower(finding.severity, 1);
            }
            findings.push(finding);
        }
    }
}

fn broad(server: &ServerEntry) -> Vec<(Word, Reach, bool)> {
    let words = server.launch();
    if let Some(run) = server.container() {
        // The engine's socket and the whole machine are a rule of their own; keys are what some servers are for.
        let mounts = run.mounts().into_iter().filter_map(|(source, word)| {
            let reach = reach(&source).filter(|reach| !matches!(reach, Reach::Root | Reach::Engine))?;
            let purpose = reach == Reach::Keys && !source.contains(".ssh") && !source.contains(".gnupg");
            let read_only = word.text.ends_with(":ro") || word.text.split(',').any(|part| part == "readonly");
            (!purpose).then(|| (word.clone(), reach, read_only))
        });
        return mounts.collect();
    }
    let serves_files = words.iter().take_while(|word| reach(&word.text).is_none()).any(|word| {
        let lower = word.text.to_ascii_lowercase();
        FILE_SERVERS.iter().any(|name| lower.contains(name))
    });
    if !serves_files {
        return Vec::new();
    }
    let given = words.into_iter().skip(1).filter_map(|word| {
        let value = word.text.rsplit('=').next().unwrap_or(&word.text);
        let reach = reach(value)?;
        Some((word, reach, false))
    });
    given.collect()
}
