//! Changes as a unified diff, as `git apply` and `patch -p1` take it.

use std::fmt::Write as _;

use similar::TextDiff;

use super::Change;

/// The diff of all changes, in their order.
pub fn unified(changes: &[Change]) -> String {
    let mut text = String::new();
    for change in changes {
        let (old, new) = (name("a", &change.path), name("b", &change.path));
        let before = change.before.as_deref().unwrap_or_default();
        let diff = TextDiff::from_lines(before, &change.after);
        let mut diff = diff.unified_diff();
        match change.before {
            Some(_) => {
                let _ = write!(text, "{}", diff.header(&old, &new));
            }
            // Writing to a text cannot fail.
            None => {
                let plain = |side: &str| name(side, &change.path).trim_end_matches('\t').to_owned();
                let _ = write!(text, "diff --git {} {}\nnew file mode 100644\n", plain("a"), plain("b"));
                let _ = write!(text, "{}", diff.header("/dev/null", &new));
            }
        }
    }
    text
}

/// A name as git writes it: quoted where it has to be, and with a tab behind it where it holds a space.
fn name(side: &str, path: &str) -> String {
    let path = format!("{side}/{path}");
    if !path.contains(|letter: char| letter.is_control() || matches!(letter, '"' | '\\')) {
        return if path.contains(' ') { path + "\t" } else { path };
    }
    let mut quoted = String::from("\"");
    for byte in path.bytes() {
        match byte {
            b'"' | b'\\' => quoted.extend(['\\', char::from(byte)]),
            b' '..=b'~' => quoted.push(char::from(byte)),
            _ => {
                let _ = write!(quoted, "\\{byte:03o}");
            }
        }
    }
    quoted + "\""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diff_says_what_git_needs_to_know() {
        let change = |path: &str, before: Option<&str>, after: &str| Change {
            path: path.to_owned(),
            before: before.map(str::to_owned),
            after: after.to_owned(),
        };
        let changes = [change("a b", Some("1\n2"), "1\n3"), change("c", None, "4\n"), change("d\"\n", Some(""), "5\n")];
        assert_eq!(
            unified(&changes),
            "--- a/a b\t\n+++ b/a b\t\n@@ -1,2 +1,2 @@\n 1\n-2\n\\ No newline at end of file\n+3\n\\ No newline at end of file\n\
             diff --git a/c b/c\nnew file mode 100644\n--- /dev/null\n+++ b/c\n@@ -0,0 +1 @@\n+4\n\
             --- \"a/d\\\"\\012\"\n+++ \"b/d\\\"\\012\"\n@@ -0,0 +1 @@\n+5\n"
        );
    }
}
