//! A project of which there is nothing to tell but why: it stands among the others, and no report looks as if it were clean.

use super::{
    Report,
    content::{Coverage, Incomplete, Known},
};
use crate::{doctor::Verdict, redact};

impl Report {
    /// A project that was not checked, `name` being as for [`Report::new`]. `verdict` says on whom that lies:
    /// [`Verdict::Unusable`] or [`Verdict::Stopped`].
    pub fn unread(name: &str, verdict: Verdict, reason: &str) -> Self {
        Self {
            name: redact::words(name),
            below: String::new(),
            verdict,
            findings: Vec::new(),
            known: Known { compared: false, baseline: 0, before: 0 },
            hidden: 0,
            servers: Vec::new(),
            transports: Vec::new(),
            flows: Vec::new(),
            rules: Vec::new(),
            not_applicable: Vec::new(),
            incomplete: vec![Incomplete {
                file: None,
                message: mcpsec_screen::secrets::redact(&told(reason)).into_owned(),
            }],
            skipped: Vec::new(),
            coverage: Coverage { files: 0, parsed: 0, apart: 0, listing: Vec::new() },
        }
    }

    /// Whether nothing was checked.
    pub(super) fn is_unread(&self) -> bool {
        matches!(self.verdict, Verdict::Unusable | Verdict::Stopped)
    }
}

/// In one line, and without lines of a file that somebody quotes: a wrong line may hold anything.
fn told(reason: &str) -> String {
    let quoted =
        |line: &&str| line.trim_start_matches([' ', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']).starts_with('|');
    let lines: Vec<&str> = reason.lines().filter(|line| !quoted(line)).map(str::trim).collect();
    lines.join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_line_of_a_file_is_not_told() {
        let reason = "`mcpsec.toml` cannot be used: TOML parse error at line 12, column 9\n   |\n12 | token = \"hunter2\n   |  ^\n\
            invalid basic string";
        assert_eq!(
            told(reason),
            "`mcpsec.toml` cannot be used: TOML parse error at line 12, column 9: invalid basic string"
        );
    }
}
