//! Expressions of GitHub's workflows, `${{ … }}`: which of them put the words of a stranger into a text.

use std::sync::LazyLock;

use regex::Regex;

use super::syntax::Span;

/// An expression in a text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Expression<'a> {
    /// Between the braces.
    pub code: &'a str,
    /// Braces included.
    pub span: Span,
}

/// Fields that whoever opens an issue or sends a change fills as they like. Branch names may hold `$(..)` and `;`.
static STRANGER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)\bgithub\.(?:head_ref\b",
        r"|event\.(?:issue|pull_request|comment|review|review_comment|discussion|discussion_comment)\.(?:title|body)\b",
        r"|event\.pull_request\.head\.(?:ref|label|repo\.default_branch)\b",
        r"|event\.workflow_run\.(?:head_branch|display_title|head_commit\.(?:message|author\.(?:name|email)))\b",
        r"|event\.(?:head_commit|commits[^.\s]*(?:\.\*)?)\.(?:message|author\.(?:name|email))\b",
        r"|event\.pages[^.\s]*(?:\.\*)?\.page_name\b)",
    ))
    .expect("the pattern of fields is valid")
});

/// Questions whose answer is yes or no, and comparisons: what they ask about does not get into the text.
static QUESTIONS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)\b(?:contains|startsWith|endsWith|hashFiles)\s*\([^()]*\)",
        r"|[\w.*\[\]'-]+\s*[!=]=\s*(?:'[^']*'|[\w.*\[\]-]+)",
    ))
    .expect("the pattern of questions is valid")
});

/// Every expression in `text`.
pub fn all(text: &str) -> Vec<Expression<'_>> {
    let mut found = Vec::new();
    let mut offset = 0;
    while let Some(at) = text[offset..].find("${{") {
        let start = offset + at;
        let Some(length) = text[start..].find("}}") else { break };
        let end = start + length + 2;
        found.push(Expression { code: text[start + 3..end - 2].trim(), span: Span { start, end } });
        offset = end;
    }
    found
}

/// The field of a stranger whose text the expression's value holds.
pub fn stranger(code: &str) -> Option<String> {
    let bare = QUESTIONS.replace_all(code, " ");
    STRANGER.find(&bare).map(|field| field.as_str().to_owned())
}

/// Whether a condition or expression mentions the name of a field, whatever it does with it.
pub fn mentions(code: &str, field: &str) -> bool {
    code.to_ascii_lowercase().contains(&field.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_gets_into_the_text_counts() {
        for code in [
            "github.event.issue.title",
            "github.head_ref || github.ref_name",
            "format('{0}', github.event.comment.body)",
            "toJSON(github.event.commits.*.message)",
            "github.event.commits[0].message",
            "github.event.pull_request.head.ref",
            "contains(github.ref, 'x') && github.event.review.body",
        ] {
            assert!(stranger(code).is_some(), "{code}");
        }
        for code in [
            "contains(github.event.issue.title, 'x')",
            "github.event.issue.number",
            "github.head_ref == 'main'",
            "github.event.pull_request.head.sha",
            "startsWith(github.head_ref, 'release/') && 'yes' || 'no'",
            "github.event.pull_request.base.ref",
            "inputs.title",
        ] {
            assert_eq!(stranger(code), None, "{code}");
        }
    }

    #[test]
    fn expressions_are_found_with_their_place() {
        let text = "echo ${{ a }} and ${{b}} ${{";
        let found = all(text);
        assert_eq!(found.iter().map(|it| it.code).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(&text[found[1].span.start..found[1].span.end], "${{b}}");
    }
}
