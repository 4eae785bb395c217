use std::time::Duration;

use crate::{Environment, Key, Loaded, Origin, Policy, PolicyError, model::Transport};

/// Every key of every section, with values that differ from the defaults.
const FULL: &str = include_str!("full.toml");

fn parse(text: &str, variables: &[(&str, &str)]) -> Result<Loaded, PolicyError> {
    Policy::parse(text, "mcpsec.toml", &variables.iter().copied().collect())
}

fn good(text: &str) -> Policy {
    parse(&format!("version = 1\n{text}"), &[]).unwrap_or_else(|error| panic!("{text}\n{error}")).policy
}

/// `text` has a problem at `line:column` of the text below `version = 1`, and it says `message`.
#[track_caller]
fn bad(text: &str, at: &str, message: &str) {
    let error = parse(&format!("version = 1\n{text}"), &[]).expect_err(text);
    let found = error.problems().iter().any(|problem| {
        let place = problem.place.as_ref();
        let here = place.map_or_else(String::new, |place| format!("{}:{}", place.line - 1, place.column));
        here == at && problem.message.contains(message)
    });
    assert!(found, "expected `{message}` at {at} for\n{text}\n{error}");
}

#[test]
fn an_empty_policy_has_the_documented_defaults() {
    let policy = good("");
    assert_eq!(policy, Policy::default());
    let limits = &policy.limits;
    assert_eq!((limits.body.0, limits.concurrency, limits.queue), (1 << 20, 32, 100));
    assert_eq!((limits.queue_wait, limits.timeout), (Duration::from_secs(5), Duration::from_secs(30)));
    assert_eq!(policy.rate.default.to_string(), "100/min");
}

#[test]
fn every_key_is_read_and_none_keeps_its_default() {
    let policy = parse(FULL, &[]).unwrap_or_else(|error| panic!("{error}")).policy;
    let default = Policy::default();
    assert_eq!(policy.server.transports, [Transport::Http, Transport::Stdio]);
    assert_ne!(policy.server, default.server);
    assert!(policy.capabilities.tools && policy.capabilities.logging && policy.capabilities.completions);
    assert_eq!(policy.auth.api_keys.as_deref(), Some(std::path::Path::new("keys.toml")));
    assert_ne!(policy.limits.values, default.limits.values);
    assert_eq!(policy.tools["search"].timeout, Some(Duration::from_secs(5)));
    assert_eq!(policy.access.rules[0].who, ["scope:read"]);
    assert_eq!(policy.doctor.exclude, ["examples/**"]);
    let ignored = &policy.doctor.ignored[0];
    assert_eq!((ignored.paths[0].as_str(), ignored.until.as_deref()), ("vendor/**", Some("2027-03-31")));
    assert_eq!(policy.doctor.rules["path-traversal"]["guards"], ["assertInside"]);
    assert_eq!(policy.paths.roots["data"], std::path::Path::new("data"));
}

#[test]
fn unknown_keys_are_errors_with_a_suggestion() {
    bad("[limits]\nboddy = \"1MiB\"", "2:1", "unknown key `boddy` in [limits]; did you mean `body`?");
    bad("[limit]\nbody = \"1MiB\"", "1:2", "unknown section or key `limit`; did you mean `limits`?");
    bad("[server]\ntimeout = \"3s\"", "2:1", "unknown key `timeout` in [server]; it belongs in [limits]");
    bad("timeout = \"3s\"", "1:1", "unknown section or key `timeout`; it belongs in [limits]");
    bad("[doctor.rules.ssfr]\nguards = []", "1:1", "`ssfr` has no options; did you mean `ssrf`?");
    bad("[doctor.rules.ssrf]\nguard = []", "2:1", "unknown key `guard` in [doctor.rules.ssrf]; did you mean `guards`?");
    bad("[[doctor.ignore]]\nrule = \"ssrf\"", "1:1", "needs a `reason`");
    bad("[[doctor.ignore]]\nuntil = 2027", "2:9", "expected a day such as 2027-03-31");
    bad("[tools.x]\nrat = \"1/s\"", "2:1", "unknown key `rat` in [tools.x]; did you mean `rate`?");
    bad("[[access.rules]]\nwho = [\"local\"]\nmay = [\"*\"]\nwhen = 1", "4:1", "unknown key `when` in [access.rules]");
}

