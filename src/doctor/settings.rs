//! `[doctor]` of the policy file, read alone: what the rest of the file says about a server that is not started here, such
//! as a variable that is not set on this machine, must not keep anybody from checking.

use std::{collections::BTreeMap, ops::Range};

use mcpsec_policy::{
    RULE_OPTIONS,
    model::{Doctor, Ignored},
    suggest,
};
use serde::Deserialize;
use toml::Spanned;

use crate::lines::Lines;

#[derive(Deserialize)]
struct File {
    doctor: Option<Section>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
    fail_on: Option<String>,
    exclude: Option<Vec<String>>,
    #[serde(default)]
    ignore: Vec<Spanned<toml::Value>>,
    behind_gateway: Option<bool>,
    severity: Option<BTreeMap<String, String>>,
    baseline: Option<String>,
    #[serde(default)]
    rules: BTreeMap<String, Spanned<BTreeMap<String, Vec<String>>>>,
}

/// An entry of `[[doctor.ignore]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    rule: String,
    #[serde(default)]
    paths: Vec<String>,
    reason: String,
    until: Option<Day>,
}

/// A day, as TOML writes it or as a text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Day {
    Date(toml::value::Datetime),
    Text(String),
}

/// The section of a policy file's text, with the defaults where it says nothing. The error says what is wrong, and shows
/// the line.
pub fn parse(text: &str) -> Result<Doctor, String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string().trim_end().to_owned())?;
    let defaults = Doctor::default();
    let Some(section) = file.doctor else { return Ok(defaults) };
    let at = |span: Range<usize>| format!("line {}", Lines::new(text).number(span.start));
    let (mut ignore, mut ignored) = (Vec::new(), Vec::new());
    for item in section.ignore {
        let place = at(item.span());
        match item.into_inner() {
            toml::Value::String(name) => ignore.push(name),
            value => ignored.push(entry(value).map_err(|error| format!("[[doctor.ignore]] at {place}: {error}"))?),
        }
    }
    let mut rules = BTreeMap::new();
    for (rule, options) in section.rules {
        let place = at(options.span());
        let options = options.into_inner();
        known(&rule, &options).map_err(|error| format!("[doctor.rules.{rule}] at {place}: {error}"))?;
        rules.insert(rule, options);
    }
    Ok(Doctor {
        fail_on: section.fail_on.unwrap_or(defaults.fail_on),
        exclude: section.exclude.unwrap_or(defaults.exclude),
        ignore,
        ignored,
        behind_gateway: section.behind_gateway.unwrap_or(defaults.behind_gateway),
        severity: section.severity.unwrap_or(defaults.severity),
        baseline: section.baseline.or(defaults.baseline),
        rules,
    })
}

fn entry(value: toml::Value) -> Result<Ignored, String> {
    let Entry { rule, paths, reason, until } =
        value.try_into().map_err(|error: toml::de::Error| error.message().trim_end().to_owned())?;
    let until = until.map(|day| match day {
        Day::Date(day) => day.to_string(),
        Day::Text(day) => day,
    });
    Ok(Ignored { rule, paths, reason, until })
}

/// Nothing is wrong with the names of a rule and its options.
fn known(rule: &str, options: &BTreeMap<String, Vec<String>>) -> Result<(), String> {
    let keys: Vec<&str> = RULE_OPTIONS.iter().filter(|it| it.rule == rule).map(|it| it.key).collect();
    let meant = |word: &str, names: Vec<&'static str>| {
        let near = suggest::nearest(word, names.iter().copied()).map(|near| format!(", did you mean `{near}`?"));
        near.unwrap_or_else(|| format!(", known are {}", names.join(", ")))
    };
    if keys.is_empty() {
        let mut rules: Vec<&str> = RULE_OPTIONS.iter().map(|it| it.rule).collect();
        rules.dedup();
        return Err(format!("`{rule}` has no options{}", meant(rule, rules)));
    }
    match options.keys().find(|key| !keys.contains(&key.as_str())) {
        Some(key) => Err(format!("there is no option `{key}`{}", meant(key, keys))),
        None => Ok(()),
    }
}

/// The entries of `[[doctor.ignore]]` that can be read, and where they stand.
pub(super) fn ignored(text: &str) -> Vec<(Ignored, Range<usize>)> {
    #[derive(Deserialize)]
    struct File {
        doctor: Option<Section>,
    }
    #[derive(Deserialize)]
    struct Section {
        #[serde(default)]
        ignore: Vec<Spanned<toml::Value>>,
    }
    let items = toml::from_str::<File>(text).ok().and_then(|file| file.doctor).map(|doctor| doctor.ignore);
    let items = items.unwrap_or_default().into_iter();
    items.filter_map(|item| Some((item.span(), entry(item.into_inner()).ok()?))).map(|(span, it)| (it, span)).collect()
}

/// Where the section's values stand in the text; nothing where it cannot be read.
pub(super) fn places(text: &str) -> BTreeMap<String, Range<usize>> {
    #[derive(Deserialize)]
    struct File {
        #[serde(default)]
        doctor: BTreeMap<String, Spanned<toml::Value>>,
    }
    let file: Option<File> = toml::from_str(text).ok();
    file.into_iter().flat_map(|file| file.doctor).map(|(key, value)| (key, value.span())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_rest_of_the_file_says_does_not_matter_here() {
        let text = "version = 1\n[auth]\napi_keys = \"${NOT_SET}\"\n[doctor]\nfail_on = \"high\"\n";
        let doctor = parse(text).expect("the section is right");
        assert_eq!(doctor, Doctor { fail_on: "high".to_owned(), ..Doctor::default() });
        assert_eq!(parse("version = 1\n"), Ok(Doctor::default()));
    }

    #[test]
    fn an_option_that_no_rule_has_is_an_error_with_a_suggestion() {
        let right = parse("[doctor.rules.path-traversal]\nguards = [\"assertInside\"]\n").expect("it is right");
        assert_eq!(right.rules["path-traversal"]["guards"], ["assertInside"]);
        for (text, expected) in [
            ("[doctor.rules.path-traversl]\nguards = []\n", "did you mean `path-traversal`?"),
            ("[doctor.rules.path-traversal]\nguard = []\n", "did you mean `guards`?"),
            ("[[doctor.ignore]]\nrule = \"ssrf\"\npath = \"a\"\nreason = \"b\"\n", "`path`"),
            ("[doctor]\nignore = [\"a\", { rule = \"ssrf\" }]\n", "line 2: missing field `reason`"),
        ] {
            let error = parse(text).expect_err(text);
            assert!(error.contains(expected), "{text}: {error}");
        }
        let mixed = parse("[doctor]\nignore = [\"a\", { rule = \"b\", reason = \"c\", until = 2027-03-31 }]\n");
        let mixed = mixed.expect("names and tables may stand in one list");
        assert_eq!((mixed.ignore, mixed.ignored[0].until.as_deref()), (vec!["a".to_owned()], Some("2027-03-31")));
    }

    #[test]
    fn an_unknown_key_is_an_error_that_names_it_and_its_line() {
        let error = parse("[doctor]\nfail-on = \"high\"\n").expect_err("keys are snake_case");
        assert!(error.contains("line 2") && error.contains("`fail-on`") && error.contains("`fail_on`"), "{error}");
    }
}
