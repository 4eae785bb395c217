use crate::project::{
    Project,
    facts::{Capability, Mismatch, Server},
};

/// The facts of one file.
fn project(source: &str) -> Project {
    Project::from_files([("src/index.ts".to_owned(), source.to_owned())])
}

#[track_caller]
fn only(project: &Project) -> &Server {
    assert_eq!(project.facts.servers.len(), 1, "{:?}", project.facts.servers);
    &project.facts.servers[0]
}

fn declared(server: &Server) -> Vec<&'static str> {
    server.declared.iter().map(|declared| declared.capability.name()).collect()
}

fn registered(server: &Server) -> Vec<&'static str> {
    let named = server.registered.iter().map(|r| r.method.unwrap_or(r.capability.name()));
    named.collect()
}

#[test]
fn a_low_level_server_declares_and_handles_in_so_many_words() {
    let project = project(
        r#"
        import { Server } from "@modelcontextprotocol/sdk/server/index.js";
        import { ListToolsRequestSchema, CallToolRequestSchema as Call, PingRequestSchema } from "@modelcontextprotocol/sdk/types.js";
        const base = { resources: {} };
        const server = new Server({ name: "s", version: "1" }, { capabilities: { ...base, tools: {}, prompts: undefined } });
        server.setRequestHandler(ListToolsRequestSchema, async () => ({ tools: [{ name: "t", description: "d", inputSchema: {} }] }));
        server.setRequestHandler(Call, async (r) => r);
        server.setRequestHandler(PingRequestSchema, async () => ({}));
        server.setRequestHandler("prompts/list", async () => ({}));
        "#,
    );
    let server = only(&project);
    assert_eq!(declared(server), ["resources", "tools"]);
    assert_eq!(registered(server), ["tools/list", "tools/call", "prompts/list"]);
    assert_eq!((server.unregistered, server.undeclared), (Mismatch::MethodNotFound, Mismatch::FailsAtStart));
    assert_eq!(server.name.as_deref(), Some("s"));
    assert_eq!(server.tools[0].description.as_ref().map(|(text, _)| text.as_str()), Some("d"));
    assert!(server.incomplete.is_empty(), "{:?}", server.incomplete);
}

#[test]
fn registrations_in_other_files_belong_to_the_server_that_is_handed_over() {
    let project = Project::from_files(
        [
            (
                "src/a.ts",
                "import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
                 import { addAll } from './tools';
                 export function make() { const server = new McpServer({ name: 'a' }, { capabilities: { prompts: {} } }); addAll(server); return server; }
                 export const other = new McpServer({ name: 'b' });
                 other.registerPrompt('p', {}, () => 1);
                 const third = make(); third.registerResource('r', 'x://y', {}, () => 1);",
            ),
            ("src/tools.ts", "export function addAll(s: any) { s.registerTool('t', { description: 'about t' }, async () => 1); }"),
        ]
        .map(|(path, text)| (path.to_owned(), text.to_owned())),
    );
    let [a, b] = &project.facts.servers[..] else { panic!("{:?}", project.facts.servers) };
    assert_eq!((declared(a), registered(a)), (vec!["prompts"], vec!["resources", "tools"]));
    assert_eq!((declared(b), registered(b)), (vec![], vec!["prompts"]));
    assert_eq!(a.tools[0].name.as_deref(), Some("t"));
    assert_eq!(a.incomplete.len() + b.incomplete.len(), 0);
}

#[test]
fn a_class_that_extends_the_servers_class_is_one() {
    let project = project(
        r#"
        import { Server } from "@modelcontextprotocol/sdk/server/index.js";
        import * as types from "@modelcontextprotocol/sdk/types.js";
        class Mine extends Server {
            constructor() { super({ name: "m" }, { capabilities: { tools: {} } }); this.set(); }
            private set() { this.setRequestHandler(types.ListToolsRequestSchema, async () => ({})); }
        }
        class Holder {
            private server: Server;
            constructor() { this.server = new Server({ name: "h" }, { capabilities: { prompts: {} } }); }
            run() { this.server.setRequestHandler(types.ListPromptsRequestSchema, async () => ({})); }
        }
        "#,
    );
    let [mine, holder] = &project.facts.servers[..] else { panic!("{:?}", project.facts.servers) };
    assert_eq!((declared(mine), registered(mine)), (vec!["tools"], vec!["tools/list"]));
    assert_eq!((declared(holder), registered(holder)), (vec!["prompts"], vec!["prompts/list"]));
}

