//! Answers to a template's questions. Holding [`Answers`] means that every question is answered and every answer fits.

use std::collections::BTreeMap;

use mcpsec_policy::suggest::nearest;

use super::{
    names::{self, NameError},
    template::{Answer, Kind, Template, Variable},
};

/// Valid answers to all questions of one template.
#[derive(Clone, Debug, PartialEq)]
pub struct Answers(BTreeMap<String, Answer>);

/// Answers as they come from flags, files and people: possibly incomplete, possibly wrong.
pub type Draft = BTreeMap<String, Answer>;

/// What is wrong with an answer. Always the user's to mend.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum AnswerError {
    /// Nobody asks that.
    #[error("the template has no variable `{name}`")]
    Unknown {
        /// What was answered.
        name: String,
        /// A variable that is written almost like it.
        similar: Option<String>,
    },
    /// Not answered, and not to be asked.
    #[error("`{0}` is not answered")]
    Missing(String),
    /// Not one of the choices.
    #[error("`{value}` is not a choice for `{variable}`")]
    NoChoice {
        /// The question.
        variable: String,
        /// The answer.
        value: String,
        /// What there is to choose.
        choices: Vec<String>,
    },
    /// The name does not fit the ecosystem.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The text does not fit.
    #[error("`{variable}` {reason}")]
    Text {
        /// The question.
        variable: String,
        /// A verb phrase.
        reason: String,
    },
}

impl Answers {
    /// Checks a draft against the template. Errors name the first variable that is wrong, in the template's order.
    pub fn new(template: &Template, draft: &Draft) -> Result<Self, AnswerError> {
        if let Some(name) = draft.keys().find(|name| template.variable(name).is_none()) {
            let known = template.manifest.variables.iter().map(|it| it.name.as_str());
            return Err(AnswerError::Unknown { name: name.clone(), similar: nearest(name, known).map(str::to_owned) });
        }
        let mut answers = BTreeMap::new();
        for variable in &template.manifest.variables {
            let answer = draft.get(&variable.name).ok_or_else(|| AnswerError::Missing(variable.name.clone()))?;
            answers.insert(variable.name.clone(), check(template, variable, answer)?);
        }
        Ok(Self(answers))
    }

    /// The answer to a question of the template.
    pub fn get(&self, name: &str) -> Option<&Answer> {
        self.0.get(name)
    }

    /// The answer to a question with one answer; empty if there is no such question.
    pub fn one(&self, name: &str) -> &str {
        match self.0.get(name) {
            Some(Answer::One(text)) => text,
            Some(Answer::Many(_)) | None => "",
        }
    }

    /// Whether `value` was chosen for `name`.
    pub fn chose(&self, name: &str, value: &str) -> bool {
        match self.0.get(name) {
            Some(Answer::One(one)) => one == value,
            Some(Answer::Many(many)) => many.iter().any(|it| it == value),
            None => false,
        }
    }

    /// All answers, by the name of the question.
    pub fn all(&self) -> &BTreeMap<String, Answer> {
        &self.0
    }
}

/// Checks one answer and brings choices into the template's order.
pub fn check(template: &Template, variable: &Variable, answer: &Answer) -> Result<Answer, AnswerError> {
    let no_choice = |value: &str, choices: &[String]| AnswerError::NoChoice {
        variable: variable.name.clone(),
        value: value.to_owned(),
        choices: choices.to_vec(),
    };
    let wrong = |reason: String| AnswerError::Text { variable: variable.name.clone(), reason };
    match (&variable.kind, answer) {
        (Kind::Name, Answer::One(name)) => {
            names::check(name, template.manifest.ecosystem, &template.package_names())?;
            Ok(answer.clone())
        }
        (Kind::Text(max), Answer::One(text)) => {
            let text = text.trim();
            check_text(text, *max).map_err(wrong)?;
            Ok(Answer::One(text.to_owned()))
        }
        (Kind::Choice(choices), Answer::One(value)) if choices.contains(value) => Ok(answer.clone()),
        (Kind::Choice(choices), Answer::One(value)) => Err(no_choice(value, choices)),
        (Kind::Choices(choices), Answer::Many(values)) => match values.iter().find(|it| !choices.contains(it)) {
            Some(value) => Err(no_choice(value, choices)),
            None if values.is_empty() => Err(wrong("needs at least one of its choices".to_owned())),
            None => Ok(Answer::Many(choices.iter().filter(|it| values.contains(it)).cloned().collect())),
        },
        (Kind::Choices(_), Answer::One(value)) => check(template, variable, &Answer::Many(vec![value.clone()])),
        (_, Answer::Many(_)) => Err(wrong("has one answer, not a list".to_owned())),
    }
}

fn check_text(text: &str, max: usize) -> Result<(), String> {
    if text.is_empty() {
        return Err("is empty".to_owned());
    }
    let length = text.chars().count();
    if length > max {
        return Err(format!("has {length} characters, and {max} is the limit"));
    }
    // It ends in manifests, scripts and documents that people review: what they cannot see does not belong there.
    let hidden = |it: char| {
        it.is_control()
            || matches!(it, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
    };
    match text.chars().find(|&it| hidden(it)) {
        Some('\n' | '\r') => Err("has more than one line".to_owned()),
        Some(bad) => Err(format!("contains the invisible character `{}`", bad.escape_unicode())),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_limits_are_inclusive_and_invisible_characters_are_named() {
        assert_eq!(check_text("abc", 3), Ok(()));
        assert_eq!(check_text("äöü", 3), Ok(()));
        assert!(check_text("abcd", 3).is_err());
        assert!(check_text("", 3).is_err());
        assert_eq!(check_text("a\nb", 9), Err("has more than one line".to_owned()));
        assert_eq!(check_text("a\u{202e}b", 9), Err("contains the invisible character `\\u{202e}`".to_owned()));
        assert_eq!(check_text("\"} ${{ secrets.X }} \\n # <b>", 99), Ok(()));
    }
}
