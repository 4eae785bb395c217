//! Any text is a key or not; any text is a key file or not, and one that is can be written and read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mcpsec_policy::{Key, KeyStore, keys::time};

fuzz_target!(|text: &str| {
    if let Ok(key) = Key::parse(text) {
        assert_eq!(key.expose(), text);
    }
    if let Some(moment) = time::parse(text) {
        assert_eq!(time::parse(&time::show(moment)), Some(moment));
    }
    match KeyStore::parse(text, "keys.toml") {
        Ok(store) => assert_eq!(KeyStore::parse(&store.to_toml(), "keys.toml"), Ok(store)),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
