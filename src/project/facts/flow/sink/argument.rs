//! Programs that are started without a shell: the program, and its arguments.
//!
//! An argument that begins with `-` is an option to most programs, and some options run commands, write files or read
//! them. Harmless are arguments after `--`, pieces of a larger argument, and programs without such options.

use super::{
    Extra, Parsed,
    shell::{BUILDERS, PROGRAM_CALLS, chain},
};
use crate::project::{
    facts::Sink,
    program::{At, Program},
    syntax::{Call, Expression, Kind},
};

/// Programs whose options run commands, write or read files.
const DANGEROUS: &[&str] = &[
    "git",
    "hg",
    "svn",
    "tar",
    "zip",
    "unzip",
    "7z",
    "curl",
    "wget",
    "ssh",
    "scp",
    "sftp",
    "rsync",
    "find",
    "fd",
    "xargs",
    "ffmpeg",
    "ffprobe",
    "convert",
    "magick",
    "kubectl",
    "helm",
    "docker",
    "podman",
    "psql",
    "mysql",
    "sqlite3",
    "npm",
    "npx",
    "pnpm",
    "yarn",
    "pip",
    "pip3",
    "uv",
    "uvx",
    "cargo",
    "go",
    "node",
    "python",
    "python3",
    "ruby",
    "perl",
    "php",
    "java",
    "awk",
    "sed",
    "sort",
    "man",
    "less",
    "vim",
    "nano",
    "env",
    "nmap",
    "tcpdump",
    "openssl",
    "gpg",
    "terraform",
    "ansible",
    "aws",
    "gcloud",
    "az",
    "gh",
    "chrome",
    "chromium",
    "pandoc",
    "latex",
    "pdflatex",
    "yt-dlp",
    "youtube-dl",
    "rg",
    "ag",
    "grep",
    "make",
    "cmake",
    "gcc",
    "adb",
    "xcodebuild",
    "xcrun",
    "systemctl",
    "journalctl",
    "hugo",
    "zcat",
];

/// Whether a command line begins with a program whose options are to be feared.
pub(in crate::project::facts::flow) fn begins_dangerous(line: &str) -> bool {
    line.split_whitespace().next().is_some_and(|word| DANGEROUS.contains(&word))
}

/// Programs that have no option to fear.
const HARMLESS: &[&str] = &[
    "echo",
    "printf",
    "ls",
    "cat",
    "pwd",
    "true",
    "false",
    "sleep",
    "date",
    "whoami",
    "which",
    "where",
    "basename",
    "dirname",
    "realpath",
    "stat",
    "file",
    "wc",
    "head",
    "tail",
    "mkdir",
    "touch",
    "kill",
    "ping",
    "say",
    "osascript",
    "open",
    "xdg-open",
    "id",
    "uname",
    "hostname",
    "nslookup",
    "host",
    "dig",
    "whois",
    "test",
    "pbcopy",
    "ps",
    "pgrep",
];

/// Methods of GitPython's `repo.git`: each argument becomes one of `git`.
const GIT: &[&str] = &["git.Repo().git.", "git.repo.Repo().git.", "git.Git().", "git.cmd.Git()."];

/// What starts programs: the program, and its arguments.
pub(super) fn parsed<'a>(program: &Program<'a>, at: At, call: &'a Call, symbol: &str) -> Vec<Parsed<'a>> {
    if GIT.iter().any(|git| symbol.starts_with(git)) {
        let inputs: Vec<&Expression> = call.arguments.iter().map(|argument| &argument.value).collect();
        return vec![arguments(inputs, 0, true)];
    }
    if let Some((path, method)) = symbol.rsplit_once('.')
        && matches!(method, "arg" | "args")
        && BUILDERS.iter().any(|builder| path.starts_with(builder))
    {
        return built(program, at, call);
    }
    if BUILDERS.iter().any(|builder| builder.strip_suffix("()") == Some(symbol)) {
        return call.positional(0).map(|named| started(vec![named])).into_iter().collect();
    }
    let subprocess = matches!(symbol, "asyncio.create_subprocess_exec" | "anyio.open_process" | "anyio.run_process");
    if !PROGRAM_CALLS.contains(&symbol) && !subprocess {
        return Vec::new();
    }
    listed(program, at, call, symbol)
}

