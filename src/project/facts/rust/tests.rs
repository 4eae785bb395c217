//! Facts of small Rust projects.

use crate::project::{
    Project,
    facts::{Bind, Capability, Endpoint, Facts, Mismatch, Moment, Protection, Server},
};

fn facts(files: &[(&str, &str)]) -> Facts {
    Project::from_files(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))).facts
}

fn one(text: &str) -> Facts {
    facts(&[("src/main.rs", text)])
}

fn server(text: &str) -> Server {
    let mut facts = one(text);
    assert_eq!(facts.servers.len(), 1, "{:?}", facts.servers);
    facts.servers.remove(0)
}

fn endpoint(text: &str) -> Endpoint {
    let mut facts = one(text);
    assert_eq!(facts.endpoints.len(), 1, "{:?}", facts.endpoints);
    facts.endpoints.remove(0)
}

fn declared(server: &Server) -> Vec<Capability> {
    server.declared.iter().map(|declared| declared.capability).collect()
}

const TOOLS: &str = "use rmcp::{ServerHandler, tool, tool_router, tool_handler};\nstruct S;\n#[tool_router]\nimpl S {\n    /// Adds.\n    #[tool]\n    fn add(&self) {}\n    #[tool(name = \"sub\", description = \"Subtracts\")]\n    fn get_info(&self) {}\n}\n";

#[test]
fn macros_announce_what_they_serve_unless_get_info_is_written() {
    let generated = server(&format!("{TOOLS}#[tool_handler]\nimpl ServerHandler for S {{}}"));
    assert_eq!((generated.unregistered, generated.undeclared), (Mismatch::Impossible, Mismatch::Impossible));
    let tools: Vec<_> = generated
        .tools
        .iter()
        .map(|tool| (tool.name.as_deref().unwrap(), tool.description.as_ref().map(|d| d.0.as_str())))
        .collect();
    assert_eq!(tools, [("add", Some("Adds.")), ("sub", Some("Subtracts"))]);
    let written = server(&format!(
        "{TOOLS}#[tool_handler]\nimpl ServerHandler for S {{ fn get_info(&self) -> ServerInfo {{ ServerInfo {{ capabilities: ServerCapabilities::builder().enable_prompts().build(), server_info: Implementation::new(\"demo\", \"1\"), ..Default::default() }} }} }}"
    ));
    assert_eq!(declared(&written), [Capability::Prompts]);
    assert_eq!(written.undeclared, Mismatch::Hidden);
    let methods: Vec<_> = written.registered.iter().filter_map(|r| r.method).collect();
    assert_eq!(methods, ["tools/list", "tools/call"]);
    assert!(written.incomplete.is_empty(), "{:?}", written.incomplete);
}

#[test]
fn overridden_methods_and_helpers_of_get_info_count() {
    let found = server(
        "use rmcp::{ServerHandler, model::*};\nstruct S;\nimpl ServerHandler for S {\n    fn get_info(&self) -> ServerInfo { info() }\n    async fn list_resources(&self, r: R, c: C) -> X { X }\n    async fn read_resource(&self, r: R, c: C) -> X { X }\n}\nfn info() -> ServerInfo { ServerInfo::new(ServerCapabilities { resources: Some(R {}), tools: None, logging: Some(x), ..Default::default() }) }\n",
    );
    assert_eq!(declared(&found), [Capability::Resources, Capability::Logging]);
    let methods: Vec<_> = found.registered.iter().filter_map(|r| r.method).collect();
    assert_eq!(methods, ["resources/list", "resources/read"]);
    assert_eq!(found.unregistered, Mismatch::EmptyList);
    let passed_on = server(
        "use rmcp::ServerHandler;\nstruct W<H>(H);\nimpl<H: ServerHandler> ServerHandler for W<H> { fn get_info(&self) -> I { self.0.get_info() } async fn call_tool(&self, r: R, c: C) -> X { X } }",
    );
    assert!(!passed_on.incomplete.is_empty());
}

#[test]
fn capabilities_may_be_assigned_and_stubs_do_not_count() {
    let found = server(
        "use rmcp::{ServerHandler, model::*};\nstruct S;\nimpl ServerHandler for S {\n    fn get_info(&self) -> ServerInfo { let mut capabilities = ServerCapabilities::default(); capabilities.tools = Some(T {}); InitializeResult::new(capabilities) }\n    async fn call_tool(&self, r: R, c: C) -> X { X }\n    async fn list_prompts(&self, r: R, c: C) -> X { X }\n    async fn set_level(&self, r: R, c: C) -> X { X }\n}",
    );
    assert_eq!(declared(&found), [Capability::Tools]);
    assert_eq!(found.registered.iter().filter_map(|r| r.method).collect::<Vec<_>>(), ["tools/call"]);
}

#[test]
fn servers_in_tests_are_left_out() {
    assert!(
        one("#[cfg(test)]\nmod tests { struct M; impl rmcp::ServerHandler for M { fn get_info(&self) -> I { I } } }")
            .servers
            .is_empty()
    );
}

