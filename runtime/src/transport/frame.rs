//! Judges one line of JSON-RPC before it becomes a message.
//!
//! rmcp drops what it cannot read without a word, so that a client waits for ever. Here each such line gets an answer: the
//! error of JSON-RPC, with the request's id where that can still be read. Lines that look like answers themselves get
//! none, or two peers that misunderstand each other would never stop.

use std::sync::Arc;

use rmcp::model::{ErrorCode, RequestId};
use serde_json::{Value, json};

/// A line that is not handed on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Broken {
    /// JSON-RPC error code.
    pub code: ErrorCode,
    /// What is wrong, without quoting it.
    pub reason: String,
    /// Of the request, where it could be read.
    pub id: Option<RequestId>,
    /// The line looks like an answer, and answers are not answered.
    pub silent: bool,
}

impl Broken {
    fn new(code: ErrorCode, reason: impl Into<String>, line: &[u8]) -> Self {
        let outline = Outline::of(line);
        Self { code, reason: reason.into(), id: outline.id, silent: outline.is_answer }
    }

    /// A line that is longer than `most` bytes; `start` is as much of it as was kept.
    pub(crate) fn too_long(most: usize, start: &[u8]) -> Self {
        Self::new(ErrorCode::INVALID_REQUEST, format!("the message is longer than {most} bytes"), start)
    }

    /// A line that is not a message of MCP.
    pub(crate) fn not_a_message(line: &[u8]) -> Self {
        Self::new(ErrorCode::INVALID_REQUEST, "this is not a JSON-RPC 2.0 message", line)
    }

    /// A request with the id of one that is still being worked on.
    pub(crate) fn duplicate(id: RequestId) -> Self {
        let reason = "a request with this id is still being answered".to_owned();
        Self { code: ErrorCode::INVALID_REQUEST, reason, id: Some(id), silent: false }
    }

    /// The answer as one line.
    pub(crate) fn answer(&self) -> Vec<u8> {
        let id = self.id.as_ref().map_or(Value::Null, |id| id.clone().into_json_value());
        let error = json!({"code": self.code.0, "message": self.reason});
        let mut line = json!({"jsonrpc": "2.0", "id": id, "error": error}).to_string().into_bytes();
        line.push(b'\n');
        line
    }
}

/// Refuses what must not be parsed: batches, and nesting beyond `depth`.
pub(crate) fn judge(line: &[u8], depth: usize) -> Result<(), Broken> {
    if line.first() == Some(&b'[') {
        return Err(Broken::new(ErrorCode::INVALID_REQUEST, "batches are not part of MCP", b""));
    }
    if depth < nesting(line) {
        let reason = format!("the message is nested deeper than {depth} levels");
        return Err(Broken::new(ErrorCode::INVALID_REQUEST, reason, line));
    }
    Ok(())
}

/// What is wrong with a line that did not become a message.
pub(crate) fn explain(line: &[u8], error: &serde_json::Error) -> Broken {
    match error.classify() {
        serde_json::error::Category::Syntax | serde_json::error::Category::Eof => {
            Broken { id: None, ..Broken::new(ErrorCode::PARSE_ERROR, "this is not JSON", line) }
        }
        _ => Broken::not_a_message(line),
    }
}

