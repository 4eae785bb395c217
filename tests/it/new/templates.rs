//! The templates themselves: every combination of answers, and what no template may do.

use std::process::Command;

use mcpsec::{
    embedded,
    scaffold::{
        answers::{Answers, Draft},
        check, render,
        source::RuntimeSource,
        template::{self, Answer, Kind},
    },
};

use crate::generated::PROVIDERS;

/// All answers that can be chosen, with a hostile text in each free one.
fn combinations(template: &template::Template) -> Vec<Draft> {
    let mut drafts = vec![Draft::new()];
    for variable in &template.manifest.variables {
        let answers: Vec<Answer> = match &variable.kind {
            Kind::Name => vec![Answer::One("my-server".to_owned())],
            Kind::Text(_) => vec![Answer::One("\"} ${{ secrets.X }} {{name}} \\n # <b>".to_owned())],
            Kind::Choice(choices) => choices.iter().cloned().map(Answer::One).collect(),
            Kind::Choices(choices) => (1..1 << choices.len())
                .map(|set| {
                    Answer::Many(
                        (0..choices.len()).filter(|it| set >> it & 1 == 1).map(|it| choices[it].clone()).collect(),
                    )
                })
                .collect(),
        };
        drafts = drafts
            .iter()
            .flat_map(|draft| {
                answers.iter().map(|answer| {
                    let mut draft = draft.clone();
                    draft.insert(variable.name.clone(), answer.clone());
                    draft
                })
            })
            .collect();
    }
    drafts
}

#[test]
fn every_combination_of_every_template_renders_and_parses() {
    for id in template::ids() {
        let template = template::load(id).expect("it is embedded");
        let drafts = combinations(&template);
        assert_eq!(drafts.len(), 2 * PROVIDERS.len() * 4 * 2);
        for draft in drafts {
            let answers = Answers::new(&template, &draft).expect("they can be chosen");
            for source in [RuntimeSource::Vendor, RuntimeSource::Registry] {
                let files = render::render(&template, &answers, &source);
                let files = files.unwrap_or_else(|error| panic!("{draft:?}: {error}"));
                check::check(&files).unwrap_or_else(|error| panic!("{draft:?}: {error}"));
                for required in ["Cargo.toml", "README.md", "SECURITY.md", "mcpsec.toml", ".gitignore", ".env.example"]
                {
                    assert!(files.iter().any(|it| it.path == required), "{required} with {draft:?}");
                }
            }
        }
    }
}

/// The expressions of a template: what stands between braces.
fn expressions(text: &str) -> impl Iterator<Item = &str> {
    text.split("{{").skip(1).filter_map(|rest| rest.split_once("}}").map(|it| it.0.trim()))
}

#[test]
fn free_text_is_never_written_bare_and_never_into_a_workflow() {
    for id in template::ids() {
        let template = template::load(id).expect("it is embedded");
        let free: Vec<&str> = (template.manifest.variables.iter())
            .filter(|it| matches!(it.kind, Kind::Text(_)))
            .map(|it| it.name.as_str())
            .collect();
        assert!(!free.is_empty());
        let rendered = template.files.iter().filter(|it| it.0.ends_with(".hbs"));
        let sources = rendered.map(|(path, bytes)| (*path, str::from_utf8(bytes).expect("it is text")));
        for (path, text) in sources.chain(template::partials()) {
            for expression in expressions(text) {
                let words: Vec<&str> = expression.split_whitespace().collect();
                if !words.iter().any(|word| free.contains(word)) {
                    continue;
                }
                let quoted = matches!(words[0], "json" | "toml" | "yaml" | "rust" | "sh" | "md") && words.len() == 2;
                assert!(quoted, "{path}: `{expression}` has to go through a helper");
                assert!(!path.starts_with("_github/"), "{path}: `{expression}` would be evaluated there");
            }
        }
    }
}

#[test]
fn conditions_in_templates_name_what_can_be_answered() {
    for id in template::ids() {
        let template = template::load(id).expect("it is embedded");
        let mut known: Vec<String> = vec!["vendored".to_owned(), "locked".to_owned()];
        for variable in &template.manifest.variables {
            known.extend(variable.kind.choices().iter().map(|choice| format!("{}.{choice}", variable.name)));
        }
        let rendered = template.files.iter().filter(|it| it.0.ends_with(".hbs"));
        let sources = rendered.map(|(path, bytes)| (*path, str::from_utf8(bytes).expect("it is text")));
        for (path, text) in sources.chain(template::partials()) {
            for expression in expressions(text) {
                let Some((_, condition)) = expression.split_once("if ").or(expression.split_once("unless ")) else {
                    continue;
                };
                let names = condition.split(|it: char| it.is_whitespace() || "()".contains(it));
                for name in names.filter(|it| !matches!(*it, "" | "or" | "and" | "not")) {
                    assert!(known.iter().any(|it| it == name), "{path}: nobody can answer `{name}`");
                }
            }
        }
    }
}

/// Cargo leaves out of a package every folder with a manifest in it. Templates must not be among them; the runtime is,
/// and the build script then embeds nothing.
#[test]
fn the_package_has_every_template_and_no_runtime() {
    let listed = Command::new(env!("CARGO"))
        .args(["package", "--list", "--allow-dirty", "--offline", "--package", "mcpsec-cli"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo is there, since it runs this test");
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    let listed = String::from_utf8(listed.stdout).expect("it is text");
    for file in embedded::TEMPLATES {
        assert!(listed.lines().any(|it| it.strip_prefix("templates/") == Some(file.path)), "{}", file.path);
    }
    assert!(!listed.lines().any(|it| it.starts_with("runtime/")), "{listed}");
}
