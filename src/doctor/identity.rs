//! What a finding is called from one run to the next: by a baseline, and by a comparison of two revisions.
//!
//! The name is made of the rule, the path and a hash of the source at the place, blanks aside. It holds neither line nor
//! time, so that it stays when the place moves, and no credential: what is one is left out before hashing.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
};

use sha2::{Digest, Sha256};

use crate::{finding::Finding, lines::Lines, project::Project, redact};

/// The path of what is said of the project as a whole: it stands at a manifest, a readme or whatever file there is, and
/// another one tomorrow.
const PROJECT: &str = ".";

/// The name of a finding. Ordered and shown as a baseline's lines are.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Identity {
    /// Id of the rule.
    pub rule: String,
    /// Relative to the project's folder; `.` for what is said at the beginning of a file, of the project as a whole.
    pub path: String,
    /// Sixteen hexadecimal digits.
    pub hash: String,
    /// Tells equal ones apart, from one in the order of the file.
    pub number: usize,
}

impl Identity {
    /// Reads what [`fmt::Display`] writes.
    pub fn parse(line: &str) -> Option<Self> {
        let mut parts = line.split('\t');
        let (rule, path, mark) = (parts.next()?, parts.next()?, parts.next()?);
        let (hash, number) = mark.split_once('.')?;
        let number: usize = number.parse().ok().filter(|number| *number > 0)?;
        let plain =
            !rule.is_empty() && rule.bytes().all(|byte| byte.is_ascii_lowercase() || b"-0123456789".contains(&byte));
        let hexadecimal = hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        let whole = parts.next().is_none() && plain && hexadecimal && !path.is_empty();
        whole.then(|| Self { rule: rule.to_owned(), path: unescaped(path), hash: hash.to_owned(), number })
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}\t{}\t{}.{}", self.rule, escaped(&self.path), self.hash, self.number)
    }
}

/// The names of findings, which are in the order of their places.
pub fn of<'a>(project: &Project, findings: impl IntoIterator<Item = &'a Finding>) -> Vec<Identity> {
    let mut lines: BTreeMap<&str, Lines<'_>> = BTreeMap::new();
    let mut seen: HashMap<(String, String, String), usize> = HashMap::new();
    let mut identities = Vec::new();
    for finding in findings {
        let mut path = finding.place.path.as_str();
        let text = project.file(path).map_or("", |file| &file.text);
        let lines = lines.entry(path).or_insert_with(|| Lines::new(text));
        let hash = hash(finding, text, lines);
        if finding.place.end == 0 {
            path = PROJECT;
        }
        let key = (finding.rule.to_owned(), path.to_owned(), hash.clone());
        let number = seen.entry(key).and_modify(|number| *number += 1).or_insert(1);
        identities.push(Identity { rule: finding.rule.to_owned(), path: path.to_owned(), hash, number: *number });
    }
    identities
}

/// What is said of a whole file, or of one that is not there, is told apart by what is said.
fn hash(finding: &Finding, text: &str, lines: &Lines<'_>) -> String {
    let place = &finding.place;
    let source = if redact::is_credential(finding) {
        String::new()
    } else if place.start == place.end {
        redact::words(&finding.message)
    } else {
        let start = lines.range(lines.number(place.start)).start;
        let end = lines.range(lines.number(place.end.saturating_sub(1))).end;
        redact::words(text.get(start..end).unwrap_or_default())
    };
    let mut digest = Sha256::new();
    for word in source.split_whitespace() {
        digest.update(word.as_bytes());
        digest.update(b" ");
    }
    digest.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

fn escaped(path: &str) -> String {
    path.replace('%', "%25").replace('\t', "%09").replace('\n', "%0A").replace('\r', "%0D")
}

fn unescaped(path: &str) -> String {
    path.replace("%0D", "\r").replace("%0A", "\n").replace("%09", "\t").replace("%25", "%")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Confidence, Place, Severity};

    fn finding(rule: &'static str, start: usize, end: usize) -> Finding {
        Finding {
            rule,
            severity: Severity::High,
            confidence: Confidence::High,
            place: Place::new("a.ts", start, end),
            message: "said".to_owned(),
            attack: String::new(),
            related: Vec::new(),
            fix: None,
        }
    }

    fn identities(text: &str, findings: &[Finding]) -> Vec<Identity> {
        of(&Project::from_files([("a.ts".to_owned(), text.to_owned())]), findings)
    }

    #[test]
    fn it_stays_when_the_line_moves_or_is_indented_and_changes_with_what_it_says() {
        let before = identities("exec(a);\n", &[finding("shell-injection", 0, 8)]);
        let after = identities("\n\n    exec(a);\n", &[finding("shell-injection", 6, 14)]);
        assert_eq!(before, after);
        let other = identities("exec(b);\n", &[finding("shell-injection", 0, 8)]);
        assert_ne!(before, other);
    }

    #[test]
    fn equal_ones_are_counted_and_a_line_gives_back_what_was_written() {
        let found = identities("exec(a);\nexec(a);\n", &[finding("eval", 0, 8), finding("eval", 9, 17)]);
        assert_eq!([found[0].number, found[1].number], [1, 2]);
        for mut identity in found {
            identity.path = "a\tb%09\nc.ts".to_owned();
            assert_eq!(Identity::parse(&identity.to_string()), Some(identity));
        }
        assert_eq!(Identity::parse("<<<<<<< ours"), None);
        assert_eq!(Identity::parse("rule\ta.ts\t0123456789abcdef.0"), None);
    }

    #[test]
    fn what_is_said_of_the_project_does_not_depend_on_the_file_where_it_is_shown() {
        let mut other = finding("license-missing", 0, 0);
        let one = identities("a", &[other.clone()]);
        other.place.path = "b.ts".to_owned();
        assert_eq!(one, identities("a", &[other]));
    }

    #[test]
    fn no_credential_is_part_of_it() {
        let one = identities("key = \"hunter2hunter2\"\n", &[finding("secret-in-source", 0, 22)]);
        let other = identities("key = \"another-value\"\n", &[finding("secret-in-source", 0, 21)]);
        assert_eq!(one, other, "a hash of a short secret can be guessed");
    }
}
