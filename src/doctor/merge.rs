//! One weakness, one finding.

use std::collections::BTreeSet;

use crate::{finding::Finding, rules::rule};

/// Leaves, of findings that overlap and share a CWE, the gravest; of equals, the one whose rule knows the context (a
/// rule of any group but `secrets`, whose rules read bytes alone). The findings are sorted by place, and stay so.
pub(super) fn merge(findings: &mut Vec<Finding>) {
    let mut kept: Vec<Finding> = Vec::new();
    for finding in findings.drain(..) {
        let near = kept.iter_mut().rev().take_while(|other| other.place.path == finding.place.path);
        match near.into_iter().find(|other| same(other, &finding)) {
            Some(other) if rank(other) < rank(&finding) => *other = finding,
            Some(_) => {}
            None => kept.push(finding),
        }
    }
    *findings = kept;
}

fn same(a: &Finding, b: &Finding) -> bool {
    let (x, y) = (&a.place, &b.place);
    if x.path != y.path {
        return false;
    }
    if a.rule == b.rule {
        return x == y && a.message == b.message;
    }
    let overlap = x.start < y.end && y.start < x.end;
    // What is missing at one place are different things, though one number covers them: limits of calls and of bodies.
    let absences = [a, b].iter().all(|finding| finding.rule.ends_with("-missing"));
    overlap && !absences && !weaknesses(a.rule).is_disjoint(&weaknesses(b.rule))
}

fn weaknesses(id: &str) -> BTreeSet<&'static str> {
    let references = rule(id).map_or(&[][..], |rule| rule.references);
    references.iter().copied().filter(|reference| reference.starts_with("CWE-")).collect()
}

fn rank(finding: &Finding) -> (crate::finding::Severity, crate::finding::Confidence, bool) {
    let knows_context = rule(finding.rule).is_some_and(|rule| rule.group != "secrets");
    (finding.severity, finding.confidence, knows_context)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Confidence, Place, Severity};

    fn finding(place: Place, message: &str) -> Finding {
        Finding {
            rule: "unlisted",
            severity: Severity::High,
            confidence: Confidence::High,
            place,
            message: message.to_owned(),
            attack: String::new(),
            related: Vec::new(),
            fix: None,
        }
    }

    #[test]
    fn the_same_is_said_once_and_different_things_are_both_said() {
        let place = Place::new("a.ts", 0, 5);
        let mut findings = vec![
            finding(place.clone(), "one"),
            finding(place.clone(), "one"),
            finding(place, "another"),
            finding(Place::new("a.ts", 2, 5), "one"),
        ];
        merge(&mut findings);
        assert_eq!(findings.len(), 3);
    }
}
