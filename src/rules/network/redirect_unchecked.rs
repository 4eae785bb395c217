//! A checked URL is fetched, and so is whatever it redirects to.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{
        Language, Project,
        facts::{Flow, Sink, Weakness},
    },
    rules::{
        Rule, context,
        flows::{self, Told},
    },
};

pub(super) static RULE: Rule = Rule {
    id: "redirect-unchecked",
    group: "network",
    title: "a checked URL is fetched, and so is whatever it redirects to",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["CWE-918", "MCP05", "MSSS NET-01", "CVE-2026-55523"],
    docs: "
The URL of a caller is checked, and then requested by a library that follows redirects. The check saw the first address only: a page of
the attacker's own public server answers with `Location: http://169.254.169.254/`, and the library goes there without asking again.

Do not follow (`redirect: \"manual\"` or `\"error\"` of `fetch`, `maxRedirects: 0` of axios, `allow_redirects=False` of requests and
aiohttp, `Policy::none()` of reqwest, `CheckRedirect` of Go's client), and where redirects are needed, check each address before it is
requested: in a loop of one's own, or in the callback that the library offers. An agent or transport that judges addresses
when it connects checks every hop at once.

After a check against private addresses this is reported with medium confidence, for any public server can redirect. After a list of
allowed hosts it takes a host on the list that redirects to where others say: that is a guess, and said with low confidence. Libraries that
do not follow by themselves (`httpx`, `undici.request`, Node's `http`) are reported only where following was switched on. Options that
come from elsewhere are taken as safe. A URL without any check is `ssrf`, and one whose check does not hold is `ssrf-partial-guard`.
",
    applies: context::has_server_or_flow,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let attack =
        "whoever writes a text that the model reads names a public page that redirects the server to `169.254.169.254`";
    let listed = "whoever finds a page on an allowed host that redirects as its link says leads the server to internal addresses";
    let fix = "do not follow redirects, or check each address before it is requested";
    let wanted = |flow: &Flow| flow.sink == Sink::Url && flow.redirected;
    flows::report(project, &RULE, findings, wanted, |flow| {
        let wrong = "which follows redirects, and only the first address was checked";
        match flow.weakness {
            Some((Weakness::Redirects, _)) => Told::usual(&RULE, wrong, listed, fix).guess(),
            _ => Told::usual(&RULE, wrong, attack, fix),
        }
    });
}