/// Deepest nesting, without building anything.
fn nesting(line: &[u8]) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let (mut in_text, mut escaped) = (false, false);
    for &byte in line {
        if in_text {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_text = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_text = true,
            b'{' | b'[' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// What can be said of a line that cannot be parsed, or of the start of one.
#[derive(Debug, Default, Eq, PartialEq)]
struct Outline {
    id: Option<RequestId>,
    is_answer: bool,
}

impl Outline {
    /// Looks at the members of the outermost object, and no deeper.
    fn of(line: &[u8]) -> Self {
        let mut outline = Self::default();
        let mut depth = 0_usize;
        let mut at = 0;
        while let Some(&byte) = line.get(at) {
            match byte {
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth = depth.saturating_sub(1),
                b'"' => {
                    let Some(end) = end_of_text(line, at) else { break };
                    let text = &line[at..end];
                    at = end;
                    if depth == 1 && next_is_colon(line, at) {
                        match text {
                            b"\"id\"" => outline.id = read_id(line, at),
                            b"\"result\"" | b"\"error\"" => outline.is_answer = true,
                            _ => {}
                        }
                    }
                    continue;
                }
                _ => {}
            }
            at += 1;
        }
        outline
    }
}

/// Index behind the closing quote of the text that opens at `start`.
fn end_of_text(line: &[u8], start: usize) -> Option<usize> {
    let mut escaped = false;
    for (offset, &byte) in line[start + 1..].iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(start + offset + 2),
            _ => {}
        }
    }
    None
}

fn next_is_colon(line: &[u8], at: usize) -> bool {
    line[at..].iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b':')
}

/// The value behind the colon, if it can be an id.
fn read_id(line: &[u8], at: usize) -> Option<RequestId> {
    let rest = line[at..].trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
    let end = match rest.first()? {
        b'"' => end_of_text(rest, 0)?,
        _ => rest.iter().position(|byte| matches!(byte, b',' | b'}' | b' ' | b'\t' | b'\r' | b'\n'))?,
    };
    match serde_json::from_slice(&rest[..end]).ok()? {
        Value::String(text) if text.len() <= 256 => Some(RequestId::String(Arc::from(text))),
        Value::Number(number) => number.as_i64().map(RequestId::Number),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(line: &str) -> Option<RequestId> {
        Outline::of(line.as_bytes()).id
    }

    #[test]
    fn nesting_counts_brackets_outside_texts() {
        assert_eq!(nesting(br#"{"a":[{"b":"[[[[\"[["}]}"#), 3);
        assert_eq!(nesting(b"1"), 0);
        assert_eq!(nesting(b"]]]]{"), 1);
    }

    #[test]
    fn deep_json_is_refused_with_its_id() {
        let line = format!("{{\"id\":7,\"method\":\"x\",\"params\":{}{}}}", "[".repeat(100), "]".repeat(100));
        let broken = judge(line.as_bytes(), 64).unwrap_err();
        assert_eq!(broken.id, Some(RequestId::Number(7)));
        assert!(judge(line.as_bytes(), 101).is_ok());
    }

    #[test]
    fn batches_are_refused() {
        assert_eq!(judge(b"[{}]", 64).unwrap_err().code, ErrorCode::INVALID_REQUEST);
    }

    #[test]
    fn an_id_is_found_at_the_top_and_nowhere_else() {
        assert_eq!(id(r#"{"params":{"id":1},"id":"a"}"#), Some(RequestId::String("a".into())));
        assert_eq!(id(r#"{"params":{"id":1}}"#), None);
        assert_eq!(id(r#"{"method":"id","x":3}"#), None);
        assert_eq!(id(r#"{"id":-12,"params":{"cut": "of"#), Some(RequestId::Number(-12)));
        assert_eq!(id(r#"{"id":12"#), None, "a number that is cut off may have more digits");
        assert_eq!(id(r#"{"id":1.5}"#), None);
        assert_eq!(id(r#"{"id":null}"#), None);
    }

    #[test]
    fn lines_that_look_like_answers_are_not_answered() {
        assert!(Broken::not_a_message(br#"{"id":1,"result":{},"x":}"#).silent);
        assert!(!Broken::not_a_message(br#"{"id":1,"params":{"result":1}}"#).silent);
    }

    #[test]
    fn no_line_makes_it_panic() {
        for line in
            [&b""[..], b"\"", b"{\"", b"{\"id", b"{\"id\"", b"{\"id\":", b"{\"id\":\"", b"\\", b"}}}", b"{\"a\\"]
        {
            let _ = (Outline::of(line), nesting(line), judge(line, 1));
        }
    }
}
