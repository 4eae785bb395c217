//! What callers control, and where it ends.

use crate::finding::{Confidence, Place};

/// What input must not reach unguarded.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Sink {
    /// A command line that a shell parses.
    Shell,
    /// An argument of a program.
    Argument,
    /// The program that is started.
    Program,
    /// Code that is evaluated.
    Code,
    /// SQL text.
    Sql,
    /// Text of another query language: Cypher, LDAP, SPARQL.
    NoSql,
    /// A path that is opened or listed.
    PathRead,
    /// A path that is written, moved or removed.
    PathWrite,
    /// A URL that is requested.
    Url,
    /// A URL that a browser opens.
    Navigation,
    /// A URL or file that the desktop opens.
    OpenUrl,
    /// The source of a template.
    Template,
    /// Bytes that become objects of any class.
    Deserialize,
    /// XML that is parsed with entities.
    Xml,
    /// The command of a server that a client starts.
    Launch,
    /// A script of the desktop: AppleScript, JXA.
    Script,
    /// A regular expression that is matched by backtracking.
    Regex,
    /// What a handler gives back.
    Answer,
    /// The proof of identity in a request to another server.
    Authorization,
    /// The options of a call, or the conditions of a query, as an object with any keys.
    Options,
}

/// The part of a URL that input decides.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum UrlPart {
    /// Where the request goes.
    Host,
    /// The path below a fixed host.
    Path,
    /// The query below a fixed host.
    Query,
}

/// Why a check on the way does not hold.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Weakness {
    /// A path's beginning is compared as text, so that `/data-old` lies inside of `/data`.
    Prefix,
    /// The check comes before `..` is resolved.
    Unresolved,
    /// `..` is searched for, and absolute paths pass.
    Parent,
    /// `..` is searched for instead of checking where the path leads.
    ParentOnly,
    /// The text of the path is checked, and links are followed.
    Links,
    /// The check runs only when something is configured.
    Optional,
    /// Only the scheme of a URL is checked.
    Scheme,
    /// The host is compared with a list of bad ones, or by a part of its text.
    Hosts,
    /// Addresses are judged before the request resolves the name anew.
    Addresses,
    /// The host is one of a list, and an answer of it may redirect to another.
    Redirects,
}

impl Weakness {
    /// Whether it says something about this sink.
    pub fn concerns(self, sink: Sink) -> bool {
        match self {
            Self::Prefix | Self::Unresolved | Self::Parent | Self::ParentOnly | Self::Links => {
                matches!(sink, Sink::PathRead | Sink::PathWrite)
            }
            Self::Scheme | Self::Hosts | Self::Addresses | Self::Redirects => sink == Sink::Url,
            Self::Optional => matches!(sink, Sink::PathRead | Sink::PathWrite | Sink::Url),
        }
    }

    /// In a clause.
    pub fn note(self) -> &'static str {
        match self {
            Self::Prefix => "compares the beginning of the text, so a sibling with the same beginning passes",
            Self::Unresolved => "is made before `..` is resolved",
            Self::Parent => "searches for `..`, and absolute paths pass",
            Self::ParentOnly => "searches for `..` instead of checking where the path leads",
            Self::Links => "judges the text of the path, and links lead out of the folder",
            Self::Optional => "is made only when something is configured",
            Self::Scheme => "judges the scheme, and any host passes",
            Self::Hosts => "compares the host as text, and other names of it pass",
            Self::Addresses => "judges addresses before the request resolves the name again",
            Self::Redirects => "judges the first host, and an answer of it redirects to any other",
        }
    }
}

/// A step of a flow.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Hop {
    /// Where.
    pub place: Place,
    /// What happens, in one lowercase clause.
    pub note: String,
}

/// Input of a caller that reaches a sink.
#[derive(Clone, Debug)]
pub struct Flow {
    /// What it reaches.
    pub sink: Sink,
    /// Where: the call.
    pub place: Place,
    /// As written: `exec`, `subprocess.run`.
    pub call: String,
    /// The tool, prompt or resource whose input it is, where known.
    pub tool: Option<String>,
    /// The parameter, where known.
    pub parameter: String,
    /// From the parameter to the sink, both included.
    pub hops: Vec<Hop>,
    /// Guards on the way that hold.
    pub guards: Vec<Hop>,
    /// The purpose of the tool is to do just this (run a command).
    pub by_design: bool,
    /// How sure it is.
    pub confidence: Confidence,
    /// The input is a piece of a larger text.
    pub embedded: bool,
    /// The text before the input, `?` for what is not written down.
    pub before: String,
    /// The part of a URL that it decides.
    pub part: UrlPart,
    /// A check on the way that does not hold, and where.
    pub weakness: Option<(Weakness, Place)>,
    /// It is the value of an option, as far as can be told by what stands before it.
    pub after_option: bool,
    /// The program or library is known to be dangerous with such input.
    pub known: bool,
    /// The request carries a credential of the server.
    pub credential: bool,
    /// The address was checked, and the request certainly follows redirects to others.
    pub redirected: bool,
    /// It is an object that filters, and not the text of a query.
    pub filter: bool,
    /// It is the URI of a resource, or a part of it.
    pub resource: bool,
}
