//! Holds back answers that are too big, and takes secrets and hidden characters out of the others.
//!
//! A handler passes on what it reads: files, rows, other people's web pages. A key in there would end up in a model's
//! context and in its logs; invisible characters carry instructions that no person sees; a result without end fills a
//! client's memory. Every string of every answer is looked at, wherever it stands: results, lists, descriptions, error
//! texts, structured content. An answer over the limit becomes an error; it is never cut off in silence.
//!
//! It does **not** find a secret without a known shape and a credential's name beside it, nor one inside base64 or
//! split over several strings. A redacted field may no longer fit the tool's output schema. Notifications that a handler
//! sends through its peer do not pass here.

use std::sync::Arc;

use mcpsec_policy::Policy;
use rmcp::model::{CallToolResponse, CompletionInfo, GetPromptResponse, MetaObject, ReadResourceResponse};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{Answer, Call, Facts, Guard, Next, Outcome, Refusal};
use crate::clean::{Place, Rules};

/// The limit, and what may not leave.
pub(crate) struct Output {
    most: usize,
    rules: Arc<Rules>,
}

impl Output {
    pub(crate) fn new(policy: &Policy, rules: Arc<Rules>) -> Self {
        Self { most: policy.limits.response.as_usize(), rules }
    }

    /// `answer` as it may leave.
    fn judge(&self, answer: Answer) -> Result<Answer, Refusal> {
        Ok(match answer {
            Answer::Done => Answer::Done,
            Answer::Initialize(result) => Answer::Initialize(self.clean(result)?),
            Answer::Discover(result) => Answer::Discover(self.clean(result)?),
            Answer::Complete(mut result) => {
                result.completion.values.truncate(CompletionInfo::MAX_VALUES);
                Answer::Complete(self.clean(result)?)
            }
            Answer::GetPrompt(response) => Answer::GetPrompt(match response {
                GetPromptResponse::Complete(result) => self.clean(result)?.into(),
                GetPromptResponse::InputRequired(result) => self.clean(result)?.into(),
                _ => return Err(unknown_answer()),
            }),
            Answer::ListPrompts(result) => Answer::ListPrompts(self.clean(result)?),
            Answer::ListResources(result) => Answer::ListResources(self.clean(result)?),
            Answer::ListResourceTemplates(result) => Answer::ListResourceTemplates(self.clean(result)?),
            Answer::ReadResource(response) => Answer::ReadResource(match response {
                ReadResourceResponse::Complete(result) => self.clean(result)?.into(),
                ReadResourceResponse::InputRequired(result) => self.clean(result)?.into(),
                _ => return Err(unknown_answer()),
            }),
            Answer::CallTool(response) => Answer::CallTool(match response {
                CallToolResponse::Complete(result) => self.clean(result)?.into(),
                CallToolResponse::InputRequired(result) => self.clean(result)?.into(),
                CallToolResponse::Task(result) => self.clean(result)?.into(),
                _ => return Err(unknown_answer()),
            }),
            Answer::ListTools(result) => Answer::ListTools(self.clean(result)?),
            Answer::CustomRequest(mut result) => {
                self.check(&result.0, Place::Data)?;
                self.rules.clean_value(&mut result.0, Place::Data);
                Answer::CustomRequest(result)
            }
            Answer::GetTask(result) => Answer::GetTask(self.clean(result)?),
            Answer::ListSkills(result) => Answer::ListSkills(self.clean(result)?),
            Answer::GetSkill(result) => Answer::GetSkill(self.clean(result)?),
            Answer::ReadResourceDirectory(result) => Answer::ReadResourceDirectory(self.clean(result)?),
        })
    }

    /// Whether there is something to take out; an error where the answer is too big.
    fn check(&self, answer: &impl Serialize, place: Place) -> Result<bool, Refusal> {
        let found = self.rules.inspect(answer, place, self.most);
        if found.too_big {
            return Err(Refusal::too_big(self.most));
        }
        Ok(found.dirty)
    }

    fn clean<T: Serialize + DeserializeOwned>(&self, answer: T) -> Result<T, Refusal> {
        if !self.check(&answer, Place::Protocol)? {
            return Ok(answer);
        }
        self.rules
            .clean(&answer, Place::Protocol)
            .map_err(|_| Refusal::internal("an answer with something to redact could not be rebuilt"))
    }
}

/// An answer of a shape that rmcp added after this was written is not sent unseen.
fn unknown_answer() -> Refusal {
    Refusal::internal("the handler gave an answer of an unknown shape")
}

/// Writes the request id beside the answer.
fn sign(answer: &mut Answer, facts: &Facts) {
    let meta: &mut Option<MetaObject> = match answer {
        Answer::CallTool(CallToolResponse::Complete(result)) => &mut result.meta,
        Answer::GetPrompt(GetPromptResponse::Complete(result)) => &mut result.meta,
        Answer::ReadResource(ReadResourceResponse::Complete(result)) => &mut result.meta,
        _ => return,
    };
    meta.get_or_insert_default().0.insert("request_id".to_owned(), Value::from(facts.request_id.as_str()));
}

impl Guard for Output {
    fn pass<'a>(&'a self, call: Box<Call>, next: Next<'a>) -> Outcome<'a> {
        let facts = Arc::clone(&call.facts);
        Box::pin(async move {
            let mut answer = self.judge(next.run(call).await?)?;
            sign(&mut answer, &facts);
            Ok(answer)
        })
    }
}

#[cfg(test)]
mod tests {
    use mcpsec_policy::units::ByteSize;
    use rmcp::model::{CallToolResult, ContentBlock, CustomResult};
    use serde_json::json;

    use super::*;

    const KEY: &str = concat!("AKIAQ3EG", "RVZ7PMN2LXWT"); // in two parts: it is not one

    fn output(change: impl FnOnce(&mut Policy)) -> Output {
        let mut policy = Policy::default();
        change(&mut policy);
        let rules = Arc::new(Rules::new(&policy.redact));
        Output::new(&policy, rules)
    }

    fn said(output: &Output, result: CallToolResult) -> Result<String, Refusal> {
        match output.judge(Answer::CallTool(result.into()))? {
            Answer::CallTool(CallToolResponse::Complete(result)) => Ok(serde_json::to_string(&result).unwrap()),
            _ => panic!("the answer changed its kind"),
        }
    }

    #[test]
    fn a_key_in_a_result_is_replaced_and_the_rest_stays() {
        let result = CallToolResult::success(vec![ContentBlock::text(format!("id {KEY} of 7"))]);
        let said = said(&output(|_| {}), result).unwrap();
        assert!(!said.contains(KEY), "{said}");
        assert!(said.contains("of 7"), "{said}");
    }

    #[test]
    fn a_result_over_the_limit_is_an_error_and_not_cut_off() {
        let output = output(|policy| policy.limits.response = ByteSize(1_000));
        let fits = CallToolResult::success(vec![ContentBlock::text("x".repeat(800))]);
        assert!(said(&output, fits).is_ok());
        let too_big = CallToolResult::success(vec![ContentBlock::text("x".repeat(1_001))]);
        assert!(said(&output, too_big).unwrap_err().reason.contains("1000 bytes"));
    }

    #[test]
    fn a_custom_result_is_data() {
        let output = output(|policy| policy.redact.fields = vec!["ssn".to_owned()]);
        let answer = output.judge(Answer::CustomRequest(CustomResult::new(json!({"SSN": 5})))).ok().unwrap();
        let Answer::CustomRequest(result) = answer else { panic!("the answer changed its kind") };
        assert_eq!(result.0, json!({"SSN": "[redacted]"}));
    }
}
