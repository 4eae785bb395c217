//! Decisions as events of the Open Cybersecurity Schema Framework, version 1.3: API Activity, class 6003.
//!
//! It does **not** know the caller's address, which the log does not hold: `src_endpoint` names the transport.

use serde_json::{Value, json};

use super::Entry;

/// Version of the schema.
const VERSION: &str = "1.3.0";
/// "API Activity" in the category "Application Activity".
const CLASS: u32 = 6003;

/// The event for a decision.
pub fn event(entry: &Entry) -> Value {
    let (activity, name) = activity(&entry.method);
    let outcome = Outcome::of(&entry.verdict);
    let mut event = json!({
        "activity_id": activity,
        "activity_name": name,
        "category_uid": CLASS / 1_000,
        "category_name": "Application Activity",
        "class_uid": CLASS,
        "class_name": "API Activity",
        "type_uid": CLASS * 100 + activity,
        "time": entry.milliseconds(),
        "severity_id": outcome.severity.0,
        "severity": outcome.severity.1,
        "status_id": if outcome.success { 1 } else { 2 },
        "status": if outcome.success { "Success" } else { "Failure" },
        "status_code": entry.verdict,
        "action_id": outcome.action.0,
        "action": outcome.action.1,
        "duration": entry.duration_ms.round() as i64,
        "metadata": {
            "version": VERSION,
            "profiles": ["security_control"],
            "product": {
                "name": "mcpsec-runtime",
                "vendor_name": "mcpsec",
                "version": env!("CARGO_PKG_VERSION"),
            },
            "log_name": "mcpsec audit",
            "uid": entry.request_id,
        },
        "actor": { "user": { "uid": entry.client, "name": entry.client } },
        "api": { "operation": entry.method, "request": { "uid": entry.request_id }, "service": { "name": "MCP" } },
        "src_endpoint": { "name": entry.transport },
    });
    if let Some(sequence) = entry.seq {
        event["metadata"]["sequence"] = sequence.into();
    }
    if !entry.reason.is_empty() {
        event["status_detail"] = entry.reason.as_str().into();
    }
    if let Some(target) = &entry.target {
        event["resources"] = json!([{ "name": target, "type": kind(&entry.method) }]);
    }
    event
}

struct Outcome {
    success: bool,
    severity: (u8, &'static str),
    action: (u8, &'static str),
}

impl Outcome {
    fn of(verdict: &str) -> Self {
        let (success, severity, action) = match verdict {
            "allowed" => (true, (1, "Informational"), (1, "Allowed")),
            "refused" => (false, (3, "Medium"), (2, "Denied")),
            "panicked" => (false, (4, "High"), (1, "Allowed")),
            _ => (false, (2, "Low"), (1, "Allowed")),
        };
        Self { success, severity, action }
    }
}

/// Create 1, Read 2, Update 3, Delete 4, Other 99.
fn activity(method: &str) -> (u32, &'static str) {
    match method {
        "tools/call" => (99, "Call"),
        method if method.ends_with("/list") || method.ends_with("/read") || method.ends_with("/get") => (2, "Read"),
        "resources/subscribe" | "subscriptions/listen" => (1, "Create"),
        "logging/setLevel" => (3, "Update"),
        "resources/unsubscribe" | "tasks/cancel" => (4, "Delete"),
        _ => (99, "Other"),
    }
}

fn kind(method: &str) -> &'static str {
    match method.split('/').next() {
        Some("tools") => "tool",
        Some("resources") => "resource",
        Some("prompts") => "prompt",
        _ => "target",
    }
}
