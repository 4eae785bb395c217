//! Whole projects with one file torn, glued or spoilt at a random place: the rest is read, and rules come to an end.
//!
//! Random means the same in every run; a failure names the file and the place.

use std::fs;

use mcpsec::{
    project::Project,
    rules::{RULES, examples},
};

use crate::{
    benign,
    generated::{entries, root},
    hostile::survive_all,
};

/// Change it, and other places are torn.
const SEED: u64 = 0x5eed_cafe;

/// Numbers that look random and never change.
struct Dice(u64);

impl Dice {
    /// A number below `end`.
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % (end.max(1) as u64)).unwrap_or_default()
    }

    /// A place between two characters.
    fn place(&mut self, text: &str) -> usize {
        let below = self.below(text.len() + 1);
        (0..=below).rev().find(|&at| text.is_char_boundary(at)).unwrap_or_default()
    }
}

#[test]
fn correct_servers_survive_a_torn_file() {
    let mut dice = Dice(SEED);
    for server in benign::servers() {
        let files: Vec<(String, String)> = server.files.into_iter().map(|file| (file.path, file.text)).collect();
        for torn in 0..files.len() {
            let mut files = files.clone();
            let (path, text) = &mut files[torn];
            let place = dice.place(text);
            let what = format!("\"{}\", {path} torn at {place}", server.title);
            text.truncate(place);
            survive_all(files, &what);
        }
    }
}

#[test]
fn examples_of_rules_survive_a_torn_file() {
    let mut dice = Dice(SEED);
    for path in entries(&root("fixtures/rules")) {
        let text = fs::read_to_string(&path).expect("a listed file is there");
        for case in examples::parse(&text).expect("a fixture parses") {
            let torn = dice.below(case.files.len());
            let mut files: Vec<(String, String)> = case.files.into_iter().map(|file| (file.path, file.text)).collect();
            let (name, text) = &mut files[torn];
            let place = dice.place(text);
            let what = format!("{}, \"{}\", {name} torn at {place}", path.display(), case.title);
            text.truncate(place);
            survive_all(files, &what);
        }
    }
}

/// What a careless merge or a broken editor leaves: the beginning of one file, then the middle of another.
#[test]
fn correct_servers_survive_files_glued_together() {
    let mut dice = Dice(SEED);
    for server in benign::servers() {
        let mut files: Vec<(String, String)> = server.files.into_iter().map(|file| (file.path, file.text)).collect();
        let (one, other) = (dice.below(files.len()), dice.below(files.len()));
        let tail = files[other].1[dice.place(&files[other].1)..].to_owned();
        let place = dice.place(&files[one].1);
        let what = format!("\"{}\", {} glued at {place} to {}", server.title, files[one].0, files[other].0);
        files[one].1.truncate(place);
        files[one].1.push_str(&tail);
        survive_all(files, &what);
    }
}

/// Every file of a real folder is torn, all at once. The folder is that of the small servers in `tests/live`;
/// `MCPSEC_TORN` names another, such as a checkout of a large server, and `MCPSEC_TORN_ROUNDS` how often it is torn.
#[test]
fn a_folder_survives_all_of_its_files_being_torn() {
    let folder = std::env::var_os("MCPSEC_TORN").map_or_else(|| root("tests/live"), Into::into);
    let rounds = std::env::var("MCPSEC_TORN_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(3);
    let project = Project::read(&folder, &Default::default()).expect("the folder can be read");
    assert!(project.files.len() > 5, "{} holds files", folder.display());
    let mut dice = Dice(SEED);
    for round in 0..rounds {
        let files = project.files.iter().map(|file| {
            let end = dice.place(&file.text);
            (file.path.clone(), file.text[..end].to_owned())
        });
        survive_all(files.collect(), &format!("{}, round {round}", folder.display()));
    }
}

#[test]
fn bytes_that_are_no_text_leave_the_rest_of_a_project_read() {
    let mut dice = Dice(SEED);
    for server in benign::servers() {
        let folder = tempfile::tempdir().expect("a folder");
        let spoilt = dice.below(server.files.len());
        for (index, file) in server.files.iter().enumerate() {
            let mut bytes = file.text.clone().into_bytes();
            if index == spoilt {
                for _ in 0..=bytes.len() / 200 {
                    let (place, byte) = (dice.below(bytes.len()), [0xff, 0xc3, 0xe2, 0x80, 0x00][dice.below(5)]);
                    bytes.insert(place, byte);
                }
            }
            let path = folder.path().join(&file.path);
            fs::create_dir_all(path.parent().expect("it lies in the folder")).expect("made");
            fs::write(path, bytes).expect("written");
        }
        let project = Project::read(folder.path(), &Default::default()).expect("the folder is there");
        let read = project.files.len() + project.skipped.iter().filter(|it| project.file(&it.path).is_none()).count();
        assert_eq!(read, server.files.len(), "\"{}\": {:?}", server.title, project.skipped);
        let mut findings = Vec::new();
        for rule in RULES.iter().filter(|rule| (rule.applies)(&project).is_ok()) {
            (rule.check)(&project, &mut findings);
        }
    }
}
