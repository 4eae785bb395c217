//! Refuses tool calls whose arguments do not fit the tool's schema, or are too many or too deep.
//!
//! The arguments of a tool call are written by a model, and so by whoever can write to the model. A schema is only
//! advertised by MCP servers; without this guard `maxLength`, `pattern` or `enum` bind nobody. Counts and depths are
//! bounded before the schema is asked, so that checking stays cheap. Arguments that the schema does not mention are
//! refused unless it says `additionalProperties`: an argument that nobody reads is a mistake or a trick.
//!
//! The refusal is a tool result with `isError` that names the place and the rule, so that a model can correct itself. It
//! never quotes the value: what is wrong there may be a secret. A tool that the handler does not list is unknown
//! (-32602). A tool whose schema cannot be compiled, or refers outside itself, is refused and logged.
//!
//! It does **not** bound what the transport reads before parsing; the body limit does. It does not check what a schema
//! leaves open, and prompts have no schema: their arguments are bounded in number and depth alone.

use std::{any::TypeId, collections::HashMap, sync::Arc, time::Duration};

use mcpsec_policy::Policy;
use moka::sync::Cache;
use rmcp::model::{JsonObject, PaginatedRequestParams, Tool};
use serde_json::Value;

use super::{Answer, Call, Context, Guard, Next, Outcome, Params, Refusal};
use crate::schema::{Schema, measure_object};

/// Pages of a tool list that are read to find a tool.
const MOST_PAGES: usize = 100;
/// How long the list of a handler that cannot look up single tools is believed.
const LIST_AGE: Duration = Duration::from_secs(10);
/// Schemas and lists kept.
const MOST_KEPT: u64 = 10_000;

/// Compiled schemas, and the limits of what is checked at all.
pub(crate) struct Arguments {
    depth: usize,
    values: usize,
    patience: Duration,
    /// By handler type and tool.
    compiled: Cache<(TypeId, String), Arc<Compiled>>,
    /// By handler type and caller.
    lists: Cache<(TypeId, String), Arc<InputSchemas>>,
}

/// The input schema of each tool in a list.
type InputSchemas = HashMap<String, Arc<JsonObject>>;

/// A schema and what came of compiling it.
struct Compiled {
    source: Arc<JsonObject>,
    schema: Result<Schema, String>,
}

impl Arguments {
    pub(crate) fn new(policy: &Policy) -> Self {
        Self {
            depth: policy.limits.depth,
            values: policy.limits.values,
            patience: policy.limits.timeout,
            compiled: Cache::new(MOST_KEPT),
            lists: Cache::builder().max_capacity(MOST_KEPT).time_to_live(LIST_AGE).build(),
        }
    }

    /// Whether arguments are few and flat enough to be looked at.
    fn judge_size(&self, arguments: &JsonObject) -> Result<(), Refusal> {
        let size = measure_object(arguments);
        if self.depth < size.depth {
            return Err(Refusal::arguments(format!("the arguments are nested deeper than {} levels", self.depth)));
        }
        if self.values < size.values {
            return Err(Refusal::arguments(format!("the arguments hold more than {} values", self.values)));
        }
        Ok(())
    }

    /// Whether arguments fit the schema of their tool. Gives them back.
    fn judge(&self, id: TypeId, tool: &str, schema: Arc<JsonObject>, arguments: Value) -> Result<Value, Refusal> {
        let compiled = self.compiled(id, tool, schema);
        match &compiled.schema {
            Err(_) => Err(Refusal::internal(format!("the input schema of the tool `{tool}` cannot be enforced"))),
            Ok(schema) => match schema.violations(&arguments) {
                None => Ok(arguments),
                Some(said) => Err(Refusal::arguments(format!("invalid arguments for the tool `{tool}`: {said}"))),
            },
        }
    }

    /// The compiled schema, from the cache while the handler still gives the same one.
    fn compiled(&self, id: TypeId, tool: &str, source: Arc<JsonObject>) -> Arc<Compiled> {
        let key = (id, tool.to_owned());
        if let Some(known) = self.compiled.get(&key)
            && (Arc::ptr_eq(&known.source, &source) || known.source == source)
        {
            return known;
        }
        let schema = Schema::of_arguments(&source);
        if let Err(error) = &schema {
            tracing::error!(tool, %error, "input schema cannot be enforced: calls of this tool are refused");
        }
        let compiled = Arc::new(Compiled { source, schema });
        self.compiled.insert(key, Arc::clone(&compiled));
        compiled
    }

