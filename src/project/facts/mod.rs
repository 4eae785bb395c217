//! What follows from the sources, in words that are the same for every language.
//!
//! Facts say what is, with its place, and how sure that is. What could not be decided is said in `incomplete`, never
//! guessed. Rules read facts and nothing below them.

use rayon::prelude::*;

use crate::{
    finding::Place,
    project::{File, Language, program::Program, versions::Versions},
};

mod announced;
mod archives;
mod asserts;
mod bindings;
mod builds;
mod certificates;
mod cleartext;
mod comparisons;
mod conduct;
mod csharp;
mod dispatch;
mod effects;
mod elicitations;
mod endpoints;
mod environment_reads;
mod exposed_files;
mod flow;
mod flows;
mod go;
mod held_flows;
mod inherited;
mod java;
mod json_rpc;
mod logs;
mod mismatches;
mod moments;
mod panics;
mod python;
mod query_tokens;
mod randomness;
mod revision;
mod rust;
mod secret_literals;
mod secret_names;
mod servers;
mod shared_cache;
mod strength;
mod tested;
pub mod tools;
mod typescript;
mod unchecked_types;

pub use self::{
    announced::{Announced, Promise},
    conduct::{
        Body, Conduct, Destructive, Exposure, Flaw, Handle, Keeping, Leak, Load, MetadataRequest, OpenGate, Opens,
        Outbound, Protects, RedirectCheck, Rights, Session, TokenCheck, TransportUse, Unbounded, WeakOption, WideScope,
    },
    dispatch::Dispatch,
    elicitations::Elicitation,
    endpoints::{Bind, Cors, Endpoint, Limiter, Network, Protection},
    environment_reads::EnvironmentRead,
    flows::{Flow, Hop, Sink, UrlPart, Weakness},
    held_flows::{HeldFlow, Misuse},
    revision::Leftover,
    servers::{Capability, Declared, Mismatch, Registered, Server, Tool},
    shared_cache::SharedCache,
    tested::Tested,
};
pub use archives::{ArchiveWrite, Flaw as ArchiveFlaw};
pub use asserts::AssertedInput;
pub use certificates::UncheckedCertificate;
pub use cleartext::CleartextEndpoint;
pub use comparisons::SecretComparison;
pub use exposed_files::{ExposedFile, FileExposure};
pub use inherited::InheritedEnvironment;
pub use logs::{Logged, LoggedKind};
pub use panics::ArgumentPanic;
pub use query_tokens::QueryToken;
pub use randomness::WeakRandom;
pub use secret_literals::SecretLiteral;
pub use unchecked_types::UncheckedType;