#[test]
fn impossible_values_are_errors_and_the_last_possible_ones_are_not() {
    for (good_value, bad_value) in [
        ("[limits]\nconcurrency = 1", "[limits]\nconcurrency = 0"),
        ("[limits]\nqueue = 0", "[limits]\nqueue = -1"),
        ("[limits]\ntimeout = \"1ms\"", "[limits]\ntimeout = \"0s\""),
        ("[limits]\ntimeout = \"24h\"", "[limits]\ntimeout = \"86401s\""),
        ("[limits]\ndepth = 127", "[limits]\ndepth = 128"),
        ("[limits]\ndepth = 1", "[limits]\ndepth = 0"),
        ("[limits]\nbody = \"64MiB\"", "[limits]\nbody = \"65MiB\""),
        ("[limits]\nbody = 1", "[limits]\nbody = 0"),
        ("[rate]\ndefault = \"1/min\"", "[rate]\ndefault = \"0/min\""),
        ("[rate]\nstore = \"memory\"", "[rate]\nstore = \"postgres://cache\""),
        ("[rate]\nstore = \"redis://cache\"\nreplicas = 1", "[rate]\nstore = \"redis://\"\nreplicas = 1"),
        ("[rate]\nreplicas = 10000", "[rate]\nreplicas = 0"),
        ("[rate]\nstore_wait = \"1s\"", "[rate]\nstore_wait = \"1001ms\""),
        ("[rate]\nstore_prefix = \"a:b\"", "[rate]\nstore_prefix = \"a b\""),
        ("[rate]\nwindow = \"fixed\"", "[rate]\nwindow = \"rolling\""),
        ("[server]\nlisten = \"127.0.0.1:0\"", "[server]\nlisten = \"nowhere\""),
        ("[server]\ntransports = [\"stdio\"]", "[server]\ntransports = []"),
        ("[server]\ntransports = [\"stdio\"]", "[server]\ntransports = [\"stdio\", \"stdio\"]"),
        ("[server]\nallowed_origins = [\"https://a.example\"]", "[server]\nallowed_origins = [\"*\"]"),
        ("[server]\ntrusted_proxies = [\"10.0.0.0/8\"]", "[server]\ntrusted_proxies = [\"10.0.0.0/33\"]"),
        ("[unix]\nusers = [0]", "[unix]\nusers = [-1]"),
        ("[websocket]\npath = \"/ws\"", "[websocket]\npath = \"/mcp\""),
        ("[websocket]\npath = \"/a/b\"", "[websocket]\npath = \"/a/../b\""),
        ("[tls]\nclient_names = [\"a\"]", "[tls]\nclient_names = [\"a b\"]"),
        ("[tls]\nmin_version = \"1.3\"", "[tls]\nmin_version = \"1.1\""),
        ("[doctor]\nexclude = [\"a/**\"]", "[doctor]\nexclude = [\"a/{b\"]"),
        ("[doctor]\nfail_on = \"never\"", "[doctor]\nfail_on = \"sometimes\""),
        ("[log]\nlevel = \"debug\"", "[log]\nlevel = \"trace\""),
        ("[audit]\nsink = \"file:a\"", "[audit]\nsink = \"file:\""),
        ("[capabilities]\ntools = true", "[capabilities]\ntools = \"yes\""),
    ] {
        good(good_value);
        let column = bad_value.lines().nth(1).expect("two lines").find("= ").expect("a value") + 3;
        let item = if bad_value.contains("[\"") { 1 } else { 0 };
        let error = parse(&format!("version = 1\n{bad_value}"), &[]).expect_err(bad_value);
        let place = error.problems()[0].place.as_ref().expect("a place");
        assert_eq!(place.line, 3, "{error}");
        assert!(place.column == column || place.column >= column + item, "{error}");
    }
}

#[test]
fn wrong_types_are_named() {
    bad("limits = 3", "1:10", "`limits` is a section, not an integer");
    bad("[limits]\nbody = true", "2:8", "`limits.body` is a size such as \"1MiB\", not a boolean");
    bad("[limits]\ntimeout = 30", "2:11", "a duration needs a unit, such as \"30s\"");
    bad("[server]\nname = 1", "2:8", "`server.name` is a string, not an integer");
    bad("[server]\ntransports = \"http\"", "2:14", "`server.transports` is a list of transports, not a string");
    bad("tools = []", "1:9", "`tools` is a section, not a list");
    bad("[access]\nrules = 1", "2:9", "a list of [[access.rules]]");
    bad("access = [\n", "1:11", "not TOML");
}

