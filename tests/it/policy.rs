//! `mcpsec policy`, and the schema that it prints.

use std::{fs, path::Path};

use predicates::{
    boolean::PredicateBooleanExt,
    str::{contains, is_match},
};

use super::command::mcpsec;

const FULL: &str = include_str!("../../policy/src/load/full.toml");

fn folder(policy: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("mcpsec.toml"), policy).expect("written");
    folder
}

#[test]
fn a_right_policy_is_clean() {
    let folder = folder("version = 1\n[limits]\nbody = \"2MiB\"\n");
    mcpsec().current_dir(&folder).args(["policy", "check"]).assert().code(0).stdout(contains("mcpsec.toml"));
    mcpsec()
        .args(["-C".as_ref(), folder.path().as_os_str()])
        .args(["policy", "check", "-q"])
        .assert()
        .code(0)
        .stdout("");
}

#[test]
fn every_problem_is_told_with_line_column_and_what_was_meant() {
    let folder = folder("version = 1\n[limits]\nboddy = \"1MiB\"\nconcurrency = 0\n");
    mcpsec().current_dir(&folder).args(["policy", "check"]).assert().code(2).stdout(
        contains("mcpsec.toml:3:1: unknown key `boddy` in [limits]; did you mean `body`?")
            .and(contains("mcpsec.toml:4:15: `limits.concurrency`: must be from 1 to 10000"))
            .and(contains("3 | boddy = \"1MiB\"\n   | ^^^^^")),
    );
    let assert = mcpsec().current_dir(&folder).args(["policy", "check", "--format", "json"]).assert().code(2);
    let report: serde_json::Value = serde_json::from_slice(&assert.get_output().stdout).expect("JSON");
    assert_eq!(report["ok"], false);
    assert_eq!((&report["problems"][0]["line"], &report["problems"][0]["text"]), (&3.into(), &"boddy".into()));
}

#[test]
fn a_missing_policy_is_an_error_and_not_a_clean_result() {
    let folder = tempfile::tempdir().expect("a folder");
    for action in ["check", "show"] {
        let assert = mcpsec().current_dir(&folder).args(["policy", action]).assert().code(2);
        let output = assert.get_output();
        let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(text.contains("mcpsec.toml: the policy file does not exist"), "{text}");
    }
    mcpsec().current_dir(&folder).args(["policy", "check", "."]).assert().code(2);
}

#[test]
fn a_key_file_that_is_missing_or_writable_by_others_is_an_error() {
    let folder = folder("version = 1\n[server]\ntransports = [\"http\"]\n[auth]\napi_keys = \"keys.toml\"\n");
    let check = || mcpsec().current_dir(&folder).args(["policy", "check"]).assert();
    check().code(2).stdout(contains("keys.toml: the key file does not exist").and(contains("mcpsec key new --file")));
    mcpsec().current_dir(&folder).args(["key", "new"]).assert().code(0);
    check().code(0);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let keys = folder.path().join("keys.toml");
        fs::set_permissions(&keys, fs::Permissions::from_mode(0o620)).expect("changed");
        check().code(2).stdout(contains("can be written by others"));
    }
}

#[test]
fn guessable_keys_are_refused_with_the_command_that_makes_one_and_are_not_echoed() {
    let folder = folder("version = 1\n");
    let mut command = mcpsec();
    command.current_dir(&folder).args(["policy", "check"]).env("MCP_API_KEYS", "ops-readonly,ops-admin");
    command
        .assert()
        .code(2)
        .stdout(contains("`mcpsec key new`").and(contains("ops-").not()))
        .stderr(contains("ops-").not());
}

