//! From text and environment to a policy that can be enforced, or to everything that is wrong with it.
//!
//! Fails closed: an unknown key, a value that cannot be, a variable that is not set, a section that this build does not
//! enforce, a key that `mcpsec key new` did not make are errors, never warnings and never ignored. All of them are
//! reported at once, each with its place.
//!
//! It does **not** check that the server has the tools that rules name, nor the ids in `doctor.ignore`: the doctor does.

use std::path::Path;

use crate::{
    Environment, KeyStore, Origins, Policy, PolicyError,
    environment::Origin,
    keys::TokenStore,
    model::{Listen, Require, Transport},
    problem::Problem,
    read::{Reader, Section},
    unenforced,
    values::Word as _,
};

mod variables;

/// A policy, and where each of its settings came from.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded {
    /// The policy. Every value is possible and enforced.
    pub policy: Policy,
    /// Where its settings came from, by path (`limits.body`).
    pub origins: Origins,
}

impl Policy {
    /// Reads the policy file at `path` in the environment of this process, and the key file that it names.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the file, the environment and the key file.
    pub fn load(path: &Path) -> Result<Self, PolicyError> {
        Loaded::read(path, &Environment::real()).map(|loaded| loaded.policy)
    }

    /// Reads a policy from `text`. Opens no file: the key file that it names is not looked at. `file_name` is for
    /// messages; relative paths are taken from its folder.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the text and the environment.
    pub fn parse(text: &str, file_name: &str, environment: &Environment) -> Result<Loaded, PolicyError> {
        let base = Path::new(file_name).parent().unwrap_or(Path::new(""));
        let (loaded, problems) = parse(text, file_name, base, environment);
        PolicyError::of(problems).map_or(Ok(loaded), Err)
    }
}

impl Loaded {
    /// Reads the policy file at `path` in `environment`, and the key file that it names.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the file, the environment and the key file.
    pub fn read(path: &Path, environment: &Environment) -> Result<Self, PolicyError> {
        let shown = path.display().to_string();
        let unreadable = |message: String, help: &str| {
            let help = vec![help.to_owned()];
            PolicyError::of(vec![Problem { file: shown.clone(), place: None, message, help }]).expect("one problem")
        };
        let text = std::fs::read_to_string(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => unreadable(
                "the policy file does not exist".to_owned(),
                "a server without a policy does not start; `mcpsec new` writes one",
            ),
            _ => unreadable(format!("cannot read the policy file: {error}"), "a policy is a text file in UTF-8"),
        })?;
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let base = absolute.parent().unwrap_or(Path::new(""));
        let (loaded, mut problems) = parse(&text, &shown, base, environment);
        if let Some(keys) = &loaded.policy.auth.api_keys
            && let Err(error) = KeyStore::open(keys)
        {
            problems.extend(error.problems().iter().cloned());
        }
        if let Some(tokens) = &loaded.policy.auth.tokens
            && let Err(why) = TokenStore::open(tokens)
        {
            let (message, help) = (format!("`auth.tokens`: {why}"), Vec::new());
            problems.push(Problem { file: shown, place: None, message, help });
        }
        PolicyError::of(problems).map_or(Ok(loaded), Err)
    }
}

/// The policy as far as it could be read, and every problem. Without problems it is the one to enforce.
fn parse(text: &str, file: &str, base: &Path, environment: &Environment) -> (Loaded, Vec<Problem>) {
    let mut reader = Reader::new(file, text, environment, base);
    let mut policy = Policy::default();
    if let Some(table) = reader.parse() {
        let mut root = Section::root(table.get_ref());
        version(&mut reader, &mut root);
        unenforced::sections(&mut reader, &mut root);
        for part in policy.parts_mut() {
            let field = root.get(part.name());
            let section = Section::of(&mut reader, part.name(), field);
            part.read(&mut reader, section);
        }
        root.finish(&mut reader);
        reader.report_unknown();
        variables::apply(&mut reader, &mut policy);
        authentication(&mut reader, &policy);
    }
    let origins = std::mem::take(&mut reader.origins);
    (Loaded { policy, origins }, reader.into_problems())
}

