//! No text of a report holds a secret: neither what looks like one, nor what a finding calls one, wherever else it stands.

use crate::{
    finding::{Finding, Place},
    project::Project,
    redact,
    rules::rule,
};

/// Shorter ones are words that stand in other texts for reasons of their own.
const LEAST: usize = 8;

/// More are not looked for everywhere.
const MOST: usize = 500;

/// What must not be told of a project.
pub(super) struct Masks {
    /// Values that were found to be credentials, the longest first.
    values: Vec<String>,
}

impl Masks {
    pub(super) fn new(project: &Project, findings: &[&Finding]) -> Self {
        let found = findings.iter().filter(|finding| written(finding)).map(|finding| &finding.place);
        let literals = project.facts.secret_literals.iter().map(|literal| &literal.place);
        let mut values: Vec<String> =
            found.chain(literals).filter_map(|place| value(project, place)).filter(|it| telling(it)).collect();
        values.sort_by(|a, b| (b.len(), a).cmp(&(a.len(), b)));
        values.dedup();
        values.truncate(MOST);
        Self { values }
    }

    /// The text of a file, byte for byte as long as it was.
    pub(super) fn source(&self, path: &str, text: &str, findings: &[&Finding]) -> String {
        self.mask(redact::source(path, text, findings))
    }

    /// A text of ours or of a project: a message, a path, a name.
    pub(super) fn words(&self, text: &str) -> String {
        self.mask(redact::words(text))
    }

    fn mask(&self, mut text: String) -> String {
        for value in &self.values {
            if text.contains(value.as_str()) {
                text = text.replace(value.as_str(), &"*".repeat(value.len()));
            }
        }
        text
    }
}

/// Whether a finding points at the credential itself.
fn written(finding: &Finding) -> bool {
    rule(finding.rule).is_some_and(|rule| rule.references.contains(&"CWE-798"))
}

fn value(project: &Project, place: &Place) -> Option<String> {
    let text = project.file(&place.path)?.text.as_str();
    text.get(redact::value(text, place.start..place.end)).map(str::to_owned)
}

/// Whether a value is no word that may stand anywhere.
fn telling(value: &str) -> bool {
    let any = |kind: fn(char) -> bool| value.chars().any(kind);
    let mixed = any(|c| c.is_ascii_digit()) || any(char::is_uppercase) && any(char::is_lowercase);
    value.len() >= LEAST && !value.contains('\n') && (mixed || value.len() >= 3 * LEAST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_masked_wherever_it_stands_and_nothing_moves() {
        let masks = Masks { values: vec!["é-0123456789".to_owned(), "0123456".to_owned()] };
        assert_eq!(masks.words("a é-0123456789 b 01234567"), "a ************* b *******7");
        assert!(["hunter2-x", "aB-cd-ef-gh"].into_iter().all(telling));
        assert!(!["password", "s3cret", "change-me-please", "a1\nbcdefg"].into_iter().any(telling));
    }
}
