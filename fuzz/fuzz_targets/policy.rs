//! Any text is a policy or a list of problems that can be shown; a policy that loads can be shown and loads again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mcpsec_policy::{Environment, Policy};

fuzz_target!(|text: &str| {
    let environment: Environment = [("NAME", "value")].into_iter().collect();
    match Policy::parse(text, "mcpsec.toml", &environment) {
        Ok(loaded) => {
            assert!(!loaded.settings().is_empty());
            assert_eq!(Policy::parse(text, "mcpsec.toml", &environment), Ok(loaded));
        }
        Err(error) => {
            assert!(!error.problems().is_empty());
            assert!(!error.to_string().is_empty());
        }
    }
});