const HTTP: &str = "use rmcp::transport::streamable_http_server::{StreamableHttpService, StreamableHttpServerConfig};\nuse tokio::net::TcpListener;\nuse std::net::{SocketAddr, Ipv4Addr};\nuse axum::{Router, middleware};\n";

fn listening(before: &str, address: &str) -> String {
    format!(
        "{HTTP}{before}\nasync fn main() {{\n    let service = StreamableHttpService::new(|| Ok(S), M.into(), StreamableHttpServerConfig::default());\n    let app = Router::new().nest_service(\"/mcp\", service);\n    let listener = TcpListener::bind({address}).await.unwrap();\n    axum::serve(listener, app).await.unwrap();\n}}\n"
    )
}

#[test]
fn addresses_are_followed_to_where_they_are_written() {
    let of = |before: &str, address: &str| endpoint(&listening(before, address)).bind;
    assert_eq!(of("", "\"127.0.0.1:8000\""), Bind::Loopback);
    assert_eq!(of("const A: &str = \"0.0.0.0:80\";", "A"), Bind::All);
    assert_eq!(of("", "(\"0.0.0.0\", port)"), Bind::All);
    assert_eq!(of("", "SocketAddr::from(([0, 0, 0, 0], 3000))"), Bind::All);
    assert_eq!(of("", "SocketAddr::from((Ipv4Addr::LOCALHOST, 3000))"), Bind::Loopback);
    assert_eq!(of("", "(Ipv4Addr::UNSPECIFIED, 1)"), Bind::All);
    assert_eq!(of("", "format!(\"127.0.0.1:{port}\")"), Bind::Loopback);
    assert_eq!(of("", "format!(\"{}:{}\", host(), 1)"), Bind::Unknown);
    assert_eq!(of("", "std::env::var(\"A\").unwrap_or_else(|_| \"0.0.0.0:1\".to_string())"), Bind::ConfiguredAll);
    assert_eq!(of("", "std::env::var(\"A\").unwrap_or(\"127.0.0.1:1\".into())"), Bind::ConfiguredLoopback);
    assert_eq!(of("", "std::env::var(\"A\").unwrap()"), Bind::Unknown);
    assert_eq!(of("", "\"[::]:80\".parse::<SocketAddr>().unwrap()"), Bind::All);
    assert_eq!(of("", "\"10.1.1.1:80\""), Bind::Address("10.1.1.1".into()));
    let arguments = "#[derive(Parser)]\nstruct Args { #[arg(long, default_value = \"0.0.0.0\", env = \"HOST\")] host: String }\nstatic ARGS: Args = Args::parse();";
    assert_eq!(of(arguments, "format!(\"{}:{}\", ARGS.host, 1)"), Bind::ConfiguredAll);
    assert!(
        one("use tokio::net::TcpListener;\nasync fn main() { TcpListener::bind(\"0.0.0.0:1\").await; }")
            .endpoints
            .is_empty()
    );
}

#[test]
fn middleware_that_refuses_is_authentication() {
    let of = |function: &str, layer: &str| {
        let text = listening(function, "\"0.0.0.0:1\"").replace("service);\n", &format!("service){layer};\n"));
        endpoint(&text).authentication
    };
    let check = "async fn auth(h: HeaderMap, request: Request, next: Next) -> Result<Response, StatusCode> {\n    if h.get(\"authorization\").is_none_or(wrong) { return Err(StatusCode::UNAUTHORIZED); }\n    Ok(next.run(request).await)\n}";
    assert!(matches!(of(check, ".layer(middleware::from_fn(auth))"), Protection::Present(_)));
    assert!(matches!(of(check, ""), Protection::Unknown(_)), "nothing mounts it");
    assert_eq!(of("", ""), Protection::Absent);
    let open = check.replace("    if h", "    if key().is_none() { return Ok(next.run(request).await); }\n    if h");
    assert!(matches!(
        of(&open, ".layer(middleware::from_fn_with_state(state, auth))"),
        Protection::Unknown(_) | Protection::Optional(_)
    ));
    assert!(matches!(
        of("", ".layer(tower_http::validate_request::ValidateRequestHeaderLayer::bearer(t))"),
        Protection::Present(_)
    ));
}

#[test]
fn hosts_are_checked_by_version_or_in_so_many_words() {
    let of = |config: &str| {
        let text = listening("", "\"127.0.0.1:1\"").replace(
            "StreamableHttpServerConfig::default()",
            &format!("StreamableHttpServerConfig::default(){config}"),
        );
        endpoint(&text).host_check
    };
    assert!(matches!(of(""), Protection::Unknown(_)), "the version decides");
    assert!(matches!(of(".disable_allowed_hosts()"), Protection::Disabled(_)));
    assert!(matches!(of(".with_allowed_hosts([\"a\"])"), Protection::Present(_)));
}

