//! The doctor's reports: what each format holds, that none holds a secret, and that all agree.
//!
//! `tests/reports` has two small projects and what each format says of them; `BLESS=1` renews that.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use mcpsec::{
    doctor::{Baseline, Before, Date, Options, Selection, Verdict, identified, run},
    project::Project,
    report::{self, Format, Presentation, Report},
};
use predicates::{boolean::PredicateBooleanExt, str::contains};
use serde_json::Value;

use crate::{
    command::mcpsec,
    doctor::{WEAK, doctor, json},
    repository::project,
};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What a format says of `tests/reports/<name>`, for each name.
fn told(format: Format, names: &[&str]) -> String {
    let reports: Vec<Report> = names.iter().map(|name| sample(name)).collect();
    let how = Presentation { suppressed: true, ..Presentation::default() };
    let mut out = Vec::new();
    report::write(format, &reports, how, &mut out).expect("memory can be written");
    String::from_utf8(out).expect("a report is text")
}

/// A project of `tests/reports`; of one that is not there, that it cannot be checked.
fn sample(name: &str) -> Report {
    if name == "missing" {
        let reason = format!("`servers/missing` is not a directory, {}", secrets()[0]);
        return Report::unread("servers/missing", Verdict::Unusable, &reason);
    }
    let (project, options) = sources(name);
    Report::new(&format!("servers/{name}"), &project, &run(&project, &options))
}

/// A project of `tests/reports`, and a run with a few rules, so that others do not change the examples.
fn sources(name: &str) -> (Project, Options) {
    let files: &[&str] = if name == "notes" { &["src/index.ts"] } else { &["server.py"] };
    let texts = files.iter().map(|file| ((*file).to_owned(), read(&format!("tests/reports/{name}/{file}"))));
    let project = Project::from_files(texts);
    let rules = [
        "shell-injection",
        "path-traversal",
        "ssrf",
        "bind-all-interfaces",
        "description-missing",
        "suppression-unused",
    ];
    let selection = Selection { select: rules.map(str::to_owned).to_vec(), ..Selection::default() };
    (project, Options { selection, ..Options::usual(Date::from_seconds(0)) })
}

/// Without what belongs to the rules' documentation and to the page's own look, which change for reasons of their own.
fn essence(format: Format, text: &str) -> String {
    let laid_out = |value: &Value| serde_json::to_string_pretty(value).expect("JSON can be written") + "\n";
    match format.name {
        "sarif" => {
            let mut value: Value = serde_json::from_str(text).expect("SARIF is JSON");
            for run in value["runs"].as_array_mut().expect("there are runs") {
                for rule in run["tool"]["driver"]["rules"].as_array_mut().expect("there are rules") {
                    let fields = rule.as_object_mut().expect("a rule is an object");
                    for field in ["help", "fullDescription", "properties"] {
                        assert!(fields.remove(field).is_some(), "{field}");
                    }
                }
            }
            laid_out(&value)
        }
        "html" => laid_out(&data(text)),
        "json" | "gitlab-codequality" | "gitlab-sast" => laid_out(&serde_json::from_str(text).expect("it is JSON")),
        _ => text.to_owned(),
    }
}

/// The data in the page.
fn data(page: &str) -> Value {
    let data = page.split("<script type=\"application/json\" id=\"data\">").nth(1).and_then(|it| it.split('<').next());
    serde_json::from_str(data.expect("the page has data")).expect("it is JSON")
}

#[test]
fn every_format_has_an_example_of_one_project_of_two_and_of_one_that_was_not_checked() {
    let folder = root().join("tests/reports/expected");
    let mut expected: BTreeSet<PathBuf> = BTreeSet::new();
    for format in Format::ALL {
        for (names, kind) in
            [(&["notes"][..], "one"), (&["weather", "notes"], "two"), (&["weather", "missing"], "unread")]
        {
            let path = folder.join(format!("{}.{kind}.txt", format.name));
            let text = essence(*format, &told(*format, names));
            if std::env::var_os("BLESS").is_some() {
                fs::write(&path, &text).expect("the example can be written");
            }
            let known = fs::read_to_string(&path).unwrap_or_default();
            assert_eq!(text, known, "{} differs; BLESS=1 renews it", path.display());
            expected.insert(path);
        }
    }
    let listing = fs::read_dir(folder).expect("there are examples");
    let found: BTreeSet<PathBuf> = listing.map(|entry| entry.expect("it can be listed").path()).collect();
    assert_eq!(found, expected, "an example of no format");
}

