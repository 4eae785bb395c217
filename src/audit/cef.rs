//! Decisions in ArcSight's Common Event Format, version 0: one line each.

use super::Entry;

/// The line for a decision.
pub fn line(entry: &Entry) -> String {
    let severity = match entry.verdict.as_str() {
        "allowed" => 1,
        "refused" => 6,
        "panicked" => 8,
        _ => 4,
    };
    let name = match &entry.target {
        Some(target) => format!("{} {target} {}", entry.method, entry.verdict),
        None => format!("{} {}", entry.method, entry.verdict),
    };
    let mut line = format!(
        "CEF:0|mcpsec|mcpsec-runtime|{}|{}|{}|{severity}|",
        env!("CARGO_PKG_VERSION"),
        header(&entry.method),
        header(&name)
    );
    let outcome = if entry.verdict == "allowed" { "success" } else { "failure" };
    let target = entry.target.as_deref().unwrap_or_default();
    let (time, sequence) = (entry.milliseconds().to_string(), entry.seq.map(|seq| seq.to_string()));
    let duration = format!("{:.3}", entry.duration_ms);
    let fields = [
        ("rt", time.as_str()),
        ("externalId", &entry.request_id),
        ("suser", &entry.client),
        ("app", &entry.transport),
        ("act", &entry.verdict),
        ("outcome", outcome),
        ("reason", &entry.reason),
        ("cs1Label", if target.is_empty() { "" } else { "target" }),
        ("cs1", target),
        ("cfp1Label", "durationMs"),
        ("cfp1", &duration),
        ("cn1Label", if sequence.is_some() { "sequence" } else { "" }),
        ("cn1", sequence.as_deref().unwrap_or_default()),
    ];
    let written = fields.iter().filter(|(_, value)| !value.is_empty());
    line.push_str(&written.map(|(key, value)| format!("{key}={}", extension(value))).collect::<Vec<_>>().join(" "));
    line
}

/// In a header, `|` and `\` are escaped, and there are no line breaks.
fn header(text: &str) -> String {
    text.replace('\\', "\\\\").replace('|', "\\|").replace(['\n', '\r'], " ")
}

/// In an extension, `=` and `\` are escaped, and line breaks are written as letters.
fn extension(text: &str) -> String {
    text.replace('\\', "\\\\").replace('=', "\\=").replace('\n', "\\n").replace('\r', "\\r")
}

#[cfg(test)]
mod tests {
    use super::{Entry, line};

    #[test]
    fn what_has_a_meaning_in_the_format_is_escaped() {
        let entry = Entry {
            time: "2001-09-09T01:46:40.123Z".to_owned(),
            method: "tools/call".to_owned(),
            target: Some("a|b=c\\d\ne".to_owned()),
            verdict: "refused".to_owned(),
            client: "key:x".to_owned(),
            seq: Some(7),
            ..Entry::default()
        };
        let version = env!("CARGO_PKG_VERSION");
        assert_eq!(
            line(&entry),
            format!("CEF:0|mcpsec|mcpsec-runtime|{version}|tools/call|tools/call a\\|b=c\\\\d e refused|6|")
                + "rt=1000000000123 suser=key:x act=refused outcome=failure cs1Label=target cs1=a|b\\=c\\\\d\\ne "
                + "cfp1Label=durationMs cfp1=0.000 cn1Label=sequence cn1=7"
        );
    }
}
