//! From a project and its outcome to a [`Report`]: positions as people count them, lines of source around them, and no
//! secret in any text.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::{
    content::{
        Coverage, Edit, Finding, Fix, Flow, Incomplete, Known, Location, NotApplicable, Related, Report, Server,
        Skipped, Suppression, Transport,
    },
    excerpt,
    fingerprint::{self, Fingerprint},
    masks::Masks,
    suppression,
};
use crate::{
    doctor::{self, Identity, Outcome, Reported, identity},
    finding::{self, Place},
    lines::{Lines, Position},
    project::{
        Project,
        facts::{self, Bind, Hop, Network, Sink},
        workers,
    },
};

impl Report {
    /// Takes what formats need out of a project and its outcome. `name` is the project's folder as it was given; reports
    /// about several projects tell them apart by it.
    pub fn new(name: &str, project: &Project, outcome: &Outcome) -> Self {
        workers::install(|| Self::of(name, project, outcome))
    }

    fn of(name: &str, project: &Project, outcome: &Outcome) -> Self {
        let reported = reported(outcome);
        let findings: Vec<&finding::Finding> = reported.iter().map(|(reported, _)| &reported.finding).collect();
        let paths: BTreeSet<&str> = findings.iter().flat_map(|finding| paths(finding)).collect();
        let files: Vec<_> = paths.into_iter().filter_map(|path| project.file(path)).collect();
        let masks = Masks::new(project, &findings);
        let words = |text: &str| masks.words(text);
        let masked: BTreeMap<&str, String> =
            files.par_iter().map(|it| (it.path.as_str(), masks.source(&it.path, &it.text, &findings))).collect();
        let identities = identity::of(project, findings.iter().copied());
        let gather = Gather::new(project, &reported, &masks, &masked);
        let known = |why| outcome.known.iter().filter(|(_, it)| *it == why).count();
        Self {
            name: words(name),
            below: words(&project.git.prefix),
            verdict: outcome.verdict,
            known: Known {
                compared: outcome.compared,
                baseline: known(doctor::Known::Baseline),
                before: known(doctor::Known::Before),
            },
            findings: reported
                .par_iter()
                .zip(&identities)
                .map(|((it, known), identity)| gather.finding(it, *known, identity))
                .collect(),
            hidden: outcome.hidden,
            servers: project.facts.servers.iter().map(|it| gather.server(it)).collect(),
            transports: gather.transports(),
            flows: gather.flows(),
            rules: outcome.rules.clone(),
            not_applicable: outcome
                .not_applicable
                .iter()
                .map(|(rule, reason)| NotApplicable { rule: rule.id, reason })
                .collect(),
            incomplete: outcome
                .incomplete
                .iter()
                .map(|it| Incomplete { file: it.path.as_deref().map(words), message: words(&it.message) })
                .collect(),
            skipped: project
                .skipped
                .iter()
                .map(|it| Skipped {
                    file: words(&it.path),
                    reason: words(&it.explanation()),
                    incomplete: it.incomplete,
                })
                .collect(),
            coverage: Coverage {
                files: project.files.len(),
                parsed: project.files.iter().filter(|file| file.module.is_some()).count(),
                apart: project.files.iter().filter(|file| file.is_apart()).count(),
                listing: Vec::new(),
            },
        }
    }

    /// The same, with the name of every file that was read.
    #[must_use]
    pub fn listing(mut self, project: &Project, outcome: &Outcome) -> Self {
        let reported = reported(outcome);
        let findings: Vec<&finding::Finding> = reported.iter().map(|(reported, _)| &reported.finding).collect();
        let masks = Masks::new(project, &findings);
        let files = project.files.iter();
        let files = files.map(|file| (masks.words(&file.path), file.language.map(|it| it.name()), file.is_apart()));
        self.coverage.listing = files.collect();
        self
    }
}

/// What was found, and what was known before, in the order of paths and positions.
fn reported(outcome: &Outcome) -> Vec<(&Reported, Option<doctor::Known>)> {
    let known = outcome.known.iter().map(|(reported, known)| (reported, Some(*known)));
    let mut all: Vec<_> = outcome.findings.iter().map(|reported| (reported, None)).chain(known).collect();
    all.sort_by_key(|(reported, _)| (&reported.finding.place, reported.finding.rule));
    all
}

/// The files that a finding shows code of.
fn paths(finding: &finding::Finding) -> impl Iterator<Item = &str> {
    std::iter::once(&*finding.place.path).chain(finding.related.iter().map(|related| &*related.place.path))
}

