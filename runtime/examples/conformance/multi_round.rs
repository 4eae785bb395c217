//! Calls that need more than one round: the server answers with questions, the client calls again with the answers.
//!
//! The state between two rounds stays here; what the client gets is a handle that nobody can guess, that works once, and
//! that a changed character makes worthless (S1).

use rmcp::{
    ErrorData, RoleServer,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, ClientCapabilities, GetPromptRequestParams,
        GetPromptResponse, GetPromptResult, InputRequiredResult, InputResponses, PromptMessage, Role,
    },
    service::RequestContext,
};
use serde_json::{Value, json};

use crate::{
    Fixture,
    tools::{text, typed},
};

/// What one round of a call brought.
pub(crate) struct Round<'a> {
    name: &'a str,
    answers: Option<&'a InputResponses>,
    state: Option<&'a str>,
    client: ClientCapabilities,
}

impl<'a> Round<'a> {
    pub(crate) fn of_tool(request: &'a CallToolRequestParams, context: &RequestContext<RoleServer>) -> Self {
        Self {
            name: request.name.strip_prefix("test_input_required_result_").unwrap_or(&request.name),
            answers: request.input_responses.as_ref(),
            state: request.request_state.as_deref(),
            client: context.client_capabilities().unwrap_or_default(),
        }
    }

    /// The member of an answer, if it is text. Anything else counts as no answer (the question is asked again).
    fn said(&self, question: &str, pointer: &str) -> Option<&'a str> {
        self.answers?.get(question)?.pointer(pointer)?.as_str()
    }

    fn answered(&self, question: &str) -> bool {
        self.answers.and_then(|answers| answers.get(question)).is_some_and(Value::is_object)
    }
}

/// Either the questions of the next round or the result.
pub(crate) enum Next {
    Ask(InputRequiredResult),
    Say(String),
}

impl From<Next> for CallToolResponse {
    fn from(next: Next) -> Self {
        match next {
            Next::Ask(questions) => questions.into(),
            Next::Say(line) => CallToolResult::success(text(&line)).into(),
        }
    }
}

/// The next step of a tool.
pub(crate) fn answer(fixture: &Fixture, round: &Round<'_>) -> Result<Next, ErrorData> {
    match round.name {
        "elicitation" => match round.said("user_name", "/content/name") {
            Some(name) => Ok(Next::Say(format!("Hello, {name}!"))),
            None => ask_for_a_name(),
        },
        "sampling" => match round.said("capital_question", "/content/text") {
            Some(answer) => Ok(Next::Say(answer.to_owned())),
            None => ask([("capital_question", sampling("What is the capital of France?", 100))], None),
        },
        "list_roots" => match round.said("client_roots", "/roots/0/uri") {
            Some(root) => Ok(Next::Say(format!("The first root is {root}."))),
            None => ask([("client_roots", roots())], None),
        },
        "request_state" | "tampered_state" => confirm(fixture, round),
        "multiple_inputs" => three_at_once(fixture, round),
        "multi_round" => two_questions(fixture, round),
        "capabilities" => what_the_client_can(&round.client),
        other => Err(ErrorData::invalid_params(format!("unknown tool `test_input_required_result_{other}`"), None)),
    }
}

/// The question of the simplest case.
pub(crate) fn ask_for_a_name() -> Result<Next, ErrorData> {
    ask([("user_name", elicitation("What is your name?", &form("name", "string")))], None)
}

/// The next step of the prompt that needs input.
pub(crate) fn prompt(request: &GetPromptRequestParams) -> Result<GetPromptResponse, ErrorData> {
    let said = request.input_responses.as_ref().and_then(|all| all.get("user_context")?.pointer("/content/context"));
    if let Some(Value::String(said)) = said {
        let message = PromptMessage::new_text(Role::User, format!("Use this: {said}"));
        return Ok(GetPromptResult::new(vec![message]).into());
    }
    let question = elicitation("What context should the prompt use?", &form("context", "string"));
    match ask([("user_context", question)], None)? {
        Next::Ask(questions) => Ok(questions.into()),
        Next::Say(_) => Err(ErrorData::internal_error("a question was expected", None)),
    }
}

fn confirm(fixture: &Fixture, round: &Round<'_>) -> Result<Next, ErrorData> {
    let question = [("confirm", elicitation("Please confirm", &form("ok", "boolean")))];
    match round.state {
        Some(handle) if fixture.take_state(handle)? == "confirm" && round.answered("confirm") => {
            Ok(Next::Say("state-ok".to_owned()))
        }
        _ => ask(question, Some(fixture.keep_state("confirm"))),
    }
}

fn three_at_once(fixture: &Fixture, round: &Round<'_>) -> Result<Next, ErrorData> {
    if let Some(handle) = round.state {
        fixture.take_state(handle)?;
        if ["user_name", "greeting", "client_roots"].iter().all(|question| round.answered(question)) {
            return Ok(Next::Say("All three questions were answered.".to_owned()));
        }
    }
    let questions = [
        ("user_name", elicitation("What is your name?", &form("name", "string"))),
        ("greeting", sampling("Generate a greeting", 50)),
        ("client_roots", roots()),
    ];
    ask(questions, Some(fixture.keep_state("three")))
}

fn two_questions(fixture: &Fixture, round: &Round<'_>) -> Result<Next, ErrorData> {
    let step = round.state.map(|handle| fixture.take_state(handle)).transpose()?;
    match step.as_deref() {
        Some("two") if round.answered("step2") => Ok(Next::Say("Both questions were answered.".to_owned())),
        Some("one") if round.answered("step1") => {
            let question = elicitation("Step 2: What is your favorite color?", &form("color", "string"));
            ask([("step2", question)], Some(fixture.keep_state("two")))
        }
        _ => {
            let question = elicitation("Step 1: What is your name?", &form("name", "string"));
            ask([("step1", question)], Some(fixture.keep_state("one")))
        }
    }
}

/// Asks only for what the client declared (S2).
fn what_the_client_can(client: &ClientCapabilities) -> Result<Next, ErrorData> {
    let mut questions = Vec::new();
    if client.sampling.is_some() {
        questions.push(("greeting", sampling("Generate a greeting", 50)));
    }
    if client.elicitation.is_some() {
        questions.push(("user_name", elicitation("What is your name?", &form("name", "string"))));
    }
    if questions.is_empty() {
        return Ok(Next::Say("The client can do neither.".to_owned()));
    }
    ask(questions, None)
}

fn ask(questions: impl IntoIterator<Item = (&'static str, Value)>, state: Option<String>) -> Result<Next, ErrorData> {
    let questions: serde_json::Map<String, Value> =
        questions.into_iter().map(|(name, question)| (name.to_owned(), question)).collect();
    Ok(Next::Ask(InputRequiredResult::new(Some(typed(Value::Object(questions))?), state)))
}

fn form(field: &str, kind: &str) -> Value {
    json!({ "type": "object", "properties": { field: { "type": kind } }, "required": [field] })
}

/// A question to the user.
pub(crate) fn elicitation(message: &str, form: &Value) -> Value {
    json!({ "method": "elicitation/create", "params": { "message": message, "requestedSchema": form } })
}

/// A question to the client's model.
pub(crate) fn sampling(prompt: &str, tokens: u32) -> Value {
    let message = json!({ "role": "user", "content": { "type": "text", "text": prompt } });
    json!({ "method": "sampling/createMessage", "params": { "messages": [message], "maxTokens": tokens } })
}

fn roots() -> Value {
    json!({ "method": "roots/list", "params": {} })
}