#[test]
fn what_cannot_be_listed_is_said() {
    for (code, reason) in [
        ("const s = new McpServer({}, load());", "options"),
        ("const s = new McpServer({}, { capabilities: { ...extra() } });", "capabilities"),
        ("const s = new McpServer({}, { capabilities: process.env.A ? { tools: {} } : {} });", "condition"),
        (
            "const c: any = { tools: {} }; if (x) c.prompts = {}; const s = new McpServer({}, { capabilities: c });",
            "later",
        ),
        ("const s = new McpServer({}); s.server.fallbackRequestHandler = async () => 1;", "fallback"),
        ("import { wire } from 'kit'; const s = new McpServer({}); wire(s);", "receives"),
        ("const s = new McpServer({}); for (const x of all) s.server.setRequestHandler(x.schema, x.run);", "computed"),
    ] {
        let source = format!("import {{ McpServer }} from '@modelcontextprotocol/sdk/server/mcp.js';\n{code}");
        let project = project(&source);
        let incomplete = &only(&project).incomplete;
        assert!(incomplete.iter().any(|said| said.contains(reason)), "{code}: {incomplete:?}");
    }
}

#[test]
fn versions_decide_what_a_client_meets() {
    let kind = |symbol: &str| super::sdk::Kind::of(symbol).expect("a server");
    let v1 = kind("@modelcontextprotocol/sdk/server/mcp.js.McpServer");
    assert_eq!(v1.mismatches(Some("1.32.1")), (Mismatch::MethodNotFound, Mismatch::Impossible));
    assert_eq!(v1.mismatches(Some("1.32.2")).0, Mismatch::EmptyList);
    assert_eq!(kind("@modelcontextprotocol/server.McpServer").mismatches(None).0, Mismatch::EmptyList);
    assert_eq!(kind("fastmcp.FastMCP").mismatches(None), (Mismatch::Impossible, Mismatch::Impossible));
}

#[test]
fn other_frameworks_and_clients_are_told_apart() {
    let project = project(
        r#"
        import { FastMCP } from "fastmcp";
        import { Client } from "@modelcontextprotocol/sdk/client/index.js";
        import "dotenv/config";
        const server = new FastMCP({ name: "f", version: "1.0.0" });
        server.addTool({ name: "t", description: "d", execute: async () => "" });
        server.start();
        new Client({ name: "c" });
        "#,
    );
    let server = only(&project);
    assert_eq!((server.sdk.as_str(), server.kind.as_str(), registered(server)), ("fastmcp", "FastMCP", vec!["tools"]));
    assert_eq!(project.facts.clients.len(), 1);
    assert_eq!(project.facts.stdio.len(), 1);
    assert_eq!(project.facts.environment_files.len(), 1);
    assert_eq!(project.facts.sdk_imports.len(), 1);
    assert!(server.registered.iter().all(|r| r.capability == Capability::Tools));
}

#[test]
fn cases_are_counted_and_lookalikes_are_not() {
    let project = project(
        r#"describe("x", () => { it("a", () => {}); test.each([1])("b", () => {}); it.todo("later"); });
           Deno.test("c", () => {}); /x/.test("y"); suite.test("z"); app.test(() => {});"#,
    );
    assert_eq!(project.facts.tests.len(), 3);
}

