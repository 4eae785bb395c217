use crate::project::{
    Project,
    facts::{Mismatch, Server},
};

fn project(source: &str) -> Project {
    Project::from_files([("main.go".to_owned(), format!("package main\n{source}"))])
}

#[track_caller]
fn only(project: &Project) -> &Server {
    assert_eq!(project.facts.servers.len(), 1, "{:?}", project.facts.servers);
    &project.facts.servers[0]
}

fn words(server: &Server) -> (Vec<&str>, Vec<&str>) {
    let declared = server.declared.iter().map(|declared| declared.capability.name());
    (declared.collect(), server.registered.iter().map(|r| r.capability.name()).collect())
}

#[test]
fn servers_of_mcp_go_announce_by_options_and_register_by_methods() {
    let project = project(
        r#"
        import ("github.com/mark3labs/mcp-go/mcp"; "github.com/mark3labs/mcp-go/server")
        func main() {
            s := server.NewMCPServer("weather", "1.0", server.WithToolCapabilities(true), server.WithResourceCapabilities(true, true), server.WithLogging())
            register(s)
            server.ServeStdio(s)
        }
        func register(s *server.MCPServer) {
            tool := mcp.NewTool("forecast", mcp.WithDescription("Tells the weather"))
            s.AddTool(tool, handle)
        }
        "#,
    );
    let server = only(&project);
    assert_eq!(words(server), (vec!["tools", "resources", "logging"], vec!["tools", "logging"]));
    assert_eq!((server.unregistered, server.undeclared), (Mismatch::EmptyList, Mismatch::Impossible));
    assert_eq!(server.name.as_deref(), Some("weather"));
    assert_eq!(server.tools[0].name.as_deref(), Some("forecast"));
    assert_eq!(server.tools[0].description.as_ref().map(|(text, _)| text.as_str()), Some("Tells the weather"));
    assert_eq!(project.facts.stdio.len(), 1);
}

#[test]
fn servers_of_the_official_sdk_announce_by_options() {
    let project = project(
        r#"
        import "github.com/modelcontextprotocol/go-sdk/mcp"
        func main() {
            s := mcp.NewServer(&mcp.Implementation{Name: "x"}, &mcp.ServerOptions{HasPrompts: true, HasTools: false, Capabilities: &mcp.ServerCapabilities{Resources: &mcp.ResourceCapabilities{}}})
            mcp.AddTool(s, &mcp.Tool{Name: "greet", Description: "hi"}, greet)
            s.Run(ctx, &mcp.StdioTransport{})
        }
        "#,
    );
    let server = only(&project);
    assert_eq!(words(server), (vec!["prompts", "resources"], vec!["tools"]));
    assert_eq!(server.name.as_deref(), Some("x"));
    assert_eq!(project.facts.stdio.len(), 1);
    let computed = self::project(
        "import \"github.com/modelcontextprotocol/go-sdk/mcp\"\nfunc main() { mcp.NewServer(nil, options()) }",
    );
    assert_eq!(only(&computed).incomplete, ["the server's options are computed"]);
}

/// The only endpoint of a program, as words: bind, authentication, host check, rate limit.
#[track_caller]
fn endpoint(code: &str) -> [String; 4] {
    let project = project(&format!(
        "import (\"github.com/modelcontextprotocol/go-sdk/mcp\"; \"github.com/mark3labs/mcp-go/server\"; \"net/http\"; \"fmt\"; \"os\"; \"flag\"; \"net\")\n{code}"
    ));
    let [endpoint] = &project.facts.endpoints[..] else { panic!("{code}: {:?}", project.facts.endpoints) };
    let word = |debug: String| debug.split(['(', ' ']).next().unwrap_or_default().to_owned();
    [
        word(format!("{:?}", endpoint.bind)),
        word(format!("{:?}", endpoint.authentication)),
        word(format!("{:?}", endpoint.host_check)),
        word(format!("{:?}", endpoint.rate_limit)),
    ]
}

#[test]
fn who_can_connect_follows_from_the_address() {
    for (listen, bind) in [
        ("http.ListenAndServe(\":8080\", h)", "All"),
        ("http.ListenAndServe(\"localhost:8080\", h)", "Loopback"),
        ("http.ListenAndServe(\"[::1]:8080\", h)", "Loopback"),
        ("http.ListenAndServe(\":\" + port, h)", "All"),
        ("http.ListenAndServe(fmt.Sprintf(\"%s:%d\", *host, 1), h)", "ConfiguredLoopback"),
        ("http.ListenAndServe(net.JoinHostPort(*host, p), h)", "ConfiguredLoopback"),
        ("http.ListenAndServe(fmt.Sprintf(\":%d\", port), h)", "All"),
        ("srv := &http.Server{Addr: \"0.0.0.0:1\", Handler: h}; srv.ListenAndServe()", "All"),
        ("srv := &http.Server{Handler: h}; srv.ListenAndServe()", "All"),
        ("addr := flag.String(\"addr\", \"127.0.0.1:9\", \"\"); http.ListenAndServe(*addr, h)", "ConfiguredLoopback"),
        ("http.ListenAndServe(address(), h)", "Unknown"),
    ] {
        let code = format!(
            "var host = flag.String(\"host\", \"localhost\", \"\")\nfunc main() {{ h := mcp.NewStreamableHTTPHandler(get, nil); {listen} }}"
        );
        assert_eq!(endpoint(&code)[0], bind, "{listen}");
    }
    let start = endpoint("func main() { h := server.NewStreamableHTTPServer(s); h.Start(\":8080\") }");
    assert_eq!(start, ["All", "Absent", "Absent", "Absent"]);
}

