//! What every target that makes a project asks of it.

use mcpsec::{finding::Place, project::Project, rules::RULES};

/// Reads the files as one project and asks every rule. Nothing may panic, and every place lies in its text.
pub fn project<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Project {
    let project = Project::from_files(files.into_iter().map(|(path, text)| (path.to_owned(), text.to_owned())));
    let mut findings = Vec::new();
    for rule in RULES.iter().filter(|rule| (rule.applies)(&project).is_ok()) {
        (rule.check)(&project, &mut findings);
    }
    for finding in &findings {
        lies_in(&project, &finding.place);
        finding.related.iter().for_each(|related| lies_in(&project, &related.place));
    }
    project
}

fn lies_in(project: &Project, place: &Place) {
    if let Some(file) = project.file(&place.path) {
        assert!(file.text.get(place.start..place.end).is_some(), "{place:?}");
    }
}
