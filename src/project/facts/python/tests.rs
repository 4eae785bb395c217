//! Facts of small Python projects.

use crate::project::{
    Project,
    facts::{Bind, Capability, Endpoint, Facts, Mismatch, Moment, Network, Protection},
};

fn facts(files: &[(&str, &str)]) -> Facts {
    Project::from_files(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))).facts
}

fn one(text: &str) -> Facts {
    facts(&[("server.py", text)])
}

fn endpoint(text: &str) -> Endpoint {
    let mut facts = one(text);
    assert_eq!(facts.endpoints.len(), 1, "{:?}", facts.endpoints);
    facts.endpoints.remove(0)
}

const FAST: &str = "from mcp.server.fastmcp import FastMCP\nmcp = FastMCP('demo')\n";

#[test]
fn a_high_level_server_has_its_tools_and_cannot_mismatch() {
    let facts = one(&format!(
        "{FAST}@mcp.tool(name='run', description='Runs')\ndef f(a: str): pass\n@mcp.tool()\ndef g():\n    '''Gee.'''\n@mcp.resource('x://{{y}}')\ndef r(y): pass\ndef h(): 'H'\nmcp.add_tool(h)\nmcp.run()\n"
    ));
    let [server] = facts.servers.as_slice() else { panic!("{:?}", facts.servers) };
    assert_eq!((server.sdk.as_str(), server.kind.as_str(), server.name.as_deref()), ("mcp", "FastMCP", Some("demo")));
    assert_eq!((server.unregistered, server.undeclared), (Mismatch::Impossible, Mismatch::Impossible));
    let tools: Vec<_> = server
        .tools
        .iter()
        .map(|tool| (tool.name.as_deref().unwrap(), tool.description.as_ref().map(|d| d.0.as_str())))
        .collect();
    assert_eq!(tools, [("run", Some("Runs")), ("g", Some("Gee.")), ("h", Some("H"))]);
    assert!(server.registered.iter().any(|r| r.capability == Capability::Resources));
    assert_eq!((facts.stdio.len(), facts.endpoints.len()), (1, 0));
}

#[test]
fn registrations_are_found_across_files_and_through_fields() {
    let facts = facts(&[
        ("app/core.py", "from fastmcp import FastMCP\nmcp = FastMCP(name='x')\n"),
        ("app/tools.py", "from .core import mcp\n@mcp.tool\ndef a(): pass\ndef register(m: 'FastMCP'):\n    pass\n"),
        (
            "app/cls.py",
            "from app.core import mcp\nclass S:\n    def __init__(self):\n        self.m = mcp\n    def setup(self):\n        @self.m.tool()\n        def b(): pass\n",
        ),
    ]);
    let [server] = facts.servers.as_slice() else { panic!("{:?}", facts.servers) };
    let tools: Vec<_> = server.tools.iter().filter_map(|tool| tool.name.as_deref()).collect();
    assert_eq!(tools, ["b", "a"]);
    assert_eq!(server.sdk, "fastmcp");
}

#[test]
fn a_class_made_from_the_sdks_is_a_server() {
    let facts = facts(&[
        ("own.py", "from fastmcp import FastMCP\nclass Own(FastMCP):\n    pass\n"),
        (
            "main.py",
            "from own import Own\nclass More(Own[int]):\n    pass\napp = More('x')\n@app.tool()\ndef t(): pass\napp.run(transport='http', host='0.0.0.0')\n",
        ),
    ]);
    let [server] = facts.servers.as_slice() else { panic!("{:?}", facts.servers) };
    assert_eq!((server.kind.as_str(), server.name.as_deref(), server.tools.len()), ("FastMCP", Some("x"), 1));
    assert_eq!(facts.endpoints[0].bind, Bind::All);
}