#[test]
fn what_this_build_does_not_enforce_is_an_error() {
    for section in ["telemetry", "detect", "plugins"] {
        bad(&format!("[{section}]\nx = 1"), "1:2", &format!("[{section}] is not enforced by this build"));
    }
    bad("[servers.a]\ncommand = 1", "1:2", "[servers] is not enforced by this build");
}

#[test]
fn a_call_is_made_again_only_where_that_does_no_harm() {
    bad("[tools.x]\nretries = 1", "2:1", "a call is made again only where a second one does no harm");
    assert_eq!(good("[tools.x]\nidempotent = true\nretries = 1").tools["x"].retries, Some(1));
}

#[test]
fn a_quarter_of_places_and_queue_is_for_others() {
    let of = |text: &str| {
        let limits = good(text).limits;
        (limits.client_concurrency(), limits.client_queue())
    };
    assert_eq!(of(""), (24, 75));
    assert_eq!(of("[limits]\nconcurrency = 1\nqueue = 1"), (1, 1));
    assert_eq!(of("[limits]\nconcurrency = 2\nqueue = 0"), (1, 0));
    assert_eq!(of("[limits]\nconcurrency = 4\nclient_concurrency = 9\nclient_queue = 3"), (4, 3));
}

#[test]
fn a_store_needs_to_know_how_many_share_it_and_no_password_is_written_down() {
    bad("[rate]\nstore = \"redis://x\"", "2:1", "needs `rate.replicas`");
    bad("[rate]\nstore = \"redis://:hunter2@x\"\nreplicas = 1", "2:9", "a password does not belong into this file");
    let written = "version = 1\n[rate]\nstore = \"redis://me:hunter2@x\"\nreplicas = 1";
    assert!(!parse(written, &[]).expect_err("a password").to_string().contains("hunter2"));
    let text = "version = 1\n[rate]\nstore = \"redis://me:${SECRET}@x\"\nreplicas = 1";
    let loaded = parse(text, &[("SECRET", "hunter2")]).expect("valid");
    let shown = format!("{:?} {:?}", loaded.policy, loaded.settings());
    assert!(shown.contains("redis://***@x") && !shown.contains("hunter2"), "{shown}");
    let error = parse(&text.replace("@x", "@"), &[("SECRET", "hunter2")]).expect_err("no host").to_string();
    assert!(!error.contains("hunter2"), "{error}");
}

#[test]
fn rate_rules_and_methods_name_what_there_is() {
    bad("[rate.methods]\n\"tool/call\" = \"1/s\"", "2:15", "did you mean `tools/call`?");
    bad("[[rate.rules]]\nlimit = \"1/s\"", "1:1", "a rate rule has no `match`");
    bad("[[rate.rules]]\nmatch = \"tools/cal\"\nlimit = \"1/s\"", "2:9", "did you mean `tools/call`?");
    bad("[[rate.rules]]\nmatch = \"tools/call\"\nlimit = \"1/s\"\nper = \"user\"", "4:7", "expected one of");
    let rule = &good("[[rate.rules]]\nmatch = \"tools/call\"\nlimit = \"100/h\"").rate.rules[0];
    assert_eq!((rule.per, rule.window), (crate::model::Per::Client, None));
}

#[test]
fn a_version_is_required_and_only_one_is_known() {
    for text in ["", "version = 2", "version = \"1\"", "version = 1.0"] {
        let error = parse(text, &[]).expect_err(text);
        assert!(error.problems()[0].message.contains("`version`"), "{error}");
    }
}

#[test]
fn http_does_not_start_without_authentication_unless_the_policy_says_so() {
    let http = "[server]\ntransports = [\"http\"]\n";
    bad(http, "2:1", "the transport `http` needs `auth.api_keys`");
    good(&format!("{http}[auth]\napi_keys = \"keys.toml\""));
    good(&format!("{http}[auth]\ninsecure_allow_anyone = true"));
    let key = Key::generate().expect("randomness");
    assert!(parse(&format!("version = 1\n{http}"), &[("MCP_API_KEYS", key.expose())]).is_ok());
    assert!(parse(&format!("version = 1\n{http}"), &[("MCP_API_KEYS", "")]).is_err());
}

