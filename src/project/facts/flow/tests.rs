//! Flows, told by the line and the parameter.

use crate::project::{Project, facts::Sink};

/// Line and parameter of every flow, in order.
fn flows(path: &str, text: &str) -> Vec<String> {
    let project = Project::from_files([(path.to_owned(), text.to_owned())]);
    let line = |start: usize| text[..start].lines().count().max(1) + usize::from(text[..start].ends_with('\n'));
    let told = project.facts.flows.iter().filter(|flow| flow.sink == Sink::Shell).map(|flow| {
        format!("{}:{}{}", line(flow.place.start), flow.parameter, if flow.by_design { " by design" } else { "" })
    });
    told.collect()
}

#[track_caller]
fn python(body: &str, expected: &[&str]) {
    let text =
        format!("import os, re, shlex, subprocess\nfrom mcp.server.fastmcp import FastMCP\nmcp = FastMCP('x')\n{body}");
    assert_eq!(flows("server.py", &text), expected, "{body}");
}

#[test]
fn a_parameter_reaches_the_shell_directly_and_through_helpers() {
    python("@mcp.tool()\ndef ping(host: str):\n    os.system(f'ping {host}')\n", &["6:host"]);
    python(
        "@mcp.tool()\ndef ping(host: str):\n    cmd = 'ping ' + host\n    return subprocess.run(cmd, shell=True)\n",
        &["7:host"],
    );
    python(
        "def go(c):\n    subprocess.check_output(c, shell=True)\n@mcp.tool()\ndef ping(host: str):\n    go('ping %s' % host)\n",
        &["5:host"],
    );
    python("@mcp.tool()\ndef run(x: str):\n    subprocess.run(['sh', '-c', x])\n", &["6:x by design"]);
}

#[test]
fn what_is_no_command_line_or_no_input_is_quiet() {
    python("@mcp.tool()\ndef ping(host: str):\n    subprocess.run(['ping', host])\n", &[]);
    python("@mcp.tool()\ndef ping(n: int):\n    os.system(f'ping -c {n} localhost')\n", &[]);
    python("def ping(host: str):\n    os.system(f'ping {host}')\n", &[]);
    python("@mcp.tool()\ndef ping(host: str):\n    os.system('ping localhost')\n", &[]);
}

#[test]
fn guards_that_hold_end_a_flow() {
    python(
        "@mcp.tool()\ndef s(n: str):\n    if n not in ('a', 'b'):\n        raise ValueError\n    os.system('service ' + n)\n",
        &[],
    );
    python(
        "@mcp.tool()\ndef s(n: str):\n    if not re.fullmatch(r'[a-z]+', n):\n        return 'no'\n    os.system('service ' + n)\n",
        &[],
    );
    python(
        "def check(n):\n    if not n.isalnum():\n        raise ValueError\n@mcp.tool()\ndef s(n: str):\n    check(n)\n    os.system('service ' + n)\n",
        &[],
    );
}

#[test]
fn guards_that_do_not_hold_end_nothing() {
    python(
        "@mcp.tool()\ndef s(n: str):\n    if ';' in n:\n        raise ValueError\n    os.system('service ' + n)\n",
        &["8:n"],
    );
    python(
        "@mcp.tool()\ndef s(n: str):\n    if not re.match(r'[a-z]+', n):\n        return 'no'\n    os.system('service ' + n)\n",
        &["8:n"],
    );
    python(
        "def check(n):\n    if not n.isalnum():\n        raise ValueError\n@mcp.tool()\ndef s(n: str):\n    os.system('service ' + n)\n",
        &["9:n"],
    );
}

#[track_caller]
fn typescript(body: &str, expected: &[&str]) {
    let text = format!(
        "import {{ exec, execSync, spawn, execFile }} from \"node:child_process\";\nimport {{ promisify }} from \"util\";\nimport {{ McpServer }} from \"@modelcontextprotocol/sdk/server/mcp.js\";\nimport {{ z }} from \"zod\";\nconst server = new McpServer({{ name: \"x\", version: \"1\" }});\n{body}"
    );
    assert_eq!(flows("server.ts", &text), expected, "{body}");
}

