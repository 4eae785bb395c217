//! Programs that download a package or image and run it: `npx`, `uvx`, `pipx run`, `docker run` and their kin.
//!
//! Which word of a command line names what is downloaded, and whether it names one version of it.

use super::{
    client::Word,
    container::{Pin, pin},
};

/// What a command line downloads and runs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fetched {
    /// The program: `npx`, `uv tool run`.
    pub runner: String,
    /// The word that names the package or image.
    pub package: Word,
    /// It names one version, a digest or a commit, or nothing that is downloaded.
    pub pinned: bool,
}

/// Publishers whose accounts are well guarded. Data: the beginning of a package's or image's name.
const WELL_KNOWN: &[&str] = &[
    "@anthropic-ai/",
    "@azure/",
    "@cloudflare/",
    "@github/",
    "@google/",
    "@google-cloud/",
    "@microsoft/",
    "@modelcontextprotocol/",
    "@playwright/",
    "awslabs.",
    "ghcr.io/github/",
    "mcp-server-fetch",
    "mcp-server-git",
    "mcp-server-time",
    "mcp/",
];

/// Whether a package or image is of a publisher whose accounts are well guarded.
pub fn is_well_known(package: &str) -> bool {
    WELL_KNOWN.iter().any(|publisher| package.starts_with(publisher))
}

/// What a command line (program and arguments) downloads and runs; nothing where it does neither, or a variable
/// decides.
pub fn fetched(words: &[Word]) -> Option<Fetched> {
    let program = base_name(&words.first()?.text);
    let rest = &words[1..];
    let first = rest.first().map(|word| word.text.as_str());
    let (runner, found, pinned): (String, Option<&Word>, fn(&str) -> bool) = match (program.as_str(), first) {
        ("npx" | "bunx" | "pnpx", _) => (program, npm_package(rest), npm_pinned),
        ("npm", Some("exec" | "x")) => ("npm exec".to_owned(), npm_package(&rest[1..]), npm_pinned),
        ("pnpm" | "yarn", Some("dlx")) => (format!("{program} dlx"), npm_package(&rest[1..]), npm_pinned),
        ("bun", Some("x")) => ("bun x".to_owned(), npm_package(&rest[1..]), npm_pinned),
        ("uvx", _) => (program, python_package(rest), python_pinned),
        ("uv", Some("tool")) if rest.get(1)?.text == "run" => {
            ("uv tool run".to_owned(), python_package(&rest[2..]), python_pinned)
        }
        ("pipx", Some("run")) => ("pipx run".to_owned(), python_package(&rest[1..]), python_pinned),
        ("dnx", _) => (program, rest.iter().find(|word| !word.text.starts_with('-')), npm_pinned),
        ("go", Some("run")) => ("go run".to_owned(), rest[1..].iter().find(|word| word.text.contains('@')), go_pinned),
        ("docker" | "podman" | "nerdctl", _) => {
            let at = rest.iter().position(|word| word.text == "run")?;
            (format!("{program} run"), image(&rest[at + 1..]), image_pinned)
        }
        _ => return None,
    };
    let package = found?.clone();
    let unknown = package.text.contains('$') || package.text.is_empty();
    let pinned = pinned(&package.text);
    (!unknown).then_some(Fetched { runner, package, pinned })
}

/// The name of a program without its folder and the endings of Windows, in lowercase.
pub fn base_name(program: &str) -> String {
    let name = program.rsplit(['/', '\\']).next().unwrap_or(program).to_ascii_lowercase();
    [".exe", ".cmd", ".bat", ".ps1"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name).to_owned()
}

fn npm_package(words: &[Word]) -> Option<&Word> {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.text.as_str() {
            "-p" | "--package" => return words.next(),
            "--no-install" | "--offline" => return None,
            "-c" | "--call" => return None,
            "--" => {}
            flag if flag.starts_with("--package=") || !flag.starts_with('-') => return Some(word),
            _ => {}
        }
    }
    None
}