#[test]
fn secrets_with_a_literal_to_fall_back_to_are_found() {
    for (code, variable) in [
        ("const s = process.env.JWT_SECRET || 'dev';", Some("JWT_SECRET")),
        ("const s = process.env['SESSION_SECRET'] ?? \"your-secret-key\";", Some("SESSION_SECRET")),
        ("const { API_KEY = 'k3y-9f' } = process.env;", Some("API_KEY")),
        ("const D = 'dev-secret'; const s = process.env.AUTH_TOKEN ? process.env.AUTH_TOKEN : D;", Some("AUTH_TOKEN")),
        ("const e = z.object({ JWT_SECRET: z.string().min(3).default('changeme') });", Some("JWT_SECRET")),
        ("const s = env('COOKIE_SECRET', 'abc');", Some("COOKIE_SECRET")),
        ("const s = Deno.env.get('DB_PASSWORD') ?? 'postgres';", Some("DB_PASSWORD")),
        ("const s = process.env.JWT_SECRET || '';", None),
        ("const s = process.env.JWT_SECRET || crypto.randomUUID();", None),
        ("const s = process.env.TOKEN_URL || 'https://x/token';", None),
        ("const s = process.env.MAX_TOKENS || '100';", None),
        ("const s = process.env.OPENAI_API_KEY || 'your-api-key';", None),
        ("const s = process.env.PORT || '3000';", None),
        ("const s = process.env.JWT_SECRET || 'dev'; if (s === 'dev') { throw new Error('set it'); }", None),
        ("it('x', () => { const s = process.env.JWT_SECRET || 'dev'; });", None),
    ] {
        let project = project(code);
        let found: Vec<&str> = project.facts.secret_defaults.iter().map(|s| s.variable.as_str()).collect();
        assert_eq!(found, variable.into_iter().collect::<Vec<_>>(), "{code}");
    }
}

const HTTP: &str = r#"
    import express from "express";
    import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
    const app = express();
"#;

