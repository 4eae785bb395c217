//! Takes a suppression away that suppresses nothing, or one of its names.

use crate::{
    edits,
    finding::{Edit, Fix, Place, Safety},
    project::Project,
};

/// The fix for the name at `position` of the suppression at `place`; `alone` where it has no other that is of use.
pub(super) fn fix(project: &Project, place: &Place, position: usize, alone: bool) -> Fix {
    let text = project.file(&place.path).map_or("", |file| file.text.as_str());
    let edit = if alone { comment(text, place) } else { name(text, place, position) };
    edits::fix("remove the suppression", Safety::Safe, edit.map(|edit| vec![edit]))
}

/// The whole comment, and its line where nothing else stands there.
fn comment(text: &str, place: &Place) -> Option<Edit> {
    let line = edits::line_start(text, place.start);
    let before = text.get(line..place.start)?;
    let code = before.trim_end_matches([' ', '\t']);
    let code = code.strip_suffix("//").or_else(|| code.strip_suffix('#'))?.trim_end_matches(['/', '#', '!', ' ', '\t']);
    let end = edits::line_end(text, place.end);
    let rest = text.get(place.end..end)?;
    if !rest.trim().is_empty() {
        return None;
    }
    let (start, end) = if code.is_empty() { (line, end) } else { (line + code.len(), place.end) };
    Some(Edit { place: Place::new(&place.path, start, end), replacement: String::new() })
}

/// One of several names between the brackets, with its comma.
fn name(text: &str, place: &Place, position: usize) -> Option<Edit> {
    let shown = text.get(place.start..place.end)?;
    let open = place.start + shown.find('[')? + 1;
    let list = text.get(open..place.start + shown.find(']')?)?;
    let mut names = Vec::new();
    let mut at = open;
    for part in list.split(',') {
        if !part.trim().is_empty() {
            names.push((at + part.len() - part.trim_start().len(), at + part.trim_end().len()));
        }
        at += part.len() + 1;
    }
    let (start, end) = *names.get(position)?;
    let (start, end) = match (names.get(position + 1), position.checked_sub(1)) {
        (Some(next), _) => (start, next.0),
        (None, Some(before)) => (names[before].1, end),
        (None, None) => return None,
    };
    Some(Edit { place: Place::new(&place.path, start, end), replacement: String::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, position: usize, alone: bool, expected: Option<&str>) {
        let start = text.find("mcpsec").expect("it is there");
        let end = start + text[start..].find("why").expect("it has a reason") + 3;
        let project = Project::from_files([("a.py".to_owned(), text.to_owned())]);
        let fix = fix(&project, &Place::new("a.py", start, end), position, alone);
        let result = fix.edits.first().map(|it| {
            let mut result = text.to_owned();
            result.replace_range(it.place.start..it.place.end, &it.replacement);
            result
        });
        assert_eq!(result.as_deref(), expected);
    }

    #[test]
    fn a_comment_goes_with_its_line_and_a_name_with_its_comma() {
        check("a\n  # mcpsec: ignore[x] -- why\r\nb\n", 0, true, Some("a\nb\n"));
        check("a()  # mcpsec: ignore[x] -- why\r\nb\n", 0, true, Some("a()\r\nb\n"));
        check("a(); // mcpsec: ignore[x] -- why", 0, true, Some("a();"));
        check("a() /* mcpsec: ignore[x] -- why */\n", 0, true, None);
        check("# mcpsec: ignore[x, y] -- why\n", 0, false, Some("# mcpsec: ignore[y] -- why\n"));
        check("# mcpsec: ignore[x, y ] -- why\n", 1, false, Some("# mcpsec: ignore[x ] -- why\n"));
    }
}