#[test]
fn defaults_of_configurations_are_followed() {
    let main = "func main() { var c C; h := mcp.NewStreamableHTTPHandler(get, nil)";
    for (code, bind) in [
        (
            format!(
                "{main}; flag.StringVar(&c.On, \"listen-on\", \"127.0.0.1:1\", \"\"); http.ListenAndServe(c.On, h) }}"
            ),
            "ConfiguredLoopback",
        ),
        (
            format!(
                "var on string\nfunc init() {{ flag.StringVar(&on, \"x\", \"0.0.0.0:1\", \"\") }}\n{main}; http.ListenAndServe(on, h) }}"
            ),
            "ConfiguredAll",
        ),
        (
            format!("{main}; c.Net.On = \"127.0.0.1\"; http.ListenAndServe(c.Net.On + \":1\", h) }}"),
            "ConfiguredLoopback",
        ),
        (
            format!(
                "{main}; load(&c); http.ListenAndServe(c.On, h) }}\nfunc load(c *C) {{ c.On = os.Getenv(\"ON\"); if c.On == \"\" {{ c.On = \"127.0.0.1:1\" }} }}"
            ),
            "ConfiguredLoopback",
        ),
        (
            format!("{main}; on := os.Getenv(\"ON\"); if on == \"\" {{ on = \":1\" }}; http.ListenAndServe(on, h) }}"),
            "ConfiguredAll",
        ),
        (
            format!(
                "{main}; on := os.Getenv(\"ON\"); http.ListenAndServe(on, h) }}\nfunc other() {{ on := \"\"; on = \":1\" }}"
            ),
            "Unknown",
        ),
        (
            format!(
                "type C struct {{ On string `env:\"ON\" envDefault:\"127.0.0.1:1\"` }}\n{main}; env.Parse(&c); http.ListenAndServe(c.On, h) }}"
            ),
            "ConfiguredLoopback",
        ),
        (
            format!(
                "{main}; on := flag.String(\"on\", \"127.0.0.1:1\", \"\"); s := &http.Server{{}}; s.Addr = *on; s.ListenAndServe() }}"
            ),
            "ConfiguredLoopback",
        ),
    ] {
        assert_eq!(endpoint(&code)[0], bind, "{code}");
    }
}

#[test]
fn checks_around_the_endpoint_are_found() {
    let main = |setup: &str, options: &str| {
        format!(
            "func main() {{ h := mcp.NewStreamableHTTPHandler(get, {options}); {setup}; http.ListenAndServe(\":1\", h) }}\n"
        )
    };
    let auth = "func guard(next http.Handler) http.Handler { return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { if r.Header.Get(\"Authorization\") != k { http.Error(w, \"no\", http.StatusUnauthorized); return }; next.ServeHTTP(w, r) }) }";
    let other = "func call() { if r.Header.Get(\"Authorization\") == \"\" { fail(http.StatusUnauthorized) } }";
    let limit = "func limit(w http.ResponseWriter) { http.Error(w, \"slow down\", http.StatusTooManyRequests) }";
    for (code, expected) in [
        (main("", "nil"), ["All", "Absent", "Absent", "Absent"]),
        (main("", "nil") + auth, ["All", "Present", "Absent", "Absent"]),
        (main("", "nil") + other, ["All", "Absent", "Absent", "Absent"]),
        (main("", "nil") + limit, ["All", "Absent", "Absent", "Present"]),
        (main("h = http.NewCrossOriginProtection().Handler(h)", "nil"), ["All", "Absent", "Present", "Absent"]),
        (
            main("", "&mcp.StreamableHTTPOptions{DisableLocalhostProtection: true}"),
            ["All", "Absent", "Disabled", "Absent"],
        ),
    ] {
        assert_eq!(endpoint(&code), expected, "{code}");
    }
}

