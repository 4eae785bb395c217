//! A client's configuration downloads or decodes a program, and runs it.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{
        Project,
        client::{Word, launch},
    },
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "client-shell-launcher",
    group: "clients",
    title: "a client configuration fetches or decodes what it runs",
    severity: Severity::High,
    confidence: Confidence::High,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-78", "CWE-494", "MCP09", "SAFE-T1101"],
    docs: "
A line such as `sh -c \"curl https://... | sh\"` in a client's configuration runs whatever the other end answers at that moment,
with the rights of the person, each time the client starts. Encoded commands (`base64 -d | sh`, `-EncodedCommand`) hide from the
reader what they do. The person approves the name of a server and sees neither.

Install the program once, at a version, and start it by its name with its arguments in `args`. If a script is needed, keep it
in the repository where it is reviewed.

Read are the command lines of servers, and of hooks and helpers that a client starts by itself. A shell that only passes a
program on (`cmd /c npx ...`), changes a folder or sets a variable before it is not reported: it does what everybody can read.
",
    applies: context::has_client,
    check,
};

const FETCHERS: &[&str] =
    &["curl ", "wget ", "iwr ", "irm ", "invoke-webrequest", "invoke-restmethod", "downloadstring", "urlopen("];

const DECODERS: &[&str] = &[
    "base64 -d",
    "base64 --decode",
    "b64decode(",
    "frombase64string",
    "xxd -r",
    "openssl enc -d",
    "'base64')",
    "\"base64\")",
];

/// What runs what it reads: at the end of a pipe, around a substitution, or by name.
const RUNNERS: &[&str] = &["sh", "bash", "zsh", "dash", "python", "python3", "node", "perl", "ruby", "sudo", "iex"];

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for client in &project.clients {
        let started = client.servers.iter().flat_map(|server| server.command.iter().chain(&server.arguments));
        let by_itself = client.settings.programs.iter().map(|(_, word)| word);
        let encoded = client.servers.iter().flat_map(|server| encoded(&server.arguments, server.command.as_ref()));
        let lines = started.chain(by_itself).filter_map(|word| Some((word, judge(&word.text)?)));
        for (word, what) in lines.chain(encoded.map(|word| (word, "decodes a program and runs it"))) {
            findings.push(context::finding(
                project,
                &RULE,
                word.place.clone(),
                format!("this command {what}, each time the client starts it"),
                "whoever controls the other end, or wrote the hidden text, runs commands as the person with this client",
                "install the program at a fixed version, and start it by name with `args`",
            ));
        }
    }
}

/// What a command line does that nobody can review.
fn judge(line: &str) -> Option<&'static str> {
    let lower = line.to_ascii_lowercase();
    let runs = runs(&lower);
    if DECODERS.iter().any(|decoder| lower.contains(decoder)) && runs {
        return Some("decodes a program and runs it");
    }
    if FETCHERS.iter().any(|fetcher| lower.contains(fetcher)) && runs {
        return Some("downloads a program and runs it");
    }
    (lower.contains("do shell script") && lower.contains("curl ")).then_some("downloads a program and runs it")
}

/// Whether a part of the line runs what another part produces.
fn runs(line: &str) -> bool {
    let piped = line.split('|').skip(1).any(|part| {
        let program = part.trim_start_matches(['&', ' ']).split([' ', ';', '"', '\'', ')']).next().unwrap_or_default();
        RUNNERS.contains(&launch::base_name(program).as_str())
    });
    let substituted = RUNNERS.iter().any(|shell| {
        ["<(", " <(", " -c \"$(", " -c '$(", " -c $(", " -c \"`"]
            .iter()
            .any(|open| line.contains(&format!("{shell}{open}")))
    });
    let evaluated = ["eval ", "eval(", "exec(", "iex ", "iex(", "invoke-expression", "| iex", "new function("];
    let evaluated = evaluated.iter().any(|word| line.contains(word));
    let kept = [" -o ", " -o/", " > ", " -outfile ", " --output "].iter().any(|word| line.contains(word))
        && ["chmod +x", "&& sh ", "&& bash ", "; sh ", "; bash ", "&& ./", "; ./"]
            .iter()
            .any(|word| line.contains(word));
    piped || substituted || evaluated || kept
}

/// `powershell -EncodedCommand ...`
fn encoded<'a>(arguments: &'a [Word], command: Option<&'a Word>) -> Option<&'a Word> {
    let program = launch::base_name(&command?.text);
    let option =
        |word: &&Word| matches!(word.text.to_ascii_lowercase().as_str(), "-encodedcommand" | "-enc" | "-ec" | "-e");
    matches!(program.as_str(), "powershell" | "pwsh").then(|| arguments.iter().find(option)).flatten()
}
