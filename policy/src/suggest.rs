//! "Did you mean": for keys of the policy, names of rules and answers, so that a slip is understood the same way everywhere.

/// The candidate that `word` most likely is a slip of: at most a third of its letters and at most three wrong, compared
/// without case and with `-` as `_`. The first of several that are equally near.
///
/// ```
/// # use mcpsec_policy::suggest::nearest;
/// assert_eq!(nearest("transprot", ["name", "transport"]), Some("transport"));
/// assert_eq!(nearest("zebra", ["name", "transport"]), None);
/// ```
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Nobody mistypes a name that long.
    if word.len() > 64 {
        return None;
    }
    let word = normal(word);
    let allowed = (word.len() / 3).clamp(1, 3);
    candidates
        .into_iter()
        .map(|candidate| (distance(&word, &normal(candidate)), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

fn normal(word: &str) -> Vec<char> {
    word.chars().map(|c| if c == '-' { '_' } else { c.to_ascii_lowercase() }).collect()
}

/// Insertions, deletions, replacements and swaps of neighbours that turn one into the other.
fn distance(from: &[char], to: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.iter().enumerate() {
        let mut next = vec![i + 1];
        for (j, b) in to.iter().enumerate() {
            let mut cost = (row[j] + usize::from(a != b)).min(row[j + 1] + 1).min(next[j] + 1);
            if i > 0 && j > 0 && *a == to[j - 1] && from[i - 1] == *b {
                cost = cost.min(before[j - 1] + 1);
            }
            next.push(cost);
        }
        before = std::mem::replace(&mut row, next);
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn slips_are_understood_and_other_words_are_not() {
        let keys = ["body", "body_timeout", "concurrency", "queue", "queue_wait", "timeout"];
        for (word, expected) in [
            ("boddy", Some("body")),
            ("Body", Some("body")),
            ("queue-wait", Some("queue_wait")),
            ("timeuot", Some("timeout")),
            ("concurency", Some("concurrency")),
            ("time", None),
            ("x", None),
            ("", None),
            ("completely_different", None),
        ] {
            assert_eq!(nearest(word, keys), expected, "{word}");
        }
    }
}
