//! What is publicly known of versions of packages: two data files that are part of this command. Nothing is asked of
//! anybody when it runs.

use std::{cmp::Ordering, sync::LazyLock};

use serde::Deserialize;

use super::manifest::Ecosystem;
use crate::finding::Severity;

/// What a project must do to be affected.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// To have it.
    Any,
    /// To serve over a network.
    Http,
    /// To serve over a network on the own machine, without authentication.
    HttpLocal,
    /// To serve over a network, without a limit of its own on requests.
    HttpUnbounded,
    /// To let several clients share one server object.
    SharedServer,
    /// To be an OAuth client.
    OauthClient,
    /// To keep tasks.
    TaskStore,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Word {
    Npm,
    Python,
    Cargo,
    Go,
    Medium,
    High,
    Critical,
}

/// An advisory on a package.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Advisory {
    /// Its name in the registry.
    pub package: String,
    ecosystem: Word,
    /// Its number.
    pub id: String,
    from: Option<String>,
    /// The first version that is not affected; nothing where there is none yet.
    pub below: Option<String>,
    /// Who is affected.
    pub only_if: Condition,
    severity: Word,
    /// What happens, in one clause.
    pub what: String,
}

/// A package, or some of its versions, published to do harm.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Malicious {
    /// Its name in the registry.
    pub name: String,
    ecosystem: Word,
    versions: Vec<String>,
    /// What it does, in one clause.
    pub what: String,
    /// Who says so.
    pub source: String,
}

#[derive(Deserialize)]
struct Advisories {
    advisory: Vec<Advisory>,
}

#[derive(Deserialize)]
struct Packages {
    package: Vec<Malicious>,
}

static ADVISORIES: LazyLock<Vec<Advisory>> = LazyLock::new(|| {
    let parsed: Advisories = toml::from_str(include_str!("advisories.toml")).expect("a test reads the file");
    parsed.advisory
});

static MALICIOUS: LazyLock<Vec<Malicious>> = LazyLock::new(|| {
    let parsed: Packages = toml::from_str(include_str!("malicious.toml")).expect("a test reads the file");
    parsed.package
});

impl Word {
    fn ecosystem(self) -> Option<Ecosystem> {
        match self {
            Self::Npm => Some(Ecosystem::Npm),
            Self::Python => Some(Ecosystem::Python),
            Self::Cargo => Some(Ecosystem::Cargo),
            Self::Go => Some(Ecosystem::Go),
            Self::Medium | Self::High | Self::Critical => None,
        }
    }
}

impl Advisory {
    /// How much an attacker gains where somebody is affected.
    pub fn severity(&self) -> Severity {
        match self.severity {
            Word::Critical => Severity::Critical,
            Word::High => Severity::High,
            _ => Severity::Medium,
        }
    }

    /// Whether this version has the weakness.
    pub fn affects(&self, version: &str) -> bool {
        let after = self.from.as_deref().is_none_or(|from| compare(version, from) != Ordering::Less);
        after && self.below.as_deref().is_none_or(|below| compare(version, below) == Ordering::Less)
    }
}

/// The advisories on a package.
pub fn on(ecosystem: Ecosystem, package: &str) -> impl Iterator<Item = &'static Advisory> {
    ADVISORIES.iter().filter(move |it| it.ecosystem.ecosystem() == Some(ecosystem) && it.package == package)
}

/// What is known of a version that was published to do harm.
pub fn malicious(ecosystem: Ecosystem, package: &str, version: Option<&str>) -> Option<&'static Malicious> {
    MALICIOUS.iter().find(|it| {
        let version = version.map(|version| version.trim_start_matches('v'));
        it.ecosystem.ecosystem() == Some(ecosystem)
            && it.name == package
            && (it.versions.is_empty() || version.is_some_and(|version| it.versions.iter().any(|bad| bad == version)))
    })
}

/// Compares the numbers of two versions; one with a mark such as `-beta` comes before the one without.
pub fn compare(a: &str, b: &str) -> Ordering {
    let parts = |version: &str| {
        let version = version.trim_start_matches('v').split('+').next().unwrap_or_default().to_owned();
        let end = version.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(version.len());
        let mut numbers: Vec<u64> = version[..end].split('.').filter_map(|part| part.parse().ok()).collect();
        numbers.resize(4, 0);
        (numbers, end == version.len())
    };
    parts(a).cmp(&parts(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_files_are_read_and_make_sense() {
        assert!(ADVISORIES.iter().all(|it| it.ecosystem.ecosystem().is_some() && it.id.starts_with("CVE-")));
        assert!(ADVISORIES.iter().all(|it| it.severity.ecosystem().is_none()));
        assert!(MALICIOUS.iter().all(|it| it.ecosystem.ecosystem().is_some() && !it.source.is_empty()));
    }

    #[test]
    fn the_first_mended_version_is_not_affected() {
        let affected = |version: &str| {
            on(Ecosystem::Python, "mcp").filter(|it| it.id == "CVE-2026-59951").any(|it| it.affects(version))
        };
        for (version, expected) in
            [("1.2", true), ("1.29.9", true), ("1.30.0", false), ("2.0.0", true), ("2.2.0", false), ("2.2.0rc1", true)]
        {
            assert_eq!(affected(version), expected, "{version}");
        }
        assert!(on(Ecosystem::Go, "github.com/mark3labs/mcp-go").all(|it| it.affects("v1.2.1")));
        assert!(malicious(Ecosystem::Npm, "postmark-mcp", Some("1.0.15")).is_none());
        assert!(malicious(Ecosystem::Npm, "postmark-mcp", Some("1.0.16")).is_some());
        assert!(malicious(Ecosystem::Npm, "flatmap-stream", None).is_some());
    }
}
