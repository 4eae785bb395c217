//! Takes secrets out of what is written.

use std::ops::Range;

use crate::{finding::Finding, rules::rule};

/// Weaknesses whose finding points at a credential.
const CREDENTIALS: [&str; 5] = ["CWE-798", "CWE-312", "CWE-538", "CWE-540", "CWE-522"];

/// A file's text with every secret replaced by as many bytes, so that all places stay where they are: those that
/// [`mcpsec_screen`] knows by their shape, and those that findings point at.
pub(crate) fn source(path: &str, text: &str, findings: &[&Finding]) -> String {
    let mut ranges: Vec<Range<usize>> =
        mcpsec_screen::secrets::find(text).into_iter().map(|found| found.range).collect();
    for finding in findings.iter().filter(|finding| finding.place.path == path && is_credential(finding)) {
        ranges.push(value(text, finding.place.start..finding.place.end));
    }
    mask(text, &ranges)
}

/// A text of ours with everything replaced that looks like a secret.
pub(crate) fn words(text: &str) -> String {
    let ranges: Vec<_> = mcpsec_screen::secrets::find(text).into_iter().map(|found| found.range).collect();
    mask(text, &ranges)
}

/// Whether a finding points at a credential.
pub(crate) fn is_credential(finding: &Finding) -> bool {
    let references = rule(finding.rule).map_or(&[][..], |rule| rule.references);
    references.iter().any(|reference| CREDENTIALS.contains(reference))
}

/// The part of `KEY = "value"` that is the value; everything where there is no key.
pub(crate) fn value(text: &str, range: Range<usize>) -> Range<usize> {
    let Some(part) = text.get(range.clone()) else { return 0..0 };
    let key = part.find(['=', ':']).filter(|end| {
        let key = part[..*end].trim_matches(|c: char| c.is_whitespace() || "\"'`".contains(c));
        !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || "_-. ".contains(c))
    });
    let begin = key.map_or(0, |end| end + 1);
    let inner = part[begin..].trim_matches(|c: char| c.is_whitespace() || "\"'`,;".contains(c));
    let start = range.start + begin + part[begin..].find(inner).unwrap_or(0);
    let length = if is_reference(inner) { 0 } else { inner.len() };
    start..start + length
}

/// `${{ secrets.NAME }}`: it says which credential, and who mends it must read that.
fn is_reference(text: &str) -> bool {
    let name = text.strip_prefix("${{").and_then(|rest| rest.strip_suffix("}}")).map_or("", str::trim);
    let context = ["secrets.", "env.", "vars."].iter().any(|context| name.starts_with(context));
    context && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))
}

/// Replaces ranges by stars, byte by byte, and leaves the first four characters of long ones, by which an owner
/// recognises them.
fn mask(text: &str, ranges: &[Range<usize>]) -> String {
    let mut masked = text.to_owned();
    for range in ranges {
        let Some(secret) = text.get(range.clone()) else { continue };
        let shown = if secret.len() >= 16 { crate::lines::floor(secret, 4) } else { 0 };
        let stars: String = secret[shown..].bytes().map(|byte| if byte == b'\n' { '\n' } else { '*' }).collect();
        masked.replace_range(range.start + shown..range.end, &stars);
    }
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(text: &str, range: Range<usize>) -> String {
        mask(text, std::slice::from_ref(&range))
    }

    #[test]
    fn what_is_masked_keeps_its_length_and_its_lines() {
        assert_eq!(masked("a=0123456789abcdef\nb", 2..20), "a=0123************\n*");
        assert_eq!(masked("a=é!b", 2..5), "a=***b", "bytes, not characters");
        assert_eq!(masked("short", 0..5), "*****");
    }

    #[test]
    fn only_the_value_of_a_pair_is_masked() {
        let text = "KEY = \"value\",";
        assert_eq!(&text[value(text, 0..text.len())], "value");
        let text = "'p:w'";
        assert_eq!(&text[value(text, 0..text.len())], "w", "better too little of the context than too much");
        let text = "${{ secrets.NPM_TOKEN }}";
        assert!(value(text, 0..text.len()).is_empty(), "a name is no value");
        let text = "${{ secrets.A || 'fallback' }}";
        assert_eq!(value(text, 0..text.len()), 0..text.len());
        let text = "\"dev-secret\"";
        assert_eq!(&text[value(text, 0..text.len())], "dev-secret");
    }
}
