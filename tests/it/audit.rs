//! `mcpsec audit`: logs that are whole, changed, cut, rotated, written by a real server.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::SystemTime,
};

use mcpsec::audit::verify::{Expected, Kind, Report, Verification};
use mcpsec_policy::{
    audit_log::{
        Chain, Checkpoint, Hash, Link,
        signing::{KeyPair, Signer, Verifier},
    },
    keys::time,
};
use predicates::{boolean::PredicateBooleanExt, str::contains};
use serde_json::Value;
use tempfile::TempDir;

use super::command::mcpsec;

/// A log in a folder with the keys that sign it.
struct Written {
    folder: TempDir,
    log: PathBuf,
    lines: Vec<String>,
    head: Hash,
}

const WITHIN: u64 = 5;

impl Written {
    /// Writes `calls` decisions, a checkpoint after each five lines and one at the end.
    fn new(calls: usize) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let pair = KeyPair::generate().expect("randomness");
        let key = folder.path().join("audit.key");
        fs::write(&key, &pair.private_pem).expect("written");
        fs::write(folder.path().join("audit.key.pub"), &pair.public_pem).expect("written");
        #[cfg(unix)]
        fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("changed");
        let signer = Signer::open(&key).expect("a key");
        let (mut chain, mut out) = (Chain::default(), Vec::new());
        put(&mut chain, &mut out, r#""time":"2026-11-22T00:00:00.000Z","type":"segment","segment":1"#);
        for call in 0..calls {
            put(&mut chain, &mut out, &decision(call));
            if chain.last() % (WITHIN + 1) == WITHIN || call + 1 == calls {
                sign(&mut chain, &mut out, &signer);
            }
        }
        let log = folder.path().join("audit.jsonl");
        let lines = String::from_utf8(out).expect("text").lines().map(str::to_owned).collect();
        let written = Self { folder, log, lines, head: chain.head() };
        written.store(&written.lines);
        written
    }

    fn store(&self, lines: &[String]) {
        fs::write(&self.log, lines.iter().map(|line| format!("{line}\n")).collect::<String>()).expect("written");
    }

    fn verifier(&self) -> Verifier {
        Verifier::open(&self.folder.path().join("audit.key.pub")).expect("a key")
    }

    fn verify(&self) -> assert_cmd::assert::Assert {
        let mut command = mcpsec();
        command.current_dir(&self.folder).args(["audit", "verify", "audit.jsonl", "--key", "audit.key.pub"]);
        command.args(["--head", &self.head.to_string()]).assert()
    }

    /// What is found in `bytes`, without the process around it.
    fn judge(&self, bytes: &[u8], head: bool) -> Report {
        let expected = Expected { keys: vec![self.verifier()], head: head.then_some(self.head), ..Expected::default() };
        let mut verification = Verification::new(expected);
        verification.file("audit.jsonl", None, &mut &*bytes).expect("readable");
        verification.finish()
    }
}

fn decision(number: usize) -> String {
    let verdict = if number % 4 == 3 { "refused" } else { "allowed" };
    let client = if number.is_multiple_of(2) { "key:ab12cd34" } else { "key:ef56gh78" };
    format!(
        r#""time":"2026-11-22T00:{:02}:{:02}.500Z","request_id":"id{number}","client":"{client}","transport":"http","method":"tools/call","target":"search_{}","verdict":"{verdict}","reason":"{}","duration_ms":1.25"#,
        number / 60,
        number % 60,
        number % 3,
        if verdict == "refused" { "no access rule allows this call" } else { "" }
    )
}

fn put(chain: &mut Chain, out: &mut Vec<u8>, fields: &str) {
    chain.append(out, |out| out.extend_from_slice(format!("{{{fields}}}").as_bytes()));
}

