//! How the code treats requests, tokens, sessions and time: what several languages do alike, found by one survey of all
//! calls once servers and endpoints are known.

use rayon::prelude::*;

use super::{Facts, Network, Protection, flow, moments, strength};
use crate::{finding::Place, project::program::Program};

mod bodies;
mod errors;
mod gates;
mod handles;
mod loads;
mod metadata;
mod options;
mod outbound;
mod reach;
mod redirects;
mod rights;
mod routes;
mod sessions;
mod sockets;
mod survey;
mod tokens;
mod transports;
mod words;

use survey::Survey;

pub use self::{
    bodies::{Body, Unbounded},
    errors::{Exposure, Leak},
    gates::{OpenGate, Opens},
    handles::Handle,
    loads::Load,
    metadata::MetadataRequest,
    options::{Protects, WeakOption},
    outbound::Outbound,
    redirects::RedirectCheck,
    rights::{Destructive, Rights, WideScope},
    sessions::{Keeping, Session},
    tokens::{Flaw, TokenCheck},
    transports::TransportUse,
};

/// How the code behaves.
#[derive(Debug, Default)]
pub struct Conduct {
    /// Options that switch a protection off.
    pub weak_options: Vec<WeakOption>,
    /// Checks of tokens that leave something open.
    pub token_checks: Vec<TokenCheck>,
    /// Comparisons of redirect addresses by a part of them.
    pub redirect_checks: Vec<RedirectCheck>,
    /// Transports, also those that no listener was found for.
    pub transports: Vec<TransportUse>,
    /// Calls of tools to the outside that may wait for ever.
    pub outbound: Vec<Outbound>,
    /// Requests of tools to the metadata service of a cloud.
    pub metadata_requests: Vec<MetadataRequest>,
    /// Bodies that are read whole.
    pub bodies: Vec<Body>,
    /// Web servers that wait for headers without end.
    pub slow_servers: Vec<Place>,
    /// What answers give away.
    pub exposures: Vec<Exposure>,
    /// Sessions that are kept badly.
    pub sessions: Vec<Session>,
    /// WebSockets that any web page may open.
    pub open_sockets: Vec<Place>,
    /// Decisions by a header that the body may contradict.
    pub desyncs: Vec<Place>,
    /// Gates that open where they should not.
    pub open_gates: Vec<OpenGate>,
    /// State of clients that is read without proof.
    pub unsigned_states: Vec<Place>,
    /// Handles that others can guess.
    pub handles: Vec<Handle>,
    /// Processes that each call starts.
    pub launches: Vec<Load>,
    /// Caches that only grow.
    pub growing: Vec<Load>,
    /// Scopes that cover everything.
    pub wide_scopes: Vec<WideScope>,
    /// What is asked of callers.
    pub rights: Rights,
}

/// Adds the facts of one kind.
type Add = fn(&Survey<'_, '_>, &mut Conduct);

/// Each fills fields of its own.
const PARTS: &[Add] = &[
    options::add,
    tokens::add,
    redirects::add,
    transports::add,
    outbound::add,
    metadata::add,
    bodies::add,
    errors::add,
    sessions::add,
    sockets::add,
    gates::add,
    handles::add,
    loads::add,
    rights::add,
];

/// The conduct of a program whose servers and endpoints are known.
pub(super) fn of(program: &Program<'_>, facts: &Facts) -> Conduct {
    // Without a server there is nobody whose conduct matters.
    if facts.servers.is_empty() && facts.endpoints.is_empty() {
        return Conduct::default();
    }
    let survey = Survey::new(program, facts);
    let parts: Vec<Conduct> = PARTS
        .par_iter()
        .map(|add| {
            let mut conduct = Conduct::default();
            add(&survey, &mut conduct);
            conduct
        })
        .collect();
    let mut conduct = Conduct::default();
    parts.into_iter().for_each(|part| conduct.absorb(part));
    conduct
}

impl Conduct {
    /// Takes over what another part found. Named field by field: a new one cannot be forgotten.
    fn absorb(&mut self, other: Self) {
        let Self {
            weak_options,
            token_checks,
            redirect_checks,
            transports,
            outbound,
            metadata_requests,
            bodies,
            slow_servers,
            exposures,
            sessions,
            open_sockets,
            desyncs,
            open_gates,
            unsigned_states,
            handles,
            launches,
            growing,
            wide_scopes,
            rights,
        } = other;
        self.weak_options.extend(weak_options);
        self.token_checks.extend(token_checks);
        self.redirect_checks.extend(redirect_checks);
        self.transports.extend(transports);
        self.outbound.extend(outbound);
        self.metadata_requests.extend(metadata_requests);
        self.bodies.extend(bodies);
        self.slow_servers.extend(slow_servers);
        self.exposures.extend(exposures);
        self.sessions.extend(sessions);
        self.open_sockets.extend(open_sockets);
        self.desyncs.extend(desyncs);
        self.open_gates.extend(open_gates);
        self.unsigned_states.extend(unsigned_states);
        self.handles.extend(handles);
        self.launches.extend(launches);
        self.growing.extend(growing);
        self.wide_scopes.extend(wide_scopes);
        // One part alone finds rights.
        if rights.found {
            self.rights = rights;
        }
    }
}