fn version(reader: &mut Reader<'_>, root: &mut Section<'_>) {
    match root.get("version") {
        None => {
            let problem = reader.problem(0..0, "`version` is missing");
            problem.help.push("begin the file with `version = 1`".to_owned());
        }
        Some(field) if field.value.as_integer().is_some_and(|value| value.as_str() == "1") => {}
        Some(field) => {
            let message = "`version` is 1: this build knows no other version of the policy file";
            reader.problem(field.span, message).help.push("write `version = 1`".to_owned());
        }
    }
}

/// A network transport without a method of proof does not start, unless the policy says so in words; nor does a
/// transport without its address.
fn authentication(reader: &mut Reader<'_>, policy: &Policy) {
    let auth = &policy.auth;
    let transports = &policy.server.transports;
    if transports.contains(&Transport::Unix) && policy.unix.socket.is_none() && !mentions(reader, "unix.") {
        let span = line_of(reader, "server.transports", "transports");
        let problem = reader.problem(span, "the transport `unix` needs `unix.socket`: the path of its socket");
        problem.help.push("write `socket = \"run/mcp.sock\"` in [unix]".to_owned());
    }
    // The kernel says who connects to a socket.
    let asked = auth.api_keys.is_some()
        || !auth.environment_keys.is_empty()
        || auth.jwt.is_some()
        || auth.tokens.is_some()
        || auth.insecure_allow_anyone
        || policy.tls.client_ca.is_some()
        || matches!(policy.server.listen, Listen::Socket(_));
    if auth.require == Require::All {
        all_of_them(reader, policy);
    }
    // A key file that was named but could not be read as a path has its own problem already.
    let misread = mentions(reader, "auth.") || mentions(reader, "MCP_API_KEYS") || mentions(reader, "tls.");
    let Some(transport) = transports.iter().find(|transport| transport.is_http()) else { return };
    if asked || misread {
        return;
    }
    let message = format!(
        "the transport `{}` needs `auth.api_keys`: without it anybody could call this server",
        transport.as_word()
    );
    let span = line_of(reader, "server.transports", "transports");
    let problem = reader.problem(span, message);
    problem.help.push(
        "make a key with `mcpsec key new --file keys.toml` and write `api_keys = \"keys.toml\"` in [auth]".to_owned(),
    );
    problem.help.push(
        "to serve without asking anybody who they are, write `insecure_allow_anyone = true` in [auth]".to_owned(),
    );
}

fn mentions(reader: &Reader<'_>, what: &str) -> bool {
    reader.problems.iter().any(|problem| problem.message.contains(what))
}

/// Where the setting at `path` begins, as its `key` has it.
fn line_of(reader: &Reader<'_>, path: &str, key: &str) -> std::ops::Range<usize> {
    match reader.origins.of(path) {
        Origin::File { line, .. } => {
            let start = reader.text.split_inclusive('\n').take(line - 1).map(str::len).sum::<usize>();
            start..start + key.len()
        }
        _ => 0..0,
    }
}

/// A caller has two headers for what it knows, and who shows nothing cannot show everything.
fn all_of_them(reader: &mut Reader<'_>, policy: &Policy) {
    let auth = &policy.auth;
    let keys = auth.api_keys.is_some() || !auth.environment_keys.is_empty();
    let message = match () {
        () if auth.insecure_allow_anyone => {
            "`auth.require = \"all\"` and `auth.insecure_allow_anyone` contradict each other"
        }
        () if keys && auth.tokens.is_some() && auth.jwt.is_some() => {
            "`auth.require = \"all\"` with keys, tokens and `[auth.jwt]`: a request has two headers for them"
        }
        () => return,
    };
    reader.problem(0..0, message).help.push("take one of them out, or write `require = \"any\"`".to_owned());
}

#[cfg(test)]
mod tests;
