//! `[audit]`: one JSON line per decision.

use std::{ops::RangeInclusive, path::PathBuf, time::Duration};

use toml::de::DeValue;

use super::Part;
use crate::{
    ByteSize, checks,
    read::{Field, Reader, Section},
    show::{Settings, Value},
    units::{self, show_duration},
    values::{self, DAY, HOUR, MINUTE, Word},
};

/// Where audit records go.
#[derive(Clone, Debug, PartialEq)]
pub enum AuditSink {
    /// Standard error, beside the log. The default.
    Stderr,
    /// Appended to a file, relative to the policy file's folder; absolute after loading.
    File(PathBuf),
}

/// What happens to calls whose record cannot be kept: the disk is full, or slower than the calls.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename_all = "snake_case"))]
pub enum OnFull {
    /// They are refused: nothing happens without a trace. The default.
    Refuse,
    /// They run. How many left no record is written once there is room again.
    Count,
}

/// When a full file makes room for the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rotate {
    /// Once it has so many bytes.
    Size(ByteSize),
    /// Once it is so old.
    Age(Duration),
}

/// Which full files are kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Keep {
    /// So many, the newest.
    Files(usize),
    /// Those whose last line is younger.
    Age(Duration),
}

/// `[audit]`: one JSON line per decision.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(default, deny_unknown_fields))]
pub struct Audit {
    /// `sink = "stderr"` or `sink = "file:PATH"`.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::SinkText"))]
    pub sink: AuditSink,
    /// Whether each line of a file names the hash of the line before it, so that a change shows.
    pub chain: bool,
    /// Ed25519 private key that signs checkpoints, made by `mcpsec audit key new`.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub signing_key: Option<PathBuf>,
    /// The longest that a line stays without a signature.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::DurationText"))]
    pub sign_every: Duration,
    /// The most lines that stay without a signature.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 1_000_000)))]
    pub sign_after: usize,
    /// A size such as `"100MiB"` or an age such as `"1d"` after which a new file begins.
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema::SizeOrDurationText>"))]
    pub rotate: Option<Rotate>,
    /// How many full files are kept, or for how long, such as `"90d"`. Without it, all.
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema::CountOrDuration>"))]
    pub keep: Option<Keep>,
    /// `"refuse"` calls that cannot be recorded, or run them and `"count"` what was lost.
    pub on_full: OnFull,
    /// age recipients (`age1…`) for whom full files are encrypted.
    pub recipients: Vec<String>,
}

const ROTATE_SIZES: RangeInclusive<ByteSize> = ByteSize(4 * 1024)..=ByteSize(64 * 1024 * 1024 * 1024);
const ROTATE_AGES: RangeInclusive<Duration> = MINUTE..=Duration::from_secs(366 * 86_400);
const KEEP_FILES: RangeInclusive<usize> = 1..=1_000_000;
const KEEP_AGES: RangeInclusive<Duration> = HOUR..=Duration::from_secs(100 * 366 * 86_400);

impl Default for Audit {
    fn default() -> Self {
        Self {
            sink: AuditSink::Stderr,
            chain: true,
            signing_key: None,
            sign_every: MINUTE,
            sign_after: 1_000,
            rotate: None,
            keep: None,
            on_full: OnFull::Refuse,
            recipients: Vec::new(),
        }
    }
}

impl Word for OnFull {
    const WORDS: &'static [(&'static str, Self)] = &[("refuse", Self::Refuse), ("count", Self::Count)];
}

