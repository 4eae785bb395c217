//! The resources, prompts and completions that the suite reads by name.

use rmcp::{
    ErrorData,
    model::{
        GetPromptRequestParams, GetPromptResponse, GetPromptResult, Prompt, PromptMessage, ReadResourceResult,
        Resource, ResourceTemplate, Role,
    },
};
use serde_json::{Value, json};

use crate::{
    multi_round,
    tools::{PIXEL, typed},
};

/// Every resource that has a fixed address.
pub(crate) fn resources() -> Result<Vec<Resource>, ErrorData> {
    typed(json!([
        { "uri": "test://static-binary", "name": "static-binary", "description": "A PNG", "mimeType": "image/png" },
        { "uri": "test://static-text", "name": "static-text", "description": "A text", "mimeType": "text/plain" },
        { "uri": "test://watched-resource", "name": "watched-resource", "description": "A text to subscribe to",
          "mimeType": "text/plain" },
    ]))
}

/// The one address with a variable.
pub(crate) fn templates() -> Result<Vec<ResourceTemplate>, ErrorData> {
    typed(json!([{ "uriTemplate": "test://template/{id}/data", "name": "template", "description": "Data of an id",
        "mimeType": "application/json" }]))
}

/// What is at `uri`.
pub(crate) fn read(uri: &str) -> Result<ReadResourceResult, ErrorData> {
    let (kind, content) = match uri {
        "test://static-text" => ("text/plain", json!({ "text": "This is the content of the static text resource." })),
        "test://static-binary" => ("image/png", json!({ "blob": PIXEL })),
        "test://watched-resource" => ("text/plain", json!({ "text": "This resource may change." })),
        other => {
            let id = other.strip_prefix("test://template/").and_then(|rest| rest.strip_suffix("/data"));
            let Some(id) = id.filter(|id| !id.is_empty() && !id.contains('/')) else {
                return Err(ErrorData::resource_not_found("resource not found", Some(json!({ "uri": uri }))));
            };
            let data = json!({ "id": id, "templateTest": true, "data": format!("Data for ID: {id}") });
            ("application/json", json!({ "text": data.to_string() }))
        }
    };
    let mut content = content;
    content["uri"] = uri.into();
    content["mimeType"] = kind.into();
    Ok(ReadResourceResult::new(vec![typed(content)?]))
}

/// Every prompt.
pub(crate) fn prompts() -> Result<Vec<Prompt>, ErrorData> {
    let argument = |name: &str| json!({ "name": name, "description": format!("The {name}"), "required": true });
    typed(json!([
        { "name": "test_input_required_result_prompt", "description": "Asks the user first" },
        { "name": "test_prompt_with_arguments", "description": "Two arguments",
          "arguments": [argument("arg1"), argument("arg2")] },
        { "name": "test_prompt_with_embedded_resource", "description": "A resource in a message",
          "arguments": [argument("resourceUri")] },
        { "name": "test_prompt_with_image", "description": "An image in a message" },
        { "name": "test_simple_prompt", "description": "One message" },
    ]))
}

/// One prompt with its arguments filled in.
pub(crate) fn prompt(request: &GetPromptRequestParams) -> Result<GetPromptResponse, ErrorData> {
    let argument = |name: &str| {
        let value = request.arguments.as_ref().and_then(|all| all.get(name)).and_then(Value::as_str);
        value.ok_or_else(|| ErrorData::invalid_params(format!("argument `{name}` is missing"), None))
    };
    let text = |text: String| json!({ "type": "text", "text": text });
    let content = match request.name.as_str() {
        "test_simple_prompt" => vec![text("This is a simple prompt for testing.".to_owned())],
        "test_prompt_with_arguments" => {
            let line = format!("Prompt with arguments: arg1='{}', arg2='{}'", argument("arg1")?, argument("arg2")?);
            vec![text(line)]
        }
        "test_prompt_with_embedded_resource" => {
            let resource = json!({
                "uri": argument("resourceUri")?,
                "mimeType": "text/plain",
                "text": "Embedded resource content for testing.",
            });
            let embedded = json!({ "type": "resource", "resource": resource });
            vec![embedded, text("Please process the embedded resource above.".to_owned())]
        }
        "test_prompt_with_image" => {
            let image = json!({ "type": "image", "data": PIXEL, "mimeType": "image/png" });
            vec![image, text("Please analyze the image above.".to_owned())]
        }
        "test_input_required_result_prompt" => return multi_round::prompt(request),
        other => return Err(ErrorData::invalid_params(format!("unknown prompt `{other}`"), None)),
    };
    let messages = content.into_iter().map(|content| Ok(PromptMessage::new(Role::User, typed(content)?)));
    Ok(GetPromptResult::new(messages.collect::<Result<_, ErrorData>>()?).into())
}
