//! A whole project, written as the fixtures of the rules are: `fixtures/rules` and `fixtures/benign` are its corpus.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mcpsec::rules::examples;

fuzz_target!(|text: &str| {
    for case in examples::parse(text).unwrap_or_default() {
        mcpsec_fuzz::project(case.files.iter().map(|file| (file.path.as_str(), file.text.as_str())));
    }
});
