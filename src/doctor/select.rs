//! Which rules run, and which of their findings are shown and count.

use mcpsec_policy::suggest::nearest;

use super::{Options, Reported};
use crate::rules::{RULES, Rule};

/// Rules by id or group.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Only these; all where it is empty.
    pub select: Vec<String>,
    /// Not these.
    pub ignore: Vec<String>,
    /// Something in front of the server authenticates and limits callers: `[doctor] behind_gateway`.
    pub behind_gateway: bool,
}

/// Rules whose subject a gateway in front of the server takes over.
const GATEWAY: [&str; 2] = ["http-auth-missing", "rate-limit-missing"];

impl Selection {
    /// Whether a rule runs.
    pub fn runs(&self, rule: &Rule) -> bool {
        let named = |names: &[String]| names.iter().any(|name| name == rule.id || name == rule.group);
        (self.select.is_empty() || named(&self.select)) && !named(&self.ignore)
    }

    /// Whether a rule is switched off by name.
    pub fn ignores(&self, id: &str) -> bool {
        let group = crate::rules::rule(id).map_or("", |rule| rule.group);
        self.ignore.iter().any(|name| name == id || name == group)
    }

    /// Why a rule does not apply although it is selected.
    pub(super) fn excused(&self, rule: &Rule) -> Option<&'static str> {
        (self.behind_gateway && GATEWAY.contains(&rule.id))
            .then_some("`[doctor] behind_gateway` says that something in front of the server does this")
    }

    /// The first name that is neither a rule nor a group.
    pub fn unknown(&self) -> Option<&str> {
        self.select.iter().chain(&self.ignore).map(String::as_str).find(|name| !known(name))
    }
}

/// Whether a name is a rule's or a group's.
pub fn known(name: &str) -> bool {
    RULES.iter().any(|rule| rule.id == name || rule.group == name)
}

/// The known name that is most like a wrong one, where one is alike.
pub fn closest(name: &str) -> Option<&'static str> {
    nearest(name, RULES.iter().flat_map(|rule| [rule.id, rule.group]))
}

/// Marks what fails the run, and says whether a finding is shown. What fails the run always is, and what was suppressed
/// is kept for the reports that show it.
pub(super) fn keep(reported: &mut Reported, options: &Options) -> bool {
    let finding = &reported.finding;
    let confident = finding.confidence >= options.min_confidence;
    // What was left unread has an exit code of its own, and low confidence never fails a run.
    let counts = finding.rule != "scan-incomplete" && finding.confidence > crate::finding::Confidence::Low;
    let grave = options.fail_on.is_some_and(|least| finding.severity >= least);
    reported.failing = confident && counts && grave && reported.suppression.is_none();
    reported.failing || (confident && finding.severity >= options.min_severity)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        doctor::Date,
        finding::{Confidence, Finding, Place, Severity},
    };

    #[track_caller]
    fn check(severity: Severity, confidence: Confidence, options: &Options, shown_and_failing: (bool, bool)) {
        let finding = Finding {
            rule: "some-rule",
            severity,
            confidence,
            place: Place::top("a"),
            message: String::new(),
            attack: String::new(),
            related: Vec::new(),
            fix: None,
        };
        let mut reported = Reported { finding, suppression: None, failing: false };
        let shown = keep(&mut reported, options);
        assert_eq!((shown, reported.failing), shown_and_failing);
    }

    #[test]
    fn low_confidence_is_shown_on_request_and_never_fails() {
        let usual = Options::usual(Date::from_seconds(0));
        check(Severity::Critical, Confidence::Low, &usual, (false, false));
        let all = Options { min_confidence: Confidence::Low, ..usual };
        check(Severity::Critical, Confidence::Low, &all, (true, false));
    }

    #[test]
    fn what_fails_the_run_is_shown_even_below_the_least_severity() {
        let options = Options { min_severity: Severity::Critical, ..Options::usual(Date::from_seconds(0)) };
        check(Severity::Medium, Confidence::Medium, &options, (true, true));
        check(Severity::Low, Confidence::High, &options, (false, false));
        let never = Options { fail_on: None, ..options };
        check(Severity::Critical, Confidence::High, &never, (true, false));
    }
}