/// What is known while a report is made.
struct Gather<'a> {
    project: &'a Project,
    masks: &'a Masks,
    /// Names of the files that places lie in, without secrets.
    names: BTreeMap<&'a str, String>,
    /// Where places begin and end.
    regions: BTreeMap<&'a Place, (Position, Position)>,
    /// Texts without secrets, of files that findings point into.
    masked: &'a BTreeMap<&'a str, String>,
    lines: BTreeMap<&'a str, Lines<'a>>,
    /// Fingerprints of the lines of each file with a finding.
    fingerprints: BTreeMap<&'a str, Vec<Fingerprint>>,
}

impl<'a> Gather<'a> {
    fn new(
        project: &'a Project,
        reported: &[(&'a Reported, Option<doctor::Known>)],
        masks: &'a Masks,
        masked: &'a BTreeMap<&'a str, String>,
    ) -> Self {
        let mut places: BTreeMap<&str, Vec<&'a Place>> = BTreeMap::new();
        for place in reported.iter().flat_map(|(it, _)| of_reported(it)).chain(of_facts(&project.facts)) {
            places.entry(&place.path).or_default().push(place);
        }
        let names = places.keys().map(|path| (*path, masks.words(path))).collect();
        let mut regions = BTreeMap::new();
        for (path, places) in places {
            let Some(file) = project.file(path) else { continue };
            let lines = Lines::new(&file.text);
            regions.extend(places.iter().map(|it| (*it, (lines.position(it.start), lines.position(it.end)))));
        }
        let found: BTreeSet<&str> = reported.iter().map(|(it, _)| it.finding.place.path.as_str()).collect();
        let fingerprints = masked.par_iter().filter(|(path, _)| found.contains(*path));
        Self {
            project,
            masks,
            names,
            regions,
            masked,
            lines: masked.iter().map(|(path, text)| (*path, Lines::new(text))).collect(),
            fingerprints: fingerprints.map(|(path, text)| (*path, fingerprint::lines(text))).collect(),
        }
    }

    /// Without secrets.
    fn words(&self, text: &str) -> String {
        self.masks.words(text)
    }

    fn location(&self, place: &Place) -> Location {
        // What is said of a whole file, or of one that is not there.
        let top = Position { line: 1, column: 1 };
        let (start, end) = self.regions.get(place).copied().unwrap_or((top, top));
        Location {
            file: self.names.get(place.path.as_str()).cloned().unwrap_or_else(|| self.words(&place.path)),
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
        }
    }

    fn finding(&self, reported: &Reported, known: Option<doctor::Known>, identity: &Identity) -> Finding {
        let Reported { finding, suppression, failing } = reported;
        let location = self.location(&finding.place);
        let fingerprints = self.fingerprints.get(finding.place.path.as_str());
        let related = finding.related.iter();
        Finding {
            rule: finding.rule,
            severity: finding.severity,
            confidence: finding.confidence,
            message: self.words(&finding.message),
            attack: self.words(&finding.attack),
            fingerprint: fingerprints.and_then(|lines| lines.get(location.line - 1)).map(ToString::to_string),
            location,
            related: related
                .map(|it| Related { message: self.words(&it.message), location: self.location(&it.place) })
                .collect(),
            fix: finding.fix.as_ref().map(|it| self.fix(it)),
            suppressed: suppression.as_ref().map(|it| Suppression {
                reason: self.words(&it.reason),
                expires: it.expires.map(|day| day.to_string()),
                location: self.location(&it.place),
            }),
            known: known.map(|known| match known {
                doctor::Known::Baseline => "baseline",
                doctor::Known::Before => "before",
            }),
            failing: *failing && known.is_none(),
            flow: finding.is_flow(),
            identity: identity.to_string(),
            suppress: suppression::line(
                &finding.place,
                self.masked.get(finding.place.path.as_str()).map(String::as_str),
                finding.rule,
            ),
            excerpts: excerpt::of(
                finding,
                |path| self.masked.get(path).map(String::as_str).zip(self.lines.get(path)),
                |text| self.words(text),
            ),
        }
    }

    fn fix(&self, fix: &finding::Fix) -> Fix {
        let edit = |edit: &finding::Edit| Edit {
            location: self.location(&edit.place),
            replacement: self.words(&edit.replacement),
        };
        Fix { title: self.words(&fix.title), safety: fix.safety, edits: fix.edits.iter().map(edit).collect() }
    }

    fn server(&self, server: &facts::Server) -> Server {
        let declared = server.declared.iter().map(|it| it.capability);
        let registered = server.registered.iter().map(|it| it.capability);
        let capabilities: BTreeSet<_> = declared.chain(registered).map(facts::Capability::name).collect();
        Server {
            location: self.location(&server.place),
            language: server.language.name(),
            sdk: self.words(&server.sdk),
            sdk_version: server.sdk_version.as_deref().map(|it| self.words(it)),
            kind: self.words(&server.kind),
            name: server.name.as_deref().map(|it| self.words(it)),
            tools: server.tools.iter().map(|tool| tool.name.as_deref().map(|it| self.words(it))).collect(),
            capabilities: capabilities.into_iter().collect(),
            incomplete: server.incomplete.iter().map(|it| self.words(it)).collect(),
        }
    }

    fn transports(&self) -> Vec<Transport> {
        let facts = &self.project.facts;
        let stdio = facts.stdio.iter().map(|place| Transport {
            kind: "stdio",
            reach: "client",
            location: self.location(place),
        });
        let network = facts.endpoints.iter().map(|endpoint| Transport {
            kind: match endpoint.network {
                Network::Http => "http",
                Network::Sse => "sse",
                Network::WebSocket => "websocket",
            },
            reach: match endpoint.bind {
                Bind::Loopback | Bind::ConfiguredLoopback => "loopback",
                Bind::All | Bind::ConfiguredAll | Bind::Address(_) => "network",
                Bind::Unknown => "unknown",
            },
            location: self.location(&endpoint.place),
        });
        stdio.chain(network).collect()
    }

    /// What reaches something that matters, guarded or not, each once.
    fn flows(&self) -> Vec<Flow> {
        let step = |hop: &Hop| Related { message: self.words(&hop.note), location: self.location(&hop.place) };
        let mut seen = BTreeSet::new();
        let flows = self.project.facts.flows.iter().filter(|flow| flow.sink != Sink::Answer);
        flows
            .map(|flow| Flow {
                tool: flow.tool.as_deref().map(|it| self.words(it)),
                parameter: self.words(&flow.parameter),
                sink: sink(flow.sink),
                call: self.words(&flow.call),
                location: self.location(&flow.place),
                hops: flow.hops.iter().map(step).collect(),
                guards: flow.guards.iter().map(step).collect(),
                weakness: flow.weakness.as_ref().map(|(weakness, place)| Related {
                    message: weakness.note().to_owned(),
                    location: self.location(place),
                }),
            })
            .filter(|flow| seen.insert((flow.tool.clone(), flow.parameter.clone(), flow.sink, flow.location.clone())))
            .collect()
    }
}

/// Every place that a finding names.
fn of_reported(reported: &Reported) -> impl Iterator<Item = &Place> {
    let Reported { finding, suppression, .. } = reported;
    let edits = finding.fix.iter().flat_map(|fix| fix.edits.iter().map(|edit| &edit.place));
    let related = finding.related.iter().map(|related| &related.place);
    std::iter::once(&finding.place).chain(related).chain(edits).chain(suppression.iter().map(|it| &it.place))
}

/// Every place that is told of besides findings.
fn of_facts(facts: &facts::Facts) -> impl Iterator<Item = &Place> {
    let servers = facts.servers.iter().map(|server| &server.place);
    let transports = facts.stdio.iter().chain(facts.endpoints.iter().map(|endpoint| &endpoint.place));
    let flows = facts.flows.iter().flat_map(|flow| {
        let weakness = flow.weakness.iter().map(|(_, place)| place);
        let hops = flow.hops.iter().chain(&flow.guards).map(|hop| &hop.place);
        std::iter::once(&flow.place).chain(hops).chain(weakness)
    });
    servers.chain(transports).chain(flows)
}

/// In a word or two, as people call it.
fn sink(sink: Sink) -> &'static str {
    match sink {
        Sink::Shell => "shell",
        Sink::Argument => "program argument",
        Sink::Program => "program",
        Sink::Code => "evaluated code",
        Sink::Sql => "SQL",
        Sink::NoSql => "query language",
        Sink::PathRead => "file read",
        Sink::PathWrite => "file write",
        Sink::Url => "request",
        Sink::Navigation => "browser",
        Sink::OpenUrl => "desktop",
        Sink::Template => "template",
        Sink::Deserialize => "deserialization",
        Sink::Xml => "XML",
        Sink::Launch => "server launch",
        Sink::Script => "desktop script",
        Sink::Regex => "regular expression",
        Sink::Answer => "answer",
        Sink::Authorization => "authorization",
        Sink::Options => "options",
    }
}