#[test]
fn a_project_that_was_not_checked_is_in_every_report_and_looks_clean_in_none() {
    for format in Format::ALL {
        let text = told(*format, &["weather", "missing"]);
        assert!(text.contains("is not a directory") && !text.contains(&secrets()[0]), "{}: {text}", format.name);
        assert!(
            text.to_lowercase().contains("not checked") || text.contains("\"exit_code\":2") || format.name == "sarif"
        );
        let (missing, weather) = (text.find("servers/missing"), text.find("servers/weather"));
        assert!(missing < weather || format.name == "gitlab-codequality", "{}: the worst comes first", format.name);
    }
    let sarif: Value = serde_json::from_str(&told(named("sarif"), &["missing", "weather"])).expect("it is JSON");
    let [run, other] = sarif["runs"].as_array().expect("a list").as_slice() else { panic!("{sarif}") };
    assert_eq!(
        (&run["invocations"][0]["exitCode"], &run["invocations"][0]["executionSuccessful"]),
        (&2.into(), &false.into())
    );
    assert_eq!(run["results"], Value::Array(Vec::new()));
    assert_eq!(other["invocations"][0]["executionSuccessful"], true);
}

#[test]
fn every_format_is_documented_and_offered() {
    let documentation = read("docs/reports.md");
    let help = mcpsec().args(["doctor", "--help"]).output().expect("the command runs").stdout;
    let help = String::from_utf8(help).expect("help is text");
    for format in Format::ALL {
        assert!(documentation.contains(&format!("| `{}` |", format.name)), "docs/reports.md: {}", format.name);
        assert!(help.contains(&format!("- {}:", format.name)), "{help}");
        assert!(!format.about.is_empty() && !format.about.ends_with('.'), "{}", format.name);
    }
}

#[test]
fn every_format_has_the_same_exit_code() {
    let weak = project(&[("src/index.ts", WEAK)]);
    let large = project(&[("src/large.ts", &format!("// {}\n", "x".repeat(1024 * 1024 + 1)))]);
    let empty = project(&[]);
    for format in Format::ALL.iter().map(|format| format.name) {
        doctor(weak.path()).args(["--format", format]).assert().code(1);
        doctor(weak.path()).args(["--format", format, "--exit-zero"]).assert().code(0);
        doctor(weak.path()).args(["--format", format, "--fail-on", "never"]).assert().code(0);
        doctor(large.path()).args(["--format", format]).assert().code(3);
        doctor(empty.path()).args(["--format", format]).assert().code(5);
    }
}

#[test]
fn one_run_writes_several_reports() {
    let folder = project(&[("src/index.ts", WEAK)]);
    let reports = tempfile::tempdir().expect("a folder can be made");
    let path = |name: &str| reports.path().join(name);
    let mut command = doctor(folder.path());
    for format in Format::ALL.iter().map(|format| format.name) {
        command.arg("--output").arg(format!("{format}={}", path(format).display()));
    }
    command.assert().code(1).stdout(contains("critical[shell-injection]"));
    let sarif: Value = serde_json::from_slice(&fs::read(path("sarif")).expect("written")).expect("JSON");
    assert_eq!(sarif["runs"][0]["invocations"][0]["exitCode"], 1);
    for format in Format::ALL.iter().map(|format| format.name) {
        let alone = doctor(folder.path()).args(["--format", format]).output().expect("the command runs").stdout;
        assert_eq!(fs::read(path(format)).expect("written"), alone, "{format}");
    }
    mcpsec()
        .args(["doctor", "--output", "pdf=x"])
        .assert()
        .code(2)
        .stderr(contains("human, concise").and(contains("html")));
}