#[test]
fn a_low_level_server_has_methods_and_literal_capabilities_count() {
    let facts = one(
        "from mcp.server import Server\nfrom mcp.server.models import InitializationOptions\nfrom mcp import types\nfrom mcp.types import ServerCapabilities\nimport mcp.server.stdio\nserver = Server('low')\n@server.list_tools()\nasync def lt(): return [types.Tool(name='t', description='d')]\nasync def main():\n    async with mcp.server.stdio.stdio_server() as (r, w):\n        await server.run(r, w, InitializationOptions(capabilities=ServerCapabilities(tools={}, prompts={}, logging=None)))\n",
    );
    let [server] = facts.servers.as_slice() else { panic!("{:?}", facts.servers) };
    assert_eq!(server.registered.iter().filter_map(|r| r.method).collect::<Vec<_>>(), ["tools/list"]);
    assert_eq!(
        server.declared.iter().map(|d| d.capability).collect::<Vec<_>>(),
        [Capability::Tools, Capability::Prompts]
    );
    assert_eq!(server.unregistered, Mismatch::MethodNotFound);
    assert_eq!(server.tools[0].name.as_deref(), Some("t"));
    assert_eq!(facts.stdio.len(), 1);
}

#[test]
fn version_two_takes_handlers_as_keywords() {
    let facts = one(
        "from mcp.server.lowlevel import Server\nasync def l(c, p): ...\ns = Server('v2', on_list_tools=l, on_call_tool=l, on_list_prompts=None)\ns.add_request_handler('resources/list', P, l)\n",
    );
    let methods: Vec<_> = facts.servers[0].registered.iter().filter_map(|r| r.method).collect();
    assert_eq!(methods, ["tools/list", "tools/call", "resources/list"]);
    assert_eq!(facts.servers[0].unregistered, Mismatch::Impossible);
}

#[test]
fn a_hand_written_server_is_held_to_what_it_says() {
    let facts = one(
        "import json, sys\nCAPS = {'tools': {}, 'resources': {}}\ndef handle(r):\n    method = r.get('method')\n    if method == 'initialize':\n        return {'protocolVersion': '2024-11-05', 'capabilities': CAPS, 'serverInfo': {'name': 'own'}}\n    elif method in ('tools/list', 'tools/call'):\n        return {}\ndef main():\n    print('ready')\n    for line in sys.stdin:\n        out = json.dumps(handle(json.loads(line)))\n        print(out, flush=True)\n        sys.stdout.flush()\nmain()\n",
    );
    let [server] = facts.servers.as_slice() else { panic!("{:?}", facts.servers) };
    assert_eq!((server.kind.as_str(), server.name.as_deref()), ("JSON-RPC", Some("own")));
    assert_eq!(
        server.declared.iter().map(|d| d.capability).collect::<Vec<_>>(),
        [Capability::Tools, Capability::Resources]
    );
    assert_eq!(server.registered.iter().filter_map(|r| r.method).collect::<Vec<_>>(), ["tools/list", "tools/call"]);
    assert_eq!((server.unregistered, server.undeclared), (Mismatch::MethodNotFound, Mismatch::Hidden));
    let noise: Vec<_> = facts.stdout_writes.iter().map(|write| write.moment).collect();
    assert_eq!(noise, [Moment::Starting], "frames are no noise");
    let client = one("x = {'protocolVersion': '1', 'capabilities': {'tools': {}}, 'clientInfo': {}}\n");
    assert!(client.servers.is_empty());
}

#[test]
fn hosts_are_followed_to_where_they_are_written() {
    let run = |host: &str| {
        let text = format!(
            "import os, argparse\nfrom mcp.server.fastmcp import FastMCP\nHOST = '0.0.0.0'\nparser = argparse.ArgumentParser()\nparser.add_argument('--bind-host', default='127.0.0.1')\nargs = parser.parse_args()\nmcp = FastMCP('x', host={host})\nmcp.run(transport='sse')\n"
        );
        endpoint(&text).bind
    };
    assert_eq!(run("HOST"), Bind::All);
    assert_eq!(run("'127.0.0.1'"), Bind::Loopback);
    assert_eq!(run("os.getenv('HOST', HOST)"), Bind::ConfiguredAll);
    assert_eq!(run("os.environ.get('HOST') or 'localhost'"), Bind::ConfiguredLoopback);
    assert_eq!(run("args.bind_host"), Bind::ConfiguredLoopback);
    assert_eq!(run("'0.0.0.0' if os.getenv('DOCKER') else '127.0.0.1'"), Bind::ConfiguredLoopback);
    assert_eq!(run("os.environ['HOST']"), Bind::Unknown);
    assert_eq!(run("'10.0.0.5'"), Bind::Address("10.0.0.5".into()));
}

