//! Work that may panic, without the panic's message.

use std::{
    panic::{self, AssertUnwindSafe},
    sync::{
        Mutex, Once, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use crate::cli::Failure;

/// How much work is under way that wants no messages.
static QUIET: AtomicUsize = AtomicUsize::new(0);

/// Where the last panic was.
static PLACE: Mutex<String> = Mutex::new(String::new());

/// Runs without the messages of panics: a rule that panics is reported with its name. A panic that nobody caught is a
/// failure that says where it was; its message might hold what was read. Several threads may do so at once.
pub(in crate::cli) fn quietly<T>(work: impl FnOnce() -> T) -> Result<T, Failure> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let loud = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if QUIET.load(Ordering::SeqCst) == 0 {
                loud(panic);
            } else if let Some(location) = panic.location() {
                *PLACE.lock().unwrap_or_else(PoisonError::into_inner) = format!(" at {location}");
            }
        }));
    });
    QUIET.fetch_add(1, Ordering::SeqCst);
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    QUIET.fetch_sub(1, Ordering::SeqCst);
    result.map_err(|_| {
        let place = PLACE.lock().unwrap_or_else(PoisonError::into_inner);
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