#[test]
fn sockets_and_certificates_are_methods_of_proof() {
    let http = "[server]\ntransports = [\"http\"]\n";
    good(&format!("{http}listen = \"unix:run/http.sock\""));
    good(&format!("{http}[tls]\ncertificate = \"a\"\nkey = \"b\"\nclient_ca = \"c\""));
    bad(&format!("{http}[tls]\ncertificate = \"a\"\nkey = \"b\""), "2:1", "the transport `http` needs");
    bad("[tls]\ncertificate = \"a\"", "2:1", "[tls] has no `key`");
    bad("[server]\ntransports = [\"unix\"]", "2:1", "the transport `unix` needs `unix.socket`");
    bad("[server]\ntransports = [\"websocket\"]", "2:1", "the transport `websocket` needs `auth.api_keys`");
    good("[server]\ntransports = [\"unix\"]\n[unix]\nsocket = \"a\"");
}

#[test]
fn variables_are_expanded_and_an_unset_one_is_an_error() {
    let text = "version = 1\n[server]\nname = \"a-${NAME}-$${NAME}\"";
    assert_eq!(parse(text, &[("NAME", "b")]).expect("valid").policy.server.name, "a-b-${NAME}");
    let error = parse(text, &[]).expect_err("unset");
    assert_eq!(error.problems()[0].message, "`server.name`: the environment variable `NAME` is not set");
    bad("[server]\nname = \"${\"", "2:8", "does not begin a variable");
    bad("[server]\nname = \"${1A}\"", "2:8", "does not begin a variable");
    // The value is not looked at again.
    assert_eq!(parse(text, &[("NAME", "${NAME}")]).expect("valid").policy.server.name, "a-${NAME}-${NAME}");
}

#[test]
fn the_environment_wins_over_the_file_and_the_origin_says_so() {
    let text = "version = 1\n[rate]\ndefault = \"5/s\"\nmax_clients = 7";
    let variables = [("MCP_RATE_LIMIT_MAX", "9"), ("MCP_RATE_LIMIT_WINDOW_MS", "900000")];
    let loaded = parse(text, &variables).expect("valid");
    assert_eq!(loaded.policy.rate.default.to_string(), "9/15min");
    assert!(
        matches!(loaded.origins.of("rate.default"), Origin::Environment(name) if name.contains("MCP_RATE_LIMIT_MAX"))
    );
    assert_eq!(*loaded.origins.of("rate.max_clients"), Origin::File { file: "mcpsec.toml".to_owned(), line: 4 });
    assert_eq!(*loaded.origins.of("limits.body"), Origin::Default);
}

#[test]
fn variables_that_cannot_be_enforced_stop_the_start() {
    let long = "k".repeat(32);
    let key = Key::generate().expect("randomness");
    let twice = format!("{0},{0}", key.expose());
    for (variables, message) in [
        (
            &[("MCP_API_KEYS", "ops-readonly,ops-admin")][..],
            "`MCP_API_KEYS`: entry 2 is not a key that `mcpsec key new` made",
        ),
        (&[("MCP_API_KEYS", ",")], "entry 1 is not a key"),
        (&[("MCP_API_KEYS", &twice)], "is in the list twice"),
        (&[("MCP_RATE_LIMIT_MAX", "5")], "`MCP_RATE_LIMIT_MAX` is set and `MCP_RATE_LIMIT_WINDOW_MS` is not"),
        (
            &[("MCP_RATE_LIMIT_MAX", "0"), ("MCP_RATE_LIMIT_WINDOW_MS", "1")],
            "`MCP_RATE_LIMIT_MAX` is not a whole number",
        ),
        (
            &[("MCP_RATE_LIMIT_MAX", "1"), ("MCP_RATE_LIMIT_WINDOW_MS", "x")],
            "`MCP_RATE_LIMIT_WINDOW_MS` is not a whole number",
        ),
        (&[("MCP_JWT_SECRET", &long[1..])], "`MCP_JWT_SECRET` has less than 32 bytes"),
        (&[("MCP_JWT_SECRET", &long), ("MCP_JWT_AUDIENCE", "a")], "`MCP_JWT_SECRET` does not look random"),
        (&[("MCP_JWT_SECRET", DRAWN)], "`audience` is missing"),
        (&[("MCP_JWT_AUDIENCE", "a")], "nothing says with which key tokens are signed"),
        (&[("MCP_JWT_ISSUER", "a")], "`MCP_JWT_ISSUER` is not enforced"),
        (&[("OTEL_EXPORTER_OTLP_ENDPOINT", "a")], "`OTEL_EXPORTER_OTLP_ENDPOINT` is not enforced"),
        (&[("OTEL_SDK_DISABLED", "true")], "= help: unset it, or start the server with `env -u OTEL_SDK_DISABLED`: "),
        (&[("MCP_RESILIENCE_RETRIES", "a")], "`MCP_RESILIENCE_RETRIES` is not enforced"),
        (
            &[("MCP_RESILIENCE_RETRIES", "a")],
            "= help: unset it, or start the server with `env -u MCP_RESILIENCE_RETRIES`: ",
        ),
    ] {
        let error = parse("version = 1", variables).expect_err(message).to_string();
        assert!(error.contains(message), "{error}");
        assert!(!error.contains("ops-readonly") && !error.contains(&long) && !error.contains(key.expose()), "{error}");
    }
}

