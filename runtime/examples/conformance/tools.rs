//! The tools that the suite calls by name, as it describes them.

use std::{sync::OnceLock, time::Duration};

use rmcp::{
    ErrorData, RoleServer,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, ClientCapabilities, ClientResult, ContentBlock,
        ProgressNotificationParam, ProtocolVersion, ServerNotification, ServerRequest, Tool,
    },
    service::RequestContext,
};
use serde_json::{Value, json};

use crate::{
    Fixture,
    multi_round::{self, Round},
};

/// A PNG of one red pixel.
pub(crate) const PIXEL: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC";
/// A WAV file of no samples.
const SILENCE: &str = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=";

/// Every tool, sorted by name.
pub(crate) fn all() -> &'static [Tool] {
    static TOOLS: OnceLock<Vec<Tool>> = OnceLock::new();
    TOOLS.get_or_init(|| {
        let mut tools: Vec<Tool> =
            PLAIN.iter().map(|(name, description)| tool(name, description, json!({ "type": "object" }))).collect();
        tools.push(tool("test_sampling", "Asks the client's model", one_string("prompt")));
        tools.push(tool("test_elicitation", "Asks the user", one_string("message")));
        tools.push(tool("test_custom_header", "Mirrors its argument in a header", mirrored_argument()));
        tools.push(tool("json_schema_2020_12_tool", "Tool with JSON Schema 2020-12 features", rich_schema()));
        tools.sort_by(|a, b| a.name.cmp(&b.name));
        tools
    })
}

/// Tools without arguments.
const PLAIN: &[(&str, &str)] = &[
    ("test_audio_content", "Returns audio"),
    ("test_elicitation_sep1034_defaults", "Asks the user, with a default for each field"),
    ("test_elicitation_sep1330_enums", "Asks the user, with each shape of choice"),
    ("test_embedded_resource", "Returns a resource"),
    ("test_error_handling", "Fails"),
    ("test_image_content", "Returns an image"),
    ("test_input_required_result_capabilities", "Asks only for what the client can do"),
    ("test_input_required_result_elicitation", "Asks the user for a name"),
    ("test_input_required_result_list_roots", "Asks the client for its roots"),
    ("test_input_required_result_multi_round", "Asks the user twice"),
    ("test_input_required_result_multiple_inputs", "Asks for three things at once"),
    ("test_input_required_result_request_state", "Asks the user and keeps a state"),
    ("test_input_required_result_sampling", "Asks the client's model"),
    ("test_input_required_result_tampered_state", "Asks the user and checks the state"),
    ("test_logging_tool", "Logs if the request asks for it"),
    ("test_missing_capability", "Needs a client that can sample"),
    ("test_multiple_content_types", "Returns text, an image and a resource"),
    ("test_reconnection", "Takes a moment"),
    ("test_simple_text", "Returns text"),
    ("test_streaming_elicitation", "Reports progress, then asks the user"),
    ("test_tool_with_logging", "Logs three times"),
    ("test_tool_with_progress", "Reports progress three times"),
    ("test_trigger_prompt_change", "Tells subscribers that the prompts changed"),
    ("test_trigger_tool_change", "Tells subscribers that the tools changed"),
];

fn tool(name: &'static str, description: &'static str, schema: Value) -> Tool {
    let Value::Object(schema) = schema else { unreachable!("every schema above is an object") };
    Tool::new(name, description, schema)
}

fn one_string(name: &str) -> Value {
    json!({ "type": "object", "properties": { name: { "type": "string" } }, "required": [name] })
}

fn mirrored_argument() -> Value {
    json!({
        "type": "object",
        "properties": { "region": { "type": "string", "x-mcp-header": "Region" } },
        "required": ["region"],
    })
}

fn rich_schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "$defs": {
            "address": {
                "$anchor": "addressDef",
                "type": "object",
                "properties": { "street": { "type": "string" }, "city": { "type": "string" } },
            },
        },
        "properties": {
            "name": { "type": "string" },
            "address": { "$ref": "#/$defs/address" },
            "contactMethod": { "type": "string", "enum": ["phone", "email"] },
            "phone": { "type": "string" },
            "email": { "type": "string" },
        },
        "allOf": [{ "anyOf": [{ "required": ["phone"] }, { "required": ["email"] }] }],
        "if": { "properties": { "contactMethod": { "const": "phone" } }, "required": ["contactMethod"] },
        "then": { "required": ["phone"] },
        "else": { "required": ["email"] },
        "additionalProperties": false,
    })
}