#[test]
fn the_same_project_gives_the_same_bytes_with_any_number_of_threads() {
    let folder =
        project(&[("src/index.ts", WEAK), ("b.py", "print(1)\n"), ("c.go", "package c\n"), ("d/e.rs", "fn f() {}\n")]);
    let elsewhere =
        project(&[("src/index.ts", WEAK), ("b.py", "print(1)\n"), ("c.go", "package c\n"), ("d/e.rs", "fn f() {}\n")]);
    for format in Format::ALL.iter().map(|format| format.name) {
        let run = |folder: &Path, threads: &str| {
            let mut command = mcpsec();
            command.env("RAYON_NUM_THREADS", threads).arg("doctor").arg(folder).args(["--show-files", "--statistics"]);
            command.args(["--min-confidence", "low", "--format", format]).output().expect("the command runs").stdout
        };
        let first = run(folder.path(), "1");
        assert!(!first.is_empty(), "{format}");
        assert_eq!(first, run(folder.path(), "8"), "{format}");
        assert_eq!(first, run(elsewhere.path(), "3"), "{format}: the folder's name is in it");
    }
}

/// Credentials of several kinds; put together here, so that nobody takes them for real ones.
fn secrets() -> Vec<String> {
    vec![
        ["ghp_", "x7Kq2mVbT9sLw4RzY8nHc3JdF6gPa1EuOi5S"].concat(),
        ["sk_live_", "4eC39HqLyjWDarjtT1zdp7dc"].concat(),
        ["AKIA", "QX7T4M2VZ6KD3RWP"].concat(),
        ["Zr8vQ", "p2Lx9TnWk4Yb7Md"].concat(),
        ["hunter2-", "kR9xTq4WmZ"].concat(),
    ]
}

#[test]
fn a_secret_is_in_no_report() {
    let secrets = secrets();
    let [token, stripe, amazon, random, password] = &secrets[..] else { panic!("there are five") };
    let source = WEAK
        .replace("exec(`ls -l ${folder}`);", &format!("exec(`curl -H 'X: {token}' ${{folder}}`); // {stripe}"))
        .replace("\"list\"", &format!("\"list_{token}\""))
        .replace("\"files\"", &format!("\"{amazon}\""));
    let more = format!(
        "import os\n# mcpsec: ignore[shell-injection] -- {token}\nAPI_KEY = \"{random}\"\npassword = \"{password}\"\n\
         db = \"postgres://admin:{password}@db.example.com/x\"\nSECRET_KEY = os.environ.get(\"SECRET_KEY\", \"{random}\")\n\
         def f(x):\n    os.system(f\"echo {token} {{x}}\")\n"
    );
    let folder = project(&[
        ("src/index.ts", &source),
        ("settings.py", &more),
        (".env", &format!("API_KEY={random}\nPASSWORD={password}\nTOKEN={token}\n")),
        (&format!("src/{token}.ts"), &WEAK.replace("list", "other")),
        ("Dockerfile", &format!("FROM node:20\nENV API_KEY={random}\nENV TOKEN={token}\nCMD [\"node\", \"x\"]\n")),
        (
            ".mcp.json",
            &format!(
                "{{\"mcpServers\": {{\"a\": {{\"command\": \"npx\", \"args\": [\"--token\", \"{token}\"], \"env\": {{\"API_KEY\": \"{random}\"}}}}}}}}"
            ),
        ),
        (
            "package.json",
            &format!(
                "{{\"name\": \"x\", \"version\": \"1.0.0\", \"scripts\": {{\"start\": \"TOKEN={token} node x\"}}, }}"
            ),
        ),
    ]);
    for format in Format::ALL.iter().map(|format| format.name) {
        let mut command = mcpsec();
        command.arg("doctor").arg(folder.path()).args(["--format", format, "--show-files", "--show-suppressed"]);
        let output = command.args(["--statistics", "--min-confidence", "low"]).output().expect("the command runs");
        let text = String::from_utf8(output.stdout).expect("a report is text");
        assert!(text.contains("secret-in-source") || text.contains("secret"), "{format}: the credentials are found");
        for secret in &secrets {
            let place = text.find(secret.as_str()).map(|at| &text[at.saturating_sub(120).min(at)..at]);
            assert_eq!(place, None, "{format} tells a secret");
        }
        assert!(!String::from_utf8_lossy(&output.stderr).contains(token.as_str()), "{format}: standard error");
    }
}