#[test]
fn a_check_before_another_route_is_none_of_this_one() {
    let guard = "func guard(next http.Handler) http.Handler { return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { if r.Header.Get(\"Authorization\") != k { http.Error(w, \"no\", http.StatusUnauthorized); return }; next.ServeHTTP(w, r) }) }";
    for (routes, expected) in [
        ("mux.Handle(\"/mcp\", h); mux.Handle(\"/admin\", guard(admin))", "Absent"),
        (
            "mux.Handle(\"POST /mcp\", h); mux.Handle(\"/admin\", guard(admin)); mux.Handle(\"/\", guard(rest))",
            "Present",
        ),
        (
            "mux.Handle(\"/mcp\", h); mux.HandleFunc(\"/x\", func(w http.ResponseWriter, r *http.Request) { if r.Header.Get(\"Authorization\") != k { http.Error(w, \"no\", http.StatusUnauthorized) } }); mux.Handle(\"/y\", guard(y))",
            "Absent",
        ),
        ("mux.Handle(\"/mcp\", guard(h)); mux.Handle(\"/health\", health)", "Present"),
        ("mux.Handle(\"/mcp\", h); secured = guard(mux)", "Present"),
        ("serve(mux, h); mux.Handle(\"/admin\", guard(admin))", "Present"),
    ] {
        let code = format!(
            "func main() {{ mux := http.NewServeMux(); h := mcp.NewStreamableHTTPHandler(get, nil); {routes}; http.ListenAndServe(\":1\", mux) }}\n{guard}"
        );
        assert_eq!(endpoint(&code)[1], expected, "{routes}");
    }
}

#[test]
fn origins_secrets_and_tests_are_found() {
    let project = project(
        r#"
        import ("os"; "github.com/rs/cors"; "net/http"; "github.com/joho/godotenv")
        func f(w http.ResponseWriter) { w.Header().Set("Access-Control-Allow-Origin", "*") }
        func g() { cors.New(cors.Options{AllowedOrigins: []string{"https://a.example"}}); cors.AllowAll() }
        func h() {
            s := os.Getenv("JWT_SECRET")
            if s == "" { s = "dev" }
            p := os.Getenv("PORT")
            if p == "" { p = "80" }
            k := os.Getenv("SIGNING_KEY")
            if k == "" { panic("set it") }
            t := getEnv("ADMIN_TOKEN", "letmein")
        }
        "#,
    );
    let any: Vec<bool> = project.facts.cors.iter().map(|cors| cors.any_origin).collect();
    assert_eq!(any, [true, false, true]);
    let mut secrets: Vec<&str> = project.facts.secret_defaults.iter().map(|s| s.variable.as_str()).collect();
    secrets.sort_unstable();
    assert_eq!(secrets, ["ADMIN_TOKEN", "JWT_SECRET"]);
    assert_eq!(project.facts.environment_files.len(), 1);
    let test = "package p\nfunc TestA(t *testing.T) {}\nfunc TestMain(m *testing.M) {}\nfunc helper() {}\n";
    let tests = Project::from_files([("a_test.go".to_owned(), test.to_owned()), ("b.go".to_owned(), test.to_owned())]);
    assert_eq!(tests.facts.tests.len(), 1);
}

#[test]
fn writes_are_placed_in_the_life_of_a_stdio_server() {
    let project = project(
        r#"
        import ("fmt"; "os"; "github.com/mark3labs/mcp-go/mcp"; "github.com/mark3labs/mcp-go/server")
        func main() {
            if len(os.Args) > 1 { fmt.Println("1"); os.Exit(0) }
            fmt.Println("2")
            serve()
        }
        func serve() { s := server.NewMCPServer("a", "b"); s.AddTool(t, handle); server.ServeStdio(s) }
        func handle(ctx context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) { helper(); fmt.Fprintln(os.Stderr, "x"); return nil, nil }
        func helper() { fmt.Fprintf(os.Stdout, "3") }
        func tool() { fmt.Print("4") }
        "#,
    );
    let text = &project.files[0].text;
    let mut found: Vec<String> = project
        .facts
        .stdout_writes
        .iter()
        .map(|w| {
            format!("{} {:?}", text[w.place.start..w.place.end].trim_matches(|c: char| !c.is_ascii_digit()), w.moment)
        })
        .collect();
    found.sort();
    assert_eq!(found, ["1 Elsewhere", "2 Starting", "3 Serving", "4 Unknown"]);
}

#[test]
fn names_of_a_package_are_found_in_all_of_its_files() {
    let files = [
        (
            "main.go",
            "package main\nimport (\"example.org/app/tools\"; \"github.com/mark3labs/mcp-go/server\")\nfunc main() { s := server.NewMCPServer(\"a\", tools.Version); tools.Register(s) }",
        ),
        ("tools/a.go", "package tools\nconst Other = \"x\""),
        (
            "tools/b.go",
            "package tools\nimport \"github.com/mark3labs/mcp-go/server\"\nfunc Register(s *server.MCPServer) { s.AddTool(t, h); fmt.Println(Other) }",
        ),
    ];
    let project = Project::from_files(files.map(|(path, text)| (path.to_owned(), text.to_owned())));
    assert_eq!(words(only(&project)), (vec![], vec!["tools"]));
    assert!(only(&project).incomplete.is_empty());
}