fn sign(chain: &mut Chain, out: &mut Vec<u8>, signer: &Signer) {
    let time = "2026-11-22T01:00:00.000Z";
    let checkpoint = Checkpoint { sequence: chain.last() + 1, previous: chain.head(), time, within: WITHIN };
    let (key, signature) = (signer.id(), signer.sign(&checkpoint));
    let fields =
        format!(r#""time":"{time}","type":"checkpoint","within":{WITHIN},"key":"{key}","signature":"{signature}""#);
    put(chain, out, &fields);
}

#[test]
fn a_log_as_it_was_written_is_clean() {
    let written = Written::new(12);
    written.verify().code(0).stdout(contains("as it was written").and(contains("3 good signatures")));
}

#[test]
fn what_was_done_to_a_line_is_named_with_its_place() {
    let written = Written::new(12);
    let check = |change: fn(&mut Vec<String>), said: &str| {
        let mut lines = written.lines.clone();
        change(&mut lines);
        written.store(&lines);
        written.verify().code(1).stdout(contains(said));
    };
    check(|lines| lines[3] = lines[3].replace("allowed", "refused"), "audit.jsonl:4: its bytes do not give its hash");
    check(|lines| drop(lines.remove(6)), "audit.jsonl:7: record 7 is missing before this line");
    check(|lines| drop(lines.drain(6..9)), "audit.jsonl:7: records 7 to 9 are missing before this line");
    check(|lines| lines.swap(7, 8), "audit.jsonl:9: record 8 stands after record 9");
    check(|lines| lines.insert(9, lines[2].clone()), "audit.jsonl:10: record 3 was there before");
    check(|lines| lines.insert(9, "{}".to_owned()), "audit.jsonl:10: this is no line of a log");
    check(|lines| lines.truncate(10), "the end was cut off or replaced");
    check(|lines| drop(lines.remove(0)), "audit.jsonl:1: record 1 is missing");
}

#[test]
fn whoever_has_no_key_cannot_write_the_log_anew() {
    let written = Written::new(12);
    // A consistent chain over other decisions, with the old signatures.
    let (mut chain, mut out) = (Chain::default(), Vec::new());
    for line in &written.lines {
        let body = &line[line.find(",\"prev\"").expect("a link") + 75..line.len() - 75];
        put(&mut chain, &mut out, body.trim_start_matches(',').replace("refused", "allowed").as_str());
    }
    fs::write(&written.log, &out).expect("written");
    let report = written.judge(&out, false);
    assert!(report.findings.iter().any(|finding| finding.kind == Kind::Signature), "{report:?}");
    // The same without the checkpoints after the first.
    let (mut chain, mut out) = (Chain::default(), Vec::new());
    for line in written.lines.iter().take(6) {
        out.extend(format!("{line}\n").as_bytes());
        chain = Chain::after(&Link::parse(line.as_bytes()).expect("a link"));
    }
    (0..9).for_each(|number| put(&mut chain, &mut out, &decision(number)));
    let report = written.judge(&out, false);
    assert_eq!(report.findings.iter().map(|finding| finding.kind).collect::<Vec<_>>(), [Kind::Unsigned], "{report:?}");
    // Another key.
    let other = Written::new(3);
    let text = fs::read(&other.log).expect("there");
    let report = written.judge(&text, false);
    assert!(report.findings.iter().any(|finding| finding.kind == Kind::UnknownKey), "{report:?}");
}

#[test]
fn any_single_mutation_of_a_signed_log_is_found() {
    let written = Written::new(6);
    let text = fs::read(&written.log).expect("there");
    assert!(written.judge(&text, true).findings.is_empty());
    let found = |bytes: &[u8], what: &str| {
        let report = written.judge(bytes, true);
        let named = report.findings.iter().all(|finding| !finding.message.is_empty() && finding.file == "audit.jsonl");
        assert!(!(report.findings.is_empty() && report.incomplete.is_empty()) && named, "{what}: {report:?}");
        report
    };
    // Every byte is tried in the tests of `Link`; here, those around a line's ends and some between.
    let ends = (0..text.len()).filter(|at| text[at.saturating_sub(2)..(at + 3).min(text.len())].contains(&b'\n'));
    for at in ends.chain((0..text.len()).step_by(7)) {
        let mut changed = text.clone();
        changed[at] ^= 1 << (at % 8);
        found(&changed, &format!("bit of byte {at}"));
        let mut cut = text.clone();
        cut.remove(at);
        if at + 1 < text.len() {
            found(&cut, &format!("byte {at} removed"));
        }
    }
    let join = |lines: &[String]| lines.iter().map(|line| format!("{line}\n")).collect::<String>().into_bytes();
    let count = written.lines.len();
    for at in 0..count {
        let mut lines = written.lines.clone();
        let line = lines.remove(at);
        found(&join(&lines), &format!("line {at} removed"));
        for to in 0..count {
            let mut moved = lines.clone();
            moved.insert(to, line.clone());
            if to != at {
                found(&join(&moved), &format!("line {at} moved to {to}"));
            }
            let mut doubled = written.lines.clone();
            doubled.insert(to, line.clone());
            found(&join(&doubled), &format!("line {at} doubled at {to}"));
        }
        let mut added = written.lines.clone();
        let (mut chain, mut forged) = (Chain::default(), Vec::new());
        if at > 0 {
            chain = Chain::after(&Link::parse(written.lines[at - 1].as_bytes()).expect("a link"));
        }
        put(&mut chain, &mut forged, &decision(77));
        added.insert(at, String::from_utf8(forged).expect("text").trim_end().to_owned());
        found(&join(&added), &format!("a forged line at {at}"));
    }
}

#[test]
fn without_a_key_signatures_are_not_checked_and_that_is_said() {
    let written = Written::new(12);
    let verify = mcpsec().current_dir(&written.folder).args(["audit", "verify", "audit.jsonl"]).assert();
    verify.code(3).stdout(contains("3 signatures were not checked").and(contains("--key")));
    mcpsec().args(["audit", "verify", "/nonexistent/audit.jsonl"]).assert().code(2).stderr(contains("no audit log"));
    let private =
        mcpsec().current_dir(&written.folder).args(["audit", "verify", "audit.jsonl", "--key", "audit.key"]).assert();
    private.code(2).stderr(contains("the right kind").and(contains(".pub")));
}

#[test]
fn a_file_that_is_missing_between_two_is_named() {
    let written = Written::new(12);
    let part = |range: std::ops::Range<usize>, name: &str| {
        let text: String = written.lines[range].iter().map(|line| format!("{line}\n")).collect();
        fs::write(written.folder.path().join(name), text).expect("written");
    };
    part(0..4, "audit.jsonl.000001");
    part(4..8, "audit.jsonl.000002");
    part(8..11, "audit.jsonl.000003");
    part(11..written.lines.len(), "audit.jsonl");
    written.verify().code(0);
    fs::remove_file(written.folder.path().join("audit.jsonl.000002")).expect("there");
    written
        .verify()
        .code(1)
        .stdout(contains("audit.jsonl.000003: before it, segment 2 is missing"))
        .stdout(contains("audit.jsonl.000003:1: records 5 to 8 are missing"));
}

#[test]
fn an_encrypted_file_is_read_with_its_identity_and_by_age_itself() {
    use mcpsec_policy::audit_log::age::{Identity, encrypt};

    let written = Written::new(12);
    let folder = written.folder.path();
    let secret = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
    fs::write(folder.join("identity.txt"), format!("# made for this test\n{secret}\n")).expect("written");
    let join = |lines: &[String]| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    let first = join(&written.lines[..6]);
    let mut file = Vec::new();
    let identity: Identity = secret.parse().expect("an identity");
    encrypt(&[identity.recipient()], &mut first.as_bytes(), &mut file).expect("encrypted");
    fs::write(folder.join("audit.jsonl.000001.age"), &file).expect("written");
    written.store(&written.lines[6..]);

    let verify = |more: &[&str]| {
        let mut command = mcpsec();
        command.current_dir(folder).args(["audit", "verify", "audit.jsonl", "--key", "audit.key.pub"]).args(more);
        command.assert()
    };
    verify(&[]).code(3).stdout(contains("it is encrypted: give `--identity FILE`"));
    verify(&["--identity", "identity.txt"]).code(0).stdout(contains("3 good signatures"));
    let verify_wrong = verify(&["--identity", "audit.key"]);
    verify_wrong.code(2).stderr(contains("line 1 is no age identity").and(contains("PRIVATE").not()));
    let mut query = mcpsec();
    query.current_dir(folder).args(["audit", "query", "audit.jsonl", "--identity", "identity.txt"]);
    query.assert().code(0).stdout(contains("id0").and(contains("id11")));

    let mut age = Command::new("age");
    age.current_dir(folder).args(["-d", "-i", "identity.txt", "audit.jsonl.000001.age"]);
    let output = age.output().expect("age can be started: install the Debian package age");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stdout), first);
}

