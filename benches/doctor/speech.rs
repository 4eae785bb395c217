//! Synthetic repositories of one language: many files of one package or namespace that call each other.

/// A language to measure.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Speech {
    Csharp,
    Go,
    Java,
    Python,
    Rust,
    Typescript,
}

impl Speech {
    /// Every language, by the word that asks for it.
    pub(crate) const ALL: [(&str, Self); 6] = [
        ("csharp", Self::Csharp),
        ("go", Self::Go),
        ("java", Self::Java),
        ("python", Self::Python),
        ("rust", Self::Rust),
        ("typescript", Self::Typescript),
    ];

    /// The files that are there once: a manifest and a server that calls the first module.
    pub(crate) fn server(self, modules: usize) -> Vec<(&'static str, String)> {
        match self {
            Self::Csharp => vec![("Bench.csproj", CSPROJ.to_owned()), ("Program.cs", CSHARP.to_owned())],
            Self::Go => {
                vec![("go.mod", "module example.com/bench\n\ngo 1.24\n".to_owned()), ("main.go", GO.to_owned())]
            }
            Self::Java => vec![("pom.xml", POM.to_owned()), ("src/main/java/bench/Main.java", JAVA.to_owned())],
            Self::Python => vec![("pyproject.toml", PYPROJECT.to_owned()), ("server.py", PYTHON.to_owned())],
            Self::Rust => {
                let modules: String = (0..modules).map(|number| format!("mod module{number};\n")).collect();
                vec![("Cargo.toml", CARGO.to_owned()), ("src/main.rs", modules + RUST)]
            }
            Self::Typescript => vec![("package.json", PACKAGE.to_owned()), ("src/index.ts", TYPESCRIPT.to_owned())],
        }
    }

    /// One of many modules: it speaks of MCP, keeps something in a field or variable, and calls the next.
    pub(crate) fn module(self, number: usize, modules: usize) -> (String, String) {
        let (path, text) = match self {
            Self::Csharp => ("src/Module#.cs", CSHARP_MODULE),
            Self::Go => ("module#.go", GO_MODULE),
            Self::Java => ("src/main/java/bench/Module#.java", JAVA_MODULE),
            Self::Python => ("module#.py", PYTHON_MODULE),
            Self::Rust => ("src/module#.rs", RUST_MODULE),
            Self::Typescript => ("src/module#.ts", TYPESCRIPT_MODULE),
        };
        let (this, next) = (number.to_string(), ((number + 1) % modules.max(1)).to_string());
        (path.replace('#', &this), text.replace("#next", &next).replace('#', &this))
    }
}

const CSPROJ: &str = r#"<Project Sdk="Microsoft.NET.Sdk">
  <ItemGroup><PackageReference Include="ModelContextProtocol" Version="1.0.0" /></ItemGroup>
</Project>
"#;

const CSHARP: &str = r"using ModelContextProtocol.Server;
using Bench;

var builder = Host.CreateEmptyApplicationBuilder(settings: null);
builder.Services.AddMcpServer().WithStdioServerTransport().WithToolsFromAssembly();
await builder.Build().RunAsync();
";

const CSHARP_MODULE: &str = r#"using ModelContextProtocol.Server;

namespace Bench;

[McpServerToolType]
public class Module#
{
    private string last = "none";

    [McpServerTool, Description("Loads entry #")]
    public string Load(string name)
    {
        last = Clean(name);
        if (last.Length > 100)
        {
            throw new ArgumentException("too long");
        }
        return new Module#next().Clean(last);
    }

    public string Clean(string name)
    {
        return name.Trim();
    }
}
"#;

const GO: &str = r#"package main

import (
	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

func main() {
	s := server.NewMCPServer("bench", "1.0.0")
	s.AddTool(mcp.NewTool("load0", mcp.WithString("name")), load0)
	server.ServeStdio(s)
}
"#;

const GO_MODULE: &str = r#"package main

import (
	"context"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"
)

var last# = "none"

func load#(ctx context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	name, err := request.RequireString("name")
	if err != nil {
		return mcp.NewToolResultError("no name"), nil
	}
	last# = clean#next(name)
	return mcp.NewToolResultText(last#), nil
}

func clean#(name string) string {
	return strings.TrimSpace(name)
}
"#;

