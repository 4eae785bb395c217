//! Whether a new text may take the place of an old one: it has to parse as well as that did.

use crate::project::{Language, data, yaml};

/// Why a new text cannot take the place of an old one; nothing where it can.
pub fn refusal(path: &str, before: Option<&str>, after: &str) -> Option<String> {
    let before = before.unwrap_or_default();
    // A terminal obeys what a diff would show.
    if before.contains(|letter: char| letter.is_control() && !matches!(letter, '\n' | '\r' | '\t' | '\u{c}')) {
        return Some(format!("`{path}` holds control characters"));
    }
    match Language::of(path) {
        Some(language) => worse(language, before, after).then(|| format!("`{path}` would no longer parse")),
        None => data(path, before, after),
    }
}

/// Whether the parser stumbles where it did not.
fn worse(language: Language, before: &str, after: &str) -> bool {
    let lost = |text: &str| {
        let module = language.lower(text);
        let bytes: usize = module.errors.iter().map(|error| (error.end - error.start).max(1)).sum();
        (module.too_deep, module.errors.len(), bytes)
    };
    let after = lost(after);
    // Nearly always there is nothing to compare with.
    after != (false, 0, 0) && {
        let before = lost(before);
        after.0 && !before.0 || after.1 > before.1 || after.2 > before.2
    }
}

/// What is no program: a file that did not parse before is left to a person.
fn data(path: &str, before: &str, after: &str) -> Option<String> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let parses: fn(&str) -> bool = match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "json" | "jsonc" | "json5" => |text| data::json(text).is_ok(),
        "toml" | "lock" => |text| data::toml(text).is_ok(),
        "yaml" | "yml" => |text| yaml::documents(text).is_ok(),
        _ => return None,
    };
    let strict = |text: &str| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
    if !before.is_empty() && !parses(before) {
        return Some(format!("`{path}` does not parse as it is"));
    }
    let stricter = name.ends_with(".json") && strict(before) && !strict(after);
    (!parses(after) || stricter).then(|| format!("`{path}` would no longer parse"))
}

#[cfg(test)]
mod tests {
    use super::refusal;

    #[test]
    fn a_text_may_only_be_replaced_by_one_that_parses_as_well() {
        assert_eq!(refusal("a.py", Some("a()\n"), "b()\n"), None);
        assert!(refusal("a.py", Some("a()\n"), "b(\n").is_some());
        assert_eq!(refusal("a.py", Some("a(\n"), "b(\n"), None, "it is no worse than it was");
        assert!(refusal("a.json", Some("{}"), "{/* a comment */}").is_some(), "strict stays strict");
        assert_eq!(refusal("a.json", Some("{} // a"), "{\"b\": 1} // a"), None);
        assert!(refusal("a.yml", Some("a: ["), "a: [b").is_some(), "what does not parse is left");
        assert_eq!(refusal(".gitignore", None, ".env\n"), None);
        assert!(refusal("a.sh", Some("\u{1b}[2J"), "a").is_some());
    }
}