/// Everything known.
#[derive(Debug, Default)]
pub struct Facts {
    /// Server objects: one per construction (`new McpServer`, `FastMCP(..)`, `impl ServerHandler for X`, ...).
    pub servers: Vec<Server>,
    /// Where a server starts to listen on a network.
    pub endpoints: Vec<Endpoint>,
    /// Where a server is put on standard input and output.
    pub stdio: Vec<Place>,
    /// Writes to standard output, with when they happen.
    pub stdout_writes: Vec<StdoutWrite>,
    /// Cross-origin permissions.
    pub cors: Vec<Cors>,
    /// Limiters, effective or not.
    pub limiters: Vec<Limiter>,
    /// How the code treats requests, tokens, sessions and time.
    pub conduct: Conduct,
    /// Secrets read from the environment with a literal to fall back to.
    pub secret_defaults: Vec<SecretDefault>,
    /// Tools, prompts and resources, with what models read of them.
    pub offers: Vec<tools::Offer>,
    /// Where a handler replaces a description, and of what.
    pub rewritten_descriptions: Vec<(Place, String)>,
    /// Questions to the person who uses a server.
    pub elicitations: Vec<Elicitation>,
    /// Low-level servers: names that are listed, and names that are told apart.
    pub dispatches: Vec<Dispatch>,
    /// Promises of subscriptions and of changing lists.
    pub announced: Vec<Announced>,
    /// What a project for the newest revision uses of earlier ones.
    pub leftovers: Vec<(Leftover, Place)>,
    /// Results for anybody in functions that ask who the caller is.
    pub shared_caches: Vec<SharedCache>,
    /// What tests speak of.
    pub tested: Tested,
    /// From a caller's input to a sink.
    pub flows: Vec<Flow>,
    /// From what the server holds to where it should not end.
    pub held_flows: Vec<HeldFlow>,
    /// Places that load `.env` files.
    pub environment_files: Vec<Place>,
    /// Environment variables that the product reads by name.
    pub environment_reads: Vec<EnvironmentRead>,
    /// Test cases, by their place.
    pub tests: Vec<Place>,
    /// An MCP SDK (client or server side) is imported or depended on.
    pub sdk_imports: Vec<Place>,
    /// An MCP client is constructed (so that a project without servers is explained).
    pub clients: Vec<Place>,
    /// Credentials that are written into the source.
    pub secret_literals: Vec<SecretLiteral>,
    /// Credentials in the query of an address.
    pub query_tokens: Vec<QueryToken>,
    /// Secrets compared character by character.
    pub secret_comparisons: Vec<SecretComparison>,
    /// Secrets that others can predict.
    pub weak_randoms: Vec<WeakRandom>,
    /// Servers started with the whole environment of their client.
    pub inherited_environments: Vec<InheritedEnvironment>,
    /// What should not be in a log.
    pub logged: Vec<Logged>,
    /// Connections that take every certificate.
    pub unchecked_certificates: Vec<UncheckedCertificate>,
    /// Services reached without encryption.
    pub cleartext_endpoints: Vec<CleartextEndpoint>,
    /// Checks that vanish with an option of the interpreter.
    pub asserted_inputs: Vec<AssertedInput>,
    /// Arguments taken for a type without asking, where a panic ends the server.
    pub unchecked_types: Vec<UncheckedType>,
    /// Files that other users of the machine can plant, change or read.
    pub exposed_files: Vec<ExposedFile>,
    /// Arguments on which a handler panics.
    pub argument_panics: Vec<ArgumentPanic>,
    /// Files written under the names that an archive gives them.
    pub archive_writes: Vec<ArchiveWrite>,
}

/// When a write to standard output happens.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Moment {
    /// In a handler or in something that a handler calls.
    Serving,
    /// While the server starts, before or after the transport is connected.
    Starting,
    /// While it stops.
    Stopping,
    /// Only in a branch that does not serve stdio: `--help`, HTTP mode, tests.
    Elsewhere,
    /// Not known to be reachable from a stdio server.
    Unknown,
}

/// A write to standard output.
#[derive(Clone, Debug)]
pub struct StdoutWrite {
    /// The call.
    pub place: Place,
    /// As written: `console.log`, `print`, `println!`.
    pub call: String,
    /// When.
    pub moment: Moment,
}

/// A secret with a literal to fall back to.
#[derive(Clone, Debug)]
pub struct SecretDefault {
    /// The literal.
    pub place: Place,
    /// The variable that is read.
    pub variable: String,
}

