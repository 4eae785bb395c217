//! An object with any keys becomes the options of a call.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{
        Language, Project,
        facts::{Flow, Sink, UrlPart},
    },
    rules::{
        Rule, context,
        flows::{self, Told},
    },
};

pub(super) static RULE: Rule = Rule {
    id: "schema-open-to-sink",
    group: "metadata",
    title: "an object with any keys becomes the options of a call",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    languages: &[Language::TypeScript, Language::Python],
    since: "0.1.0",
    references: &["CWE-20", "CWE-915", "MCP05", "MSSS INPUT-01"],
    docs: "
The schema of a tool lets an argument be any object (`z.record`, `z.any`, `additionalProperties: true`, `dict`, `Any`), and the handler hands
it on whole where keys have a meaning. As options of a program that is started, `shell`, `env` and `cwd` are code; as options of a request,
`headers`, `proxy`, `baseURL` or `verify` send it elsewhere or with another identity; as the conditions of a query, operators and
columns of other tables tell what the tool was not meant to tell.

Name the keys in the schema (`z.object({ timeout: z.number() })`, a model of pydantic), or take the allowed keys out of the object one
by one before the call.

Followed are single arguments, through functions of the project, into options of `child_process`, `execa`, `fetch`, axios, got, ky, `subprocess`,
requests, httpx and aiohttp, and into `where`, `filter_by(**x)` and `objects.filter(**x)`. Objects with named keys are not reported, nor
bodies of requests: the service that reads them checks them. Where another rule speaks of the same call, this one is silent.
",
    applies: context::has_server_or_flow,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let fix = "name the keys in the schema, or take the allowed ones out of the object before the call";
    let told_already = |flow: &Flow| {
        let same = |other: &&Flow| other.place == flow.place && other.sink != Sink::Options;
        project.facts.flows.iter().filter(same).any(|other| match other.sink {
            Sink::Url => other.part == UrlPart::Host,
            sink => matches!(sink, Sink::Shell | Sink::Program | Sink::Sql | Sink::NoSql | Sink::Script),
        })
    };
    let wanted = |flow: &Flow| flow.sink == Sink::Options && !told_already(flow);
    flows::report(project, &RULE, findings, wanted, |flow| {
        let (wrong, attack) = if flow.known {
            ("which takes any of its keys as options", "a caller adds `shell` or `env` and runs code of their own")
        } else if flow.filter {
            (
                "which takes any of its keys as conditions",
                "a caller adds operators and columns and reads what the tool was not meant to tell",
            )
        } else {
            (
                "which takes any of its keys as options",
                "a caller adds headers or a proxy and sends the server's request elsewhere",
            )
        };
        Told::usual(&RULE, wrong, attack, fix)
    });
}