#[test]
fn no_format_is_steered_by_what_a_project_is_called() {
    let hostile = WEAK
        .replace("\"list\"", "\"li</script><img src=x onerror=alert(1)>st|`[x](http://y)\\u001b[2J\"")
        .replace("exec(`ls", "exec(`</script><!-- \u{202e}ls");
    let folder = project(&[("src/a,b:c%0A\n::error::x</script>.ts", &hostile)]);
    for format in Format::ALL {
        let output = doctor(folder.path()).args(["--format", format.name]).output().expect("the command runs");
        let text = String::from_utf8(output.stdout).expect("a report is text");
        assert!(text.contains("shell-injection"), "{}", format.name);
        assert!(!text.contains('\u{1b}'), "{}: an escape character", format.name);
        assert!(!text.lines().any(|line| line.starts_with("::error::x")), "{}: a command", format.name);
        let machine = ["json", "jsonl", "sarif", "gitlab-codequality", "gitlab-sast", "html"].contains(&format.name);
        assert!(machine || !text.contains('\u{202e}'), "{}: turned text", format.name);
        if format.name == "html" {
            assert_eq!(text.matches("</script>").count(), 2, "the data ends its element");
            assert!(!text.contains("<img"), "an element of the project's");
        }
    }
}

#[test]
fn the_json_report_has_what_programs_need() {
    let folder = project(&[("src/index.ts", WEAK)]);
    let report = json(doctor(folder.path()));
    let finding = &report["findings"][0];
    assert_eq!(report["version"], 1);
    assert_eq!(finding["rule"], "shell-injection");
    assert_eq!(
        (&finding["file"], &finding["line"], &finding["column"]),
        (&"src/index.ts".into(), &9.into(), &3.into())
    );
    assert_eq!(finding["severity"], "critical");
    assert_eq!(finding["suppressed"], Value::Null);
    assert!(finding["related"].as_array().is_some_and(|hops| hops.iter().all(|hop| hop["file"] == "src/index.ts")));
    for field in ["message", "attack", "confidence", "end_line", "end_column", "fix"] {
        assert!(!finding[field].is_null(), "{field}");
    }
    for field in ["servers", "not_applicable", "incomplete", "skipped"] {
        assert!(report[field].is_array(), "{field}");
    }
}

/// Every key of an object and of those inside it.
fn keys(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(key, value)| {
            found.push(key.clone());
            keys(value, found);
        }),
        Value::Array(items) => items.iter().for_each(|item| keys(item, found)),
        _ => {}
    }
}

#[test]
fn every_field_of_the_json_report_is_documented() {
    let accepted = WEAK.replace("  exec(", "  // mcpsec: ignore[shell-injection] -- an example\n  exec(");
    let folder = project(&[("src/index.ts", WEAK), ("src/other.ts", &accepted)]);
    let documentation = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/json.md")).expect("there");
    let mut fields = Vec::new();
    keys(&json(doctor(folder.path())), &mut fields);
    for field in fields {
        let named = documentation.contains(&format!("`{field}")) || documentation.contains(&format!("\"{field}\""));
        assert!(named, "docs/json.md does not name `{field}`");
    }
}