#[test]
fn queries_find_by_every_field() {
    let written = Written::new(12);
    let ask = |arguments: &[&str]| {
        let mut command = mcpsec();
        command
            .current_dir(&written.folder)
            .args(["audit", "query", "audit.jsonl", "--format", "json"])
            .args(arguments);
        let output = command.assert().code(0).get_output().stdout.clone();
        String::from_utf8(output).expect("text").lines().count()
    };
    assert_eq!(ask(&[]), 12);
    assert_eq!(ask(&["--verdict", "refused"]), 3);
    assert_eq!(ask(&["--verdict", "refused", "--verdict", "allowed"]), 12);
    assert_eq!(ask(&["--client", "key:ab12cd34"]), 6);
    assert_eq!(ask(&["--client", "key:*", "--target", "search_0"]), 4);
    assert_eq!(ask(&["--method", "tools/*"]), 12);
    assert_eq!(ask(&["--method", "prompts/*"]), 0);
    assert_eq!(ask(&["--request-id", "id7"]), 1);
    assert_eq!(ask(&["--since", "2026-11-22T00:00:05Z"]), 7);
    assert_eq!(ask(&["--until", "2026-11-22T00:00:05Z"]), 5);
    assert_eq!(ask(&["--all"]), written.lines.len());
    let mut wrong = mcpsec();
    wrong.current_dir(&written.folder).args(["audit", "query", "audit.jsonl", "--since", "soon"]);
    wrong.assert().code(2).stderr(contains("`--since soon` is no time"));
    let mut human = mcpsec();
    human.current_dir(&written.folder).args(["audit", "query", "audit.jsonl", "--request-id", "id3"]);
    human.assert().code(0).stdout(contains("refused").and(contains("tools/call search_0")));
}