/// `spawn("git", ["log", x])`, `subprocess.run(["git", "log", x])`, `exec.Command("git", "log", x)`
fn listed<'a>(program: &Program<'a>, at: At, call: &'a Call, symbol: &str) -> Vec<Parsed<'a>> {
    let context = usize::from(symbol.ends_with("CommandContext"));
    let mut own: Vec<&Expression> = call
        .arguments
        .iter()
        .filter(|argument| argument.name.is_none() || argument.name.as_deref() == Some("args"))
        .map(|argument| &argument.value)
        .skip(context)
        .collect();
    let Some(&first) = own.first() else { return Vec::new() };
    let (_, value) = program.value(at, first);
    if let Kind::List(items) = &value.kind {
        let items: Vec<&Expression> = items.iter().collect();
        let Some(named) = items.first() else { return Vec::new() };
        let mut found = vec![arguments_of(program, at, named, items.clone(), 1)];
        // The list may have grown since it was written down.
        if !std::ptr::eq(value, first) {
            found.push(Parsed { before: 0, ..arguments_of(program, at, named, vec![first], 0) });
        }
        found.push(started(vec![named]));
        return found.into_iter().filter(|parsed| !parsed.inputs.is_empty()).collect();
    }
    let Some(named) = own.first().copied() else { return Vec::new() };
    // Python takes a list: which of its items begins it is not known.
    if symbol.starts_with("subprocess.") {
        return vec![arguments(vec![named], 0, false)];
    }
    let mut found = vec![started(vec![named])];
    own.retain(|input| !matches!(program.value(at, input).1.kind, Kind::Record(_) | Kind::Function(_)));
    if own.len() > 1 {
        let flat: Vec<&Expression> = own
            .iter()
            .flat_map(|input| match &input.kind {
                Kind::List(items) => items.iter().collect(),
                _ => vec![*input],
            })
            .collect();
        found.push(arguments_of(program, at, named, flat, 1));
    }
    found
}

/// `Command::new("git").arg("log").arg(x)`: the arguments of the last call.
fn built<'a>(program: &Program<'a>, at: At, call: &'a Call) -> Vec<Parsed<'a>> {
    let mut sequence = Vec::new();
    chain(program, at, call, &mut sequence, 16);
    let own: usize = call
        .arguments
        .iter()
        .map(|argument| match &argument.value.kind {
            Kind::List(items) => items.len(),
            _ => 1,
        })
        .sum();
    let Some(named) = sequence.first().copied() else { return Vec::new() };
    let before = sequence.len().saturating_sub(own);
    vec![arguments_of(program, at, named, sequence, before)]
}

fn arguments_of<'a>(
    program: &Program<'a>,
    at: At,
    named: &'a Expression,
    inputs: Vec<&'a Expression>,
    before: usize,
) -> Parsed<'a> {
    let name = program.text(at, named);
    let short = name.as_deref().map(|name| name.rsplit(['/', '\\']).next().unwrap_or(name));
    let short = short.map(|name| name.strip_suffix(".exe").unwrap_or(name));
    if short.is_some_and(|name| HARMLESS.contains(&name)) {
        return arguments(Vec::new(), 0, true);
    }
    arguments(inputs, before, short.is_some_and(|name| DANGEROUS.contains(&name)))
}

fn arguments(inputs: Vec<&Expression>, before: usize, known: bool) -> Parsed<'_> {
    Parsed { sink: Sink::Argument, inputs, before, extra: Extra { known, ..Extra::default() } }
}

fn started(inputs: Vec<&Expression>) -> Parsed<'_> {
    Parsed { sink: Sink::Program, inputs, before: 0, extra: Extra::default() }
}
