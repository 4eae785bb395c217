//! The tools: what a model may call.
//!
//! Every argument has a bound. The runtime refuses a call that breaks one before it gets here, and a field that is
//! not in the schema is refused, too.

use rmcp::{Json, handler::server::wrapper::Parameters, schemars, tool, tool_router};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::server::Server;

/// What `measure_text` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MeasureText {
    /// The text to measure.
    #[schemars(length(max = 100_000))]
    text: String,
    /// How many of the most frequent words to list.
    #[serde(default)]
    #[schemars(range(max = 50))]
    frequent: u8,
}

/// What `measure_text` finds.
#[derive(Debug, JsonSchema, PartialEq, Serialize)]
pub struct Measures {
    /// Characters, as Unicode counts them.
    characters: usize,
    /// Words: what stands between white space.
    words: usize,
    /// Lines.
    lines: usize,
    /// The most frequent words with their counts, most frequent first.
    frequent: Vec<Frequency>,
}

/// How often a word occurs.
#[derive(Debug, JsonSchema, PartialEq, Serialize)]
pub struct Frequency {
    /// The word, in lower case.
    word: String,
    /// How often it occurs.
    count: usize,
}

#[tool_router(vis = "pub(crate)")]
impl Server {
    /// Counts what models count badly.
    #[tool(
        name = "measure_text",
        description = "Count the characters, words and lines of a text, and its most frequent words.",
        annotations(read_only_hint = true, idempotent_hint = true, open_world_hint = false)
    )]
    async fn measure_text(&self, Parameters(arguments): Parameters<MeasureText>) -> Json<Measures> {
        Json(measure(&arguments.text, usize::from(arguments.frequent)))
    }
}

fn measure(text: &str, frequent: usize) -> Measures {
    let mut counts = std::collections::BTreeMap::<String, usize>::new();
    for word in text.split_whitespace() {
        let word = word.trim_matches(|it: char| !it.is_alphanumeric()).to_lowercase();
        if !word.is_empty() {
            *counts.entry(word).or_default() += 1;
        }
    }
    let mut counts: Vec<_> = counts.into_iter().map(|(word, count)| Frequency { word, count }).collect();
    counts.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.word.cmp(&b.word)));
    counts.truncate(frequent);
    Measures {
        characters: text.chars().count(),
        words: text.split_whitespace().count(),
        lines: text.lines().count(),
        frequent: counts,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_lines_and_characters_are_counted() {
        let measures = measure("One fish,\ntwo fish.", 1);
        assert_eq!((measures.words, measures.lines, measures.characters), (4, 2, 19));
        assert_eq!(measures.frequent, [Frequency { word: "fish".to_owned(), count: 2 }]);
    }

    #[test]
    fn an_empty_text_has_nothing() {
        let measures = measure("", 50);
        assert_eq!((measures.words, measures.lines, measures.characters), (0, 0, 0));
        assert!(measures.frequent.is_empty());
    }

    #[test]
    fn every_argument_of_every_tool_is_bounded() {
        for tool in Server::tool_router().list_all() {
            let schema = serde_json::Value::Object(tool.input_schema.as_ref().clone());
            assert_eq!(schema["additionalProperties"], false, "{}", tool.name);
            for (name, property) in schema["properties"].as_object().expect("it takes arguments") {
                let bounded = ["maxLength", "maximum", "maxItems", "enum", "$ref"];
                assert!(bounded.iter().any(|it| property.get(it).is_some()), "`{name}` of `{}`", tool.name);
            }
        }
    }
}
