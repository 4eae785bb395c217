//! Takes secrets and hidden characters out of what leaves the process.
//!
//! Most answers have nothing to take out, so there are two steps: [`Rules::inspect`] visits every string of an answer
//! where it stands, without building anything, and measures the answer on the way. Only an answer in which something was
//! found is turned into JSON, cleaned, and turned back.

use std::{borrow::Cow, collections::HashSet};

use mcpsec_policy::model::Redact;
use mcpsec_screen::{hidden, secrets};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::inspect::{Found, Inspector};

/// What stands in the place of a configured field's value.
const REDACTED: &str = "[redacted]";
/// Members whose value the client must give back unchanged: the handler made them, and the client cannot use them for
/// anything else.
const OPAQUE: [&str; 2] = ["requestState", "nextCursor"];
/// Members that hold data of the handler's own shape, in which names of fields mean what the policy means by them.
/// Elsewhere a name such as `name` or `title` belongs to the protocol.
const DATA: [&str; 2] = ["structuredContent", "_meta"];
/// From this length on, text of nothing but base64 letters is a blob and no text.
const BLOB: usize = 256;

/// No secret that can be recognised is shorter: the weakest proof, randomness beside a credential's name, needs a value
/// of 12 characters.
const SHORTEST: usize = 12;

/// What may not leave.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    secrets: bool,
    fields: HashSet<String>,
}

/// Where in an answer a string stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Place {
    /// In a part whose names the protocol defines.
    Protocol,
    /// In a part whose names the handler chose.
    Data,
}

impl Place {
    /// Where the value of the member `name` stands, if an object with it stands here.
    pub(crate) fn of_member(self, name: &str) -> Self {
        if DATA.contains(&name) { Self::Data } else { self }
    }
}

/// Whether the value of this member is not looked at.
pub(crate) fn is_opaque(name: &str) -> bool {
    OPAQUE.contains(&name)
}

impl Rules {
    pub(crate) fn new(redact: &Redact) -> Self {
        Self { secrets: redact.secrets, fields: redact.fields.iter().map(|name| name.to_ascii_lowercase()).collect() }
    }

    /// Visits all of `answer`: how big it is as JSON, and whether anything has to be taken out.
    pub(crate) fn inspect(&self, answer: &impl Serialize, place: Place, most: usize) -> Found {
        Inspector::new(self, place, most).run(answer)
    }

    /// `answer` without what may not leave.
    ///
    /// # Errors
    ///
    /// When the cleaned JSON is no longer an answer of this type.
    pub(crate) fn clean<T: Serialize + DeserializeOwned>(&self, answer: &T, place: Place) -> serde_json::Result<T> {
        let mut value = serde_json::to_value(answer)?;
        self.clean_value(&mut value, place);
        serde_json::from_value(value)
    }