#[test]
fn typescript_handlers_reach_the_shell() {
    typescript(
        "server.tool(\"ping\", { host: z.string() }, async ({ host }) => {\n  execSync(`ping ${host}`);\n});\n",
        &["7:host"],
    );
    typescript(
        "const run = promisify(exec);\nserver.registerTool(\"ping\", { inputSchema: { host: z.string() } }, async (args) => {\n  const { stdout } = await run(\"ping \" + args.host);\n});\n",
        &["8:host"],
    );
    typescript(
        "async function sh(c: string) {\n  return new Promise((ok, no) => exec(c, (e, out) => ok(out)));\n}\nserver.tool(\"ls\", \"List\", { dir: z.string() }, ({ dir }) => sh(`ls ${dir}`));\n",
        &["7:dir"],
    );
    typescript(
        "server.tool(\"x\", { a: z.string() }, ({ a }) => {\n  spawn(\"git log \" + a, { shell: true });\n});\n",
        &["7:a"],
    );
    typescript(
        "server.tool(\"x\", { command: z.string() }, ({ command }) => {\n  spawn(\"bash\", [\"-c\", command]);\n});\n",
        &["7:command by design"],
    );
}

#[test]
fn typescript_arguments_that_are_narrow_or_kept_apart_are_quiet() {
    typescript("server.tool(\"x\", { n: z.number().int() }, ({ n }) => { exec(`head -n ${n} log`); });\n", &[]);
    typescript("server.tool(\"x\", { s: z.enum([\"a\", \"b\"]) }, ({ s }) => { exec(`service ${s}`); });\n", &[]);
    typescript("server.tool(\"x\", { s: z.string().regex(/^[a-z]+$/) }, ({ s }) => { exec(`service ${s}`); });\n", &[]);
    typescript("server.tool(\"x\", { h: z.string() }, ({ h }) => { execFile(\"ping\", [h]); });\n", &[]);
    typescript("server.tool(\"x\", { h: z.string() }, ({ h }) => { /a/.exec(h); });\n", &[]);
    typescript(
        "const OK = [\"a\", \"b\"];\nserver.tool(\"x\", { h: z.string() }, ({ h }) => {\n  if (!OK.includes(h)) throw new Error(\"no\");\n  exec(`service ${h}`);\n});\n",
        &[],
    );
}

#[test]
fn a_dispatcher_in_typescript_hands_on_to_other_files() {
    let index = "import { Server } from \"@modelcontextprotocol/sdk/server/index.js\";\nimport { CallToolRequestSchema } from \"@modelcontextprotocol/sdk/types.js\";\nimport { scale } from \"./tools/scale.js\";\nconst server = new Server({ name: \"k\", version: \"1\" }, { capabilities: { tools: {} } });\nserver.setRequestHandler(CallToolRequestSchema, async (request) => {\n  const { name, arguments: input = {} } = request.params;\n  switch (name) {\n    case \"kubectl_scale\":\n      return await scale(input as { name: string; replicas: number });\n    default:\n      throw new Error(\"unknown\");\n  }\n});\n";
    let scale = "import { execSync } from \"child_process\";\nexport async function scale(input: { name: string; replicas: number }) {\n  const command = `kubectl scale ${input.name} --replicas=${input.replicas}`;\n  return execSync(command, { encoding: \"utf8\" });\n}\n";
    let files = [("src/index.ts", index), ("src/tools/scale.ts", scale)];
    let project = Project::from_files(files.map(|(path, text)| (path.to_owned(), text.to_owned())));
    let told: Vec<_> =
        project.facts.flows.iter().map(|f| (f.tool.as_deref(), f.parameter.as_str(), f.place.path.as_str())).collect();
    assert_eq!(told, [(Some("kubectl_scale"), "name", "src/tools/scale.ts")]);
}

#[test]
fn a_dispatcher_hands_on_the_arguments_of_the_tool_that_was_asked_for() {
    let text = "import subprocess\nfrom mcp.server import Server\nserver = Server('x')\ndef grep(args):\n    subprocess.run(f\"grep {args['pattern']}\", shell=True)\n@server.call_tool()\nasync def call(name, arguments):\n    if name == 'grep':\n        return grep(arguments)\n";
    let project = Project::from_files([("server.py".to_owned(), text.to_owned())]);
    let [flow] = project.facts.flows.as_slice() else { panic!("one flow, not {:?}", project.facts.flows) };
    assert_eq!((flow.tool.as_deref(), flow.parameter.as_str()), (Some("grep"), "pattern"));
}
