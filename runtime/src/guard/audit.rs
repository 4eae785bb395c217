//! Writes the audit record of each call.
//!
//! It refuses a call when the audit log is a file that cannot be written: who can fill a disk must not be able to act
//! without a trace. The record is written when the call's future ends or is dropped, so that a client that goes away
//! in the middle, or a guard that panics, leaves one too.
//!
//! It does **not** record what a transport refuses before there is a call (no key, a broken line), and never arguments
//! or results: those belong to the callers.

use std::{
    borrow::Cow,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use rmcp::model::CallToolResponse;

use super::{Answer, Call, Facts, Guard, Next, Outcome, Refusal, Verdict, refuse};
use crate::audit::{self, Entry, Record};

/// The first guard: sees every ending.
pub(crate) struct Audit {
    log: Arc<audit::Audit>,
}

impl Audit {
    pub(crate) fn new(log: Arc<audit::Audit>) -> Self {
        Self { log }
    }
}

impl Guard for Audit {
    fn pass<'a>(&'a self, call: Box<Call>, next: Next<'a>) -> Outcome<'a> {
        let Some(entry) = self.log.entry() else {
            return refuse(Refusal::busy("the server cannot keep its audit log", Duration::from_secs(5)));
        };
        let mut pending = Pending::new(Arc::clone(&call.facts), entry);
        Box::pin(async move {
            let outcome = next.run(call).await;
            pending.end(&outcome);
            outcome
        })
    }
}

/// What the record says of an ending. Texts of the handler stay out: they may quote arguments.
fn judge(outcome: &Result<Answer, Refusal>) -> (Verdict, Cow<'static, str>) {
    match outcome {
        Ok(Answer::CallTool(CallToolResponse::Complete(result))) if result.is_error == Some(true) => {
            (Verdict::Failed, Cow::Borrowed("the tool reported an error"))
        }
        Ok(_) => (Verdict::Allowed, Cow::Borrowed("")),
        Err(refusal) if refusal.verdict == Verdict::Failed => {
            (Verdict::Failed, Cow::Owned(format!("the handler answered with error {}", refusal.code.0)))
        }
        Err(refusal) => (refusal.verdict, refusal.reason.clone()),
    }
}

/// A record that is written when it goes out of scope.
struct Pending {
    facts: Arc<Facts>,
    entry: Option<Entry>,
    time: SystemTime,
    started: Instant,
    verdict: Verdict,
    reason: Cow<'static, str>,
}

impl Pending {
    fn new(facts: Arc<Facts>, entry: Entry) -> Self {
        Self {
            facts,
            entry: Some(entry),
            time: SystemTime::now(),
            started: Instant::now(),
            // What holds when nobody says otherwise before the drop.
            verdict: Verdict::Cancelled,
            reason: Cow::Borrowed("the connection ended before the answer"),
        }
    }

    fn end(&mut self, outcome: &Result<Answer, Refusal>) {
        (self.verdict, self.reason) = judge(outcome);
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        let Some(entry) = self.entry.take() else { return };
        entry.write(Record {
            time: self.time,
            request_id: self.facts.request_id.clone(),
            client: self.facts.subject().to_owned(),
            transport: self.facts.transport,
            method: self.facts.method.clone(),
            target: self.facts.target.clone(),
            verdict: self.verdict.as_str(),
            reason: std::mem::take(&mut self.reason),
            duration: self.started.elapsed(),
        });
    }
}

#[cfg(test)]
mod tests {
    use rmcp::model::{CallToolResult, ContentBlock, ErrorData};

    use super::*;

    #[test]
    fn a_handlers_words_do_not_reach_the_record() {
        let outcome = Err(Refusal::failed(ErrorData::invalid_params("no user hunter2", None)));
        let (verdict, reason) = judge(&outcome);
        assert_eq!(verdict, Verdict::Failed);
        assert_eq!(reason, "the handler answered with error -32602");
    }

    #[test]
    fn a_tool_error_is_a_failed_call() {
        let result = CallToolResult::error(vec![ContentBlock::text("hunter2")]);
        let (verdict, reason) = judge(&Ok(Answer::CallTool(CallToolResponse::Complete(result))));
        assert_eq!(verdict, Verdict::Failed);
        assert_eq!(reason, "the tool reported an error");
    }
}
