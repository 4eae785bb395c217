//! Looks at a body before anything parses it for real: how deep it is, that it is one JSON-RPC message, and which.
//!
//! Depth is counted first, byte by byte, so that no recursive parser ever sees more than the policy allows. Batches are
//! refused: they were removed from MCP, and one request must stay one call for every limit that counts calls.
//!
//! It does **not** judge parameters: the arguments guard does, behind the access decision.

use serde::Deserialize;
use serde_json::Value;

use super::refusal::Refusal;

/// What the layers need to know of a message.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Envelope {
    /// Text or integer in a request; absent in a notification.
    #[serde(default)]
    pub(crate) id: Option<Value>,
    /// Absent in an answer.
    #[serde(default)]
    pub(crate) method: Option<String>,
}

impl Envelope {
    /// The envelope of `body`, nested at most `depth` deep.
    pub(crate) fn read(body: &[u8], depth: usize) -> Result<Self, Refusal> {
        if body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[') {
            return Err(Refusal::malformed("batches are not accepted"));
        }
        if nesting_exceeds(body, depth) {
            return Err(Refusal::unparsable("the request is nested too deeply"));
        }
        let envelope: Self =
            serde_json::from_slice(body).map_err(|_| Refusal::unparsable("the request is not one JSON-RPC message"))?;
        match &envelope.id {
            None | Some(Value::String(_)) => Ok(envelope),
            Some(Value::Number(number)) if number.is_i64() || number.is_u64() => Ok(envelope),
            Some(_) => Err(Refusal::malformed("a request's id is text or an integer")),
        }
    }

    /// The id, if the message is a request, which has to be answered.
    pub(crate) fn request_id(&self) -> Option<&Value> {
        self.method.as_ref().and(self.id.as_ref())
    }
}

/// Whether brackets outside of strings open more than `limit` levels.
fn nesting_exceeds(body: &[u8], limit: usize) -> bool {
    let mut depth = 0_usize;
    let mut bytes = body.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'{' | b'[' => {
                depth += 1;
                if depth > limit {
                    return true;
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => skip_string(&mut bytes),
            _ => {}
        }
    }
    false
}

fn skip_string(bytes: &mut std::slice::Iter<'_, u8>) {
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => return,
            b'\\' => drop(bytes.next()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(body: &str, depth: usize) -> u16 {
        Envelope::read(body.as_bytes(), depth).map_or_else(|refusal| refusal.status().as_u16(), |_| 200)
    }

    #[test]
    fn depth_is_inclusive_and_brackets_in_strings_do_not_count() {
        let body = r#"{"id":1,"method":"m","params":{"a":["[[[[\"{{{"]}}"#;
        assert_eq!(status(body, 3), 200);
        assert_eq!(status(body, 2), 400);
    }

    #[test]
    fn no_depth_exhausts_the_stack() {
        let body = format!(r#"{{"id":1,"method":"m","params":{}{}}}"#, "[".repeat(500_000), "]".repeat(500_000));
        assert_eq!(status(&body, 64), 400);
        assert_eq!(status(&body, usize::MAX), 200);
    }

    #[test]
    fn only_one_message_with_a_proper_id_passes() {
        for body in [r#"{"id":1,"method":"m"}"#, r#" {"id":"a","method":"m"} "#, r#"{"method":"m"}"#, r#"{"id":-3}"#] {
            assert_eq!(status(body, 64), 200, "{body}");
        }
        let refused = [
            "",
            " ",
            "[]",
            "\n[{}]",
            "{",
            "{}{}",
            "1",
            "\"\"",
            r#"{"id":1.5,"method":"m"}"#,
            r#"{"id":{},"method":"m"}"#,
            r#"{"id":true}"#,
            r#"{"id":1,"id":2,"method":"m"}"#,
            r#"{"method":"a","method":"b"}"#,
            r#"{"method":1}"#,
            "\u{feff}{}",
        ];
        for body in refused {
            assert_eq!(status(body, 64), 400, "{body}");
        }
    }
}