/// Something that `openssl rand -hex 32` could have written.
const DRAWN: &str = "8f1c02d97ab34e65c0f7d1293b84ae5f60c7d2e91b3f4a8857e6d0c1b2a39f84";

#[test]
fn tokens_can_be_asked_for_by_variables_alone_and_those_win_over_the_file() {
    let both = [("MCP_JWT_SECRET", DRAWN), ("MCP_JWT_AUDIENCE", "mcp")];
    let http = "version = 1\n[server]\ntransports = [\"http\"]\n";
    let jwt = parse(http, &both).expect("valid").policy.auth.jwt.expect("asked for");
    assert_eq!((jwt.secrets[0].expose(), jwt.audience), (DRAWN, vec!["mcp".to_owned()]));
    assert_eq!(jwt.algorithms, [crate::model::JwtAlgorithm::HS256]);
    let file = format!("{http}[auth.jwt]\naudience = \"other\"\nsecrets = [\"${{A}}\"]");
    let loaded = parse(&file, &[("A", DRAWN), ("MCP_JWT_AUDIENCE", "mcp")]).expect("valid");
    assert_eq!(loaded.policy.auth.jwt.expect("asked for").audience, ["mcp"]);
    assert!(matches!(loaded.origins.of("auth.jwt.audience"), Origin::Environment(_)));
    assert!(parse(&file, &[("A", "short")]).expect_err("weak").to_string().contains("less than 32 bytes"));
}

#[test]
fn a_section_about_tokens_is_whole_or_an_error() {
    let base = "[auth.jwt]\nissuer = \"https://i.example\"\naudience = \"a\"\n";
    good(&format!("{base}jwks = \"file:k.json\"\nalgorithms = [\"ES256\"]"));
    let check = |rest: &str, message: &str| {
        let error = parse(&format!("version = 1\n{base}{rest}"), &[("S", DRAWN)]).expect_err(rest).to_string();
        assert!(error.contains(message), "{error}");
        assert!(!error.contains(DRAWN), "{error}");
    };
    check("", "nothing says with which key");
    check("jwks = \"file:k.json\"", "`algorithms` is missing");
    check("jwks = \"file:k.json\"\nalgorithms = [\"none\"]", "expected one of");
    check("jwks = \"file:k.json\"\nalgorithms = []", "accepts no token");
    check("jwks = \"file:k.json\"\nalgorithms = [\"HS256\"]", "does not fit `jwks`");
    check("jwks = \"file:k.json\"\nalgorithms = [\"HS256\", \"RS256\"]", "mixes");
    check("jwks = \"http://i.example/k\"\nalgorithms = [\"RS256\"]", "https");
    check("jwks = \"file:k.json\"\njwks_ca = \"c\"\nalgorithms = [\"RS256\"]", "has no effect");
    check("secrets = [\"${S}\"]\njwks = \"file:k.json\"", "both there");
    check("secrets = [\"${S}\"]\nalgorithms = [\"RS256\"]", "does not fit `secrets`");
    check(&format!("secrets = [\"{DRAWN}\"]"), "does not stand in a policy file");
    check("secrets = [\"${S}\"]\nleeway = \"6min\"", "auth.jwt.leeway");
    check("secrets = [\"${S}\"]\nscopes_supported = [\"offline_access\"]", "never asks");
    bad("[auth.jwt]\njwks = \"file:k\"\nalgorithms = [\"RS256\"]\nissuer = \"i\"", "1:1", "`audience` is missing");
    bad("[auth.jwt]\njwks = \"file:k\"\nalgorithms = [\"RS256\"]\naudience = \"i\"", "1:1", "`issuer` is missing");
}

