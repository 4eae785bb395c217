//! How rules about flows tell them: one finding for a place, however many inputs reach it.

use std::collections::BTreeMap;

use super::{Rule, context};
use crate::{
    finding::{Confidence, Finding, Fix, Place, Related, Severity},
    project::{
        Project,
        facts::{Flow, HeldFlow, Hop, Misuse, Sink},
    },
};

/// What a rule says of a flow.
pub(super) struct Told {
    /// How much an attacker gains here.
    pub(super) severity: Severity,
    /// How sure it is; never more than the flow itself.
    pub(super) confidence: Confidence,
    /// What is wrong, after `name of tool reaches call`.
    pub(super) wrong: String,
    /// What an attacker does.
    pub(super) attack: &'static str,
    /// What to change.
    pub(super) fix: &'static str,
}

impl Told {
    /// As the rule usually reports it.
    pub(super) fn usual(rule: &Rule, wrong: &str, attack: &'static str, fix: &'static str) -> Self {
        Self { severity: rule.severity, confidence: rule.confidence, wrong: wrong.to_owned(), attack, fix }
    }

    /// As a guess.
    pub(super) fn guess(self) -> Self {
        Self { confidence: Confidence::Low, ..self }
    }
}

/// What makes several places one weakness: the file, the tool, its parameter by the places where it enters, and a number
/// for what stands alone.
type Weakness<'f> = (&'f str, &'f str, Vec<&'f Place>, usize);

/// Reports the flows that `wanted` picks, each line once. What one parameter of a tool brings to several calls of one file is
/// one weakness: the gravest place is reported, and the others stand beside it.
pub(super) fn report(
    project: &Project,
    rule: &'static Rule,
    findings: &mut Vec<Finding>,
    wanted: impl Fn(&Flow) -> bool,
    tell: impl Fn(&Flow) -> Told,
) {
    let mut places: BTreeMap<(&str, usize), Vec<&Flow>> = BTreeMap::new();
    for flow in project.facts.flows.iter().filter(|flow| wanted(flow)) {
        places.entry((&flow.place.path, line_start(project, &flow.place))).or_default().push(flow);
    }
    let mut weaknesses: BTreeMap<Weakness<'_>, Vec<Vec<&Flow>>> = BTreeMap::new();
    for (number, flows) in places.into_values().enumerate() {
        let flow = surest(&flows);
        // Behind one handler for all tools each place may belong to another one; programs and code are harmed each in
        // its own way.
        let alike = opens_file(flow) || matches!(flow.sink, Sink::Sql | Sink::Url);
        let enters: Vec<&Place> = flow.hops.iter().take(2).map(|hop| &hop.place).collect();
        let key = match &flow.tool {
            Some(tool) if alike && !enters.is_empty() => (&*flow.place.path, &**tool, enters, 0),
            _ => (&*flow.place.path, "", Vec::new(), number + 1),
        };
        weaknesses.entry(key).or_default().push(flows);
    }
    for mut places in weaknesses.into_values() {
        // Of equally grave ones the first stays in front.
        places.sort_by_key(|flows| std::cmp::Reverse(tell(surest(flows)).severity));
        let Some((gravest, others)) = places.split_first() else { continue };
        let mut finding = finding(project, rule, gravest, &tell);
        finding.related.extend(others.iter().take(8).map(|flows| {
            let flow = surest(flows);
            let message = format!("{} reaches `{}` here, too", parameters(flows).join(" and "), flow.call);
            Related { place: flow.place.clone(), message }
        }));
        findings.push(finding);
    }
}

/// Where the line of a place begins: calls inside of each other are one place.
fn line_start(project: &Project, place: &Place) -> usize {
    let text = project.file(&place.path).map_or("", |file| file.text.as_str());
    text.get(..place.start).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1)
}

/// Whether a flow ends at a file.
pub(super) fn opens_file(flow: &Flow) -> bool {
    matches!(flow.sink, Sink::PathRead | Sink::PathWrite)
}

/// The story of the surest of several flows to one place.
fn finding(project: &Project, rule: &'static Rule, flows: &[&Flow], tell: &impl Fn(&Flow) -> Told) -> Finding {
    let flow = surest(flows);
    let told = tell(flow);
    let sure = told.confidence.min(flow.confidence);
    let (severity, confidence) = context::weigh(project, &flow.place, told.severity, sure);
    let of = flow.tool.as_ref().map(|tool| format!(" of `{tool}`")).unwrap_or_default();
    let parameters = parameters(flows);
    let reach = reach(&parameters);
    let Told { wrong, attack, fix, .. } = told;
    Finding {
        rule: rule.id,
        severity,
        confidence,
        place: flow.place.clone(),
        message: format!("{}{of} {reach} `{}`, {wrong}", parameters.join(" and "), flow.call),
        attack: attack.to_owned(),
        related: story(flow),
        fix: Some(Fix::advice(fix)),
    }
}

