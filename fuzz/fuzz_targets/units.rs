//! What can be read can be shown, and what is shown means the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mcpsec_policy::{ByteSize, Rate, units};

fuzz_target!(|text: &str| {
    if let Ok(size) = text.parse::<ByteSize>() {
        assert_eq!(size.to_string().parse(), Ok(size));
    }
    if let Ok(rate) = text.parse::<Rate>() {
        assert_eq!(rate.to_string().parse(), Ok(rate));
    }
    if let Ok(duration) = units::parse_duration(text) {
        assert_eq!(units::parse_duration(&units::show_duration(duration)), Ok(duration));
    }
});
