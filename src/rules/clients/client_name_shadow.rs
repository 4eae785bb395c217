//! Two servers that a person takes for one.

use std::collections::BTreeMap;

use crate::{
    finding::{Confidence, Finding, Related, Severity},
    project::{
        Project,
        client::{ClientConfig, ServerEntry, launch::base_name},
    },
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "client-name-shadow",
    group: "clients",
    title: "two different servers have one name",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-694", "MCP09", "MCP03", "SAFE-T1301"],
    docs: "
A client shows a server by its name, and remembers under its name what the person has allowed. Where the configurations of one
project give the name to different programs or addresses, or where two names differ only in case, separators or look-alike
letters, the permission that was given to one is used by the other.

Give each server a name of its own, and write the same program for one name in every client's file.

Compared are files of one project that lie in the same folder, by package or address: another version, another way to start the
same package, the same content, and a service beside the package that reaches it are not reported. Names with letters of several scripts are reported alone: nobody can tell
them from the name that they look like.
",
    applies: context::has_client,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let mut seen: BTreeMap<(String, String), &ServerEntry> = BTreeMap::new();
    for (index, client) in project.clients.iter().enumerate() {
        // A person's clients remember each for itself what was allowed, and so do the projects of one client.
        let group = if client.path.starts_with("~/") { index.to_string() } else { folder(client).to_owned() };
        for server in &client.servers {
            if mixes_scripts(&server.name) {
                findings.push(finding(project, server, "mixes letters that look alike".to_owned()));
            }
            let key = (group.clone(), plain(&server.name));
            let Some(first) = seen.get(&key) else {
                seen.insert(key, server);
                continue;
            };
            // A service and the package that reaches it are one thing in two forms: only like is compared with like.
            if let (Some((form, a)), Some((other, b))) = (identity(first), identity(server))
                && form == other
                && a != b
            {
                let mut finding = finding(project, server, format!("stands for `{b}` here and for `{a}` elsewhere"));
                finding.related.push(Related { place: first.place.clone(), message: "the other one".to_owned() });
                findings.push(finding);
            }
        }
    }
}

fn finding(project: &Project, server: &ServerEntry, what: String) -> Finding {
    context::finding(
        project,
        &RULE,
        server.place.clone(),
        format!("the server name `{}` {what}", server.name.escape_debug()),
        "a server takes the place of one that the person has allowed, and answers with its permissions",
        "give each server a name of its own",
    )
}

/// The folder that a configuration belongs to, without the folder that the client keeps it in.
fn folder(client: &ClientConfig) -> &str {
    let mut folder = client.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    while folder.rsplit('/').next().is_some_and(|name| name.starts_with('.') || name == "settings" || name == "mcp") {
        folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
    }
    folder
}

/// A name without case and separators.
fn plain(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Latin letters beside Greek or Cyrillic ones.
fn mixes_scripts(name: &str) -> bool {
    let latin = name.chars().any(|letter| letter.is_ascii_alphabetic());
    latin && name.chars().any(|letter| matches!(letter, '\u{370}'..='\u{3ff}' | '\u{400}'..='\u{52f}'))
}

/// How a server is had.
#[derive(Eq, PartialEq)]
enum Form {
    Host,
    Image,
    Package,
}

/// The package, image or host that a server is, without its version; nothing where that cannot be told.
fn identity(server: &ServerEntry) -> Option<(Form, String)> {
    if let Some(url) = &server.url {
        let (_, rest) = url.text.split_once("://")?;
        let host = rest.split(['/', '?', '#']).next()?.rsplit('@').next()?;
        return (!host.contains('$')).then(|| (Form::Host, host.to_ascii_lowercase()));
    }
    if let Some(image) = server.container().and_then(|run| run.image) {
        return Some((Form::Image, unversioned(&image.text, &['@', ':'])));
    }
    let words = server.launch();
    let program = base_name(&words.first()?.text);
    let is_runner = ["npx", "bunx", "pnpx", "uvx", "pipx", "dnx"].contains(&program.as_str());
    if !is_runner {
        // Programs and scripts lie in other places on other machines and in other builds.
        return None;
    }
    let package = words.iter().skip(1).find(|word| !word.text.starts_with('-') && word.text != "run")?;
    if matches!(package.text.as_str(), "mcp-remote") || package.text.starts_with("mcp-remote@") {
        return None;
    }
    let local = package.text.starts_with(['.', '/', '~', '$']) || package.text.contains("git+");
    (!local).then(|| (Form::Package, unversioned(&package.text, &['@', '=', '['])))
}

fn unversioned(name: &str, marks: &[char]) -> String {
    let end = name.char_indices().skip(1).find(|(_, letter)| marks.contains(letter)).map_or(name.len(), |(at, _)| at);
    name[..end].to_ascii_lowercase()
}
