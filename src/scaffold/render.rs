//! Template and answers become text in memory: strict, without HTML escaping, quoted for the language of the file.
//!
//! Free text (a description) can hold anything, so it is written only through the helper of the target language:
//! `{{json x}}`, `{{toml x}}`, `{{yaml x}}`, `{{rust x}}` and `{{sh x}}` write a whole quoted string, `{{md x}}` escapes for
//! running Markdown text. A test forbids it bare, and anywhere in workflows, where a `${{ … }}` in it would be
//! evaluated whatever the quoting.

use std::collections::BTreeSet;

use handlebars::{Context, Handlebars, Helper, HelperDef, HelperResult, Output, RenderContext, RenderErrorReason};
use serde_json::{Map, Value, json};

use super::{
    answers::Answers,
    lock,
    source::{RuntimeSource, SourceError},
    template::{self, Answer, Kind, Template},
};

/// A file of the new project.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Rendered {
    /// Relative to the project, with forward slashes.
    pub path: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// Why a template did not render. Bugs in the template, but for the source of the runtime.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The template's text is wrong.
    #[error("cannot render `{path}`: {reason}")]
    Template {
        /// The file of the template.
        path: String,
        /// What is wrong, with line and column where known.
        reason: String,
    },
    /// The runtime cannot be taken from there.
    #[error(transparent)]
    Source(#[from] SourceError),
}

/// A helper that writes its one argument, which has to be text, in the quoting of a language.
struct Quote(Quoting);

type Quoting = fn(&str) -> String;

const QUOTES: &[(&str, Quoting)] = &[
    ("json", double_quoted),
    ("toml", double_quoted),
    ("yaml", double_quoted),
    ("rust", |text| format!("{text:?}")),
    ("sh", shell_quoted),
    ("md", markdown),
];

impl HelperDef for Quote {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let text = helper.param(0).and_then(|it| it.value().as_str());
        let wrong = || RenderErrorReason::Other(format!("`{}` takes one text", helper.name()));
        out.write(&(self.0)(text.ok_or_else(wrong)?))?;
        Ok(())
    }
}

/// Every file of the project but `vendor/` and `.mcpsec/`, sorted by path.
pub fn render(template: &Template, answers: &Answers, source: &RuntimeSource) -> Result<Vec<Rendered>, RenderError> {
    let engine = engine()?;
    let context = context(template, answers, source)?;
    let mut files = Vec::new();
    for (&path, &bytes) in template.files.iter().filter(|(path, _)| is_wanted(template, answers, path)) {
        let wrong = |reason: String| RenderError::Template { path: path.to_owned(), reason };
        let bytes = if path.ends_with(".hbs") {
            let text = str::from_utf8(bytes).map_err(|error| wrong(error.to_string()))?;
            engine.render_template(text, &context).map_err(|error| wrong(error.to_string()))?.into_bytes()
        } else {
            bytes.to_vec()
        };
        files.push(Rendered { path: target_path(path), bytes });
    }
    if let (Some(lock), true) = (template.locks.get(answers.one("transport")), source.is_local()) {
        let wrong = |reason: String| RenderError::Template { path: "locks".to_owned(), reason };
        let lock =
            lock::fit(lock, answers.one("name"), &direct_dependencies(&files)).map_err(|it| wrong(it.to_string()))?;
        files.push(Rendered { path: "Cargo.lock".to_owned(), bytes: lock.into_bytes() });
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn engine() -> Result<Handlebars<'static>, RenderError> {
    let mut engine = Handlebars::new();
    engine.set_strict_mode(true);
    engine.register_escape_fn(handlebars::no_escape);
    for (name, quote) in QUOTES {
        engine.register_helper(name, Box::new(Quote(*quote)));
    }
    for (name, text) in template::partials() {
        engine.register_partial(name, text).map_err(|error| RenderError::Template {
            path: format!("_shared/{name}.hbs"),
            reason: error.to_string(),
        })?;
    }
    Ok(engine)
}

/// What templates can say: names and texts as they are, and a choice as an object that has its `value` and a boolean for
/// each of its values, so that `{{#if transport.http}}` reads as it should.
fn context(template: &Template, answers: &Answers, source: &RuntimeSource) -> Result<Value, RenderError> {
    let mut context = Map::new();
    for variable in &template.manifest.variables {
        let value = match (&variable.kind, answers.get(&variable.name)) {
            (Kind::Name | Kind::Text(_), Some(Answer::One(text))) => json!(text),
            (kind, answer) => {
                let mut chosen = Map::new();
                for choice in kind.choices() {
                    chosen.insert(choice.clone(), json!(answers.chose(&variable.name, choice)));
                }
                chosen.insert("value".to_owned(), json!(answer));
                Value::Object(chosen)
            }
        };
        context.insert(variable.name.clone(), value);
    }
    context.insert("crate_name".to_owned(), json!(answers.one("name").replace('-', "_")));
    context.insert("mcpsec_version".to_owned(), json!(env!("CARGO_PKG_VERSION")));
    context.insert("runtime_source".to_owned(), json!(source.dependency("mcpsec-runtime")?));
    context.insert("vendored".to_owned(), json!(*source == RuntimeSource::Vendor));
    context.insert("locked".to_owned(), json!(source.is_local()));
    Ok(Value::Object(context))
}

fn is_wanted(template: &Template, answers: &Answers, path: &str) -> bool {
    let mut conditions = template.manifest.conditions.iter().filter(|it| it.covers(path));
    conditions.all(|it| it.when.iter().all(|(name, values)| values.iter().any(|value| answers.chose(name, value))))
}

/// Without `.hbs`, and with a dot for a leading `_` of each part.
fn target_path(path: &str) -> String {
    let path = path.strip_suffix(".hbs").unwrap_or(path);
    let parts = path.split('/').map(|part| match part.strip_prefix('_') {
        Some(rest) => format!(".{rest}"),
        None => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("/")
}

/// The packages that the rendered manifest names.
fn direct_dependencies(files: &[Rendered]) -> BTreeSet<String> {
    let manifest = files.iter().find(|it| it.path == "Cargo.toml");
    let manifest: Option<toml::Table> = manifest.and_then(|it| str::from_utf8(&it.bytes).ok()?.parse().ok());
    let tables = ["dependencies", "dev-dependencies", "build-dependencies"];
    let tables = tables.iter().filter_map(|table| manifest.as_ref()?.get(*table)?.as_table());
    tables.flat_map(toml::Table::keys).cloned().collect()
}

/// A string in double quotes that JSON, TOML and YAML all read as `text`.
pub fn double_quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            // TOML refuses a raw DEL, YAML the other controls, and editors hide or break lines at the rest.
            it if it.is_control() || matches!(it, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                quoted.push_str(&format!("\\u{:04x}", u32::from(it)));
            }
            it => quoted.push(it),
        }
    }
    quoted.push('"');
    quoted
}

