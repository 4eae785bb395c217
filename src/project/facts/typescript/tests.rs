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
