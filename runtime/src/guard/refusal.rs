//! Why a call was not answered as asked, and how that is told to the client.
//!
//! Codes of our own are positive, so that they lie outside the range -32768..-32000 that JSON-RPC and MCP keep for
//! themselves: 403 not allowed, 429 too often, 499 cancelled, 503 busy, 504 too slow. What a model can correct or wait
//! for in a tool call (arguments, deadline) is a tool result with `isError`, as MCP asks.

use std::{borrow::Cow, time::Duration};

use rmcp::model::{CallToolResponse, CallToolResult, ContentBlock, ErrorCode, ErrorData};
use serde_json::{Map, Value, json};

use super::{Answer, Facts, Kind};
use crate::caller::HttpRefusal;

/// What kind of ending a call had; the `verdict` of its audit record.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Verdict {
    /// It ran, and its answer went out.
    Allowed,
    /// A guard said no.
    Refused,
    /// The handler said no.
    Failed,
    /// The client took it back, or went away.
    Cancelled,
    /// The handler (or a guard) panicked.
    Panicked,
    /// It ran too long.
    TimedOut,
}

impl Verdict {
    /// The word in the audit record.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Panicked => "panicked",
            Self::TimedOut => "timed_out",
        }
    }
}

/// A call that did not get the answer it asked for.
#[derive(Debug)]
pub(crate) struct Refusal {
    /// What the audit record says.
    pub verdict: Verdict,
    /// Why, in one lowercase clause that is fit for the client and never quotes a value.
    pub reason: Cow<'static, str>,
    /// JSON-RPC error code.
    pub code: ErrorCode,
    /// Error data of the handler, already scrubbed.
    pub data: Option<Value>,
    /// When another try makes sense.
    pub retry_after: Option<Duration>,
    /// Status and scopes for an HTTP layer.
    pub http: Option<(u16, Vec<String>)>,
    /// A tool call gets this as a result with `isError` instead of a protocol error.
    pub as_tool_result: bool,
}

impl Refusal {
    fn new(verdict: Verdict, code: i32, reason: impl Into<Cow<'static, str>>) -> Self {
        Self {
            verdict,
            reason: reason.into(),
            code: ErrorCode(code),
            data: None,
            retry_after: None,
            http: None,
            as_tool_result: false,
        }
    }

    /// The caller may not do this.
    pub(crate) fn access(reason: impl Into<Cow<'static, str>>, missing_scopes: Vec<String>) -> Self {
        Self { http: Some((403, missing_scopes)), ..Self::new(Verdict::Refused, 403, reason) }
    }

    /// The caller asks too often.
    pub(crate) fn rate(reason: impl Into<Cow<'static, str>>, retry_after: Duration) -> Self {
        Self {
            retry_after: Some(retry_after),
            http: Some((429, Vec::new())),
            ..Self::new(Verdict::Refused, 429, reason)
        }
    }

    /// There is no place for the call now.
    pub(crate) fn busy(reason: impl Into<Cow<'static, str>>, retry_after: Duration) -> Self {
        Self {
            retry_after: Some(retry_after),
            http: Some((503, Vec::new())),
            ..Self::new(Verdict::Refused, 503, reason)
        }
    }

    /// The call ran longer than `limit`.
    pub(crate) fn deadline(limit: Duration) -> Self {
        Self {
            as_tool_result: true,
            ..Self::new(Verdict::TimedOut, 504, format!("the call was stopped after its time limit of {limit:?}"))
        }
    }

    /// The client took the call back.
    pub(crate) fn cancelled() -> Self {
        Self::new(Verdict::Cancelled, 499, "the call was cancelled")
    }

    /// Code of the handler or of a guard panicked. What it said stays inside.
    pub(crate) fn panicked() -> Self {
        Self::new(Verdict::Panicked, ErrorCode::INTERNAL_ERROR.0, "internal error")
    }

    /// The request is not what its method demands.
    pub(crate) fn malformed(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Verdict::Refused, ErrorCode::INVALID_PARAMS.0, reason)
    }

    /// The method is not offered. The text is the one that rmcp uses.
    pub(crate) fn no_such_method(method: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Verdict::Refused, ErrorCode::METHOD_NOT_FOUND.0, method)
    }

    /// The arguments do not fit. A tool call gets a result that the model can read and act upon.
    pub(crate) fn arguments(reason: impl Into<Cow<'static, str>>) -> Self {
        Self { as_tool_result: true, ..Self::malformed(reason) }
    }

    /// The handler's answer is bigger than allowed. A tool call gets a result that says so.
    pub(crate) fn too_big(most: usize) -> Self {
        let reason = format!("the answer is bigger than the {most} bytes that are allowed; ask for less at once");
        Self { as_tool_result: true, ..Self::new(Verdict::Refused, 413, reason) }
    }

    /// The runtime itself cannot go on; the reason goes to the log, not to the client.
    pub(crate) fn internal(reason: impl Into<Cow<'static, str>>) -> Self {
        let reason = reason.into();
        tracing::error!(%reason, "call refused");
        Self::new(Verdict::Failed, ErrorCode::INTERNAL_ERROR.0, "internal error")
    }

    /// The handler answered with an error. Its text must have been scrubbed.
    pub(crate) fn failed(error: ErrorData) -> Self {
        Self { data: error.data, ..Self::new(Verdict::Failed, error.code.0, error.message) }
    }

    /// Leaves status, scopes and waiting time where an HTTP layer looks for them.
    pub(crate) fn tell_http(&self, facts: &Facts) {
        if let (Some(slot), Some((status, scopes))) = (&facts.slot, &self.http) {
            slot.set(HttpRefusal { status: *status, scopes: scopes.clone(), retry_after: self.retry_after });
        }
    }

    /// The refusal as the client sees it: a tool result where a model can act upon it, else a protocol error.
    pub(crate) fn into_answer(self, facts: &Facts) -> Result<Answer, ErrorData> {
        if self.as_tool_result && facts.kind == Kind::CallTool {
            let mut result = CallToolResult::error(vec![ContentBlock::text(self.reason.into_owned())]);
            result.meta.get_or_insert_default().insert("request_id".to_owned(), json!(facts.request_id));
            return Ok(Answer::CallTool(CallToolResponse::Complete(result)));
        }
        let message = match self.code {
            ErrorCode::INTERNAL_ERROR => Cow::Owned(format!("internal error (request id {})", facts.request_id)),
            _ => self.reason,
        };
        let mut data = match self.data {
            Some(Value::Object(map)) => map,
            Some(other) => return Err(ErrorData::new(self.code, message, Some(other))),
            None => Map::new(),
        };
        data.insert("request_id".to_owned(), json!(facts.request_id));
        if let Some(wait) = self.retry_after {
            data.insert("retry_after_ms".to_owned(), json!(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)));
        }
        Err(ErrorData::new(self.code, message, Some(Value::Object(data))))
    }
}
