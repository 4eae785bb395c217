//! What was rendered is read back before anything is written.

use serde::de::IgnoredAny;

use super::render::Rendered;

/// A rendered file that cannot be written. Always a bug in the template.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// It does not parse as what its name says.
    #[error("`{path}` does not parse: {reason}")]
    Syntax {
        /// The file.
        path: String,
        /// The parser's reason, with its place.
        reason: String,
    },
    /// It would not be inside of the project, or not be one file everywhere.
    #[error("`{0}` is not a path inside the project")]
    Escapes(String),
    /// Two files that some file systems cannot tell apart.
    #[error("`{0}` is written twice")]
    Twice(String),
}

/// Checks the paths of all files, and the syntax of those in a data language.
pub fn check(files: &[Rendered]) -> Result<(), CheckError> {
    let mut seen = std::collections::BTreeSet::new();
    for file in files {
        if !is_inside(&file.path) {
            return Err(CheckError::Escapes(file.path.clone()));
        }
        if !seen.insert(file.path.to_lowercase()) {
            return Err(CheckError::Twice(file.path.clone()));
        }
        syntax(file).map_err(|reason| CheckError::Syntax { path: file.path.clone(), reason })?;
    }
    Ok(())
}

/// Whether `path` stays below the folder that it is joined to, on every system.
pub fn is_inside(path: &str) -> bool {
    let part =
        |it: &str| !matches!(it, "" | "." | "..") && !it.contains(['\\', ':', '\0']) && !it.ends_with(['.', ' ']);
    path.split('/').all(part)
}

fn syntax(file: &Rendered) -> Result<(), String> {
    let extension = file.path.rsplit_once('.').map_or("", |it| it.1);
    if !matches!(extension, "json" | "toml" | "lock" | "yaml" | "yml") {
        return Ok(());
    }
    let text = str::from_utf8(&file.bytes).map_err(|error| error.to_string())?;
    match extension {
        "json" => serde_json::from_str::<IgnoredAny>(text).map(drop).map_err(|error| error.to_string()),
        "toml" | "lock" => text.parse::<toml::Table>().map(drop).map_err(|error| error.to_string()),
        _ => serde_saphyr::from_str::<IgnoredAny>(text).map(drop).map_err(|error| error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> Rendered {
        Rendered { path: path.to_owned(), bytes: text.as_bytes().to_vec() }
    }

    #[test]
    fn paths_that_leave_the_project_are_refused() {
        for path in ["../x", "/x", "a/../x", "a//x", "", "a\\x", "c:x", "x.", "a/.", "x "] {
            assert!(matches!(check(&[file(path, "")]), Err(CheckError::Escapes(_))), "{path:?}");
        }
        assert!(check(&[file(".github/x", ""), file("a..b/x", "")]).is_ok());
    }

    #[test]
    fn data_that_does_not_parse_is_refused() {
        for (path, right, wrong) in [("a.json", "{}", "{"), ("a.toml", "x = 1", "x ="), ("a.yml", "x: 1", "x: [")] {
            assert!(check(&[file(path, right)]).is_ok(), "{path}");
            assert!(matches!(check(&[file(path, wrong)]), Err(CheckError::Syntax { .. })), "{path}");
        }
    }

    #[test]
    fn files_that_differ_only_in_case_are_one() {
        assert!(matches!(check(&[file("a", ""), file("A", "")]), Err(CheckError::Twice(_))));
    }
}