#[test]
fn limiters_and_cross_origin_layers_are_found() {
    let of = |layer: &str| {
        let text = listening(
            "use tower_http::cors::{CorsLayer, Any};\nuse tower_governor::{governor::GovernorConfigBuilder, GovernorLayer};",
            "\"0.0.0.0:1\"",
        );
        one(&text.replace("service);\n", &format!("service){layer};\n")))
    };
    let limited = of(
        ".layer(GovernorLayer { config: Arc::new(GovernorConfigBuilder::default().per_second(2).burst_size(5).finish().unwrap()) })",
    );
    assert!(matches!(limited.endpoints[0].rate_limit, Protection::Present(_)));
    assert_eq!(limited.limiters.iter().map(|l| l.weakness.clone()).collect::<Vec<_>>(), [None]);
    let weak = of(
        ".layer(GovernorLayer { config: GovernorConfigBuilder::default().key_extractor(GlobalKeyExtractor).finish() })",
    );
    assert!(weak.limiters[0].weakness.is_some());
    let any = of(".layer(CorsLayer::new().allow_origin(Any).allow_credentials(true))");
    assert_eq!((any.cors[0].any_origin, any.cors[0].credentials), (true, true));
    assert!(of(".layer(CorsLayer::permissive())").cors[0].any_origin);
    assert!(!of(".layer(CorsLayer::new().allow_origin(origin))").cors[0].any_origin);
}

#[test]
fn writes_are_judged_by_when_they_happen() {
    let found = one(
        "use rmcp::{ServiceExt, transport::stdio, tool, tool_router};\nstruct S;\n#[tool_router]\nimpl S { #[tool] fn t(&self) { self.helper(); } fn helper(&self) { println!(\"serving\"); } }\nfn unused() { println!(\"unused\"); }\nasync fn main() {\n    tracing_subscriber::fmt().with_env_filter(f).init();\n    if std::env::args().any(|a| a == \"--version\") { println!(\"v1\"); return; }\n    println!(\"starting\");\n    let service = S.serve(stdio()).await.unwrap();\n    print!(\"between\");\n    service.waiting().await.unwrap();\n    println!(\"bye\");\n    eprintln!(\"fine\");\n}\n",
    );
    let moments: Vec<_> = found.stdout_writes.iter().map(|write| write.moment).collect();
    assert_eq!(
        moments,
        [
            Moment::Serving,
            Moment::Unknown,
            Moment::Serving,
            Moment::Elsewhere,
            Moment::Starting,
            Moment::Starting,
            Moment::Stopping
        ],
        "{:?}",
        found.stdout_writes
    );
    let quiet = one(
        "use rmcp::transport::stdio;\nasync fn main() { tracing_subscriber::fmt().with_writer(std::io::stderr).init(); S.serve(stdio()).await; }",
    );
    assert!(quiet.stdout_writes.is_empty(), "{:?}", quiet.stdout_writes);
    let streams = one(
        "async fn main() { println!(\"x\"); let io = (tokio::io::stdin(), tokio::io::stdout()); rmcp::serve_server(S, io).await; }",
    );
    assert_eq!(streams.stdout_writes.len(), 1);
}

#[test]
fn a_server_in_our_runtime_is_protected_as_its_policy_says() {
    let main = "async fn main() -> ExitCode { mcpsec_runtime::run(policy(), Server::new).await }";
    let of = |transports: &str| {
        facts(&[
            ("src/main.rs", main),
            ("mcpsec.toml", &format!("version = 1\n[server]\ntransports = [{transports}]\n")),
        ])
    };
    let http = of("\"http\"");
    assert!(http.stdio.is_empty());
    assert!(matches!(http.endpoints[0].authentication, Protection::Present(_)));
    assert!(matches!(http.endpoints[0].rate_limit, Protection::Present(_)));
    let stdio = of("\"stdio\"");
    assert_eq!((stdio.stdio.len(), stdio.endpoints.len()), (1, 0));
}

#[test]
fn secrets_environment_files_and_tests_are_counted() {
    let found = one(
        "fn main() { dotenvy::dotenv().ok(); let a = std::env::var(\"JWT_SECRET\").unwrap_or_else(|_| \"dev\".to_string()); let b = std::env::var(\"API_KEY\").unwrap_or(\"k\".into()); let c = std::env::var(\"PORT\").unwrap_or(\"80\".into()); let d = std::env::var(\"DB_PASSWORD\").unwrap_or_default(); }\n#[derive(Parser)]\nstruct A { #[arg(env = \"AUTH_TOKEN\", default_value = \"t\")] t: String }\n#[cfg(test)]\nmod tests { #[test] fn a() {} #[tokio::test] async fn b() {} fn helper() {} }\n",
    );
    let variables: Vec<_> = found.secret_defaults.iter().map(|d| d.variable.as_str()).collect();
    assert_eq!(variables, ["JWT_SECRET", "API_KEY", "AUTH_TOKEN"]);
    assert_eq!((found.environment_files.len(), found.tests.len()), (1, 2));
}

#[test]
fn no_cut_stops_the_facts() {
    let text = format!(
        "{TOOLS}#[tool_handler]\nimpl ServerHandler for S {{}}\n{}",
        listening("", "format!(\"0.0.0.0:{}\", 1)")
    );
    for cut in (0..text.len()).step_by(5).filter(|cut| text.is_char_boundary(*cut)) {
        one(&text[..cut]);
        one(&text[cut..]);
    }
}
