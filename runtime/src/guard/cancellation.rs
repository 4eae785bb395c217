//! Ends a call when its client takes it back or goes away.
//!
//! Without it, a call that was cancelled while it waits for a place keeps the place it waits for, and a handler that
//! ignores its token works on for nobody: a client could start expensive work, leave, and start it again. The handler
//! gets a token of its own, which is cancelled when the call ends in any way, so that work it has spawned hears of it.
//!
//! It does **not** stop work that a handler moved to a thread or a task that does not watch the token.

use super::{Call, Context, Guard, Next, Outcome, Refusal};

/// Drops the rest of the pipeline, with the handler's future in it, as soon as the token is cancelled.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cancellation;

impl Guard for Cancellation {
    fn pass<'a>(&'a self, mut call: Box<Call>, next: Next<'a>) -> Outcome<'a> {
        let from_client = call.cancellation.clone();
        let own = from_client.child_token();
        call.cancellation = own.clone();
        if let Context::Request(context) = &mut call.context {
            context.ct = own.clone();
        }
        let ended = own.drop_guard();
        Box::pin(async move {
            let _ended = ended;
            tokio::select! {
                biased;
                () = from_client.cancelled() => Err(Refusal::cancelled()),
                outcome = next.run(call) => outcome,
            }
        })
    }
}
