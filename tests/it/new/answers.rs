//! Answers and names: from flags, files and people, and what is said of wrong ones.

use std::{
    fs,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use mcpsec::scaffold::{
    base,
    template::{self, Answer},
};
use predicates::{boolean::PredicateBooleanExt, str::contains};

use super::{Place, binary, names};
use crate::{command::mcpsec, generated::files};

#[test]
fn the_printed_command_makes_the_same_project_again() {
    let (first, second) = (Place::new(), Place::new());
    let flags = ["it-s", "--defaults", "--description", "it's \"quoted\" $HOME; `x` \\n -- <b>", "--path", "a b"];
    let output = first.new_project(&flags).code(0).get_output().stdout.clone();
    let output = String::from_utf8(output).expect("it is text");
    let repeat = output.lines().last().expect("the last line").trim().to_owned();
    assert!(repeat.starts_with("mcpsec new it-s ") && repeat.ends_with(" --no-input"), "{repeat}");
    let folder = binary().parent().expect("it is in a folder").display().to_string();
    let status = Command::new("sh")
        .args(["-c", &repeat])
        .current_dir(second.path())
        .env("PATH", format!("{folder}:/usr/bin:/bin"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()
        .expect("sh runs");
    assert!(status.success(), "{repeat}");
    let project = files(&first.path().join("a b"));
    assert!(project.len() > 30);
    assert_eq!(project, files(&second.path().join("a b")));
}

#[test]
fn every_flag_is_heard() {
    let place = Place::new();
    let flags = ["--transport", "http", "--providers", "prompts,tools", "--description", "Adds & counts"];
    let more = ["--license", "MIT", "--ci", "none", "--no-input", "--template", "rust", "--runtime", "vendor"];
    place.new_project(&[&["srv"], &flags[..], &more[..]].concat()).code(0);
    let manifest: toml::Table = place.text("srv/Cargo.toml").parse().expect("it is TOML");
    assert_eq!(manifest["package"]["name"].as_str(), Some("srv"));
    assert_eq!(manifest["package"]["description"].as_str(), Some("Adds & counts"));
    assert_eq!(manifest["package"]["license"].as_str(), Some("MIT"));
    let policy: toml::Table = place.text("srv/mcpsec.toml").parse().expect("it is TOML");
    assert_eq!(policy["server"]["transports"][0].as_str(), Some("http"));
    assert!(!policy["capabilities"].as_table().expect("a table").contains_key("resources"));
    let present = names(&place.path().join("srv"));
    for (name, expected) in [
        ("LICENSE-MIT", true),
        ("LICENSE-APACHE", false),
        (".github", false),
        ("data", false),
        ("vendor", true),
        (".gitignore", true),
        ("Cargo.lock", true),
        ("keys.toml", false),
    ] {
        assert_eq!(present.iter().any(|it| it == name), expected, "{name} in {present:?}");
    }
    assert_eq!(names(&place.path().join("srv/tests")), ["http.rs"]);
    assert_eq!(names(&place.path().join("srv/src")), ["main.rs", "prompts.rs", "server.rs", "tools.rs"]);
    assert!(place.text("srv/.gitignore").lines().any(|it| it == ".env"));
    assert!(place.text("srv/.gitignore").lines().any(|it| it == "keys.toml"));
}

#[test]
fn every_question_has_a_flag_of_its_name() {
    let help = mcpsec().args(["new", "--help"]).assert().code(0).get_output().stdout.clone();
    let help = String::from_utf8(help).expect("it is text");
    for id in template::ids() {
        for variable in template::load(id).expect("it is embedded").manifest.variables {
            let flag = if variable.name == "name" { "[NAME]".to_owned() } else { format!("--{} ", variable.name) };
            assert!(help.contains(&flag), "{flag} in {help}");
        }
    }
}

#[test]
fn a_name_that_cannot_be_used_is_refused_with_one_that_can() {
    for (name, suggestion) in [
        ("My Server", "my-server"),
        ("../evil", "evil"),
        ("/etc/evil", "etc-evil"),
        ("a/b", "a-b"),
        ("a;b", "a-b"),
        ("1abc", "mcp-1abc"),
        ("test", "test-server"),
        ("fn", "fn-server"),
        ("tokio", "tokio-server"),
        ("mcpsec-runtime", "mcpsec-runtime-server"),
        ("con", "con-server"),
        ("", "my-server"),
        ("..", "my-server"),
    ] {
        let place = Place::new();
        place.new_project(&[name, "--defaults"]).code(2).stderr(contains(format!("mcpsec new {suggestion}\n")));
        assert_eq!(place.names(), [""; 0], "{name}");
        place.new_project(&[suggestion, "--defaults", "--dry-run"]).code(0);
    }
}

#[test]
fn without_a_terminal_nobody_is_asked_and_the_flags_are_named() {
    let place = Place::new();
    place
        .new_project(&["p"])
        .code(2)
        .stderr(contains("`--transport`").and(contains("stdin is not a terminal")))
        .stderr(contains("choices for --transport: stdio, http").and(contains("mcpsec new p --defaults")));
    place.new_project(&["--defaults"]).code(2).stderr(contains("`NAME` is needed"));
    let all_but_one = ["p", "--transport", "stdio", "--providers", "tools", "--description", "x", "--license", "MIT"];
    place
        .new_project(&[&all_but_one[..], &["--no-input"]].concat())
        .code(2)
        .stderr(contains("`--ci` is needed and `--no-input` forbids to ask"));
    assert_eq!(place.names(), [""; 0]);
}

#[test]
fn an_unknown_choice_is_answered_with_the_choices() {
    let place = Place::new();
    for (flag, wrong, choices) in [
        ("--transport", "htpp", "choices: stdio, http"),
        ("--providers", "tools,pigeons", "choices: tools, resources, prompts"),
        ("--license", "GPL", "choices: MIT OR Apache-2.0, MIT, Apache-2.0, none"),
        ("--ci", "jenkins", "choices: github, none"),
        ("--template", "pigeon", "there are: rust"),
        ("--runtime", "pigeon", "vendor, registry, path:DIR, git:URL@REV"),
        ("--runtime", "path:no/such/folder", "has no `mcpsec-runtime` in it"),
        ("--runtime", "git:https://example.org/x@main", "is not a full commit hash"),
    ] {
        place.new_project(&["p", "--defaults", flag, wrong]).code(2).stderr(contains(choices));
    }
    place.new_project(&["p", "--defaults", "--transport", "htpp"]).code(2).stderr(contains("did you mean `http`?"));
    assert_eq!(place.names(), [""; 0]);
}

#[test]
fn a_hostile_description_stays_text_in_every_file() {
    let place = Place::new();
    let hostile = "\"} ${{ secrets.X }} {{name}} \\n # <b>x</b> '; rm -rf / #\"\"\" $(id)";
    place.new_project(&["p", "--defaults", "--description", hostile]).code(0);
    let manifest: toml::Table = place.text("p/Cargo.toml").parse().expect("it is TOML");
    assert_eq!(manifest["package"]["description"].as_str(), Some(hostile));
    assert_eq!(manifest["package"].as_table().expect("a table").len(), 7, "nothing was added");
    assert!(!place.text("p/README.md").contains("<b>"));
    for (path, bytes) in files(&place.path().join("p/.github")) {
        assert!(!String::from_utf8_lossy(&bytes).contains("secrets.X"), "{}", path.display());
    }
    for wrong in ["two\nlines", "hidden\u{202e}", "\u{1b}[31m", "  ", &"x".repeat(201)] {
        place.new_project(&["q", "--defaults", "--description", wrong]).code(2).stderr(contains("--description"));
    }
    assert_eq!(place.names(), ["p"]);
}

#[test]
fn answers_come_from_a_file_and_flags_win_over_it() {
    let place = Place::new();
    let answers = "name = \"p\"\ntransport = \"http\"\nproviders = [\"tools\"]\ndescription = \"x\"\nci = \"none\"\n";
    fs::write(place.path().join("answers.toml"), answers).expect("written");
    let flags = ["--answers", "answers.toml", "--license", "MIT", "--transport", "stdio", "--no-input"];
    place.new_project(&flags).code(0);
    let origin: base::Origin = toml::from_str(&place.text("p/.mcpsec/project.toml")).expect("it is an origin");
    assert_eq!(origin.answers["transport"], Answer::One("stdio".to_owned()));
    assert_eq!(origin.answers["ci"], Answer::One("none".to_owned()));

    fs::write(place.path().join("typo.toml"), "transprot = \"http\"\n").expect("written");
    place
        .new_project(&["q", "--defaults", "--answers", "typo.toml"])
        .code(2)
        .stderr(contains("`transprot`").and(contains("did you mean `transport`?")));
    fs::write(place.path().join("broken.toml"), "x = [").expect("written");
    place.new_project(&["q", "--defaults", "--answers", "broken.toml"]).code(2).stderr(contains("broken.toml"));
    place.new_project(&["q", "--defaults", "--answers", "absent.toml"]).code(2).stderr(contains("absent.toml"));
    assert_eq!(place.names(), ["answers.toml", "broken.toml", "p", "typo.toml"]);
}

#[test]
fn the_recorded_answers_make_the_same_project_again() {
    let place = Place::new();
    place.new_project(&["p", "--defaults", "--transport", "http"]).code(0);
    let origin: toml::Table = place.text("p/.mcpsec/project.toml").parse().expect("it is TOML");
    fs::write(place.path().join("a.toml"), toml::to_string(&origin["answers"]).expect("TOML")).expect("written");
    place.new_project(&["--answers", "a.toml", "--no-input", "--path", "again"]).code(0);
    assert_eq!(files(&place.path().join("p")), files(&place.path().join("again")));
}

/// A terminal of its own, in which `keys` are typed one after the other.
#[cfg(target_os = "linux")]
fn in_a_terminal(place: &Place, keys: &[&str]) -> (Option<i32>, String) {
    use std::io::Write as _;

    let command = format!("{} new", binary().display());
    let mut child = Command::new("script")
        .args(["-qefc", &command, "/dev/null"])
        .current_dir(place.path())
        .env("TERM", "xterm")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("script is part of every Linux");
    let mut typist = child.stdin.take().expect("it is piped");
    for key in keys {
        thread::sleep(Duration::from_millis(400));
        typist.write_all(key.as_bytes()).expect("it listens");
        typist.flush().expect("it listens");
    }
    let output = child.wait_with_output().expect("it ends");
    drop(typist);
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(target_os = "linux")]
#[test]
fn a_person_is_asked_six_questions() {
    let place = Place::new();
    // A wrong name first; the second transport; all providers; the default of the rest.
    let keys = ["My Server\r", "\u{15}", "my-server\r", "\u{1b}[B\r", "\r", "\r", "\r", "\r"];
    let (code, shown) = in_a_terminal(&place, &keys);
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains("try `my-server`"), "{shown}");
    assert!(shown.contains("--transport=http --providers=tools,resources,prompts"), "{shown}");
    assert_eq!(place.names(), ["my-server"]);
}

#[cfg(target_os = "linux")]
#[test]
fn control_c_at_a_question_leaves_nothing_and_shows_the_cursor() {
    let place = Place::new();
    let (code, shown) = in_a_terminal(&place, &["my-server\r", "\u{3}"]);
    assert_eq!(code, Some(130), "{shown}");
    assert!(shown.rfind("\u{1b}[?25h") > shown.rfind("\u{1b}[?25l"), "{shown:?}");
    assert_eq!(place.names(), [""; 0]);
}