    /// The schema of a tool: looked up, or found in the handler's list.
    async fn schema(&self, call: &Call, tool: &str, next: Next<'_>) -> Result<Arc<JsonObject>, Refusal> {
        let endpoint = next.endpoint();
        if let Some(tool) = endpoint.tool(tool) {
            return Ok(tool.input_schema);
        }
        let key = (endpoint.id(), call.facts.subject().to_owned());
        let list = match self.lists.get(&key) {
            Some(list) => list,
            None => {
                let listed = tokio::time::timeout(self.patience, all_tools(call, next)).await;
                let tools = listed.map_err(|_| Refusal::deadline(self.patience))??;
                let schemas = tools.into_iter().map(|tool| (tool.name.into_owned(), tool.input_schema));
                let list = Arc::new(schemas.collect::<InputSchemas>());
                self.lists.insert(key, Arc::clone(&list));
                list
            }
        };
        list.get(tool).cloned().ok_or_else(|| Refusal::malformed("there is no tool of this name"))
    }
}

/// All pages of the handler's tool list.
async fn all_tools(call: &Call, next: Next<'_>) -> Result<Vec<Tool>, Refusal> {
    let Context::Request(_) = &call.context else { return Ok(Vec::new()) };
    let mut tools = Vec::new();
    let mut page = None;
    for _ in 0..MOST_PAGES {
        let cursor = page.take().map(|cursor| PaginatedRequestParams::default().with_cursor(Some(cursor)));
        let listed = next.endpoint().handle(Params::ListTools(cursor), call.context.clone()).await;
        let Ok(Answer::ListTools(list)) = listed else {
            return Err(Refusal::internal("the handler could not list its tools"));
        };
        tools.extend(list.tools);
        page = list.next_cursor;
        if page.is_none() {
            break;
        }
    }
    Ok(tools)
}

impl Guard for Arguments {
    fn pass<'a>(&'a self, mut call: Box<Call>, next: Next<'a>) -> Outcome<'a> {
        match &call.params {
            Params::CallTool(_) => Box::pin(async move {
                let Params::CallTool(params) = &mut call.params else {
                    return Err(Refusal::internal("a call changed its kind"));
                };
                let arguments = params.arguments.take();
                let (given, arguments) = (arguments.is_some(), arguments.unwrap_or_default());
                self.judge_size(&arguments)?;
                let tool = params.name.clone();
                let schema = self.schema(&call, &tool, next).await?;
                let checked = self.judge(next.endpoint().id(), &tool, schema, Value::Object(arguments))?;
                if let (Params::CallTool(params), Value::Object(arguments), true) = (&mut call.params, checked, given) {
                    params.arguments = Some(arguments);
                }
                next.run(call).await
            }),
            Params::GetPrompt(params) => {
                match params.arguments.as_ref().map_or(Ok(()), |arguments| self.judge_size(arguments)) {
                    Ok(()) => next.run(call),
                    Err(refusal) => super::refuse(refusal),
                }
            }
            _ => next.run(call),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn arguments(policy: impl FnOnce(&mut Policy)) -> Arguments {
        let mut changed = Policy::default();
        policy(&mut changed);
        Arguments::new(&changed)
    }

    fn object(value: Value) -> JsonObject {
        value.as_object().expect("an object").clone()
    }

    #[test]
    fn arguments_without_end_are_refused_before_the_schema_is_asked() {
        let guard = arguments(|policy| policy.limits.values = 3);
        assert!(guard.judge_size(&object(json!({"a": [1, 2]}))).is_ok());
        assert!(guard.judge_size(&object(json!({"a": [1, 2, 3]}))).is_err());
        let guard = arguments(|policy| policy.limits.depth = 2);
        assert!(guard.judge_size(&object(json!({"a": [1]}))).is_ok());
        assert!(guard.judge_size(&object(json!({"a": [[1]]}))).is_err());
    }

    #[test]
    fn a_schema_is_compiled_once_and_again_when_it_changes() {
        let guard = arguments(|_| {});
        let id = TypeId::of::<()>();
        let schema = Arc::new(object(json!({"type": "object", "properties": {"a": {"type": "integer"}}})));
        let first = guard.compiled(id, "t", Arc::clone(&schema));
        assert!(Arc::ptr_eq(&first, &guard.compiled(id, "t", Arc::new((*schema).clone()))));
        assert!(guard.judge(id, "t", schema, json!({"a": "x"})).is_err());
        let changed = Arc::new(object(json!({"type": "object", "properties": {"a": {"type": "string"}}})));
        assert!(guard.judge(id, "t", changed, json!({"a": "x"})).is_ok());
    }

    #[test]
    fn a_tool_with_a_schema_that_cannot_be_enforced_is_refused() {
        let guard = arguments(|_| {});
        let schema = Arc::new(object(json!({"properties": {"a": {"$ref": "https://example.com/a"}}})));
        let refusal = guard.judge(TypeId::of::<()>(), "t", schema, json!({"a": 1})).unwrap_err();
        assert_eq!(refusal.reason, "internal error");
    }
}