#[test]
fn settings_are_followed_through_classes_and_assignments() {
    let found = endpoint(
        "import argparse\nfrom dataclasses import dataclass\nfrom mcp.server.fastmcp import FastMCP\nfrom mcp.server.transport_security import TransportSecuritySettings\nmcp = FastMCP('x')\n@dataclass\nclass Config:\n    transport: str\n    listen_host: str\n    @classmethod\n    def load(cls) -> 'Config':\n        p = argparse.ArgumentParser()\n        p.add_argument('--transport', default='stdio', choices=['stdio', 'sse'])\n        p.add_argument('--listen-host', default='0.0.0.0')\n        args = p.parse_args()\n        return Config(transport=args.transport, listen_host=args.listen_host)\nconfig = Config.load()\nmcp.settings.host = config.listen_host\nmcp.settings.transport_security = TransportSecuritySettings(enable_dns_rebinding_protection=False)\nmcp.run(transport=config.transport)\n",
    );
    assert_eq!((found.network, found.bind), (Network::Sse, Bind::ConfiguredAll));
    assert!(matches!(found.host_check, Protection::Disabled(_)));
}

#[test]
fn transports_decide_what_listens() {
    let of = |run: &str| {
        let facts = one(&format!(
            "import argparse\n{FAST}p = argparse.ArgumentParser()\np.add_argument('--transport', choices=['stdio', 'streamable-http'], default='stdio')\na = p.parse_args()\n{run}\n"
        ));
        (facts.stdio.len(), facts.endpoints.iter().map(|e| e.network).collect::<Vec<_>>())
    };
    assert_eq!(of("mcp.run()"), (1, vec![]));
    assert_eq!(of("mcp.run('sse')"), (0, vec![Network::Sse]));
    assert_eq!(of("mcp.run(transport='streamable-http')"), (0, vec![Network::Http]));
    assert_eq!(of("mcp.run(transport=a.transport)"), (1, vec![Network::Http]));
    assert_eq!(of("mcp.run(transport=unknown())"), (1, vec![]));
    let branch =
        "if a.transport == 'stdio':\n    mcp.run(transport=a.transport)\nelse:\n    mcp.run(transport=a.transport)\n";
    assert_eq!(of(branch), (1, vec![Network::Http]));
    assert_eq!(of("k = {'transport': 'sse'}\nk['host'] = '0.0.0.0'\nmcp.run(**k)"), (0, vec![Network::Sse]));
    let bind = |run: &str| endpoint(&format!("{FAST}{run}")).bind;
    assert_eq!(bind("k = {'transport': 'sse'}\nk['host'] = '0.0.0.0'\nmcp.run(**k)\n"), Bind::All);
    assert_eq!(bind("mcp.run(transport='sse', **other)\n"), Bind::Unknown);
}

#[test]
fn a_web_server_carries_a_transport() {
    let found = endpoint(
        "import uvicorn\nfrom mcp.server import Server\nfrom mcp.server.sse import SseServerTransport\nfrom starlette.applications import Starlette\nserver = Server('x')\ndef main(host: str = '0.0.0.0'):\n    sse = SseServerTransport('/messages/')\n    app = Starlette(routes=[])\n    uvicorn.run(app, host=host, port=1)\nmain()\n",
    );
    assert_eq!((found.network, found.bind), (Network::Sse, Bind::All));
    assert_eq!(
        (found.authentication, found.host_check, found.rate_limit),
        (Protection::Absent, Protection::Absent, Protection::Absent)
    );
    let quiet = one("import uvicorn\nfrom fastapi import FastAPI\napp = FastAPI()\nuvicorn.run(app, host='0.0.0.0')\n");
    assert!(quiet.endpoints.is_empty(), "no MCP server");
    let outside =
        endpoint("from mcp.server.fastmcp import FastMCP\nmcp = FastMCP('x')\napp = mcp.streamable_http_app()\n");
    assert_eq!(outside.bind, Bind::Unknown);
}