const POM: &str = r"<project>
  <artifactId>bench</artifactId>
  <dependencies>
    <dependency>
      <groupId>io.modelcontextprotocol.sdk</groupId>
      <artifactId>mcp</artifactId>
      <version>1.0.0</version>
    </dependency>
  </dependencies>
</project>
";

const JAVA: &str = r"package bench;

import io.modelcontextprotocol.server.McpServer;
import io.modelcontextprotocol.server.McpServerFeatures;
import io.modelcontextprotocol.server.transport.StdioServerTransportProvider;

class Main {
    public static void main(String[] args) {
        var tool = new McpServerFeatures.SyncToolSpecification(definition(), (exchange, arguments) -> Module0.load(arguments));
        McpServer.sync(new StdioServerTransportProvider(mapper)).tools(tool).build();
    }
}
";

const JAVA_MODULE: &str = r#"package bench;

import io.modelcontextprotocol.spec.McpSchema;

public class Module# {
    private String last = "none";

    public String load(String name) {
        last = clean(name);
        if (last.length() > 100) {
            throw new IllegalArgumentException("too long");
        }
        return new Module#next().clean(last);
    }

    public String clean(String name) {
        return name.trim();
    }
}
"#;

const PYPROJECT: &str = "[project]\nname = \"bench\"\nversion = \"1.0.0\"\ndependencies = [\"mcp==1.20.0\"]\n";

const PYTHON: &str = r#"from mcp.server.fastmcp import FastMCP

from module0 import load_0

mcp = FastMCP("bench")


@mcp.tool()
def load(name: str) -> str:
    """Loads an entry."""
    return load_0(name)


if __name__ == "__main__":
    mcp.run()
"#;

const PYTHON_MODULE: &str = r#"from mcp.server.fastmcp import Context

from module#next import clean_#next

last = "none"


def load_#(name: str) -> str:
    global last
    last = clean_#next(name)
    if len(last) > 100:
        raise ValueError("too long")
    return last


def clean_#(name: str) -> str:
    return name.strip()
"#;

const CARGO: &str = "[package]\nname = \"bench\"\nversion = \"1.0.0\"\n\n[dependencies]\nrmcp = \"1\"\n";

const RUST: &str = r#"
use rmcp::{handler::server::wrapper::Parameters, tool, tool_router};

struct Code;

#[tool_router]
impl Code {
    #[tool(description = "Loads an entry")]
    fn load(&self, Parameters(name): Parameters<String>) -> String {
        module0::load(name)
    }
}
"#;

const RUST_MODULE: &str = r"use rmcp::model::CallToolResult;

use crate::module#next;

pub struct Last {
    name: String,
}

pub fn load(name: String) -> String {
    let last = Last { name: module#next::clean(&name) };
    if last.name.len() > 100 {
        return String::new();
    }
    last.name
}

pub fn clean(name: &str) -> String {
    name.trim().to_owned()
}
";

const PACKAGE: &str = r#"{ "name": "bench", "dependencies": { "@modelcontextprotocol/sdk": "1.32.2", "zod": "3.25.0" } }
"#;

const TYPESCRIPT: &str = r#"import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { z } from "zod";
import { load } from "./module0.js";

const server = new McpServer({ name: "bench", version: "1.0.0" });
server.registerTool("load", { description: "Loads", inputSchema: { name: z.string() } }, async ({ name }) => ({
  content: [{ type: "text", text: load(name) }],
}));
await server.connect(new StdioServerTransport());
"#;

const TYPESCRIPT_MODULE: &str = r#"import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js";
import { clean as cleanNext } from "./module#next.js";

let last = "none";

export function load(name: string): string {
  last = cleanNext(name);
  if (last.length > 100) {
    throw new Error("too long");
  }
  return last;
}

export function clean(name: string): string {
  return name.trim();
}
"#;