/// One word for a POSIX shell; quoted only if it needs to be.
pub fn shell_quoted(text: &str) -> String {
    let plain = |it: char| it.is_ascii_alphanumeric() || "-_./:=@,+%".contains(it);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// Running Markdown text that shows `text` and nothing else: no markup, no HTML, no list or heading.
fn markdown(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for (index, character) in text.char_indices() {
        let at_start = text[..index].chars().all(|it| it.is_ascii_digit());
        if "\\`*_[]<>&#|~!${}".contains(character) || at_start && "+-=.)".contains(character) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = "\"} ${{ secrets.X }} \\n # <b> 'q' `t`\u{7f}\u{85} ü🦀";

    #[test]
    fn three_languages_read_a_quoted_string_back() {
        let quoted = double_quoted(HOSTILE);
        assert_eq!(serde_json::from_str::<String>(&quoted).expect("JSON"), HOSTILE);
        let toml: toml::Table = format!("x = {quoted}").parse().expect("TOML");
        assert_eq!(toml["x"].as_str(), Some(HOSTILE));
        assert_eq!(serde_saphyr::from_str::<String>(&quoted).expect("YAML"), HOSTILE);
    }

    #[test]
    fn a_shell_word_is_quoted_only_if_it_needs_to_be() {
        assert_eq!(shell_quoted("my-server"), "my-server");
        assert_eq!(shell_quoted(""), "''");
        assert_eq!(shell_quoted("it's; rm -rf $HOME"), "'it'\\''s; rm -rf $HOME'");
        assert_eq!(shell_quoted("~"), "'~'");
    }

    #[test]
    fn markdown_text_makes_no_markup() {
        assert_eq!(markdown("1. <b>*x*"), "1\\. \\<b\\>\\*x\\*");
        assert_eq!(markdown("- a-b"), "\\- a-b");
    }

    #[test]
    fn an_unknown_variable_is_an_error_and_not_an_empty_string() {
        let engine = engine().expect("partials are right");
        for text in ["{{nobody}}", "{{json nobody}}"] {
            assert!(engine.render_template(text, &json!({})).is_err(), "{text}");
        }
    }

    #[test]
    fn a_leading_underscore_is_a_dot() {
        assert_eq!(target_path("_github/workflows/ci.yml.hbs"), ".github/workflows/ci.yml");
        assert_eq!(target_path("src/my_file.rs"), "src/my_file.rs");
    }
}
