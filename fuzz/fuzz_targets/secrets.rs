//! Ranges are ordered, on character boundaries and without overlaps; what was redacted or made visible stays so.
#![no_main]

use std::ops::Range;

use libfuzzer_sys::fuzz_target;
use mcpsec_screen::{hidden, secrets};

fuzz_target!(|text: &str| {
    ordered(text, secrets::find(text).into_iter().map(|secret| secret.range));
    ordered(text, secrets::find_loosely(text).into_iter().map(|secret| secret.range));
    ordered(text, hidden::find(text).into_iter().map(|hidden| hidden.range));
    let _ = secrets::redact(text);
    let visible = hidden::neutralize(text);
    assert!(hidden::find(&visible).is_empty());
    let _ = (secrets::looks_random(text), secrets::credential_name(text), secrets::placeholder(text));
});

fn ordered(text: &str, ranges: impl Iterator<Item = Range<usize>>) {
    let mut end = 0;
    for range in ranges {
        assert!(end <= range.start && range.start < range.end);
        assert!(text.get(range.clone()).is_some());
        end = range.end;
    }
}