#[test]
fn all_problems_are_reported_in_order_with_the_line_and_carets() {
    let error = parse("version = 1\n[limits]\nboddy = \"1MiB\"\nqueue = -1\n\ttimeout = 3\n", &[]).expect_err("three");
    assert_eq!(
        error.to_string(),
        "mcpsec.toml:3:1: unknown key `boddy` in [limits]; did you mean `body`?
   |
 3 | boddy = \"1MiB\"
   | ^^^^^

mcpsec.toml:4:9: `limits.queue`: must be from 0 to 100000
   |
 4 | queue = -1
   |         ^^

mcpsec.toml:5:12: `limits.timeout`: a duration needs a unit, such as \"3s\" or \"3ms\"
   |
 5 |  timeout = 3
   |            ^"
    );
}

#[test]
fn a_line_that_holds_a_secret_is_not_shown() {
    let key = Key::generate().expect("randomness");
    let error = parse(&format!("version = 1\n[auth]\napi_key = \"{}\"", key.expose()), &[]).expect_err("unknown key");
    assert!(!error.to_string().contains(key.expose()), "{error}");
    assert!(error.to_string().contains("did you mean `api_keys`?"), "{error}");
}

#[test]
fn no_text_panics() {
    let lines: Vec<&str> = FULL.lines().collect();
    let extra = [
        "[",
        "]]",
        "=",
        "\"",
        "ä = \u{1F600}",
        "\0",
        "[[tools]]",
        "a.b.c = {}",
        "x = [[[[",
        "version = 1",
        "\u{FEFF}",
        "'''",
    ];
    let mut state = 3_u32;
    for _ in 0..3_000 {
        let mut text = String::new();
        for _ in 0..8 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let at = (state >> 16) as usize % (lines.len() + extra.len());
            let line = lines.get(at).copied().unwrap_or_else(|| extra[at - lines.len()]);
            let cut = (state >> 8) as usize % (line.len() * 4 + 1);
            text.push_str(line.get(..cut).unwrap_or(line));
            text.push('\n');
        }
        if let Err(error) = Policy::parse(&text, "mcpsec.toml", &Environment::default()) {
            assert!(!error.to_string().is_empty());
        }
    }
}

#[test]
fn a_hostile_file_takes_linear_time_and_gets_a_bounded_answer() {
    let started = std::time::Instant::now();
    for text in [
        (0..40_000).map(|at| format!("k{at} = 1\n")).collect::<String>(),
        (0..20_000).map(|at| format!("[tools.t{at}]\nrat = 1\n")).collect(),
        format!("a = [{}]", "1,".repeat(200_000)),
        format!("[server]\ntransports = [{}]", "\"x\",".repeat(100_000)),
        "[[access.rules]]\n".repeat(20_000),
        "=\n".repeat(100_000),
    ] {
        let error = Policy::parse(&text, "mcpsec.toml", &Environment::default()).expect_err("wrong");
        assert!(error.problems().len() <= 201, "{}", error.problems().len());
    }
    // Quadratic work on these would take many minutes.
    assert!(started.elapsed().as_secs() < 30);
}

#[test]
fn asking_for_everything_needs_something_that_can_be_shown() {
    let http = "[server]\ntransports = [\"http\"]\n[auth]\nrequire = \"all\"\n";
    good(&format!("{http}api_keys = \"k\"\ntokens = \"t\""));
    let check = |rest: &str, message: &str| {
        let error = parse(&format!("version = 1\n{http}{rest}"), &[]).expect_err(rest).to_string();
        assert!(error.contains(message), "{error}");
    };
    check("insecure_allow_anyone = true", "contradict each other");
    let jwt = "[auth.jwt]\nissuer = \"i\"\naudience = \"a\"\nalgorithms = [\"RS256\"]\njwks = \"file:k\"";
    check(&format!("api_keys = \"k\"\ntokens = \"t\"\n{jwt}"), "two headers");
    good(&format!("{http}tokens = \"t\"\n{jwt}"));
}
