//! Nesting that no person writes: every reader comes back from it, with the rest of the project read.
//!
//! How long that may take is for the test runner to say (`.config/nextest.toml`).

use crate::hostile::survive;

/// Far deeper than any stack.
const DEPTH: usize = 100_000;

/// A way of nesting: the file, what stands before, what opens, what is innermost, what closes.
type Nest = (&'static str, &'static str, &'static str, &'static str, &'static str);

const TYPESCRIPT: &str = "import { McpServer } from \"@modelcontextprotocol/sdk/server/mcp.js\";\n";
const PYTHON: &str = "from mcp.server.fastmcp import FastMCP\n";
const RUST: &str = "use rmcp::ServerHandler;\n";
const GO: &str = "package main\n\nimport \"github.com/mark3labs/mcp-go/mcp\"\n\n";
const JAVA: &str = "package a;\nimport io.modelcontextprotocol.server.McpServer;\nclass A { Object a() { return ";
const JAVA_CLASS: &str = "package a;\nimport io.modelcontextprotocol.server.McpServer;\n";
const CSHARP: &str = "using ModelContextProtocol.Server;\nvar a = ";
const CSHARP_TOP: &str = "using ModelContextProtocol.Server;\n";

#[rustfmt::skip]
const SOURCES: &[Nest] = &[
    ("src/index.ts", TYPESCRIPT, "(", "1", ")"),
    ("src/index.ts", TYPESCRIPT, "[", "", "]"),
    ("src/index.ts", TYPESCRIPT, "{", "", "}"),
    ("src/index.ts", TYPESCRIPT, "f(() => ", "1", ")"),
    ("src/index.ts", TYPESCRIPT, "`${", "1", "}`"),
    ("src/index.ts", TYPESCRIPT, "if (a) ", "b();", ""),
    ("src/index.ts", TYPESCRIPT, "a ? b : ", "c", ""),
    ("src/index.ts", TYPESCRIPT, "type A = B<", "C", ">"),
    ("src/index.tsx", TYPESCRIPT, "<a>", "x", "</a>"),
    ("src/index.ts", TYPESCRIPT, "a.", "b", ""),
    ("src/index.ts", TYPESCRIPT, "a + ", "b", ""),
    ("server.py", PYTHON, "(", "1", ")"),
    ("server.py", PYTHON, "[", "", "]"),
    ("server.py", PYTHON, "{1:", "1", "}"),
    ("server.py", PYTHON, "lambda: ", "1", ""),
    ("server.py", PYTHON, "not ", "a", ""),
    ("server.py", PYTHON, "f'{", "1", "}'"),
    ("server.py", PYTHON, "a if b else ", "c", ""),
    ("server.py", PYTHON, "a[", "1", "]"),
    ("src/main.rs", RUST, "(", "1", ")"),
    ("src/main.rs", RUST, "mod a {", "", "}"),
    ("src/main.rs", RUST, "m!{", "", "}"),
    ("src/main.rs", RUST, "/*", "", "*/"),
    ("src/main.rs", "use rmcp::A;\nuse ", "a::{", "b", "}"),
    ("src/main.rs", "use rmcp::A;\nfn a() { ", "&", "b", ""),
    ("src/main.rs", "use rmcp::A;\nfn a() { ", "|| ", "b", ""),
    ("src/main.rs", "use rmcp::A;\ntype A = ", "B<", "C", ">"),
    ("main.go", GO, "(", "1", ")"),
    ("main.go", "package main\nimport \"github.com/mark3labs/mcp-go/mcp\"\nvar x = ", "[]", "int{}", ""),
    ("main.go", "package main\nimport \"github.com/mark3labs/mcp-go/mcp\"\nfunc main() ", "{", "", "}"),
    ("main.go", "package main\nimport \"github.com/mark3labs/mcp-go/mcp\"\nvar x = ", "func() { ", "", "}"),
    ("main.go", "package main\nimport \"github.com/mark3labs/mcp-go/mcp\"\nvar x = ", "-", "1", ""),
    ("main.go", "package main\nimport \"github.com/mark3labs/mcp-go/mcp\"\nvar x ", "map[string]", "int", ""),
    ("A.java", JAVA, "(", "1", ")"),
    ("A.java", JAVA, "b(", "1", ")"),
    ("A.java", JAVA, "b[", "1", "]"),
    ("A.java", JAVA, "b.", "c", ""),
    ("A.java", JAVA, "b() + ", "c", ""),
    ("A.java", JAVA, "b ? c : ", "d", ""),
    ("A.java", JAVA, "() -> ", "b", ""),
    ("A.java", JAVA, "() -> { return ", "b", "; }"),
    ("A.java", JAVA, "!", "b", ""),
    ("A.java", JAVA, "(int) ", "b", ""),
    ("A.java", JAVA, "new B() { Object b = ", "c", "; }"),
    ("A.java", JAVA, "switch (a) { case 1 -> ", "b", "; }"),
    ("A.java", JAVA_CLASS, "class A { ", "", "}"),
    ("A.java", JAVA_CLASS, "@A(b = ", "1", ")"),
    ("A.java", "package a;\nimport io.modelcontextprotocol.server.McpServer;\nclass A { ", "List<", "B", ">"),
    ("A.java", "package a;\nimport io.modelcontextprotocol.server.McpServer;\nclass A { void a() { ", "if (b) ", "c();", ""),
    ("A.java", "package a;\nimport io.modelcontextprotocol.server.McpServer;\nclass A { void a() { ", "{", "", "}"),
    ("A.cs", CSHARP, "(", "1", ")"),
    ("A.cs", CSHARP, "b(", "1", ")"),
    ("A.cs", CSHARP, "[", "1", "]"),
    ("A.cs", CSHARP, "b.", "c", ";"),
    ("A.cs", CSHARP, "b?.", "c", ";"),
    ("A.cs", CSHARP, "b() + ", "c", ";"),
    ("A.cs", CSHARP, "b ? c : ", "d", ";"),
    ("A.cs", CSHARP, "() => ", "b", ";"),
    ("A.cs", CSHARP, "async () => { await ", "b", "; }"),
    ("A.cs", CSHARP, "$\"{", "b", "}\""),
    ("A.cs", CSHARP, "new() { B = ", "c", "}"),
    ("A.cs", CSHARP, "a switch { _ => ", "b", "}"),
    ("A.cs", CSHARP_TOP, "namespace A { ", "", "}"),
    ("A.cs", CSHARP_TOP, "class A { ", "", "}"),
    ("A.cs", CSHARP_TOP, "void A() { ", "", "}"),
    ("A.cs", CSHARP_TOP, "if (a) ", "b();", ""),
    ("A.cs", CSHARP_TOP, "[A(", "1", ")]"),
    ("A.cs", CSHARP_TOP, "List<", "B", ">"),
    ("A.cs", CSHARP_TOP, "#if A\n", "b();", "\n#endif"),
];

/// What flows are followed through: how a handler begins, what stands before, between and after the terms, and how all
/// ends. Each is nested as deep as the reader of its language takes it.
#[rustfmt::skip]
const HANDLERS: &[(&str, &str, &str, &str, &str, &str)] = &[
    ("src/index.ts", "import { McpServer } from \"@modelcontextprotocol/sdk/server/mcp.js\";\nimport { exec } from \"node:child_process\";\nconst server = new McpServer({ name: \"a\", version: \"1\" });\nserver.registerTool(\"a\", { inputSchema: {} }, async ({ b }) => { exec(", "b + ", "b", "", "); });"),
    ("src/index.ts", "import { McpServer } from \"@modelcontextprotocol/sdk/server/mcp.js\";\nimport { exec } from \"node:child_process\";\nconst server = new McpServer({ name: \"a\", version: \"1\" });\nserver.registerTool(\"a\", { inputSchema: {} }, async ({ b }) => { exec(", "c(", "b", ")", "); });"),
    ("server.py", "import os\nfrom mcp.server.fastmcp import FastMCP\nmcp = FastMCP(\"a\")\n@mcp.tool()\ndef a(b: str):\n    os.system(", "b + ", "b", "", ")\n"),
    ("server.py", "import os\nfrom mcp.server.fastmcp import FastMCP\nmcp = FastMCP(\"a\")\n@mcp.tool()\ndef a(b: str):\n    os.system(", "c(", "b", ")", ")\n"),
    ("main.go", "package main\nimport (\n\"os/exec\"\n\"github.com/mark3labs/mcp-go/mcp\"\n)\nfunc a(c context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {\nb := r.GetString(\"b\", \"\")\nexec.Command(\"sh\", \"-c\", ", "b + ", "b", "", ").Run()\nreturn nil, nil\n}\nfunc main() { s.AddTool(mcp.NewTool(\"a\"), a) }\n"),
    ("main.go", "package main\nimport (\n\"os/exec\"\n\"github.com/mark3labs/mcp-go/mcp\"\n)\nfunc a(c context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {\nb := r.GetString(\"b\", \"\")\nexec.Command(\"sh\", \"-c\", ", "d(", "b", ")", ").Run()\nreturn nil, nil\n}\nfunc main() { s.AddTool(mcp.NewTool(\"a\"), a) }\n"),
    ("src/main.rs", "use rmcp::{handler::server::wrapper::Parameters, tool, tool_router};\nstruct A;\n#[tool_router]\nimpl A {\n#[tool(description = \"a\")]\nfn a(&self, Parameters(B { b }): Parameters<B>) -> String {\nstd::process::Command::new(\"sh\").arg(\"-c\").arg(", "b + ", "b", "", ").output();\nString::new()\n}\n}\n"),
    ("src/main.rs", "use rmcp::{handler::server::wrapper::Parameters, tool, tool_router};\nstruct A;\n#[tool_router]\nimpl A {\n#[tool(description = \"a\")]\nfn a(&self, Parameters(B { b }): Parameters<B>) -> String {\nstd::process::Command::new(\"sh\").arg(\"-c\").arg(", "c(", "b", ")", ").output();\nString::new()\n}\n}\n"),
];

#[test]
fn flows_through_what_is_nested_come_to_an_end() {
    for &(path, before, open, inner, close, after) in HANDLERS {
        for depth in [50, 100, 120, 150, 200, 400] {
            survive(path, &format!("{before}{}{inner}{}{after}", open.repeat(depth), close.repeat(depth)));
        }
    }
}

#[rustfmt::skip]
const STRUCTURES: &[Nest] = &[
    ("package.json", "", "[", "", "]"),
    ("package.json", "", "{\"a\":", "1", "}"),
    ("package-lock.json", "{\"packages\":", "{\"a\":", "1", "}"),
    ("bun.lock", "{\"packages\":", "[", "", "]"),
    (".mcp.json", "{\"mcpServers\":", "{\"a\":", "1", "}"),
    (".vscode/mcp.json", "// servers\n{\"servers\":", "/* a */ [", "", "],"),
    ("manifest.json", "{\"manifest_version\":1,\"server\":", "{\"mcp_config\":", "1", "}"),
    ("tsconfig.json", "{\"compilerOptions\":", "[", "", "]"),
    ("Cargo.toml", "a = ", "[", "", "]"),
    ("Cargo.toml", "a = ", "{ a = ", "1", "}"),
    ("Cargo.toml", "", "a.", "a = 1", ""),
    ("Cargo.toml", "[", "a.", "a", ""),
    ("pyproject.toml", "[project]\ndependencies = ", "[", "", "]"),
    ("mcpsec.toml", "version = 1\n[access]\nrules = ", "[", "", "]"),
    (".codex/config.toml", "mcp_servers = ", "{ a = ", "1", "}"),
    ("uv.lock", "package = ", "[", "", "]"),
    ("pnpm-workspace.yaml", "packages: ", "[", "", "]"),
    ("pnpm-lock.yaml", "packages: ", "{a: ", "1", "}"),
    ("compose.yaml", "services: ", "{a: ", "1", "}"),
    ("compose.yaml", "services:\n", "- ", "a", ""),
    ("compose.yaml", "services:\n", "? ", "a", ""),
    (".github/workflows/ci.yml", "on: push\njobs: ", "{a: ", "1", "}"),
    (".github/workflows/ci.yml", "on: push\njobs: ", "[", "", "]"),
    (".github/workflows/ci.yml", "on: push\njobs:\n", "- ", "a", ""),
    (".github/workflows/ci.yml", "on: push\nenv:\n  A: ", "${{ (", "1", ") }}"),
    (".github/workflows/ci.yml", "on: push\njobs:\n  a:\n    steps:\n      - if: ", "!(", "1", ")"),
    (".pre-commit-config.yaml", "repos: ", "[", "", "]"),
    (".github/dependabot.yml", "updates: ", "[", "", "]"),
    ("Dockerfile", "FROM a\nCMD ", "[", "\"a\"", "]"),
    ("Dockerfile", "ARG A=", "${A:-", "b", "}"),
    ("Dockerfile", "FROM a\nRUN ", "$(", "b", ")"),
    ("Dockerfile", "FROM a\nRUN ", "<<A ", "\nb", "\nA"),
    ("Dockerfile", "FROM a\n", "ONBUILD ", "RUN b", ""),
    (".gitignore", "", "**/", "a", ""),
    (".gitignore", "", "[", "a", "]"),
    (".gitignore", "", "{a,", "b", "}"),
    ("requirements.txt", "", "a[", "b", "]"),
    ("requirements.txt", "a; ", "(", "b", ")"),
    ("setup.py", "setup(install_requires=", "[", "'a'", "])"),
    ("go.mod", "module a\nrequire ", "(", "a v1", ")"),
    (".env", "A=", "${A:-", "b", "}"),
    ("Makefile", "test:\n\t", "$(", "b", ")"),
    ("yarn.lock", "", "\"a@npm:", "1", "\":\n"),
];

#[test]
fn sources_nested_a_hundred_thousand_deep_are_read() {
    SOURCES.iter().for_each(nested);
}

#[test]
fn structures_nested_a_hundred_thousand_deep_are_read() {
    STRUCTURES.iter().for_each(nested);
}

/// Once closed and once torn off.
fn nested(&(path, before, open, inner, close): &Nest) {
    let torn = format!("{before}{}{inner}", open.repeat(DEPTH));
    survive(path, &format!("{torn}{}\n", close.repeat(DEPTH)));
    survive(path, &torn);
}
