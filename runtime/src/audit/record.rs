//! One decision as a JSON object.
//!
//! It says who asked for what, when, and what became of it. It never holds arguments or results.

use std::{
    borrow::Cow,
    fmt::Write as _,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde::{Serialize, Serializer};

use crate::lines::Line;

/// Longest text of one field, in characters. What a client writes must not fill the log.
const LONGEST: usize = 256;

/// One decision.
#[derive(Debug, Serialize)]
pub(crate) struct Record {
    /// When the call came.
    #[serde(serialize_with = "as_rfc3339")]
    pub time: SystemTime,
    /// As in the answer and in the log.
    pub request_id: String,
    /// Subject of the caller, such as `key:ci`.
    #[serde(serialize_with = "as_safe_text")]
    pub client: String,
    /// `stdio` or `http`.
    pub transport: &'static str,
    /// JSON-RPC method, or what stands for it.
    #[serde(serialize_with = "as_safe_text")]
    pub method: Cow<'static, str>,
    /// Tool, prompt or resource.
    #[serde(serialize_with = "as_optional_safe_text", skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// `allowed`, `refused`, `failed`, `cancelled`, `panicked` or `timed_out`.
    pub verdict: &'static str,
    /// Why, where it was not allowed.
    #[serde(serialize_with = "as_safe_text", skip_serializing_if = "str::is_empty")]
    pub reason: Cow<'static, str>,
    /// How long it took.
    #[serde(rename = "duration_ms", serialize_with = "as_milliseconds")]
    pub duration: Duration,
}

impl Record {
    /// Appends the record as a JSON object.
    pub(super) fn write_json(&self, out: &mut Vec<u8>) {
        // Plain structs of strings and numbers always serialise.
        let _ = serde_json::to_writer(out, self);
    }
}

impl Line for Record {
    fn render(&self, out: &mut Vec<u8>) {
        self.write_json(out);
        out.push(b'\n');
    }
}

fn as_milliseconds<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    // Microseconds are enough, and short.
    serializer.serialize_f64((duration.as_secs_f64() * 1e6).round() / 1e3)
}

fn as_safe_text<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&safe_text(text))
}

fn as_optional_safe_text<S: Serializer>(text: &Option<String>, serializer: S) -> Result<S::Ok, S::Error> {
    text.as_deref().map(safe_text).serialize(serializer)
}

/// `text` without what could act on a terminal or hide from a reader, and not longer than [`LONGEST`].
fn safe_text(text: &str) -> Cow<'_, str> {
    if text.len() <= LONGEST && text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(LONGEST);
    for (count, character) in text.chars().enumerate() {
        if LONGEST <= count {
            safe.push('…');
            break;
        }
        if character.is_control() || !mcpsec_screen::hidden::find(character.encode_utf8(&mut [0; 4])).is_empty() {
            let _ = write!(safe, "\\u{{{:x}}}", u32::from(character));
        } else {
            safe.push(character);
        }
    }
    Cow::Owned(safe)
}

pub(super) fn as_rfc3339<S: Serializer>(time: &SystemTime, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&rfc3339(*time))
}

/// `2026-11-21T09:08:07.123Z`. Times before 1970 become 1970.
pub(super) fn rfc3339(time: SystemTime) -> String {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let (days, seconds) = (since.as_secs() / 86_400, since.as_secs() % 86_400);
    // Days to a civil date: years start in March, so that the leap day is the last one; 719468 days lie between
    // 0000-03-01 and 1970-01-01, 146097 make 400 years.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{:03}Z",
        seconds / 3_600,
        seconds / 60 % 60,
        seconds % 60,
        since.subsec_millis()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(method: &str, target: &str) -> serde_json::Value {
        let record = Record {
            time: UNIX_EPOCH + Duration::from_millis(951_782_400_123),
            request_id: "00ff".to_owned(),
            client: "key:ci".to_owned(),
            transport: "http",
            method: method.to_owned().into(),
            target: Some(target.to_owned()),
            verdict: "refused",
            reason: "too often".into(),
            duration: Duration::from_micros(1_500),
        };
        let mut line = Vec::new();
        record.render(&mut line);
        assert_eq!(line.iter().filter(|byte| **byte == b'\n').count(), 1);
        serde_json::from_slice(&line).unwrap()
    }

    #[test]
    fn a_record_is_one_line_with_every_field() {
        let line = record("tools/call", "search");
        assert_eq!(line["time"], "2000-02-29T00:00:00.123Z");
        assert_eq!(line["client"], "key:ci");
        assert_eq!(line["duration_ms"], 1.5);
        assert_eq!(line["target"], "search");
    }

    #[test]
    fn control_characters_and_length_are_tamed() {
        let line = record("a\nb\u{1b}[2J", &"x".repeat(10_000));
        assert_eq!(line["method"], "a\\u{a}b\\u{1b}[2J");
        assert_eq!(line["target"].as_str().unwrap().chars().count(), LONGEST + 1);
    }

    #[test]
    fn dates_are_right_at_the_edges() {
        let at = |seconds| rfc3339(UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(at(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(at(1_709_251_199), "2024-02-29T23:59:59.000Z");
        assert_eq!(at(1_709_251_200), "2024-03-01T00:00:00.000Z");
        assert_eq!(at(4_102_444_799), "2099-12-31T23:59:59.000Z");
    }
}
