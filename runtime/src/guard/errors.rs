//! Takes the inside out of error answers.
//!
//! Errors quote what they failed on: connection strings, paths, queries. `internal_error(error.to_string())` is an easy
//! line to write, and rmcp sends its text as it is. Here the text of an internal error goes to the log, and the client
//! gets the request id to ask about. The text of other errors (invalid parameters, not found, codes of the handler's
//! own) was written for the client: it passes, without secrets and hidden characters.
//!
//! It does **not** judge whether a text that the handler wrote for its clients says too much, and it does not touch
//! tool results with `isError`, which the output guard cleans like all results.

use std::{borrow::Cow, sync::Arc};

use rmcp::model::ErrorCode;

use super::{Call, Facts, Guard, Next, Outcome, Refusal, Verdict};
use crate::clean::{Place, Rules};

/// Longest text of an error, in characters.
const LONGEST: usize = 4_096;

/// What may not leave.
pub(crate) struct Errors {
    rules: Arc<Rules>,
}

impl Errors {
    pub(crate) fn new(rules: Arc<Rules>) -> Self {
        Self { rules }
    }

    /// The error as the client may see it.
    fn judge(&self, mut refusal: Refusal, facts: &Facts) -> Refusal {
        if refusal.verdict != Verdict::Failed {
            return refusal;
        }
        let text = self.rules.clean_text(&refusal.reason);
        if matches!(refusal.code, ErrorCode::INTERNAL_ERROR | ErrorCode::PARSE_ERROR) {
            tracing::warn!(request_id = facts.request_id, method = %facts.method, error = %text, "the handler failed");
            refusal.code = ErrorCode::INTERNAL_ERROR;
            refusal.reason = Cow::Borrowed("internal error");
            refusal.data = None;
            return refusal;
        }
        refusal.reason = Cow::Owned(text.chars().take(LONGEST).collect());
        if let Some(data) = &mut refusal.data {
            self.rules.clean_value(data, Place::Data);
        }
        refusal
    }
}

impl Guard for Errors {
    fn pass<'a>(&'a self, call: Box<Call>, next: Next<'a>) -> Outcome<'a> {
        let facts = Arc::clone(&call.facts);
        Box::pin(async move { next.run(call).await.map_err(|refusal| self.judge(refusal, &facts)) })
    }
}

#[cfg(test)]
mod tests {
    use mcpsec_policy::model::Redact;
    use rmcp::model::ErrorData;
    use serde_json::json;

    use super::*;
    use crate::guard::{Kind, testing::facts};

    fn judge(error: ErrorData) -> Refusal {
        let errors = Errors::new(Arc::new(Rules::new(&Redact::default())));
        errors.judge(Refusal::failed(error), &facts(Kind::CallTool, Some("t")))
    }

    #[test]
    fn the_text_of_an_internal_error_stays_inside() {
        let refusal = judge(ErrorData::internal_error("db at 10.0.0.7 said no", Some(json!({"query": "select"}))));
        assert_eq!(refusal.reason, "internal error");
        assert_eq!(refusal.data, None);
    }

    #[test]
    fn a_text_for_the_client_passes_without_secrets() {
        let refusal = judge(ErrorData::invalid_params(concat!("bad key AKIAQ3EG", "RVZ7PMN2LXWT in `x`"), None));
        assert!(refusal.reason.starts_with("bad key [redacted"), "{}", refusal.reason);
        assert!(refusal.reason.ends_with("in `x`"), "{}", refusal.reason);
    }
}
