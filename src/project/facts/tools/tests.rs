//! What is read of offers, in four languages.

use super::{Description, FieldType, Offer};
use crate::project::Project;

fn offers(path: &str, text: &str) -> Vec<Offer> {
    Project::from_files([(path.to_owned(), text.to_owned())]).facts.offers
}

/// Name, description, fields with kinds, read-only hint, handler: one line for each offer.
fn told(path: &str, text: &str) -> Vec<String> {
    let line = |offer: &Offer| {
        let name = offer.name.as_ref().map_or("?", |said| said.text.as_str());
        let fields: Vec<String> = offer
            .input
            .fields
            .iter()
            .map(|field| {
                let about = field.description.as_ref().map_or(String::new(), |said| format!("={}", said.text));
                format!("{}:{:?}{about}", field.name, field.kind)
            })
            .collect();
        let complete = if offer.input.complete { "" } else { " .." };
        let hint = offer.annotations.as_ref().and_then(|hints| hints.read_only.as_ref()).map(|(flag, _)| *flag);
        let handled = if offer.handler.is_some() { " handled" } else { "" };
        format!("{name} '{}' [{}{complete}] {hint:?}{handled}", offer.description.text(), fields.join(" "))
    };
    offers(path, text).iter().map(line).collect()
}

#[test]
fn typescript_registrations_and_lists() {
    let head = "import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';\nimport { z } from 'zod';\nconst server = new McpServer({name:'a',version:'1'});\n";
    let text = format!(
        "{head}server.registerTool('a', {{ description: 'About ' + 'a', inputSchema: {{ city: z.string().describe('Which'), n: z.number().int().optional() }}, annotations: {{ readOnlyHint: true }} }}, async () => 1);\nserver.tool('b', 'About b', {{ mode: z.enum(['x']) }}, async () => 1);\nserver.tool('c', async () => 1);"
    );
    assert_eq!(
        told("src/a.ts", &text),
        [
            "a 'About a' [city:Text=Which n:Integer] Some(true) handled",
            "b 'About b' [mode:Choice] None handled",
            "c '' [] None handled"
        ]
    );
    let low = "export const TOOLS = [{ name: 't', description: `d`, inputSchema: { type: 'object', properties: { p: { type: 'string', description: 'P' } } } }];";
    assert_eq!(told("src/b.ts", low), ["t 'd' [p:Text=P] None"]);
    let named = "import { z } from 'zod';\nimport { zodToJsonSchema } from 'zod-to-json-schema';\nconst In = z.object({ p: z.string() });\nexport const TOOLS = [{ name: 't', description: 'd', inputSchema: zodToJsonSchema(In) as any }];";
    assert_eq!(told("src/c.ts", named), ["t 'd' [p:Text] None"]);
}

#[test]
fn python_decorators_and_lists() {
    let head = "from typing import Annotated, Literal\nfrom mcp.server.fastmcp import FastMCP, Context\nfrom pydantic import Field\nmcp = FastMCP('x')\n";
    let text = format!(
        "{head}@mcp.tool(name='first', annotations={{'readOnlyHint': True}})\ndef f(city: str, n: int = 1, mode: Literal['a'] = 'a', about: str = Field(description='What'), ctx: Context = None):\n    \"\"\"Finds.\"\"\"\n    return 1\n"
    );
    assert_eq!(
        told("server.py", &text),
        ["first 'Finds.' [city:Text n:Integer mode:Choice about:Text=What] Some(true) handled"]
    );
    let low = "from mcp import types\nfrom mcp.server import Server\nfrom pydantic import BaseModel\nclass In(BaseModel):\n    url: str\nserver = Server('x')\n@server.list_tools()\nasync def lt():\n    return [types.Tool(name='t', description='d', inputSchema=In.model_json_schema())]\n";
    assert_eq!(told("server.py", low), ["t 'd' [url:Text] None"]);
}

#[test]
fn rust_methods_and_lists() {
    let text = "use rmcp::{tool, model::Tool};\n#[derive(serde::Deserialize)]\nstruct In {\n    /// Which\n    city: String,\n    #[schemars(description = \"How many\")]\n    n: Option<u32>,\n}\nstruct S;\nimpl S {\n    /// Finds.\n    #[tool(annotations(read_only_hint = true))]\n    async fn find(&self, Parameters(p): Parameters<In>) -> String { p.city }\n    #[tool(name = \"other\", description = \"Other\")]\n    fn o(&self) -> String { String::new() }\n}\nfn list() -> Tool { Tool::new(\"t\", \"d\", schema()) }";
    assert_eq!(
        told("src/main.rs", text),
        [
            "find 'Finds.' [city:Text=Which n:Integer=How many] Some(true) handled",
            "other 'Other' [] None handled",
            "t 'd' [ ..] None"
        ]
    );
}

#[test]
fn go_options_and_literals() {
    let one = "package main\nimport \"github.com/mark3labs/mcp-go/mcp\"\nimport \"github.com/mark3labs/mcp-go/server\"\nfunc main() {\n s := server.NewMCPServer(\"a\", \"1\")\n t := mcp.NewTool(\"t\", mcp.WithDescription(\"d\"), mcp.WithReadOnlyHintAnnotation(true), mcp.WithString(\"city\", mcp.Description(\"Which\")))\n s.AddTool(t, handle)\n}\nfunc handle(ctx context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) { return nil, nil }";
    assert_eq!(told("main.go", one), ["t 'd' [city:Text=Which] Some(true) handled"]);
    let two = "package main\nimport \"github.com/modelcontextprotocol/go-sdk/mcp\"\ntype In struct {\n City string `json:\"city\" jsonschema:\"Which\"`\n}\nfunc main() {\n s := mcp.NewServer(&mcp.Implementation{Name: \"a\"}, nil)\n mcp.AddTool(s, &mcp.Tool{Name: \"t\", Description: \"d\", Annotations: &mcp.ToolAnnotations{ReadOnlyHint: true}}, handle)\n}\nfunc handle(ctx context.Context, r *mcp.CallToolRequest, in In) (*mcp.CallToolResult, any, error) { return nil, nil, nil }";
    assert_eq!(told("main.go", two), ["t 'd' [city:Text=Which] Some(true) handled"]);
    let _ = FieldType::Text;
}

#[test]
fn handlers_say_what_they_change_and_what_they_lack() {
    let text = "import os, shutil\nfrom mcp.server.fastmcp import FastMCP\nmcp = FastMCP('x')\ndef gone(p):\n    shutil.rmtree(p)\n@mcp.tool()\ndef clear(p: str):\n    gone(p)\n@mcp.tool()\ndef later():\n    \"\"\"Some day.\"\"\"\n    raise NotImplementedError()\n@mcp.tool(description=os.environ['D'])\ndef say(p: str):\n    if p: return 1\n";
    let offers = offers("server.py", text);
    assert_eq!(offers[0].handler.as_ref().unwrap().effects.len(), 1);
    assert!(offers[1].handler.as_ref().unwrap().stub.is_some());
    assert!(matches!(&offers[2].description, Description::Computed { origins, .. } if origins.len() == 1));
    assert!(offers[2].input.fields[0].decides);
    assert!(offers.iter().all(|offer| offer.unconditional && offer.server.is_some()));
}