/// What stands before the only endpoint of an express server, as words: bind, authentication, host check, rate limit.
#[track_caller]
fn endpoint(code: &str) -> [String; 4] {
    let project = project(&format!("{HTTP}{code}"));
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
fn who_can_connect_follows_from_the_host() {
    for (listen, bind) in [
        ("app.listen(3000)", "All"),
        ("app.listen(port, () => {})", "All"),
        ("app.listen(3000, '127.0.0.1')", "Loopback"),
        ("app.listen(3000, process.env.HOST || 'localhost', () => {})", "ConfiguredLoopback"),
        ("const host = process.env.HOST ?? '0.0.0.0'; app.listen(3000, host)", "ConfiguredAll"),
        ("app.listen(3000, process.env.HOST)", "ConfiguredAll"),
        ("app.listen({ port: 1, host: '::1' })", "Loopback"),
        ("import http from 'node:http'; http.createServer(app).listen(1, '0.0.0.0')", "All"),
        ("const { host = '127.0.0.1' } = options; app.listen(1, host)", "ConfiguredLoopback"),
        ("function start(port: number, host = 'localhost') { app.listen(port, host); } start(1);", "Loopback"),
        (
            "const config = load(); app.listen(config.port, config.host); const d = { host: '127.0.0.1' };",
            "ConfiguredLoopback",
        ),
        ("app.listen(config.port, config.address())", "Unknown"),
    ] {
        let code =
            format!("app.post('/mcp', async (q, r) => {{ new StreamableHTTPServerTransport({{}}); }}); {listen}");
        assert_eq!(endpoint(&code)[0], bind, "{listen}");
    }
}

#[test]
fn what_stands_before_the_route_protects_and_what_stands_elsewhere_does_not() {
    let handler = "async (req, res) => { new StreamableHTTPServerTransport({}); }";
    for (code, expected) in [
        (format!("app.post('/mcp', {handler});"), "Absent"),
        (format!("import {{ requireBearerAuth as r }} from '@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js'; app.post('/mcp', r({{ verifier }}), {handler});"), "Present"),
        (format!("import passport from 'passport'; app.use('/mcp', passport.authenticate('jwt')); app.post('/mcp', {handler});"), "Present"),
        (format!("import passport from 'passport'; app.use('/admin', passport.authenticate('jwt')); app.post('/mcp', {handler});"), "Absent"),
        (format!("app.post('/mcp', {handler}); app.use(checkAuth); function checkAuth(req, res, next) {{ if (req.headers.authorization !== K) return res.status(401).end(); next(); }}"), "Absent"),
        (format!("const guard = (req, res, next) => {{ const t = req.headers['x-api-key']; if (!t) {{ res.status(401).end(); return; }} next(); }}; app.use(guard); app.post('/mcp', {handler});"), "Present"),
        (format!("const TOKEN = process.env.TOKEN; const guard = (req, res, next) => {{ if (!TOKEN) return next(); if (req.headers.authorization !== TOKEN) return res.status(401).end(); next(); }}; app.use(guard); app.post('/mcp', {handler});"), "Optional"),
        (format!("const TOKEN = process.env.TOKEN; const guard = (req, res, next) => {{ if (TOKEN && req.headers.authorization !== TOKEN) return res.status(401).end(); next(); }}; app.use(guard); app.post('/mcp', {handler});"), "Optional"),
        (format!("const guard = (req, res, next) => {{ if (req.path === '/health') return next(); if (!req.headers.authorization) throw new Error('no'); next(); }}; app.use(guard); app.post('/mcp', {handler});"), "Present"),
        (format!("import passport from 'passport'; if (process.env.AUTH) {{ app.use(passport.authenticate('jwt')); }} app.post('/mcp', {handler});"), "Optional"),
        (format!("import {{ authMiddleware }} from './missing'; app.use(authMiddleware); app.post('/mcp', {handler});"), "Unknown"),
        ("app.post('/mcp', async (req, res) => { if (req.headers.authorization !== `Bearer ${KEY}`) { res.status(401).end(); return; } serve(req); }); function serve(req) { new StreamableHTTPServerTransport({}); }".to_owned(), "Present"),
    ] {
        assert_eq!(endpoint(&format!("{code} app.listen(1);"))[1], expected, "{code}");
    }
}

#[test]
fn host_checks_are_the_transports_the_factorys_or_ones_own() {
    for (setup, options, expected) in [
        ("", "{}", "Absent"),
        ("", "{ enableDnsRebindingProtection: true, allowedHosts: ['localhost'] }", "Present"),
        ("", "{ enableDnsRebindingProtection: true }", "Absent"),
        ("", "{ enableDnsRebindingProtection: false }", "Disabled"),
        ("const on = process.env.P !== 'false';", "{ enableDnsRebindingProtection: on, allowedHosts }", "Present"),
        ("const on = process.env.P === 'true';", "{ enableDnsRebindingProtection: on, allowedHosts }", "Optional"),
        (
            "app.use((req, res, next) => { if (!OK.has(req.headers.host)) return res.status(403).end(); next(); });",
            "{}",
            "Present",
        ),
        ("app.use((req, res, next) => { log(req.headers.origin); next(); });", "{}", "Absent"),
        (
            "import { localhostHostValidation } from '@modelcontextprotocol/express'; app.use(localhostHostValidation());",
            "{}",
            "Present",
        ),
    ] {
        let code = format!(
            "{setup} app.post('/mcp', async (req, res) => {{ new StreamableHTTPServerTransport({options}); }}); app.listen(1);"
        );
        assert_eq!(endpoint(&code)[2], expected, "{setup}{options}");
    }
    for (options, expected) in
        [("", "Present"), ("{ host: '0.0.0.0' }", "Absent"), ("{ host: '0.0.0.0', allowedHosts: ['a'] }", "Present")]
    {
        let project = project(&format!(
            "import {{ createMcpExpressApp }} from '@modelcontextprotocol/express'; import {{ createMcpHandler }} from '@modelcontextprotocol/server';
             const handler = createMcpHandler(build); const app = createMcpExpressApp({options}); app.all('/mcp', (q, r) => handler(q, r)); app.listen(1);"
        ));
        let found = format!("{:?}", project.facts.endpoints[0].host_check);
        assert!(found.starts_with(expected), "{options}: {found}");
    }
}

#[test]
fn limiters_count_where_they_stand_before_the_route() {
    let route = "app.post('/mcp', async (req, res) => { new StreamableHTTPServerTransport({}); }); app.listen(1);";
    for (code, expected) in [
        ("", "Absent"),
        (
            "import { rateLimit } from 'express-rate-limit'; const limiter = rateLimit({ windowMs: 1000, limit: 5 }); app.use(limiter);",
            "Present",
        ),
        ("import rl from 'express-rate-limit'; app.use('/login', rl({ max: 5 }));", "Absent"),
        (
            "app.use((req, res, next) => { if (seen(req.ip) > 9) { res.status(429).end(); return; } next(); });",
            "Present",
        ),
    ] {
        assert_eq!(endpoint(&format!("{code} {route}"))[3], expected, "{code}");
    }
}

#[test]
fn limiters_that_do_not_limit_are_told_why() {
    for (options, reason) in [
        ("{ windowMs: 1000, max: 100 }", None),
        ("{ windowMs: 1000 }", None),
        ("{ max: Infinity }", Some("Infinity")),
        ("{ limit: 50_000_000 }", Some("anybody")),
        ("{ max: 5, skip: () => true }", Some("skip")),
        ("{ max: 5, keyGenerator: () => 'all' }", Some("same key")),
        ("{ windowMs: 1000, maxRequests: 100 }", Some("maxRequests")),
    ] {
        let project =
            project(&format!("import {{ rateLimit }} from 'express-rate-limit'; const l = rateLimit({options});"));
        let [limiter] = &project.facts.limiters[..] else { panic!("{options}") };
        let found = limiter.weakness.as_deref();
        assert!(
            found.is_some() == reason.is_some() && found.unwrap_or_default().contains(reason.unwrap_or_default()),
            "{options}: {found:?}"
        );
    }
}

#[test]
fn origins_that_anybody_has_are_told_from_lists() {
    for (code, any) in [
        ("app.use(cors());", Some((true, false))),
        // Browsers refuse credentials with a star.
        ("app.use(cors({ origin: '*', credentials: true }));", Some((true, false))),
        ("app.use(cors({ origin: true, credentials: true }));", Some((true, true))),
        ("app.use(cors({ origin: true }));", Some((true, false))),
        ("app.use(cors({ origin: process.env.ORIGIN || '*' }));", Some((true, false))),
        ("app.use(cors({ origin: (o, cb) => cb(null, true) }));", Some((true, false))),
        ("app.use(cors({ origin: ['https://a.example'] }));", Some((false, false))),
        (
            "app.use(cors({ origin: (o, cb) => { if (list.includes(o)) cb(null, true); else cb(new Error('no')); } }));",
            Some((false, false)),
        ),
        ("app.use((q, r) => { r.setHeader('Access-Control-Allow-Origin', '*'); });", Some((true, false))),
        (
            "app.use((q, r) => { r.setHeader('Access-Control-Allow-Origin', q.headers.origin); r.setHeader('Access-Control-Allow-Credentials', 'true'); });",
            Some((true, true)),
        ),
        (
            "app.use((q, r) => { if (OK.has(q.headers.origin)) r.setHeader('Access-Control-Allow-Origin', q.headers.origin); });",
            Some((false, false)),
        ),
        ("r.writeHead(200, { 'access-control-allow-origin': '*' });", Some((true, false))),
        ("r.setHeader('Content-Type', '*');", None),
    ] {
        let project = project(&format!("import cors from 'cors'; {HTTP} {code}"));
        let found: Vec<_> = project.facts.cors.iter().map(|cors| (cors.any_origin, cors.credentials)).collect();
        assert_eq!(found, any.into_iter().collect::<Vec<_>>(), "{code}");
    }
    let metadata = project("import cors from 'cors'; app.use('/.well-known/oauth-protected-resource', cors());");
    assert!(metadata.facts.cors[0].metadata_only);
}

#[test]
fn writes_are_placed_in_the_life_of_a_stdio_server() {
    let project = project(
        r#"
        import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
        import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
        if (process.argv.includes("--help")) { console.log("1"); process.exit(0); }
        const server = new McpServer({ name: "s" });
        function helper() { console.log("2"); }
        server.registerTool("t", {}, async () => { helper(); console.error("no"); });
        async function main() {
            console.info("3");
            if (process.env.USE_SSE) { startHttp(); console.log("4"); } else { await server.connect(new StdioServerTransport()); }
        }
        function startHttp() { app.listen(1, () => { console.log("5"); }); }
        for (const s of ["SIGINT"]) process.on(s, () => { process.stdout.write("6"); });
        if (process.env.JEST_WORKER_ID) { console.log("7"); }
        main();
        "#,
    );
    let file = &project.files[0].text;
    let mut found: Vec<(&str, String)> = project
        .facts
        .stdout_writes
        .iter()
        .map(|w| {
            (file[w.place.start..w.place.end].trim_matches(|c: char| !c.is_ascii_digit()), format!("{:?}", w.moment))
        })
        .collect();
    found.sort();
    let found: Vec<String> = found.into_iter().map(|(number, moment)| format!("{number} {moment}")).collect();
    assert_eq!(
        found,
        ["1 Elsewhere", "2 Serving", "3 Starting", "4 Elsewhere", "5 Elsewhere", "6 Stopping", "7 Elsewhere"]
    );
}

#[test]
fn a_listener_beside_the_endpoint_is_none() {
    let route =
        "app.post('/mcp', async (req, res) => { new StreamableHTTPServerTransport({}); }); app.listen(1, '127.0.0.1');";
    for other in [
        "const metrics = express(); metrics.get('/metrics', show); metrics.listen(9);",
        "function callback() { const server = express(); server.get('/callback', take); server.listen(7); } callback();",
    ] {
        assert_eq!(endpoint(&format!("{other} {route}"))[0], "Loopback", "{other}");
    }
    let router = "const router = express.Router(); router.post('/mcp', async (req, res) => { new StreamableHTTPServerTransport({}); }); app.use(router); app.listen(1);";
    assert_eq!(endpoint(router)[0], "All");
}

#[test]
fn checks_that_a_handler_calls_by_hand_count() {
    let code = "import { createServer } from 'node:http'; import { localhostHostValidation } from '@modelcontextprotocol/node';
        import { createMcpHandler, requireBearerAuth } from '@modelcontextprotocol/server';
        const handler = createMcpHandler(build); const ok = localhostHostValidation(); const gate = requireBearerAuth({});
        createServer(async (req, res) => { if (!ok(req, res)) return; await gate(req); void handler(req, res); }).listen(1);";
    let project = project(code);
    let [endpoint] = &project.facts.endpoints[..] else { panic!("{:?}", project.facts.endpoints) };
    assert!(format!("{:?}", endpoint.host_check).starts_with("Present"), "{endpoint:?}");
    assert!(format!("{:?}", endpoint.authentication).starts_with("Present"), "{endpoint:?}");
}

#[test]
fn frameworks_open_their_own_endpoints() {
    let fast = project(
        "import { FastMCP } from 'fastmcp'; const server = new FastMCP({ name: 'f', authenticate: check });
         server.start({ transportType: 'httpStream', httpStream: { port: 1, host: process.env.HOST || '0.0.0.0' } });",
    );
    let [endpoint] = &fast.facts.endpoints[..] else { panic!("{:?}", fast.facts.endpoints) };
    let said = format!("{:?} {:?} {:?}", endpoint.bind, endpoint.authentication, endpoint.rate_limit);
    assert!(said.starts_with("ConfiguredAll Present") && said.ends_with("Absent"), "{said}");
    assert!(fast.facts.stdio.is_empty());
    let framework = project(
        "import { MCPServer } from 'mcp-framework';
         const server = new MCPServer({ transport: { type: 'http-stream', options: { port: 1, host: '127.0.0.1' } } }); server.start();",
    );
    assert_eq!(format!("{:?}", framework.facts.endpoints[0].bind), "Loopback");
    assert!(framework.facts.stdio.is_empty());
    let stdio = project("import { MCPServer } from 'mcp-framework'; new MCPServer({ name: 'x' }).start();");
    assert_eq!((stdio.facts.stdio.len(), stdio.facts.endpoints.len()), (1, 0));
}