/// What a schema has against a document.
fn errors(schema: &str, document: &Value) -> Vec<String> {
    let schema: Value = serde_json::from_str(&read(schema)).expect("the schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("the schema is a schema");
    validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

fn named(name: &str) -> Format {
    Format::named(name).expect("there is such a format")
}

#[test]
fn json_keeps_to_its_schema() {
    let none: Vec<String> = Vec::new();
    for names in [&["notes"][..], &["weather"], &["weather", "notes"], &["weather", "missing"]] {
        let document: Value = serde_json::from_str(&told(named("json"), names)).expect("it is JSON");
        assert_eq!(errors("schema/report.schema.json", &document), none);
    }
    let folder = project(&[("src/index.ts", WEAK), ("src/large.ts", &format!("// {}\n", "x".repeat(1024 * 1024 + 1)))]);
    assert_eq!(errors("schema/report.schema.json", &json(doctor(folder.path()))), none);
}

#[test]
fn lines_of_json_say_the_same_as_the_whole() {
    for names in [&["notes"][..], &["weather", "notes"], &["weather", "missing"]] {
        let whole: Value = serde_json::from_str(&told(named("json"), names)).expect("it is JSON");
        let projects = whole["projects"].as_array().cloned().unwrap_or_else(|| vec![whole.clone()]);
        let mut expected = Vec::new();
        for mut project in projects {
            let findings = project["findings"].take();
            let about = project.as_object_mut().expect("a project is an object");
            let name = about.remove("name").unwrap_or_default();
            about.remove("findings");
            about.extend([("version".to_owned(), 1.into()), ("tool".to_owned(), whole["tool"].clone())]);
            let findings = findings.as_array().expect("findings are a list").clone();
            let typed = |mut value: Value, kind: &str| {
                value["type"] = kind.into();
                value["project"] = name.clone();
                value
            };
            expected.push(typed(project, "project"));
            expected.extend(findings.into_iter().map(|finding| typed(finding, "finding")));
        }
        let text = told(named("jsonl"), names);
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect();
        assert_eq!(lines, expected);
    }
}

#[test]
fn gitlab_can_read_both_of_its_reports() {
    let none: Vec<String> = Vec::new();
    for names in [&["notes"][..], &["weather", "notes"], &["weather", "missing"]] {
        for (format, schema) in
            [("gitlab-sast", "gitlab-sast-15.json"), ("gitlab-codequality", "gitlab-codequality.json")]
        {
            let document: Value = serde_json::from_str(&told(named(format), names)).expect("it is JSON");
            assert_eq!(errors(&format!("tests/data/{schema}"), &document), none, "{format}");
        }
        let document: Value = serde_json::from_str(&told(named("gitlab-codequality"), names)).expect("it is JSON");
        let issues = document.as_array().expect("it is a list");
        let fingerprints: BTreeSet<&str> = issues.iter().filter_map(|it| it["fingerprint"].as_str()).collect();
        assert_eq!(fingerprints.len(), issues.len(), "GitLab shows one issue for each fingerprint");
    }
}

#[test]
fn a_fingerprint_outlives_that_its_line_moves() {
    let of = |text: &str| {
        let folder = project(&[("src/index.ts", text)]);
        let output = doctor(folder.path()).args(["--format", "gitlab-codequality"]).output().expect("the command runs");
        let issues: Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
        (issues[0]["fingerprint"].clone(), issues[0]["location"]["lines"]["begin"].clone())
    };
    let (before, line) = of(WEAK);
    let (after, moved) = of(&format!("// a comment\n\n{WEAK}"));
    assert_eq!((&before, &line, &moved), (&after, &9.into(), &11.into()));
    assert_ne!(before, of(&WEAK.replace("ls -l", "ls -la")).0, "another line is another finding");
}

#[test]
fn junit_has_a_case_for_every_rule() {
    let text = told(named("junit"), &["weather", "notes"]);
    let document = roxmltree::Document::parse(&text).expect("it is XML");
    let all = document.root_element();
    assert_eq!(all.tag_name().name(), "testsuites");
    let suites: Vec<_> = all.children().filter(|node| node.has_tag_name("testsuite")).collect();
    let names: Vec<_> = suites.iter().filter_map(|suite| suite.attribute("name")).collect();
    assert_eq!(names, ["mcpsec servers/notes", "mcpsec servers/weather"], "the worst first");
    let number = |node: &roxmltree::Node<'_, '_>, name: &str| -> usize {
        node.attribute(name).and_then(|value| value.parse().ok()).expect("it is a number")
    };
    for suite in &suites {
        let cases: Vec<_> = suite.children().filter(|node| node.has_tag_name("testcase")).collect();
        assert_eq!(number(suite, "tests"), cases.len());
        for (outcome, attribute) in [("failure", "failures"), ("error", "errors"), ("skipped", "skipped")] {
            let count = cases.iter().filter(|case| case.children().any(|it| it.has_tag_name(outcome))).count();
            assert_eq!(number(suite, attribute), count, "{attribute}");
        }
        let of = |name: &str| cases.iter().find(|case| case.attribute("name") == Some(name)).expect("it has a case");
        assert!(of("everything-was-checked").children().next().is_none());
        let properties: Vec<_> = suite.descendants().filter_map(|it| it.attribute("value")).collect();
        assert!(properties.iter().any(|it| it.contains("rules ran")), "{properties:?}");
    }
    let sum = suites.iter().map(|suite| number(suite, "tests")).sum::<usize>();
    assert_eq!(number(&all, "tests"), sum);
    let low = suites[0].children().find(|case| case.attribute("name") == Some("description-missing"));
    assert!(low.is_some_and(|case| case.children().all(|it| it.has_tag_name("system-out"))), "below the gate");
}

#[test]
fn what_was_looked_at_is_part_of_every_report_that_has_room() {
    let folder = project(&[("src/index.ts", WEAK), ("src/large.ts", &format!("// {}\n", "x".repeat(1024 * 1024 + 1)))]);
    for format in Format::ALL.iter().map(|format| format.name).filter(|name| *name != "gitlab-codequality") {
        let mut command = mcpsec();
        let output = command.arg("doctor").arg(folder.path()).args(["--format", format]).output();
        let text = String::from_utf8(output.expect("the command runs").stdout).expect("a report is text");
        assert!(text.contains("src/large.ts") && text.contains("too large"), "{format}: what was not read");
        let tools = text.contains("1 tool") || text.contains("\"tools\":[\"list\"]");
        let applied = text.contains("not applicable") || text.contains("not_applicable");
        assert!(tools && applied, "{format}: what was looked at\n{text}");
    }
}

#[test]
fn sarif_is_valid_and_complete() {
    let suppressed =
        WEAK.replace("  exec(", "  // mcpsec: ignore[shell-injection] -- an example\n  exec(") + "\nconst ä = 1;";
    let folder =
        project(&[("src/index.ts", WEAK), ("src/ä ö.ts", &suppressed), ("x.yaml", "# mcpsec: ignore[nothing]\n")]);
    let output = doctor(folder.path()).args(["--format", "sarif"]).output().expect("the command runs");
    let report: Value = serde_json::from_slice(&output.stdout).expect("SARIF is JSON");
    let errors = sarif_errors(&report);
    assert!(errors.is_empty(), "{errors:#?}");

    let run = &report["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules are described");
    for rule in rules {
        assert!(rule["help"]["markdown"].as_str().is_some_and(|text| text.starts_with("# ")), "{rule}");
        let text = rule["help"]["text"].as_str().expect("help is text");
        assert!((1..=1024).contains(&text.chars().count()), "GitHub reads 1024 characters: {}", rule["id"]);
    }
    let results = run["results"].as_array().expect("there are results");
    let of = |rule: &str| results.iter().filter(|it| it["ruleId"] == rule).collect::<Vec<_>>();
    assert_eq!(of("shell-injection").len(), 2, "what is suppressed stays");
    for result in &results[..] {
        let index = result["ruleIndex"].as_u64().expect("a result points at its rule") as usize;
        assert_eq!(rules[index]["id"], result["ruleId"]);
        let uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().expect("a place");
        assert!(!uri.starts_with(['/', '.']) && uri.is_ascii() && !uri.contains(' '), "{uri}");
        let hash = result["partialFingerprints"]["primaryLocationLineHash"].as_str().expect("a fingerprint");
        assert!(hash.ends_with(":1"), "{hash}");
    }
    let [accepted] =
        of("shell-injection").into_iter().filter(|it| it["suppressions"][0]["kind"] == "inSource").collect::<Vec<_>>()
            [..]
    else {
        panic!("one of them is suppressed")
    };
    assert_eq!(accepted["suppressions"][0]["justification"], "an example");
    let weak =
        of("shell-injection").into_iter().find(|it| it["suppressions"] == Value::Array(Vec::new())).expect("the other");
    assert_eq!(weak["level"], "error");
    assert!(weak["relatedLocations"].as_array().is_some_and(|hops| !hops.is_empty()), "the story is told");
    let shell = rules.iter().find(|rule| rule["id"] == "shell-injection").expect("described");
    assert_eq!(shell["properties"]["security-severity"], "9.5");
    assert!(shell["properties"]["tags"].as_array().is_some_and(|tags| tags.contains(&"external/cwe/cwe-78".into())));
}

#[test]
fn sarif_holds_a_safe_fix_as_edits_that_make_the_new_text() {
    let text = "# mcpsec: ignore[shell-injection] -- nothing is reported here\nname: \u{e9}\n";
    let folder = project(&[("src/index.ts", WEAK), ("a b/x.yaml", text)]);
    let output = doctor(folder.path()).args(["--format", "sarif"]).output().expect("the command runs");
    let report: Value = serde_json::from_slice(&output.stdout).expect("SARIF is JSON");
    assert_eq!(sarif_errors(&report), Vec::<String>::new());
    let results = report["runs"][0]["results"].as_array().expect("there are results");
    let stale = results.iter().find(|it| it["ruleId"] == "suppression-unused").expect("it is stale");
    let [fix] = stale["fixes"].as_array().expect("there is a fix").as_slice() else { panic!("{stale}") };
    assert_eq!(fix["description"]["text"], "remove the suppression");
    let [change] = fix["artifactChanges"].as_array().expect("a list").as_slice() else { panic!("{fix}") };
    assert_eq!(change["artifactLocation"]["uri"], "a%20b/x.yaml");
    let [edit] = change["replacements"].as_array().expect("a list").as_slice() else { panic!("{change}") };
    // The line goes with its end: what is left is the rest of the text.
    let region = &edit["deletedRegion"];
    let numbers = ["startLine", "startColumn", "endLine", "endColumn"].map(|key| region[key].as_u64());
    assert_eq!((numbers, &edit["insertedContent"]["text"]), ([1, 1, 2, 1].map(Some), &"".into()));
    // What needs a person is no fix that a viewer offers.
    assert!(results.iter().all(|it| it["fixes"].is_null() || it["properties"]["mcpsec/unsafeFixes"].is_null()));
}

fn sarif_errors(report: &Value) -> Vec<String> {
    let mut schema: Value = serde_json::from_str(&read("tests/data/sarif-schema-2.1.0.json")).expect("it is JSON");
    // The published pattern ends in a bracket too many, and is no regular expression.
    for owner in ["run", "toolComponent"] {
        let language = schema["definitions"][owner]["properties"]["language"].as_object_mut();
        language.and_then(|language| language.remove("pattern")).expect("the pattern is still there");
    }
    let validator = jsonschema::validator_for(&schema).expect("the schema is a schema");
    validator.iter_errors(report).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

#[test]
fn sarif_has_every_field_that_code_scanning_reads() {
    let report: Value = serde_json::from_str(&told(named("sarif"), &["weather", "notes"])).expect("SARIF is JSON");
    let none: Vec<String> = Vec::new();
    assert_eq!(sarif_errors(&report), none);
    assert!(report["$schema"].as_str().is_some_and(|it| it.ends_with("sarif-schema-2.1.0.json")));
    let runs = report["runs"].as_array().expect("there are runs");
    let ids: Vec<_> = runs.iter().map(|run| run["automationDetails"]["id"].as_str().expect("a category")).collect();
    assert_eq!(ids, ["mcpsec/servers/notes/", "mcpsec/servers/weather/"], "a category is all before the last slash");
    for (run, folder) in runs.iter().zip(["servers/notes/", "servers/weather/"]) {
        let driver = &run["tool"]["driver"];
        assert_eq!(
            (&driver["name"], &driver["semanticVersion"]),
            (&"mcpsec".into(), &env!("CARGO_PKG_VERSION").into())
        );
        assert_eq!(run["columnKind"], "unicodeCodePoints");
        assert_eq!(run["invocations"][0]["exitCode"], 1);
        assert_eq!(run["invocations"][0]["executionSuccessful"], true, "findings are success");
        for rule in driver["rules"].as_array().expect("rules are described") {
            assert_eq!(rule["id"], rule["name"]);
            for text in ["shortDescription", "fullDescription", "help"] {
                let length = rule[text]["text"].as_str().map_or(0, |text| text.chars().count());
                assert!((1..=1024).contains(&length), "{}: {text}", rule["id"]);
            }
            let properties = &rule["properties"];
            assert!(["high", "medium", "low"].iter().any(|word| properties["precision"] == *word), "{properties}");
            let score: f64 = properties["security-severity"].as_str().map_or(0.1, |it| it.parse().expect("a number"));
            assert!((0.1..=10.0).contains(&score), "{properties}");
            assert!(
                properties["tags"].as_array().is_some_and(|tags| tags.contains(&"security".into())),
                "{properties}"
            );
            assert!(["error", "warning", "note"].iter().any(|it| rule["defaultConfiguration"]["level"] == *it));
        }
        for result in run["results"].as_array().expect("there are results") {
            assert!(result["message"]["text"].as_str().is_some_and(|text| text.contains(" Attack: ")), "{result}");
            let place = &result["locations"][0]["physicalLocation"];
            let uri = place["artifactLocation"]["uri"].as_str().expect("a place");
            assert!(uri.starts_with(folder), "{uri}: seen from where the run began");
            for field in ["startLine", "startColumn", "endLine", "endColumn"] {
                assert!(place["region"][field].as_u64().is_some_and(|number| number > 0), "{field}: {result}");
            }
            for fingerprint in ["primaryLocationLineHash", "mcpsec/v1"] {
                assert!(result["partialFingerprints"][fingerprint].is_string(), "{fingerprint}: {result}");
            }
            assert!(result["suppressions"].is_array() && result["baselineState"].is_null(), "{result}");
        }
    }
}

#[test]
fn what_is_known_is_unchanged_for_services_and_told_to_others_on_request() {
    let (project, options) = sources("notes");
    let all = identified(&project, &options);
    let shell = all.iter().find(|(_, finding)| finding.rule == "shell-injection").expect("it is there");
    let path = all.iter().find(|(_, finding)| finding.rule == "path-traversal").expect("it is there");
    let baseline = Baseline::parse("mcpsec.baseline", &format!("{}\n", shell.0)).expect("it is a baseline");
    let before = Before { findings: [path.0.clone()].into(), ..Before::default() };
    let options = Options { baseline: Some(baseline), before: Some(before), ..options };
    let reports = [Report::new("notes", &project, &run(&project, &options))];
    let text = |name: &str, suppressed: bool| {
        let mut out = Vec::new();
        let how = Presentation { suppressed, ..Presentation::default() };
        report::write(named(name), &reports, how, &mut out).expect("memory can be written");
        String::from_utf8(out).expect("a report is text")
    };
    let sarif: Value = serde_json::from_str(&text("sarif", false)).expect("SARIF is JSON");
    let results = sarif["runs"][0]["results"].as_array().expect("there are results");
    let of = |rule: &str, state: &str| {
        let mut of = results.iter().filter(|it| it["ruleId"] == rule && it["baselineState"] == state);
        of.next().unwrap_or_else(|| panic!("no result of {rule} is {state}"))
    };
    assert_eq!(of("shell-injection", "unchanged")["suppressions"][0]["kind"], "external");
    assert_eq!(of("path-traversal", "unchanged")["suppressions"], Value::Array(Vec::new()));
    assert!(of("description-missing", "new")["suppressions"].as_array().is_some_and(Vec::is_empty));
    assert!(sarif_errors(&sarif).is_empty());
    for format in Format::ALL.iter().map(|format| format.name).filter(|name| !["sarif", "junit", "html"].contains(name))
    {
        let target = "`target` of `export_note` reaches";
        assert!(!text(format, false).contains(target), "{format}");
        assert!(text(format, true).contains(target), "{format}");
    }
    let json: Value = serde_json::from_str(&text("json", true)).expect("it is JSON");
    let known: BTreeSet<_> =
        json["findings"].as_array().expect("a list").iter().filter_map(|it| it["known"].as_str()).collect();
    assert_eq!(known, BTreeSet::from(["baseline", "before"]));
}