#[test]
fn show_says_what_applies_and_where_it_comes_from() {
    let folder =
        folder("version = 1\n[limits]\nbody = \"2MiB\"\n\n[[access.rules]]\nwho = [\"local\"]\nmay = [\"tools/*\"]\n");
    let show = |format: &str| {
        let mut command = mcpsec();
        command.current_dir(&folder).args(["policy", "show", "--format", format]);
        command.env("MCP_RATE_LIMIT_MAX", "7").env("MCP_RATE_LIMIT_WINDOW_MS", "1000");
        command.assert().code(0)
    };
    show("human").stdout(
        is_match(r#"(?m)^body = "2MiB" +# mcpsec.toml:3$"#)
            .expect("a pattern")
            .and(is_match(r#"(?m)^timeout = "30s" +# default$"#).expect("a pattern"))
            .and(is_match(r#"(?m)^default = "7/s" +# environment variable MCP_RATE_LIMIT_MAX"#).expect("a pattern"))
            .and(is_match(r#"(?m)^who = \["local"\] +# mcpsec.toml:5$"#).expect("a pattern")),
    );
    let assert = show("json");
    let shown: serde_json::Value = serde_json::from_slice(&assert.get_output().stdout).expect("JSON");
    let settings = shown["settings"].as_array().expect("a list");
    let body = settings.iter().find(|setting| setting["path"] == "limits.body").expect("shown");
    assert_eq!((&body["value"], &body["origin"]["line"]), (&"2MiB".into(), &3.into()));
}

#[test]
fn what_show_prints_is_a_policy_that_says_the_same() {
    let first = folder("version = 1\n[limits]\nbody = \"2MiB\"\n[tools.a]\nrate = \"1/s\"\n");
    let shown = mcpsec().current_dir(&first).args(["policy", "show"]).assert().code(0).get_output().stdout.clone();
    let second = folder(&String::from_utf8(shown).expect("text"));
    let values = |folder: &Path| {
        let assert = mcpsec().current_dir(folder).args(["policy", "show", "--format", "json"]).assert().code(0);
        let shown: serde_json::Value = serde_json::from_slice(&assert.get_output().stdout).expect("JSON");
        let settings = shown["settings"].as_array().expect("a list").clone();
        settings.into_iter().map(|setting| (setting["path"].clone(), setting["value"].clone())).collect::<Vec<_>>()
    };
    assert_eq!(values(first.path()), values(second.path()));
}

/// Fails if the committed schema is stale. `BLESS=1` rewrites it.
#[test]
fn the_committed_schema_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/mcpsec.schema.json");
    let expected = mcpsec_policy::schema::text();
    if fs::read_to_string(&path).unwrap_or_default() == expected {
        return;
    }
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, expected).expect("writable");
        return;
    }
    panic!("schema/mcpsec.schema.json is stale: run `BLESS=1 cargo test --test it schema`");
}

#[test]
fn the_schema_accepts_what_loads_and_refuses_what_does_not() {
    let printed = mcpsec().args(["policy", "schema"]).assert().code(0).get_output().stdout.clone();
    let schema: serde_json::Value = serde_json::from_slice(&printed).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let accepts = |text: &str| {
        let table: toml::Table = text.parse().expect("TOML");
        validator.is_valid(&serde_json::to_value(table).expect("JSON"))
    };
    assert!(accepts(FULL));
    assert!(accepts("version = 1"));
    assert!(accepts("version = 1\n[server]\nname = \"${NAME}\"\n[limits]\ntimeout = \"${TIMEOUT}\""));
    for text in [
        "",
        "version = 2",
        "version = 1\nnonsense = 1",
        "version = 1\n[limits]\nboddy = \"1MiB\"",
        "version = 1\n[limits]\nconcurrency = 0",
        "version = 1\n[limits]\nbody = \"1MB\"",
        "version = 1\n[limits]\ntimeout = \"30\"",
        "version = 1\n[limits]\ntimeout = 30",
        "version = 1\n[rate]\ndefault = \"0/min\"",
        "version = 1\n[rate]\nstore = \"postgres://x\"",
        "version = 1\n[server]\ntransports = []",
        "version = 1\n[server]\ntransports = [\"pigeon\"]",
        "version = 1\n[server]\nsessions = \"many\"",
        "version = 1\n[auth]\njwt = { nonsense = 1 }",
        "version = 1\n[auth]\nenvironment_keys = []",
        "version = 1\n[audit]\nsink = \"syslog\"",
        "version = 1\n[doctor]\nfail_on = \"sometimes\"",
        "version = 1\n[tools.x]\nrat = \"1/s\"",
        "version = 1\n[[access.rules]]\nwho = [\"local\"]",
        "version = 1\n[servers.a]\nx = 1",
    ] {
        assert!(!accepts(text), "the schema accepts\n{text}");
    }
}