#[test]
fn authentication_is_present_optional_or_absent() {
    let of = |head: &str, arguments: &str, tail: &str| {
        let text = format!(
            "import os\nfrom fastmcp import FastMCP\n{head}\nmcp = FastMCP('x'{arguments})\n{tail}\nmcp.run(transport='http', host='0.0.0.0')\n"
        );
        endpoint(&text).authentication
    };
    assert_eq!(of("", "", ""), Protection::Absent);
    assert!(matches!(of("", ", auth=JWTVerifier(x=1)", ""), Protection::Present(_)));
    assert!(matches!(of("", ", auth=JWTVerifier() if os.getenv('A') else None", ""), Protection::Optional(_)));
    assert_eq!(of("", ", auth=None", ""), Protection::Absent);
    assert!(matches!(of("", ", **settings", ""), Protection::Unknown(_)));
    let optional = "def make():\n    if not os.getenv('A'):\n        return None\n    return V()\n";
    assert!(matches!(of(optional, ", auth=make()", ""), Protection::Optional(_)));
    let middleware = "from starlette.responses import JSONResponse\nclass Auth:\n    async def dispatch(self, request, call_next):\n        if request.headers.get('authorization') != KEY:\n            return JSONResponse({}, status_code=401)\n        return await call_next(request)\n";
    assert!(matches!(of(middleware, "", "app = mcp.http_app(middleware=[Middleware(Auth)])"), Protection::Present(_)));
    let open = middleware.replace(
        "        if request",
        "        if not KEY:\n            return await call_next(request)\n        if request",
    );
    let open = format!("KEY = os.getenv('KEY')\n{open}");
    assert!(matches!(of(&open, "", ""), Protection::Optional(_)));
    let origin = middleware.replace("authorization", "origin").replace("401", "403");
    assert_eq!(of(&origin, "", ""), Protection::Absent, "an Origin check asks for no credential");
    let upstream = "def call():\n    if response.status_code == 401:\n        raise ValueError('no')\n";
    assert_eq!(of(upstream, "", ""), Protection::Absent, "an upstream's refusal is not ours");
}

#[test]
fn host_checks_follow_the_settings() {
    let of = |arguments: &str| {
        endpoint(&format!(
            "from mcp.server.fastmcp import FastMCP\nfrom mcp.server.transport_security import TransportSecuritySettings\nmcp = FastMCP('x'{arguments})\nmcp.run(transport='streamable-http')\n"
        ))
        .host_check
    };
    assert!(matches!(of(""), Protection::Unknown(_)), "the version decides");
    assert_eq!(of(", host='0.0.0.0'"), Protection::Absent);
    assert!(matches!(
        of(", host='0.0.0.0', transport_security=TransportSecuritySettings(allowed_hosts=['a'])"),
        Protection::Present(_)
    ));
    assert!(matches!(
        of(", transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False)"),
        Protection::Disabled(_)
    ));
}

#[test]
fn limiters_are_found_with_their_weakness() {
    let of = |line: &str| {
        let facts = one(&format!(
            "from fastmcp import FastMCP\nfrom fastmcp.server.middleware.rate_limiting import RateLimitingMiddleware\nfrom slowapi import Limiter\nmcp = FastMCP('x')\n{line}\nmcp.run(transport='http')\n"
        ));
        (facts.limiters.into_iter().map(|l| l.weakness).collect::<Vec<_>>(), facts.endpoints[0].rate_limit.clone())
    };
    let (found, protection) =
        of("mcp.add_middleware(RateLimitingMiddleware(max_requests_per_second=5, get_client_id=who))");
    assert_eq!(found, [None]);
    assert!(matches!(protection, Protection::Present(_)));
    assert!(of("mcp.add_middleware(RateLimitingMiddleware())").0[0].as_deref().unwrap().contains("share"));
    assert!(of("l = Limiter(key_func=lambda r: 'all')").0[0].as_deref().unwrap().contains("share"));
    assert!(of("l = Limiter(key_func=addr, default_limits=['1000000/minute'])").0[0].is_some());
    assert_eq!(of("x = 1"), (vec![], Protection::Absent));
}

#[test]
fn cross_origin_permissions_need_an_endpoint_near() {
    let cors = "from starlette.middleware.cors import CORSMiddleware\nORIGINS = ['*']\napp.add_middleware(CORSMiddleware, allow_origins=ORIGINS, allow_credentials=True)\n";
    assert!(one(cors).cors.is_empty());
    let facts = one(&format!("{FAST}{cors}mcp.run(transport='sse')\n"));
    assert_eq!((facts.cors[0].any_origin, facts.cors[0].credentials), (true, true));
    let fixed = cors.replace("['*']", "['https://a.example']");
    assert!(!one(&format!("{FAST}{fixed}mcp.run(transport='sse')\n")).cors[0].any_origin);
}

