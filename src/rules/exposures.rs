//! What answers give away, for the rules that report it: once per project, in the product first.

use super::{Rule, context};
use crate::{
    finding::{Finding, Related},
    project::{Project, facts::Leak},
};

/// Most further places that a finding names.
const MAX_PLACES: usize = 20;

/// Reports exposures of one kind: `what` follows the expression in the message, and `attack` and `fix` are said of all.
pub(super) fn report(
    project: &Project,
    rule: &'static Rule,
    findings: &mut Vec<Finding>,
    leak: Leak,
    what: &str,
    (attack, fix): (&str, &str),
) {
    let mut found: Vec<_> = project.facts.conduct.exposures.iter().filter(|exposure| exposure.leak == leak).collect();
    found.sort_by_key(|exposure| context::role(project, &exposure.place));
    let Some((first, others)) = found.split_first() else { return };
    let message = format!("`{}` {what}", first.written);
    let mut finding = context::finding(project, rule, first.place.clone(), message, attack, fix);
    let others = others.iter().take(MAX_PLACES);
    finding.related = others
        .map(|other| Related { place: other.place.clone(), message: format!("`{}` as well", other.written) })
        .collect();
    findings.push(finding);
}
