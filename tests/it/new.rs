//! `mcpsec new`: from answers to a project, and everything that must not happen on the way.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use mcpsec::{
    embedded,
    scaffold::{
        answers::{Answers, Draft},
        base, check, render,
        source::RuntimeSource,
        template::{self, Answer, Kind},
    },
};
use predicates::{boolean::PredicateBooleanExt, str::contains};

use crate::{
    command::mcpsec,
    generated::{PROVIDERS, files},
};

/// An empty folder to work in.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn new_project(&self, arguments: &[&str]) -> assert_cmd::assert::Assert {
        mcpsec().current_dir(self.path()).arg("new").args(arguments).assert()
    }

    fn names(&self) -> Vec<String> {
        names(self.path())
    }

    fn text(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("it is a folder");
    let mut names: Vec<_> =
        entries.map(|it| it.expect("readable").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn binary() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_mcpsec"))
}

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
fn a_folder_with_something_in_it_is_refused_with_the_list() {
    let place = Place::new();
    fs::create_dir_all(place.path().join("p/src")).expect("made");
    fs::write(place.path().join("p/src/main.rs"), "mine").expect("written");
    fs::write(place.path().join("p/notes.txt"), "mine").expect("written");
    for extra in [&[][..], &["--dry-run"]] {
        place
            .new_project(&[&["p", "--defaults"], extra].concat())
            .code(2)
            .stderr(contains("is not empty"))
            .stderr(contains("would be overwritten: src/main.rs"))
            .stderr(contains("is in the way: notes.txt"));
    }
    assert_eq!(files(&place.path().join("p")).len(), 2);
    assert_eq!(place.text("p/src/main.rs"), "mine");
}

#[test]
fn a_dry_run_shows_everything_and_writes_nothing() {
    let place = Place::new();
    place
        .new_project(&["p", "--defaults", "--dry-run"])
        .code(0)
        .stdout(contains("Cargo.toml").and(contains("mcpsec-runtime/")).and(contains("Repeat with:")));
    place
        .new_project(&["p", "--defaults", "--dry-run", "--diff"])
        .code(0)
        .stdout(contains("+++ b/src/server.rs\n@@ -0,0 +1,").and(contains("\n+name = \"p\"\n")));
    place.new_project(&["p", "--defaults", "--diff"]).code(2);
    assert_eq!(place.names(), [""; 0]);
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

#[test]
fn a_project_goes_where_path_says_and_nowhere_else() {
    let place = Place::new();
    let elsewhere = Place::new();
    let target = elsewhere.path().join("sub dir");
    let target = target.to_str().expect("it is UTF-8");
    place.new_project(&["p", "--defaults", "--path", target]).code(0).stdout(contains(format!("cd '{target}'")));
    assert_eq!((place.names(), elsewhere.names()), (vec![], vec!["sub dir".to_owned()]));
    for (path, reason) in [
        ("no/such/parent", "is not a folder"),
        (".", "cannot replace the current folder"),
        ("..", "does not name a folder"),
        ("/", "does not name a folder"),
    ] {
        place.new_project(&["p", "--defaults", "--path", path]).code(2).stderr(contains(reason));
    }
    fs::write(place.path().join("file"), "").expect("written");
    place.new_project(&["p", "--defaults", "--path", "file"]).code(2).stderr(contains("is not a folder"));
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(elsewhere.path(), place.path().join("link")).expect("made");
        place.new_project(&["p", "--defaults", "--path", "link"]).code(2).stderr(contains("is not a folder"));
    }
    assert_eq!(elsewhere.names(), ["sub dir"]);
}

#[test]
fn the_source_of_the_runtime_is_the_one_that_was_asked_for() {
    let place = Place::new();
    let hash = "0123456789abcdef0123456789abcdef01234567";
    let checkout = format!("path:{}", env!("CARGO_MANIFEST_DIR"));
    for (name, source, expected, vendored, locked) in [
        ("a", "vendor", "path = \"vendor/mcpsec-runtime\"".to_owned(), true, true),
        ("b", "registry", format!("version = \"{}\"", env!("CARGO_PKG_VERSION")), false, false),
        ("c", &checkout, format!("path = \"{}/runtime\"", env!("CARGO_MANIFEST_DIR")), false, true),
        ("d", &format!("git:https://example.org/x@{hash}"), format!("rev = \"{hash}\""), false, false),
    ] {
        place.new_project(&[name, "--defaults", "--runtime", source]).code(0);
        let manifest = place.text(&format!("{name}/Cargo.toml"));
        let line = manifest.lines().find(|it| it.starts_with("mcpsec-runtime")).expect("it is a dependency");
        assert!(line.contains(&expected), "{line}");
        assert_eq!(place.path().join(name).join("vendor").exists(), vendored, "{source}");
        assert_eq!(place.path().join(name).join("Cargo.lock").exists(), locked, "{source}");
        assert_eq!(place.text(&format!("{name}/README.md")).contains("--locked"), locked, "{source}");
    }
    assert!(!place.text("c/.mcpsec/project.toml").contains(env!("CARGO_MANIFEST_DIR")), "a path of this machine");
}

#[test]
fn the_base_is_what_was_written_and_the_copy_of_the_runtime_is_recognised() {
    let place = Place::new();
    place.new_project(&["p", "--defaults"]).code(0);
    let written = files(&place.path().join("p"));
    let base = base::unpack(&written[Path::new(base::BASE)]).expect("it unpacks");
    let expected = written.iter().filter(|(path, _)| !path.starts_with("vendor") && !path.starts_with(".mcpsec"));
    for (path, bytes) in expected.clone() {
        assert_eq!(base[path.to_str().expect("UTF-8")].as_bytes(), bytes, "{}", path.display());
    }
    assert_eq!(base.len(), expected.count());
    let vendor = written.iter().filter_map(|(path, bytes)| {
        Some((path.strip_prefix("vendor").ok()?.to_str().expect("UTF-8"), bytes.as_slice()))
    });
    let mut vendor: Vec<_> = vendor.collect();
    vendor.sort_unstable();
    assert_eq!(embedded::digest(vendor), embedded::RUNTIME_DIGEST);
    assert!(place.text("p/.mcpsec/project.toml").contains(embedded::RUNTIME_DIGEST));
}

#[test]
fn a_new_project_is_clean_under_the_doctor() {
    for transport in ["stdio", "http"] {
        let place = Place::new();
        place.new_project(&["my-server", "--defaults", "--transport", transport]).code(0);
        let project = place.path().join("my-server");
        for arguments in [&["init", "--quiet"][..], &["add", "--all"]] {
            let git = Command::new("git").args(arguments).current_dir(&project).status().expect("git is there");
            assert!(git.success());
        }
        let output = mcpsec().current_dir(&project).args(["doctor", "--format", "json"]).output().expect("it runs");
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
        assert_eq!(output.status.code(), Some(0), "{transport}");
        assert_eq!(report["servers"].as_array().map(Vec::len), Some(1), "{transport}: its own server is seen");
        assert_eq!(report["findings"], serde_json::json!([]), "{transport}");
        assert_eq!(report["incomplete"], serde_json::json!([]), "{transport}");
    }
}

#[cfg(unix)]
#[test]
fn whoever_is_killed_midway_leaves_nothing_or_everything() {
    let complete = {
        let place = Place::new();
        place.new_project(&["p", "--defaults"]).code(0);
        files(&place.path().join("p"))
    };
    for (round, signal) in (0_u64..16).flat_map(|round| [(round, "-INT"), (round, "-TERM"), (round, "-KILL")]) {
        let place = Place::new();
        let mut child = Command::new(binary())
            .args(["new", "p", "--defaults"])
            .current_dir(place.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        thread::sleep(Duration::from_micros(round * 700));
        let _ = Command::new("kill").args([signal, &child.id().to_string()]).stderr(Stdio::null()).status();
        let status = child.wait().expect("it ends");
        let left = place.names();
        if place.path().join("p").exists() {
            assert_eq!(files(&place.path().join("p")), complete, "{signal} after {round}: {status}");
        }
        if signal != "-KILL" {
            assert!(left.is_empty() || left == ["p"], "{signal} after {round}: {status}: {left:?}");
        } else if left != ["p"] {
            // Who is killed cannot clean up. The next run does.
            place.new_project(&["p", "--defaults"]).code(0);
            assert_eq!(place.names(), ["p"]);
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn nothing_is_executed_and_no_socket_is_opened() {
    let place = Place::new();
    let trace = place.path().join("trace");
    let status = Command::new("strace")
        .args(["-f", "-qq", "-e", "trace=network,process", "-o"])
        .arg(&trace)
        .arg(binary())
        .args(["new", "p", "--defaults"])
        .current_dir(place.path())
        .stdout(Stdio::null())
        .status()
        .expect("strace is installed, as .ci/run sees to");
    assert!(status.success());
    let calls = place.text("trace");
    assert_eq!(calls.matches("execve(").count(), 1, "itself only: {calls}");
    assert!(!calls.contains("socket(") && !calls.contains("connect("), "{calls}");
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

/// All answers that can be chosen, with a hostile text in each free one.
fn combinations(template: &template::Template) -> Vec<Draft> {
    let mut drafts = vec![Draft::new()];
    for variable in &template.manifest.variables {
        let answers: Vec<Answer> = match &variable.kind {
            Kind::Name => vec![Answer::One("my-server".to_owned())],
            Kind::Text(_) => vec![Answer::One("\"} ${{ secrets.X }} {{name}} \\n # <b>".to_owned())],
            Kind::Choice(choices) => choices.iter().cloned().map(Answer::One).collect(),
            Kind::Choices(choices) => (1..1 << choices.len())
                .map(|set| {
                    Answer::Many(
                        (0..choices.len()).filter(|it| set >> it & 1 == 1).map(|it| choices[it].clone()).collect(),
                    )
                })
                .collect(),
        };
        drafts = drafts
            .iter()
            .flat_map(|draft| {
                answers.iter().map(|answer| {
                    let mut draft = draft.clone();
                    draft.insert(variable.name.clone(), answer.clone());
                    draft
                })
            })
            .collect();
    }
    drafts
}

#[test]
fn every_combination_of_every_template_renders_and_parses() {
    for id in template::ids() {
        let template = template::load(id).expect("it is embedded");
        let drafts = combinations(&template);
        assert_eq!(drafts.len(), 2 * PROVIDERS.len() * 4 * 2);
        for draft in drafts {
            let answers = Answers::new(&template, &draft).expect("they can be chosen");
            for source in [RuntimeSource::Vendor, RuntimeSource::Registry] {
                let files = render::render(&template, &answers, &source);
                let files = files.unwrap_or_else(|error| panic!("{draft:?}: {error}"));
                check::check(&files).unwrap_or_else(|error| panic!("{draft:?}: {error}"));
                for required in ["Cargo.toml", "README.md", "SECURITY.md", "mcpsec.toml", ".gitignore", ".env.example"]
                {
                    assert!(files.iter().any(|it| it.path == required), "{required} with {draft:?}");
                }
            }
        }
    }
}

/// The expressions of a template: what stands between braces.
fn expressions(text: &str) -> impl Iterator<Item = &str> {
    text.split("{{").skip(1).filter_map(|rest| rest.split_once("}}").map(|it| it.0.trim()))
}

#[test]
fn free_text_is_never_written_bare_and_never_into_a_workflow() {
    for id in template::ids() {
        let template = template::load(id).expect("it is embedded");
        let free: Vec<&str> = (template.manifest.variables.iter())
            .filter(|it| matches!(it.kind, Kind::Text(_)))
            .map(|it| it.name.as_str())
            .collect();
        assert!(!free.is_empty());
        let rendered = template.files.iter().filter(|it| it.0.ends_with(".hbs"));
        let sources = rendered.map(|(path, bytes)| (*path, str::from_utf8(bytes).expect("it is text")));
        for (path, text) in sources.chain(template::partials()) {
            for expression in expressions(text) {
                let words: Vec<&str> = expression.split_whitespace().collect();
                if !words.iter().any(|word| free.contains(word)) {
                    continue;
                }
                let quoted = matches!(words[0], "json" | "toml" | "yaml" | "rust" | "sh" | "md") && words.len() == 2;
                assert!(quoted, "{path}: `{expression}` has to go through a helper");
                assert!(!path.starts_with("_github/"), "{path}: `{expression}` would be evaluated there");
            }
        }
    }
}

#[test]
fn conditions_in_templates_name_what_can_be_answered() {
    for id in template::ids() {
        let template = template::load(id).expect("it is embedded");
        let mut known: Vec<String> = vec!["vendored".to_owned(), "locked".to_owned()];
        for variable in &template.manifest.variables {
            known.extend(variable.kind.choices().iter().map(|choice| format!("{}.{choice}", variable.name)));
        }
        let rendered = template.files.iter().filter(|it| it.0.ends_with(".hbs"));
        let sources = rendered.map(|(path, bytes)| (*path, str::from_utf8(bytes).expect("it is text")));
        for (path, text) in sources.chain(template::partials()) {
            for expression in expressions(text) {
                let Some((_, condition)) = expression.split_once("if ").or(expression.split_once("unless ")) else {
                    continue;
                };
                let names = condition.split(|it: char| it.is_whitespace() || "()".contains(it));
                for name in names.filter(|it| !matches!(*it, "" | "or" | "and" | "not")) {
                    assert!(known.iter().any(|it| it == name), "{path}: nobody can answer `{name}`");
                }
            }
        }
    }
}

/// Cargo leaves out of a package every folder with a manifest in it. Templates must not be among them; the runtime is,
/// and the build script then embeds nothing.
#[test]
fn the_package_has_every_template_and_no_runtime() {
    let listed = Command::new(env!("CARGO"))
        .args(["package", "--list", "--allow-dirty", "--offline", "--package", "mcpsec-cli"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo is there, since it runs this test");
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    let listed = String::from_utf8(listed.stdout).expect("it is text");
    for file in embedded::TEMPLATES {
        assert!(listed.lines().any(|it| it.strip_prefix("templates/") == Some(file.path)), "{}", file.path);
    }
    assert!(!listed.lines().any(|it| it.starts_with("runtime/")), "{listed}");
}
