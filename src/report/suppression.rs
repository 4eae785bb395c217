//! What somebody pastes who accepts a finding.

use crate::finding::Place;

/// The line to paste above the line of a finding that is right and accepted. Where no comment stands above that line, since
/// the finding is about the whole file, or in a text that the file quotes, it is one for the file, to paste anywhere.
pub fn line(place: &Place, text: Option<&str>, rule: &str) -> String {
    let path = place.path.as_str();
    let word = if stands_above(place, text.unwrap_or_default()) { "ignore" } else { "ignore-file" };
    let directive = format!("mcpsec: {word}[{rule}] -- REASON");
    let name = path.rsplit('/').next().unwrap_or(path);
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        // A person's own files belong to no project with settings.
        "json" if path.starts_with("~/") => format!("--ignore {rule}"),
        "ts" | "tsx" | "mts" | "cts" | "js" | "jsx" | "mjs" | "cjs" | "rs" | "go" | "java" | "cs" | "jsonc"
        | "json5" => {
            format!("// {directive}")
        }
        // There are no comments in these, or none that holds two dashes.
        "json" | "xml" | "lock" | "mod" | "sum" | "csproj" | "props" | "gradle" | "kts" => {
            format!("[doctor] ignore = [\"{rule}\"] in mcpsec.toml")
        }
        "md" | "markdown" | "html" => format!("<!-- {directive} -->"),
        _ => format!("# {directive}"),
    }
}

/// Whether a comment above the place's line is a comment.
fn stands_above(place: &Place, text: &str) -> bool {
    let Some(before) = text.get(..place.start).filter(|_| place.end > 0) else { return false };
    let odd = |mark: &str| before.matches(mark).count() % 2 == 1;
    match place.path.rsplit('.').next() {
        Some("md" | "markdown") => {
            let fences = before.lines().filter(|line| line.trim_start().starts_with("```"));
            fences.count() % 2 == 0
        }
        Some("py" | "pyi") => !odd("\"\"\"") && !odd("'''"),
        _ => true,
    }
}
