//! A client starts what anybody could have put there.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{
        Project,
        client::{Word, launch::base_name},
    },
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "client-command-writable",
    group: "clients",
    title: "a client starts a program from a folder that anybody writes to",
    severity: Severity::Medium,
    confidence: Confidence::High,
    languages: &[],
    since: "0.1.0",
    references: &["CVE-2025-54136", "CWE-426", "CWE-427", "MCP04"],
    docs: "
Everybody on a machine may write to `/tmp`, and every web page may put a file into the folder for downloads. A program that a
client starts from there is whatever was put there last, and runs with the rights of the person and the tokens of the entry.

Install the program into a folder that only the person or the administrator writes to, and start it there.

Reported are programs, scripts and working folders in folders for temporary files and downloads. The scripts of the project
itself (`node dist/index.js`) are reviewed with the project and not reported; neither are data files in such folders.
",
    applies: context::has_client,
    check,
};

/// Programs whose first plain argument is the program that really runs.
const INTERPRETERS: &[&str] =
    &["node", "bun", "deno", "python", "python3", "bash", "sh", "zsh", "ruby", "perl", "tsx", "java"];

/// Options after which a folder or file with code stands.
const CODE_OPTIONS: &[&str] = &["--directory", "--project", "--from", "-jar", "--prefix"];

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for server in project.clients.iter().flat_map(|client| &client.servers) {
        let words = server.launch();
        let Some(word) = started(&words).find(|word| is_writable(&word.text)) else { continue };
        findings.push(context::finding(
            project,
            &RULE,
            word.place.clone(),
            format!("`{}` is started from a folder that anybody writes to", server.name),
            "another program or person of the machine puts a program there, and the client runs it",
            "install the program into a folder of its own, and start it there",
        ));
    }
}

/// The words that name code.
fn started(words: &[Word]) -> impl Iterator<Item = &Word> {
    let program = words.first();
    let interprets = program.is_some_and(|word| INTERPRETERS.contains(&base_name(&word.text).as_str()));
    let script =
        words.iter().skip(1).find(|word| !word.text.starts_with('-') && word.text != "run").filter(|_| interprets);
    let named = words.windows(2).filter(|pair| CODE_OPTIONS.contains(&pair[0].text.as_str())).map(|pair| &pair[1]);
    program.into_iter().chain(script).chain(named)
}

fn is_writable(path: &str) -> bool {
    let plain = path.replace('\\', "/").to_ascii_lowercase();
    let plain = plain.strip_prefix("file://").unwrap_or(&plain);
    let folders =
        ["/tmp/", "/var/tmp/", "/private/tmp/", "/dev/shm/", "c:/temp/", "c:/windows/temp/", "c:/users/public/"];
    let variables = ["%temp%/", "%tmp%/", "$tmpdir/", "${tmpdir}/", "${env:temp}/", "${env:tmp}/", "${env:tmpdir}/"];
    let downloads = ["~/", "/users/", "/home/", "c:/users/", "$home/", "${home}/", "%userprofile%/", "${userhome}/"];
    folders.iter().chain(&variables).any(|folder| plain.starts_with(folder))
        || plain.contains("/downloads/") && downloads.iter().any(|home| plain.starts_with(home))
}
