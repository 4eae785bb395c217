//! Ranges of versions, as far as a judgement needs them: does a range have an upper end, and what is its lower one.

use super::Ecosystem;

/// Why a range does not fix what is installed; nothing where it has an upper end.
pub fn floating(range: &str, ecosystem: Ecosystem) -> Option<&'static str> {
    let range = range.trim();
    // What a parent, a list of versions or a catalogue decides is written there.
    if range.is_empty() && matches!(ecosystem, Ecosystem::Maven | Ecosystem::NuGet) {
        return None;
    }
    if range.is_empty() {
        return Some("has no version");
    }
    match ecosystem {
        Ecosystem::Npm => npm(range),
        Ecosystem::Python | Ecosystem::Cargo => comparators(range),
        // Go's minimal version selection takes exactly what is written.
        Ecosystem::Go => None,
        Ecosystem::Maven => maven(range),
        // A range takes the lowest version that it allows.
        Ecosystem::NuGet => matches!(range, "*" | "*-*").then_some("accepts any version"),
    }
}

fn maven(range: &str) -> Option<&'static str> {
    match range {
        "+" => Some("accepts any version"),
        "LATEST" | "RELEASE" => Some("follows a tag that moves"),
        _ if range.starts_with("latest.") => Some("follows a tag that moves"),
        _ if range.ends_with(",)") || range.ends_with(", )") => Some("has only a lower bound"),
        _ => None,
    }
}

fn npm(range: &str) -> Option<&'static str> {
    // An alias: `npm:other@^1`.
    if let Some(alias) = range.strip_prefix("npm:") {
        let version = alias.rfind('@').filter(|&at| at > 0).map_or("", |at| &alias[at + 1..]);
        return floating(version, Ecosystem::Npm);
    }
    range.split("||").find_map(|part| {
        let part = part.trim();
        if part.contains(" - ") {
            return None;
        }
        if part.is_empty() || is_any(part) {
            return Some("accepts any version");
        }
        if part.starts_with(|first: char| first.is_ascii_alphabetic() && first != 'v' && first != 'x') {
            return Some("follows a tag that moves");
        }
        // `>= 1.0`: the operator may stand apart from its version.
        let joined = part.replace(">= ", ">=").replace("> ", ">").replace("<= ", "<=").replace("< ", "<");
        let open = joined.split_whitespace().all(|comparator| comparator.starts_with('>'));
        open.then_some("has only a lower bound")
    })
}

fn comparators(range: &str) -> Option<&'static str> {
    let mut parts = range.split([',', '|']).map(str::trim).filter(|part| !part.is_empty()).peekable();
    if parts.peek().is_none() || parts.clone().any(is_any) {
        return Some("accepts any version");
    }
    parts.all(|part| part.starts_with('>') || part.starts_with("!=")).then_some("has only a lower bound")
}

fn is_any(range: &str) -> bool {
    matches!(range.trim_start_matches(['=', 'v']).trim(), "*" | "x" | "X" | "latest" | "*.*" | "*.*.*")
}

/// The least version that a range allows, such as `1.24.0` of `^1.24.0`; nothing where it has no lower end.
pub fn least(range: &str) -> Option<String> {
    let first = range.split(['|', ',']).next()?.trim();
    let start = first.find(|letter: char| letter.is_ascii_digit())?;
    let before = &first[..start];
    if before.contains('<') || before.contains(|letter: char| letter.is_ascii_alphabetic() && letter != 'v') {
        return None;
    }
    let version: String = first[start..]
        .chars()
        .take_while(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '+' | '*'))
        .collect();
    let version = version.trim_end_matches(['*', '.', 'x', 'X']);
    (!version.is_empty()).then(|| version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_floats_where_it_has_no_upper_end() {
        for range in
            ["", "*", "latest", "next", ">=1.2", ">= 1.2.0", ">1", "x", "^1 || *", "^1 || >=3", "npm:a@*", "npm:a"]
        {
            assert!(floating(range, Ecosystem::Npm).is_some(), "{range}");
        }
        for range in
            ["1.2.3", "^1.2", "~1", "1.x", ">=1 <2", "1.0.0 - 2.0.0", "^1 || ^2", "v1.2.3", "npm:@a/b@^1", "<2"]
        {
            assert_eq!(floating(range, Ecosystem::Npm), None, "{range}");
        }
        for range in ["", "*", ">=1.0", ">1", ">=1,!=1.5"] {
            assert!(floating(range, Ecosystem::Python).is_some(), "{range}");
        }
        for range in ["==1.0", "~=1.0", ">=1,<2", "^1.2", "==1.*", "<2", "1.0"] {
            assert_eq!(floating(range, Ecosystem::Python), None, "{range}");
        }
        assert!(floating("*", Ecosystem::Cargo).is_some());
        assert_eq!(floating("1", Ecosystem::Cargo), None);
        assert_eq!(floating("v1.2.3", Ecosystem::Go), None);
        for range in ["+", "LATEST", "latest.release", "[1.0,)"] {
            assert!(floating(range, Ecosystem::Maven).is_some(), "{range}");
        }
        for range in ["", "1.0", "1.+", "[1.0,2.0)", "[1.0]", "1.0-SNAPSHOT"] {
            assert_eq!(floating(range, Ecosystem::Maven), None, "{range}");
        }
        assert!(floating("*", Ecosystem::NuGet).is_some());
        for range in ["", "1.0.0", "1.*", "[1.0,)"] {
            assert_eq!(floating(range, Ecosystem::NuGet), None, "{range}");
        }
    }

    #[test]
    fn the_least_version_of_a_range_is_its_lower_end() {
        for (range, expected) in [
            ("^1.24.0", Some("1.24.0")),
            (">=1.2,<2", Some("1.2")),
            ("~=1.0", Some("1.0")),
            ("1.x", Some("1")),
            ("v0.8.1", Some("v0.8.1")),
            ("<2", None),
            ("latest", None),
            ("*", None),
            ("", None),
            (">= 1.2.0", Some("1.2.0")),
            ("2.0.0-beta.1", Some("2.0.0-beta.1")),
        ] {
            assert_eq!(least(range).as_deref(), expected.map(|version| version.trim_start_matches('v')), "{range}");
        }
    }
}