/// The flow whose story is told: unguarded, sure, not meant to be, short.
pub(super) fn surest<'f>(flows: &[&'f Flow]) -> &'f Flow {
    let mut best = flows[0];
    for other in flows {
        let short = |flow: &Flow| std::cmp::Reverse(flow.hops.len());
        let rank =
            |flow: &Flow| (flow.guards.is_empty(), flow.confidence, !flow.after_option, !flow.by_design, short(flow));
        if rank(other) > rank(best) {
            best = other;
        }
    }
    best
}

/// The parameters of several flows, in backticks.
pub(super) fn parameters(flows: &[&Flow]) -> Vec<String> {
    let mut parameters: Vec<String> = flows.iter().map(|flow| format!("`{}`", flow.parameter)).collect();
    parameters.sort();
    parameters.dedup();
    parameters
}

/// What these do, as a verb.
fn reach(parameters: &[String]) -> &'static str {
    if parameters.len() == 1 { "reaches" } else { "reach" }
}

/// The steps of a flow as further places.
pub(super) fn story(flow: &Flow) -> Vec<Related> {
    related(&flow.hops)
}

fn related(hops: &[Hop]) -> Vec<Related> {
    hops.iter().map(|hop| Related { place: hop.place.clone(), message: hop.note.clone() }).collect()
}

/// Reports what a server does with what it holds, each line once.
pub(super) fn report_held(
    project: &Project,
    rule: &'static Rule,
    findings: &mut Vec<Finding>,
    misuse: Misuse,
    message: impl Fn(&HeldFlow, &str) -> String,
    (attack, fix): (&str, &str),
) {
    let mut places: BTreeMap<(&str, usize), &HeldFlow> = BTreeMap::new();
    for flow in project.facts.held_flows.iter().filter(|flow| flow.misuse == misuse) {
        let line = (flow.place.path.as_str(), line_start(project, &flow.place));
        if places.get(&line).is_none_or(|known| known.confidence < flow.confidence) {
            places.insert(line, flow);
        }
    }
    for flow in places.into_values() {
        let of = flow.tool.as_ref().map_or("the answer".to_owned(), |tool| format!("`{tool}`"));
        let mut finding = context::finding(project, rule, flow.place.clone(), message(flow, &of), attack, fix);
        finding.confidence = finding.confidence.min(flow.confidence);
        finding.related = related(&flow.hops);
        findings.push(finding);
    }
}

/// Reports checks on the way that do not hold: one finding for a check, with the places that rely on it.
pub(super) fn report_checks(
    project: &Project,
    rule: &'static Rule,
    findings: &mut Vec<Finding>,
    wanted: impl Fn(&Flow) -> bool,
    tell: impl Fn(&Flow) -> Told,
) {
    let mut checks: BTreeMap<&Place, Vec<&Flow>> = BTreeMap::new();
    for flow in project.facts.flows.iter().filter(|flow| wanted(flow)) {
        if let Some((_, place)) = &flow.weakness {
            checks.entry(place).or_default().push(flow);
        }
    }
    for (place, flows) in checks {
        let flow = surest(&flows);
        let Told { severity, confidence, wrong, attack, fix } = tell(flow);
        let sure = confidence.min(flow.confidence);
        let (severity, confidence) = context::weigh(project, place, severity, sure);
        let mut related = story(flow);
        let others = flows.iter().filter(|other| other.place != flow.place).take(8);
        let relies = |other: &&Flow| Related {
            place: other.place.clone(),
            message: format!("`{}` relies on it, too", other.call),
        };
        related.extend(others.map(relies));
        findings.push(Finding {
            rule: rule.id,
            severity,
            confidence,
            place: place.clone(),
            message: format!("the check of {} {wrong}", parameters(&flows).join(" and ")),
            attack: attack.to_owned(),
            related,
            fix: Some(Fix::advice(fix)),
        });
    }
}

/// Reports tools that do something by design, each once, at the tool.
pub(super) fn report_tools(
    project: &Project,
    rule: &'static Rule,
    findings: &mut Vec<Finding>,
    wanted: impl Fn(&Flow) -> bool,
    does: &str,
    (attack, fix): (&str, &str),
) {
    let mut tools: BTreeMap<&Place, Vec<&Flow>> = BTreeMap::new();
    for flow in project.facts.flows.iter().filter(|flow| wanted(flow)) {
        if let Some(first) = flow.hops.first() {
            tools.entry(&first.place).or_default().push(flow);
        }
    }
    for (place, flows) in tools {
        let flow = surest(&flows);
        let (severity, confidence) =
            context::weigh(project, place, rule.severity, rule.confidence.min(flow.confidence));
        let name = flow.tool.as_ref().map_or("a tool".to_owned(), |tool| format!("`{tool}`"));
        let parameters = parameters(&flows);
        findings.push(Finding {
            rule: rule.id,
            severity,
            confidence,
            place: place.clone(),
            message: format!("{name} {does}: {} {} `{}`", parameters.join(" and "), reach(&parameters), flow.call),
            attack: attack.to_owned(),
            related: story(flow),
            fix: Some(Fix::advice(fix)),
        });
    }
}