    /// The same for a value of no particular type.
    pub(crate) fn clean_value(&self, value: &mut Value, place: Place) {
        match value {
            Value::String(text) => {
                if let Cow::Owned(clean) = self.clean_text(text) {
                    *text = clean;
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.clean_value(item, place)),
            Value::Object(members) => self.clean_members(members, place),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn clean_members(&self, members: &mut Map<String, Value>, place: Place) {
        for (name, value) in members.iter_mut() {
            if is_opaque(name) {
                continue;
            }
            let place = place.of_member(name);
            if place == Place::Data && self.forbids_member(name, value.as_str()) && !value.is_null() {
                *value = Value::from(REDACTED);
            } else {
                self.clean_value(value, place);
            }
        }
        if members.keys().any(|name| matches!(self.clean_text(name), Cow::Owned(_))) {
            let old = std::mem::take(members);
            members.extend(old.into_iter().map(|(name, value)| (self.clean_text(&name).into_owned(), value)));
        }
    }

    /// Whether a member of the handler's data may not show its value: it is configured, or it names a credential and
    /// its value looks like one.
    pub(crate) fn forbids_member(&self, name: &str, value: Option<&str>) -> bool {
        self.is_field(name)
            || (self.secrets
                && value.is_some_and(|value| secrets::credential_name(name) && secrets::looks_random(value)))
    }

    fn is_field(&self, name: &str) -> bool {
        !self.fields.is_empty() && self.fields.contains(&name.to_ascii_lowercase())
    }

    /// `text` without hidden characters, secrets, and configured fields of JSON in it. Text with nothing to take out is
    /// returned as it is.
    pub(crate) fn clean_text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if is_short(text) || is_blob(text) {
            return Cow::Borrowed(text);
        }
        let visible = hidden::neutralize(text);
        if let (true, Cow::Owned(_)) = (self.secrets, &visible) {
            // A hidden character in the middle of a key must not hide the key.
            let stripped = strip_hidden(text);
            if let Cow::Owned(clean) = secrets::redact(&stripped) {
                return Cow::Owned(clean);
            }
        }
        let without_fields = match self.clean_embedded(&visible) {
            Some(clean) => Cow::Owned(clean),
            None => visible,
        };
        if !self.secrets {
            return without_fields;
        }
        match without_fields {
            Cow::Borrowed(text) => secrets::redact(text),
            Cow::Owned(text) => Cow::Owned(match secrets::redact(&text) {
                Cow::Owned(clean) => clean,
                Cow::Borrowed(_) => text,
            }),
        }
    }

    /// JSON written as text, without its configured fields. `None` where there is nothing to take out.
    fn clean_embedded(&self, text: &str) -> Option<String> {
        if self.fields.is_empty() || !text.trim_start().starts_with(['{', '[']) {
            return None;
        }
        let mut value: Value = serde_json::from_str(text).ok()?;
        if !self.redact_fields(&mut value) {
            return None;
        }
        serde_json::to_string(&value).ok()
    }

    /// Replaces configured fields only, and says whether there were any.
    fn redact_fields(&self, value: &mut Value) -> bool {
        let mut found = false;
        match value {
            Value::Array(items) => {
                for item in items {
                    found |= self.redact_fields(item);
                }
            }
            Value::Object(members) => {
                for (name, value) in members {
                    if self.is_field(name) && !value.is_null() {
                        *value = Value::from(REDACTED);
                        found = true;
                    } else {
                        found |= self.redact_fields(value);
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
        found
    }
}

fn strip_hidden(text: &str) -> String {
    let mut stripped = String::with_capacity(text.len());
    let mut copied = 0;
    for found in hidden::find(text) {
        stripped.push_str(&text[copied..found.range.start]);
        copied = found.range.end;
    }
    stripped.push_str(&text[copied..]);
    stripped
}

/// Most strings of an answer are names and words: too short for any secret, and without a character that could hide.
fn is_short(text: &str) -> bool {
    text.len() < SHORTEST
        && text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
        && !text.starts_with([' ', '{', '['])
}

/// Pictures, sounds and files come as base64, in which no secret can be read and none can be replaced.
fn is_blob(text: &str) -> bool {
    BLOB <= text.len() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const KEY: &str = concat!("AKIAQ3EG", "RVZ7PMN2LXWT"); // in two parts: it is not one

    fn rules(fields: &[&str]) -> Rules {
        Rules::new(&Redact { secrets: true, fields: fields.iter().map(|&field| field.to_owned()).collect() })
    }

    fn cleaned(rules: &Rules, mut value: Value, place: Place) -> Value {
        let found = rules.inspect(&value, place, usize::MAX);
        let before = value.clone();
        rules.clean_value(&mut value, place);
        assert_eq!(found.dirty, value != before, "inspection and cleaning disagree about {before}");
        value
    }

    #[test]
    fn secrets_go_wherever_they_stand() {
        let rules = rules(&[]);
        let said = cleaned(&rules, json!({"content": [{"text": format!("the key is {KEY}.")}]}), Place::Protocol);
        assert!(!said.to_string().contains(KEY), "{said}");
        let said = cleaned(&rules, json!({"content": {KEY: 1}}), Place::Protocol);
        assert!(!said.to_string().contains(KEY), "{said}");
    }

    #[test]
    fn a_hidden_character_does_not_hide_a_key() {
        let text = format!("{}\u{200b}{}", &KEY[..4], &KEY[4..]);
        let said = rules(&[]).clean_text(&text).into_owned();
        assert!(said.contains("redacted"), "{said}");
    }

    #[test]
    fn clean_text_is_not_copied() {
        let rules = rules(&["ssn"]);
        for text in ["", "nothing to see", "{\"a\": 1}", "[not json", "naïve – “quoted” 日本"] {
            assert!(matches!(rules.clean_text(text), Cow::Borrowed(_)), "{text}");
        }
    }

    #[test]
    fn configured_fields_go_from_data_and_embedded_json_but_not_from_the_protocol() {
        let rules = rules(&["SSN", "name"]);
        let answer = json!({
            "name": "search",
            "structuredContent": {"ssn": 123, "deep": [{"Ssn": {"a": 1}}], "none": null},
            "text": "{\"ssn\":\"123\",\"b\":2}",
        });
        let said = cleaned(&rules, answer, Place::Protocol);
        assert_eq!(said["name"], "search");
        assert_eq!(said["structuredContent"]["ssn"], REDACTED);
        assert_eq!(said["structuredContent"]["deep"][0]["Ssn"], REDACTED);
        assert_eq!(said["text"], "{\"b\":2,\"ssn\":\"[redacted]\"}");
    }

    #[test]
    fn a_random_value_under_a_credentials_name_goes() {
        let said = cleaned(&rules(&[]), json!({"password": "x8Kq2Lm9Zr4Tw7Bv1Nc5", "user": "ann"}), Place::Data);
        assert_eq!(said, json!({"password": REDACTED, "user": "ann"}));
    }

    #[test]
    fn what_the_client_must_give_back_stays_as_it_is() {
        let answer = json!({"nextCursor": KEY, "requestState": KEY});
        assert_eq!(cleaned(&rules(&[]), answer.clone(), Place::Protocol), answer);
    }

    #[test]
    fn blobs_are_left_alone() {
        let blob = format!("{}{KEY}{}", "A".repeat(200), "B".repeat(200));
        assert_eq!(rules(&[]).clean_text(&blob), blob);
    }

    #[test]
    fn the_measure_is_the_length_of_the_json() {
        let value = json!({"a": "b\"\n\u{1}é", "c": [1, -2, 3.5, true, null, {}], "d": {"e": []}});
        let found = rules(&[]).inspect(&value, Place::Protocol, usize::MAX);
        assert_eq!(found.size, value.to_string().len());
        assert!(rules(&[]).inspect(&value, Place::Protocol, 10).too_big);
    }
}