/// Adds the facts of one kind or language.
type Add = fn(&Program<'_>, &[File], &mut Facts);

/// Everything that finds facts. Each begins with none and sees no other's.
const PARTS: &[Add] = &[
    |program, _, facts| environment_reads::add(program, facts),
    |program, _, facts| flow::add(program, facts),
    |program, _, facts| flow::held::add(program, facts),
    |program, _, facts| secret_literals::add(program, facts),
    |program, _, facts| query_tokens::add(program, facts),
    |program, _, facts| comparisons::add(program, facts),
    |program, _, facts| randomness::add(program, facts),
    |program, _, facts| inherited::add(program, facts),
    |program, _, facts| logs::add(program, facts),
    |program, _, facts| certificates::add(program, facts),
    |program, _, facts| cleartext::add(program, facts),
    |program, _, facts| {
        json_rpc::add(program, Language::Go, facts);
        go::add(program, facts);
    },
    |program, _, facts| asserts::add(program, facts),
    |program, _, facts| unchecked_types::add(program, facts),
    archives::add,
    panics::add,
    |program, _, facts| exposed_files::add(program, facts),
    |program, _, facts| typescript::add(program, facts),
    |program, _, facts| {
        json_rpc::add(program, Language::Python, facts);
        python::add(program, facts);
    },
    |program, files, facts| {
        json_rpc::add(program, Language::Rust, facts);
        rust::add(program, files, facts);
    },
    |program, files, facts| {
        java::add(program, files, facts);
        csharp::add(program, files, facts);
    },
    |program, _, facts| tools::add(program, facts),
    |program, files, facts| {
        elicitations::add(program, facts);
        dispatch::add(program, facts);
        shared_cache::add(program, facts);
        tested::add(program, files, facts);
    },
];

/// Computes every fact from the lowered sources. `versions` maps packages to what is installed.
pub(super) fn compute(files: &[File], versions: &Versions) -> Facts {
    let program = Program::new(files, versions);
    let parts: Vec<Facts> = PARTS
        .par_iter()
        .with_max_len(1)
        .map(|add| {
            let mut facts = Facts::default();
            add(&program, files, &mut facts);
            facts
        })
        .collect();
    let mut facts = Facts::default();
    parts.into_iter().for_each(|part| facts.absorb(part));
    // What these say depends on the servers that were found.
    let known = &facts;
    let (conduct, (announced, leftovers)) = rayon::join(
        || conduct::of(&program, known),
        || rayon::join(|| announced::of(&program, known), || revision::of(&program, known)),
    );
    Facts { conduct, announced, leftovers, ..facts }
}

impl Facts {
    /// Takes over what another part found. Named field by field: a new one cannot be forgotten.
    #[expect(clippy::too_many_lines, reason = "two lines for each field, and nothing else")]
    fn absorb(&mut self, other: Self) {
        let Self {
            servers,
            endpoints,
            stdio,
            stdout_writes,
            cors,
            limiters,
            // Follows from the other parts, afterwards.
            conduct: _,
            secret_defaults,
            flows,
            held_flows,
            offers,
            rewritten_descriptions,
            elicitations,
            dispatches,
            announced,
            leftovers,
            shared_caches,
            tested,
            environment_files,
            environment_reads,
            tests,
            sdk_imports,
            clients,
            secret_literals,
            query_tokens,
            secret_comparisons,
            weak_randoms,
            inherited_environments,
            logged,
            unchecked_certificates,
            cleartext_endpoints,
            asserted_inputs,
            unchecked_types,
            exposed_files,
            argument_panics,
            archive_writes,
        } = other;
        self.servers.extend(servers);
        self.endpoints.extend(endpoints);
        self.stdio.extend(stdio);
        self.stdout_writes.extend(stdout_writes);
        self.cors.extend(cors);
        self.limiters.extend(limiters);
        self.secret_defaults.extend(secret_defaults);
        self.flows.extend(flows);
        self.held_flows.extend(held_flows);
        self.offers.extend(offers);
        self.rewritten_descriptions.extend(rewritten_descriptions);
        self.elicitations.extend(elicitations);
        self.dispatches.extend(dispatches);
        self.announced.extend(announced);
        self.leftovers.extend(leftovers);
        self.shared_caches.extend(shared_caches);
        self.tested.absorb(tested);
        self.environment_files.extend(environment_files);
        self.environment_reads.extend(environment_reads);
        self.tests.extend(tests);
        self.sdk_imports.extend(sdk_imports);
        self.clients.extend(clients);
        self.secret_literals.extend(secret_literals);
        self.query_tokens.extend(query_tokens);
        self.secret_comparisons.extend(secret_comparisons);
        self.weak_randoms.extend(weak_randoms);
        self.inherited_environments.extend(inherited_environments);
        self.logged.extend(logged);
        self.unchecked_certificates.extend(unchecked_certificates);
        self.cleartext_endpoints.extend(cleartext_endpoints);
        self.asserted_inputs.extend(asserted_inputs);
        self.unchecked_types.extend(unchecked_types);
        self.exposed_files.extend(exposed_files);
        self.argument_panics.extend(argument_panics);
        self.archive_writes.extend(archive_writes);
    }
}

/// The last word of a dotted path, calls left out.
fn last(path: &str) -> &str {
    let path = path.trim_end_matches("()");
    path.rsplit(['.', '#']).next().unwrap_or(path)
}
