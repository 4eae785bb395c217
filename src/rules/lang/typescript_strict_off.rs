//! The compiler does not look.

use crate::{
    edits,
    finding::{Confidence, Edit, Finding, Place, Safety, Severity},
    project::{
        File, Language, Project, Role, data,
        tsconfig::{self, Strict},
    },
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "typescript-strict-off",
    group: "lang",
    title: "the TypeScript compiler is not strict",
    severity: Severity::Low,
    confidence: Confidence::High,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-704", "CWE-476"],
    docs: "
Without `strict` the compiler takes `null` for everything, and parameters without a type for `any`. In a server's handlers that is
the place where input of a stranger meets code that expects something else: a check on a field that may be missing is skipped, or
an object arrives where a text was meant.

Write `\"strict\": true` under `compilerOptions`. In an old code base switch on `strictNullChecks` and `noImplicitAny` first; with
both the rule is content.

What a configuration extends is followed within the project; a preset in a package, or one above the project, cannot be seen, and
nothing is reported (those of `@tsconfig/` are strict). TypeScript 6 and later are strict unless told otherwise. Only a
`tsconfig.json` with TypeScript sources of the product below it is judged.
",
    applies,
    check,
};

fn configurations(project: &Project) -> impl Iterator<Item = &File> {
    project.files.iter().filter(|file| {
        let own = file.path.rsplit('/').next() == Some("tsconfig.json") && file.role == Role::Product;
        let folder = file.path.strip_suffix("tsconfig.json").unwrap_or_default();
        own && project.files.iter().any(|source| {
            let typed = [".ts", ".tsx", ".mts", ".cts"].iter().any(|ending| source.path.ends_with(ending));
            typed
                && source.language == Some(Language::TypeScript)
                && source.role == Role::Product
                && source.path.starts_with(folder)
        })
    })
}

fn applies(project: &Project) -> Result<(), &'static str> {
    if configurations(project).next().is_some() { Ok(()) } else { Err("no TypeScript project was found") }
}

const ADVICE: &str = "write `\"strict\": true` under `compilerOptions`";

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let version = project.dependency_version("typescript");
    let major: Option<u32> = version.and_then(|version| version.split('.').next()?.parse().ok());
    for file in configurations(project) {
        let (place, message) = match tsconfig::strict(project, file) {
            Strict::Off(place) => (place, "`strict` is switched off"),
            Strict::Unstated if major.is_none_or(|major| major < 6) => {
                (Place::top(&file.path), "`strict` is not switched on")
            }
            _ => continue,
        };
        // Several configurations may extend the same one.
        if findings.iter().any(|other| other.place == place) {
            continue;
        }
        let edit = strict(file, &place);
        let mut finding = context::finding(
            project,
            &RULE,
            place,
            message.to_owned(),
            "input of a shape that the code does not expect passes a check, or ends the server",
            ADVICE,
        );
        finding.fix = Some(edits::fix(ADVICE, Safety::Unsafe, edit.map(|edit| vec![edit])));
        findings.push(finding);
    }
}

/// `false` becomes `true`; where nothing is said, it is said before the first option.
fn strict(file: &File, place: &Place) -> Option<Edit> {
    let replace =
        |start: usize, end: usize, text: String| Edit { place: Place::new(&place.path, start, end), replacement: text };
    if file.path != place.path {
        return None;
    }
    if place.start < place.end {
        return Some(replace(place.start, place.end, "true".to_owned()));
    }
    let root = data::json(&file.text).ok()?;
    let first = root.get("compilerOptions")?.entries().first()?.key_span.start;
    let line = edits::line_start(&file.text, first);
    let before = file.text.get(line..first)?;
    let space = if before.trim().is_empty() { format!("\n{before}") } else { " ".to_owned() };
    Some(replace(first, first, format!("\"strict\": true,{space}")))
}