fn npm_pinned(package: &str) -> bool {
    let package = package.strip_prefix("--package=").unwrap_or(package);
    if package.starts_with(['.', '/', '~']) || package.starts_with("file:") {
        return true;
    }
    if package.contains("://") || package.starts_with("github:") || package.starts_with("git+") {
        return package.rsplit_once('#').is_some_and(|(_, revision)| is_commit(revision));
    }
    let version = package.rfind('@').filter(|&at| at > 0).map(|at| &package[at + 1..]);
    version.is_some_and(|version| is_exact(version.trim_start_matches('v')))
}

fn python_package(words: &[Word]) -> Option<&Word> {
    const VALUED: &[&str] = &[
        "--with",
        "--python",
        "-p",
        "--index",
        "--index-url",
        "-i",
        "--default-index",
        "--extra-index-url",
        "--directory",
        "--env-file",
        "--spec",
        "--prerelease",
        "--refresh-package",
        "--with-requirements",
        "-w",
    ];
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.text.as_str() {
            "--from" | "--spec" => return words.next(),
            "--offline" => return None,
            flag if VALUED.contains(&flag) => {
                words.next();
            }
            flag if flag.starts_with('-') => {}
            _ => return Some(word),
        }
    }
    None
}

fn python_pinned(package: &str) -> bool {
    if package.starts_with(['.', '/', '~']) || package.ends_with(".whl") {
        return true;
    }
    if package.contains("git+") {
        let path = package.split('#').next().unwrap_or(package);
        return path
            .rsplit('/')
            .next()
            .and_then(|name| name.rsplit_once('@'))
            .is_some_and(|(_, revision)| is_commit(revision));
    }
    package.split_once("==").or_else(|| package.split_once('@')).is_some_and(|(_, version)| is_exact(version))
}

fn go_pinned(package: &str) -> bool {
    package.rsplit_once('@').is_some_and(|(_, version)| is_exact(version.trim_start_matches('v')) || is_commit(version))
}

/// Options of `docker run` that take no value.
pub(super) const SWITCHES: &[&str] = &[
    "--rm",
    "--init",
    "--interactive",
    "--tty",
    "--privileged",
    "--read-only",
    "--detach",
    "--no-healthcheck",
    "--quiet",
];

/// The image is the first word that is neither an option nor the value of one.
fn image(words: &[Word]) -> Option<&Word> {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let text = word.text.as_str();
        if !text.starts_with('-') {
            return Some(word);
        }
        let switch = SWITCHES.contains(&text)
            || !text.starts_with("--") && text[1..].chars().all(|letter| "itdqP".contains(letter));
        let joined = text.contains('=') || !text.starts_with("--") && text.len() > 2;
        if !switch && !joined {
            words.next();
        }
    }
    None
}

fn image_pinned(name: &str) -> bool {
    match pin(name) {
        Pin::Digest | Pin::Unknown | Pin::Scratch => true,
        // A tag with a number names a version, `main` and `stable` do not.
        Pin::Tag => name.rsplit(':').next().is_some_and(|tag| tag.contains(|letter: char| letter.is_ascii_digit())),
        Pin::Latest | Pin::None => false,
    }
}

/// Whether a version is one version: three numbers, whatever follows them.
pub fn is_exact(version: &str) -> bool {
    let core = version.split(['-', '+', 'a', 'b', 'r']).next().unwrap_or(version);
    let parts: Vec<&str> = core.trim_end_matches('.').split('.').collect();
    parts.len() >= 2
        && parts.iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
        && (parts.len() >= 3 || version.len() > core.len() || !version.contains('@'))
}

/// Whether a revision is a commit: seven to 64 hexadecimal digits.
pub fn is_commit(revision: &str) -> bool {
    (7..=64).contains(&revision.len()) && revision.bytes().all(|byte| byte.is_ascii_hexdigit())
}