/// Runs one tool.
pub(crate) async fn call(
    fixture: &Fixture,
    request: CallToolRequestParams,
    context: RequestContext<RoleServer>,
) -> Result<CallToolResponse, ErrorData> {
    if request.name.starts_with("test_input_required_result_") {
        let round = Round::of_tool(&request, &context);
        return multi_round::answer(fixture, &round).map(CallToolResponse::from);
    }
    let argument = |name: &str| {
        request.arguments.as_ref().and_then(|all| all.get(name)).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let content = match &*request.name {
        "test_simple_text" => text("This is a simple text response for testing."),
        "test_image_content" => vec![ContentBlock::image(PIXEL, "image/png")],
        "test_audio_content" => vec![ContentBlock::audio(SILENCE, "audio/wav")],
        "test_embedded_resource" => vec![embedded()?],
        "test_multiple_content_types" => mixed()?,
        "test_error_handling" => {
            let content = text("This tool intentionally returns an error for testing");
            return Ok(CallToolResult::error(content).into());
        }
        "test_tool_with_logging" | "test_logging_tool" => log_three_lines(&context).await?,
        "test_tool_with_progress" => report_progress(&context).await?,
        "test_reconnection" => {
            tokio::time::sleep(Duration::from_millis(100)).await;
            text("Still here.")
        }
        "test_sampling" => sample(&context, &argument("prompt")).await?,
        "test_elicitation" => ask(&context, &argument("message"), contact_form()).await?,
        "test_elicitation_sep1034_defaults" => ask(&context, "Check your details", form_with_defaults()).await?,
        "test_elicitation_sep1330_enums" => ask(&context, "Make your choices", form_with_choices()).await?,
        "test_missing_capability" => only_with_sampling(&context)?,
        "test_streaming_elicitation" => {
            report_progress(&context).await?;
            return multi_round::ask_for_a_name().map(CallToolResponse::from);
        }
        "test_trigger_tool_change" => fixture.changed(crate::Change::Tools),
        "test_trigger_prompt_change" => fixture.changed(crate::Change::Prompts),
        "test_custom_header" => text(&argument("region")),
        "json_schema_2020_12_tool" => text("The arguments are valid."),
        other => return Err(ErrorData::invalid_params(format!("unknown tool `{other}`"), None)),
    };
    Ok(CallToolResult::success(content).into())
}

/// One block of text.
pub(crate) fn text(text: &str) -> Vec<ContentBlock> {
    vec![ContentBlock::text(text)]
}

/// A typed value of the protocol from its JSON.
pub(crate) fn typed<T: serde::de::DeserializeOwned>(value: Value) -> Result<T, ErrorData> {
    serde_json::from_value(value).map_err(|error| ErrorData::internal_error(error.to_string(), None))
}

fn embedded() -> Result<ContentBlock, ErrorData> {
    typed(json!({ "type": "resource", "resource": {
        "uri": "test://embedded-resource",
        "mimeType": "text/plain",
        "text": "This is an embedded resource content.",
    } }))
}

fn mixed() -> Result<Vec<ContentBlock>, ErrorData> {
    let resource = typed(json!({ "type": "resource", "resource": {
        "uri": "test://mixed-content-resource",
        "mimeType": "application/json",
        "text": r#"{"test":"data","value":123}"#,
    } }))?;
    Ok(vec![ContentBlock::text("Multiple content types test:"), ContentBlock::image(PIXEL, "image/png"), resource])
}

/// Whether the caller wants log lines: since 2026-07-28 only if the request says so (D14).
fn wants_log(context: &RequestContext<RoleServer>) -> bool {
    let modern = context.protocol_version().is_some_and(|version| version >= ProtocolVersion::V_2026_07_28);
    !modern || context.meta.log_level().is_some()
}

async fn log_three_lines(context: &RequestContext<RoleServer>) -> Result<Vec<ContentBlock>, ErrorData> {
    for line in ["Tool execution started", "Tool processing data", "Tool execution completed"] {
        if wants_log(context) {
            let notification: ServerNotification =
                typed(json!({ "method": "notifications/message", "params": { "level": "info", "data": line } }))?;
            context.peer.send_notification(notification).await.map_err(gone)?;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(text("Logged three lines."))
}

async fn report_progress(context: &RequestContext<RoleServer>) -> Result<Vec<ContentBlock>, ErrorData> {
    for progress in [0.0, 50.0, 100.0] {
        if let Some(token) = context.meta.get_progress_token() {
            let report = ProgressNotificationParam::new(token, progress).with_total(100.0);
            context.peer.notify_progress(report).await.map_err(gone)?;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(text("Reported progress."))
}

/// Sends a request to the client and waits for its answer; clients of 2025-11-25 and earlier only.
async fn ask_client(context: &RequestContext<RoleServer>, request: Value) -> Result<Value, ErrorData> {
    let request: ServerRequest = typed(request)?;
    let answer: ClientResult = context.peer.send_request(request).await.map_err(gone)?;
    serde_json::to_value(answer).map_err(|error| ErrorData::internal_error(error.to_string(), None))
}

async fn sample(context: &RequestContext<RoleServer>, prompt: &str) -> Result<Vec<ContentBlock>, ErrorData> {
    let answer = ask_client(context, multi_round::sampling(prompt, 100)).await?;
    let said = answer.pointer("/content/text").and_then(Value::as_str).unwrap_or("nothing");
    Ok(text(&format!("LLM response: {said}")))
}

async fn ask(context: &RequestContext<RoleServer>, message: &str, form: Value) -> Result<Vec<ContentBlock>, ErrorData> {
    let answer = ask_client(context, multi_round::elicitation(message, &form)).await?;
    let content = answer.get("content").unwrap_or(&Value::Null);
    Ok(text(&format!("Elicitation completed: action={}, content={content}", answer["action"].as_str().unwrap_or("?"))))
}

fn only_with_sampling(context: &RequestContext<RoleServer>) -> Result<Vec<ContentBlock>, ErrorData> {
    if context.client_capabilities().is_some_and(|can| can.sampling.is_some()) {
        return Ok(text("The client can sample."));
    }
    let needed = ClientCapabilities::builder().enable_sampling().build();
    Err(ErrorData::missing_required_client_capability(needed))
}

fn contact_form() -> Value {
    json!({
        "type": "object",
        "properties": {
            "username": { "type": "string", "description": "User's response" },
            "email": { "type": "string", "description": "User's email address" },
        },
        "required": ["username", "email"],
    })
}

fn form_with_defaults() -> Value {
    json!({
        "type": "object",
        "properties": {
            "name": { "type": "string", "default": "John Doe" },
            "age": { "type": "integer", "default": 30 },
            "score": { "type": "number", "default": 95.5 },
            "status": { "type": "string", "enum": ["active", "inactive", "pending"], "default": "active" },
            "verified": { "type": "boolean", "default": true },
        },
    })
}

fn form_with_choices() -> Value {
    let plain = json!(["option1", "option2", "option3"]);
    let titled = |suffix: &str| {
        json!([
            { "const": "value1", "title": format!("First {suffix}") },
            { "const": "value2", "title": format!("Second {suffix}") },
            { "const": "value3", "title": format!("Third {suffix}") },
        ])
    };
    json!({
        "type": "object",
        "properties": {
            "untitledSingle": { "type": "string", "enum": plain },
            "titledSingle": { "type": "string", "oneOf": titled("Option") },
            "legacyEnum": {
                "type": "string",
                "enum": ["opt1", "opt2", "opt3"],
                "enumNames": ["Option One", "Option Two", "Option Three"],
            },
            "untitledMulti": { "type": "array", "items": { "type": "string", "enum": plain } },
            "titledMulti": { "type": "array", "items": { "anyOf": titled("Choice") } },
        },
    })
}

fn gone(error: rmcp::ServiceError) -> ErrorData {
    ErrorData::internal_error(format!("the client did not take part: {error}"), None)
}