impl Part for Audit {
    fn name(&self) -> &'static str {
        "audit"
    }

    fn read(&mut self, reader: &mut Reader<'_>, mut section: Section<'_>) {
        section.set(reader, "sink", &mut self.sink, sink);
        section.set(reader, "chain", &mut self.chain, values::boolean);
        section
            .set(reader, "signing_key", &mut self.signing_key, |reader, field| values::path(reader, field).map(Some));
        section.set(reader, "sign_every", &mut self.sign_every, values::duration(Duration::from_secs(1)..=DAY));
        section.set(reader, "sign_after", &mut self.sign_after, values::count(1..=1_000_000));
        section.set(reader, "rotate", &mut self.rotate, |reader, field| rotate(reader, field).map(Some));
        section.set(reader, "keep", &mut self.keep, |reader, field| keep(reader, field).map(Some));
        section.set(reader, "on_full", &mut self.on_full, values::word);
        section.set(reader, "recipients", &mut self.recipients, |reader, field| {
            values::checked_texts(reader, field, recipient)
        });
        self.agree(reader, &section);
        section.finish(reader);
    }

    fn show(&self, settings: &mut Settings) {
        match &self.sink {
            AuditSink::Stderr => settings.add("sink", "stderr"),
            AuditSink::File(file) => settings.add("sink", format!("file:{}", file.display()).as_str()),
        }
        // What does not apply is not set: written out, it would be refused.
        let file = self.sink != AuditSink::Stderr;
        let signed = self.signing_key.is_some();
        settings.add("chain", file.then_some(self.chain));
        settings.add("signing_key", self.signing_key.as_deref());
        settings.add("sign_every", signed.then_some(self.sign_every));
        settings.add("sign_after", signed.then_some(self.sign_after));
        settings.add("rotate", self.rotate.map(Value::from));
        settings.add("keep", self.keep.map(Value::from));
        settings.add("on_full", file.then(|| self.on_full.as_word()));
        settings.add("recipients", file.then_some(&self.recipients));
    }
}

impl Audit {
    /// Reports what is written and would protect nothing beside the rest.
    fn agree(&self, reader: &mut Reader<'_>, section: &Section<'_>) {
        const OF_FILES: [&str; 8] =
            ["chain", "signing_key", "sign_every", "sign_after", "rotate", "keep", "on_full", "recipients"];
        let mut useless = |key: &str, why: &str, help: &str| {
            if let Some(span) = section.key_span(key) {
                reader.problem(span, format!("`audit.{key}` {why}")).help.push(help.to_owned());
            }
        };
        if self.sink == AuditSink::Stderr {
            let help = "write `sink = \"file:audit.jsonl\"` beside it, or remove the key";
            OF_FILES.iter().for_each(|key| useless(key, "protects a file, and records go to standard error", help));
            return;
        }
        if !self.chain {
            useless("signing_key", "signs a chain, and `chain` is false", "remove `chain = false`");
        }
        if self.signing_key.is_none() {
            for key in ["sign_every", "sign_after"] {
                useless(key, "needs `signing_key`", "make a key with `mcpsec audit key new` and name its file");
            }
        }
        if self.rotate.is_none() {
            let help = "write `rotate = \"100MiB\"` or `rotate = \"1d\"` beside it";
            useless("keep", "needs `rotate`: there are no full files", help);
            if !self.recipients.is_empty() {
                useless("recipients", "needs `rotate`: only full files are encrypted", help);
            }
        }
    }
}

fn sink(reader: &mut Reader<'_>, field: &Field<'_>) -> Option<AuditSink> {
    let text = values::text(reader, field)?;
    match (text.as_str(), text.strip_prefix("file:")) {
        ("stderr", _) => Some(AuditSink::Stderr),
        (_, Some(path)) if checks::path(path).is_ok() => Some(AuditSink::File(reader.base.join(path))),
        _ => {
            field.impossible(reader, "expected \"stderr\" or \"file:PATH\"");
            None
        }
    }
}

fn rotate(reader: &mut Reader<'_>, field: &Field<'_>) -> Option<Rotate> {
    let text = values::text(reader, field)?;
    if let Ok(age) = units::parse_duration(&text) {
        return within(reader, field, age, ROTATE_AGES, show_duration).map(Rotate::Age);
    }
    match text.parse::<ByteSize>() {
        Ok(size) => within(reader, field, size, ROTATE_SIZES, |size| size.to_string()).map(Rotate::Size),
        Err(_) => {
            field.impossible(reader, "expected a size such as \"100MiB\" or an age such as \"1d\"");
            None
        }
    }
}

fn keep(reader: &mut Reader<'_>, field: &Field<'_>) -> Option<Keep> {
    match field.value {
        DeValue::Integer(_) => values::count(KEEP_FILES)(reader, field).map(Keep::Files),
        _ => values::duration(KEEP_AGES)(reader, field).map(Keep::Age),
    }
}