#[test]
fn writes_are_judged_by_when_they_happen() {
    let facts = one(&format!(
        "import sys, argparse, logging\n{FAST}print('import')\n@mcp.tool()\ndef t():\n    helper()\n    print('err', file=sys.stderr)\ndef helper():\n    print('serving')\ndef unused():\n    print('unused')\ndef banner():\n    print('banner')\ndef main():\n    if args.version:\n        print('version')\n        return\n    banner()\n    if args.transport == 'sse':\n        print('http')\n        mcp.run(transport='sse')\n    else:\n        print('starting')\n        mcp.run()\n    print('bye')\nif __name__ == '__main__':\n    main()\n"
    ));
    let text = facts.stdout_writes.iter().map(|w| w.moment).collect::<Vec<_>>();
    assert_eq!(
        text,
        [
            Moment::Starting,
            Moment::Serving,
            Moment::Unknown,
            Moment::Starting,
            Moment::Elsewhere,
            Moment::Elsewhere,
            Moment::Starting,
            Moment::Stopping
        ],
        "{:?}",
        facts.stdout_writes
    );
    assert!(one(&format!("{FAST}print('x')\nmcp.run(transport='sse')\n")).stdout_writes.is_empty());
}

#[test]
fn log_handlers_on_standard_output_count() {
    let facts = one(&format!(
        "import sys, logging\n{FAST}logging.basicConfig(stream=sys.stdout)\nlogging.basicConfig(stream=sys.stderr)\nh = logging.StreamHandler(sys.stdout)\nmcp.run()\n"
    ));
    let found: Vec<_> = facts.stdout_writes.iter().map(|w| (w.call.as_str(), w.moment)).collect();
    assert_eq!(found, [("basicConfig", Moment::Serving), ("StreamHandler", Moment::Serving)]);
}

#[test]
fn secrets_with_a_literal_to_fall_back_to() {
    let facts = one(
        "import os\nA = os.getenv('JWT_SECRET', 'dev')\nB = os.environ.get('API_KEY') or 'k-123'\nC = os.getenv('API_KEY_HEADER', 'x')\nD = os.getenv('DB_PASSWORD', '')\nE = os.getenv('TOKEN_URL', 'http://a')\nF = os.getenv('PAGE_TOKEN', 'p')\nclass S(BaseSettings):\n    secret_key: str = 'change'\n    name: str = 'n'\n    password: str = Field(default='pw')\n",
    );
    let found: Vec<_> = facts.secret_defaults.iter().map(|d| d.variable.as_str()).collect();
    assert_eq!(found, ["JWT_SECRET", "API_KEY", "secret_key", "password"]);
}

#[test]
fn environment_files_and_tests_are_counted() {
    let facts = facts(&[
        (
            "a.py",
            "from dotenv import load_dotenv\nload_dotenv()\nclass C:\n    env_file = '.env'\nmodel_config = SettingsConfigDict(env_file='.env')\n",
        ),
        (
            "tests/test_a.py",
            "def test_a(): pass\nclass TestB:\n    def test_c(self): pass\n    def helper(self): pass\n",
        ),
        ("b.py", "def test_connection(): pass\n"),
    ]);
    assert_eq!((facts.environment_files.len(), facts.tests.len()), (3, 2));
}

#[test]
fn no_cut_stops_the_facts() {
    let text = format!(
        "{FAST}@mcp.tool(name='a')\ndef f(x: str = 'y'):\n    print(f'{{x}}')\nif __name__ == '__main__':\n    mcp.run(transport='sse' if x else 'stdio', host=os.getenv('H', '0.0.0.0'))\n"
    );
    for cut in (0..text.len()).step_by(3).filter(|cut| text.is_char_boundary(*cut)) {
        one(&text[..cut]);
        one(&text[cut..]);
    }
}

#[test]
fn names_that_stand_for_themselves_end() {
    one(
        "a = a\nb = c\nc = b\nclass A(A): x = A.x\ndef f(p=f): return f(p)\nmcp = FastMCP(host=b)\nmcp.run(transport=c, host=a, **f(f))\n",
    );
    one(&format!(
        "{FAST}h0 = '0.0.0.0'\n{}mcp.run(transport='sse', host=h200)\n",
        (1..=200).map(|n| format!("h{n} = h{}\n", n - 1)).collect::<String>()
    ));
}