#[test]
fn exports_are_what_their_readers_expect() {
    let written = Written::new(4);
    let export = |format: &str| {
        let mut command = mcpsec();
        command.current_dir(&written.folder).args(["audit", "export", "audit.jsonl", "--format", format]);
        String::from_utf8(command.assert().code(0).get_output().stdout.clone()).expect("text")
    };
    let events: Vec<Value> = export("ocsf").lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(events.len(), 4);
    let refused = &events[3];
    assert_eq!((&refused["class_uid"], &refused["category_uid"]), (&6003.into(), &6.into()));
    assert_eq!(refused["type_uid"], 600_399);
    let time = time::parse("2026-11-22T00:00:03Z").expect("a time").duration_since(SystemTime::UNIX_EPOCH);
    assert_eq!(refused["time"], u64::try_from(time.expect("later").as_millis()).expect("small") + 500);
    assert_eq!((&refused["status_id"], &refused["action_id"]), (&2.into(), &2.into()));
    // What the class requires.
    for key in ["activity_id", "severity_id", "metadata", "actor", "api", "src_endpoint"] {
        assert!(!refused[key].is_null(), "{key}: {refused}");
    }
    assert!(refused["api"]["operation"].is_string() && refused["metadata"]["product"]["name"].is_string());
    let cef = export("cef");
    assert_eq!(cef.lines().count(), 4);
    assert!(
        cef.lines().all(|line| line.starts_with("CEF:0|mcpsec|mcpsec-runtime|") && line.contains(" act=")),
        "{cef}"
    );
}

#[test]
fn tail_shows_the_last_and_follows_over_a_rotation() {
    let written = Written::new(12);
    let mut last = mcpsec();
    last.current_dir(&written.folder).args(["audit", "tail", "audit.jsonl", "-n", "2"]);
    last.assert().code(0).stdout(contains("id11").and(contains("id10")).and(contains("id9").not()));

    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("mcpsec"));
    command.current_dir(&written.folder).args([
        "audit",
        "tail",
        "audit.jsonl",
        "-f",
        "-n",
        "1",
        "--verdict",
        "refused",
    ]);
    let mut child = command.stdout(Stdio::piped()).spawn().expect("started");
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let mut next = || lines.next().expect("a line").expect("text");
    assert!(next().contains("id11"));
    let mut chain = Chain::after(&Link::parse(written.lines.last().expect("lines").as_bytes()).expect("a link"));
    let mut append = |path: &Path, number: usize| {
        let mut out = Vec::new();
        put(&mut chain, &mut out, &decision(number));
        let mut text = fs::read(path).unwrap_or_default();
        text.extend(out);
        fs::write(path, text).expect("written");
    };
    append(&written.log, 14);
    append(&written.log, 15);
    assert!(next().contains("id15"));
    let full = written.folder.path().join("audit.jsonl.000001");
    fs::rename(&written.log, &full).expect("moved");
    append(&full, 19);
    append(&written.log, 23);
    assert!(next().contains("id19"), "what was added last to the old file");
    assert!(next().contains("id23"), "what stands in the new one");
    child.kill().expect("running");
    child.wait().expect("ended");
}

