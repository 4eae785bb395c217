//! Turns a panic into an error answer.
//!
//! A handler that panics would leave its client without any answer: over stdio for good, over HTTP until the client
//! gives up. A remote party that finds an input which panics could stop a server's clients one by one. This guard
//! surrounds all other guards, so that a fault in one of them is no worse than a fault in the handler. The client
//! learns that there was an internal error and the request id; the text of the panic goes to the log.
//!
//! It does **not** help a program built with `panic = "abort"`, and it does not repair what the panicking code left
//! half done: a poisoned lock stays poisoned. Tasks that a handler spawned are outside of it.

use std::panic::AssertUnwindSafe;

use futures::FutureExt;

use super::{Call, Guard, Next, Outcome, Refusal};

/// The boundary that no panic crosses.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Panic;

impl Guard for Panic {
    fn pass<'a>(&'a self, call: Box<Call>, next: Next<'a>) -> Outcome<'a> {
        // Unwind safety: after a panic the call is gone, and the guards' own state is atomics and concurrent maps.
        let guarded = AssertUnwindSafe(async move { next.run(call).await }).catch_unwind();
        Box::pin(async move { guarded.await.unwrap_or_else(|_| Err(Refusal::panicked())) })
    }
}
