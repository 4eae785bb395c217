//! Work that may panic, without the panic's message.

use std::{
    panic::{self, AssertUnwindSafe},
    sync::{Arc, Mutex},
};

use crate::cli::Failure;

/// Runs without the messages of panics: a rule that panics is reported with its name. A panic that nobody caught is a
/// failure that says where it was; its message might hold what was read.
pub(in crate::cli) fn quietly<T>(work: impl FnOnce() -> T) -> Result<T, Failure> {
    let place = Arc::new(Mutex::new(String::new()));
    let seen = Arc::clone(&place);
    let hook = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        if let (Some(location), Ok(mut seen)) = (panic.location(), seen.lock()) {
            *seen = format!(" at {location}");
        }
    }));
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    panic::set_hook(hook);
    result.map_err(|_| {
        let place = place.lock().map(|place| place.clone()).unwrap_or_default();
        Failure::internal(format!("mcpsec stopped{place}; this is a bug of mcpsec"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Exit;

    #[test]
    fn a_panic_is_an_internal_error_that_tells_the_place_and_not_what_was_read() {
        let failure = quietly(|| panic!("AKIA and other contents")).map(|(): ()| ()).expect_err("it stopped");
        assert_eq!(failure.exit, Exit::Internal);
        assert!(failure.message.contains("quietly.rs:") && !failure.message.contains("AKIA"), "{}", failure.message);
    }
}
