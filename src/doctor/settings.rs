//! `[doctor]` of the policy file, read alone: what the rest of the file says about a server that is not started here, such
//! as a variable that is not set on this machine, must not keep anybody from checking.

use std::{collections::BTreeMap, ops::Range};

use mcpsec_policy::model::Doctor;
use serde::Deserialize;
use toml::Spanned;

#[derive(Deserialize)]
struct File {
    doctor: Option<Section>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
    fail_on: Option<String>,
    exclude: Option<Vec<String>>,
    ignore: Option<Vec<String>>,
    behind_gateway: Option<bool>,
    severity: Option<BTreeMap<String, String>>,
    baseline: Option<String>,
}

/// The section of a policy file's text, with the defaults where it says nothing. The error says what is wrong, and shows
/// the line.
pub fn parse(text: &str) -> Result<Doctor, String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string().trim_end().to_owned())?;
    let defaults = Doctor::default();
    let Some(section) = file.doctor else { return Ok(defaults) };
    Ok(Doctor {
        fail_on: section.fail_on.unwrap_or(defaults.fail_on),
        exclude: section.exclude.unwrap_or(defaults.exclude),
        ignore: section.ignore.unwrap_or(defaults.ignore),
        behind_gateway: section.behind_gateway.unwrap_or(defaults.behind_gateway),
        severity: section.severity.unwrap_or(defaults.severity),
        baseline: section.baseline.or(defaults.baseline),
    })
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
    fn an_unknown_key_is_an_error_that_names_it_and_its_line() {
        let error = parse("[doctor]\nfail-on = \"high\"\n").expect_err("keys are snake_case");
        assert!(error.contains("line 2") && error.contains("`fail-on`") && error.contains("`fail_on`"), "{error}");
    }
}
