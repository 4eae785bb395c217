//! Sets apart what was there before: what a baseline has, and what the compared revision has.

use std::collections::HashSet;

use super::{Known, Options, Reported, baseline, identity};
use crate::{project::Project, rules::Rule};

/// Takes known findings out, and adds what is to be said of the baseline and of the comparison itself. Suppressed findings
/// stay: whoever wrote the suppression gave a better reason.
pub(super) fn separate(
    project: &Project,
    reported: &mut Vec<Reported>,
    ran: &[&Rule],
    options: &Options,
) -> Vec<(Reported, Known)> {
    if options.baseline.is_none() && options.before.is_none() {
        return Vec::new();
    }
    let identities = identity::of(project, reported.iter().map(|it| &it.finding));
    let found: HashSet<_> = identities.iter().collect();
    let mut added = Vec::new();
    if let Some(written) = &options.baseline {
        added.extend(baseline::stale(written, &found, ran));
    }
    let (mut known, mut rest) = (Vec::new(), Vec::new());
    for (reported, identity) in reported.drain(..).zip(&identities) {
        let accepted = |it: &baseline::Baseline| it.entries.contains_key(identity) && baseline::accepts(&identity.rule);
        if reported.suppression.is_some() {
            rest.push(reported);
        } else if options.baseline.as_ref().is_some_and(accepted) {
            known.push((reported, Known::Baseline));
        } else if options.before.as_ref().is_some_and(|before| before.findings.contains(identity)) {
            known.push((reported, Known::Before));
        } else {
            rest.push(reported);
        }
    }
    if let Some(before) = &options.before {
        let asked = ran.iter().any(|rule| rule.id == "configuration-weakened");
        added.extend(before.weakened.iter().filter(|_| asked).cloned());
    }
    rest.extend(added.into_iter().map(|finding| Reported { finding, suppression: None, failing: false }));
    rest.sort_by(|a, b| (&a.finding.place, a.finding.rule).cmp(&(&b.finding.place, b.finding.rule)));
    *reported = rest;
    known
}