#[test]
fn keys_are_made_once_and_read_by_openssl() {
    let folder = tempfile::tempdir().expect("a folder");
    let new = || mcpsec().current_dir(&folder).args(["audit", "key", "new"]).assert();
    new().code(0).stderr(contains("audit.key.pub verifies"));
    new().code(2).stderr(contains("is there already"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(folder.path().join("audit.key")).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let signer = Signer::open(&folder.path().join("audit.key")).expect("a key");
    let checkpoint = Checkpoint { sequence: 7, previous: Hash::of(b"x"), time: "2026-11-22T00:00:00Z", within: 5 };
    let hex = signer.sign(&checkpoint);
    let signature: Vec<u8> =
        (0..64).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).expect("hexadecimal")).collect();
    fs::write(folder.path().join("message"), checkpoint.message()).expect("written");
    fs::write(folder.path().join("signature"), signature).expect("written");
    let arguments = "pkeyutl -verify -pubin -inkey audit.key.pub -rawin -in message -sigfile signature";
    let Ok(checked) = Command::new("openssl").current_dir(&folder).args(arguments.split(' ')).output() else { return };
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
    let derived = Command::new("openssl").current_dir(&folder).args(["pkey", "-in", "audit.key", "-pubout"]).output();
    let public = fs::read(folder.path().join("audit.key.pub")).expect("there");
    assert_eq!(derived.expect("it ran before").stdout, public, "openssl reads the private key, too");
}

#[test]
fn a_review_says_who_may_do_what_and_who_did() {
    let written = Written::new(12);
    let folder = written.folder.path();
    let key = |name: &str| {
        let assert =
            mcpsec().current_dir(folder).args(["key", "new", "--scope", "read", "--name", name]).assert().code(0);
        String::from_utf8(assert.get_output().stdout.clone()).expect("text")[5..13].to_owned()
    };
    let (used, idle) = (key("dashboard"), key("forgotten"));
    let text: String = fs::read_to_string(&written.log).expect("there").replace("ab12cd34", &used);
    fs::write(&written.log, text).expect("written");
    let policy = "version = 1\n[server]\ntransports = [\"http\"]\n[auth]\napi_keys = \"keys.toml\"\n[audit]\nsink = \"file:audit.jsonl\"\n\
                  [[access.rules]]\nwho = [\"scope:read\"]\nmay = [\"tools/call:search_0\", \"tools/list\"]\n";
    fs::write(folder.join("mcpsec.toml"), policy).expect("written");
    let review = |format: &str| {
        let assert = mcpsec().current_dir(folder).args(["policy", "review", "--format", format]).assert().code(0);
        String::from_utf8(assert.get_output().stdout.clone()).expect("text")
    };
    let json: Value = serde_json::from_str(&review("json")).expect("JSON");
    let of = |id: &str| {
        let subjects = json["subjects"].as_array().expect("a list");
        subjects.iter().find(|it| it["subject"] == format!("key:{id}")).expect("named").clone()
    };
    let dashboard = of(&used);
    assert_eq!(dashboard["name"], "dashboard");
    assert_eq!(
        (&dashboard["entitlements"][0]["may"], &dashboard["entitlements"][0]["uses"]),
        (&"tools/call:search_0".into(), &2.into())
    );
    assert_eq!(dashboard["entitlements"][0]["last_used"], "2026-11-22T00:00:06.500Z");
    assert_eq!(dashboard["entitlements"][1]["uses"], 0);
    assert_eq!(of(&idle)["entitlements"][0]["last_used"], Value::Null);
    assert_eq!((&of("ef56gh78")["known"], &of("ef56gh78")["refused"]), (&false.into(), &3.into()));
    let human = review("human");
    assert!(
        human.contains("never") && human.contains("seen in the log") && human.contains("The log covers"),
        "{human}"
    );
    assert!(review("markdown").contains("| Who | Name |"));
}