fn within<T: PartialOrd + Copy>(
    reader: &mut Reader<'_>,
    field: &Field<'_>,
    value: T,
    range: RangeInclusive<T>,
    show: impl Fn(T) -> String,
) -> Option<T> {
    if range.contains(&value) {
        return Some(value);
    }
    field.impossible(reader, format!("must be from {} to {}", show(*range.start()), show(*range.end())));
    None
}

/// The form alone; whether it is a point on the curve is seen when it is used.
fn recipient(text: &str) -> Result<(), String> {
    let written = text.strip_prefix("age1").is_some_and(|rest| {
        rest.len() == 58 && rest.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase())
    });
    let secret = text.get(..15).is_some_and(|start| start.eq_ignore_ascii_case("AGE-SECRET-KEY-"));
    match (written, secret) {
        (true, _) => Ok(()),
        (_, true) => Err("this is a private key: write the recipient, `age1…`, and make a new key".to_owned()),
        _ => Err("expected an age recipient, `age1` and 58 letters and digits; `age-keygen` prints it".to_owned()),
    }
}

impl From<Rotate> for Value {
    fn from(rotate: Rotate) -> Self {
        match rotate {
            Rotate::Size(size) => size.into(),
            Rotate::Age(age) => age.into(),
        }
    }
}

impl From<Keep> for Value {
    fn from(keep: Keep) -> Self {
        match keep {
            Keep::Files(count) => count.into(),
            Keep::Age(age) => age.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Audit, Keep, OnFull, Rotate, recipient};
    use crate::{ByteSize, Environment, Policy};

    fn read(keys: &str) -> Result<Audit, String> {
        let text = format!("version = 1\n[audit]\n{keys}");
        let loaded = Policy::parse(&text, "mcpsec.toml", &Environment::default());
        loaded.map(|loaded| loaded.policy.audit).map_err(|error| error.to_string())
    }

    #[test]
    fn sizes_ages_and_counts_are_told_apart() {
        let file = |keys: &str| read(&format!("sink = \"file:a.jsonl\"\n{keys}"));
        let audit = file("rotate = \"100MiB\"\nkeep = 7\non_full = \"count\"").expect("valid");
        assert_eq!(audit.rotate, Some(Rotate::Size(ByteSize(100 << 20))));
        assert_eq!((audit.keep, audit.on_full), (Some(Keep::Files(7)), OnFull::Count));
        let audit = file("rotate = \"1d\"\nkeep = \"90d\"").expect("valid");
        assert_eq!(audit.rotate, Some(Rotate::Age(Duration::from_secs(86_400))));
        assert_eq!(audit.keep, Some(Keep::Age(Duration::from_secs(90 * 86_400))));
        for keys in ["rotate = \"5\"", "rotate = \"1KiB\"", "rotate = \"1s\"", "rotate = 5", "rotate = \"daily\""] {
            file(keys).expect_err(keys);
        }
        for keys in ["keep = 0", "keep = \"7\"", "keep = \"1s\"", "on_full = \"drop\"", "sign_after = 0"] {
            file(&format!("rotate = \"1d\"\n{keys}")).expect_err(keys);
        }
    }

    #[test]
    fn what_would_protect_nothing_is_refused() {
        let age = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
        let recipients = format!("recipients = [\"{age}\"]");
        for (keys, message) in [
            ("chain = true", "records go to standard error"),
            ("on_full = \"refuse\"", "records go to standard error"),
            ("sink = \"file:a\"\nchain = false\nsigning_key = \"k\"", "`chain` is false"),
            ("sink = \"file:a\"\nsign_every = \"5s\"", "needs `signing_key`"),
            ("sink = \"file:a\"\nkeep = 3", "needs `rotate`"),
            (&format!("sink = \"file:a\"\n{recipients}"), "needs `rotate`"),
        ] {
            let error = read(keys).expect_err(keys);
            assert!(error.contains(message), "{keys}: {error}");
        }
        assert!(read(&format!("sink = \"file:a\"\nrotate = \"1d\"\n{recipients}")).is_ok());
    }

    #[test]
    fn a_private_key_is_no_recipient() {
        assert!(
            recipient("AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX")
                .expect_err("private")
                .contains("private key")
        );
        assert!(recipient("age1short").is_err());
    }
}
