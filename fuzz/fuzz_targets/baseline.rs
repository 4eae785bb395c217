//! The lines of a baseline.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mcpsec::doctor::{Baseline, baseline};

fuzz_target!(|text: &str| {
    let Ok(read) = Baseline::parse(baseline::NAME, text) else { return };
    for (identity, line) in &read.entries {
        assert!(text.is_char_boundary(line.start) && text.is_char_boundary(line.end));
        assert_eq!(baseline::render([identity]).lines().last(), Some(identity.to_string().as_str()));
    }
    let again = Baseline::parse(baseline::NAME, &baseline::render(read.entries.keys())).expect("what is written is read");
    assert!(again.entries.keys().eq(read.entries.keys()));
});
