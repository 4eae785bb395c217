//! Every file that a project understands, cut anywhere and spoilt anywhere: reading it ends, rules over it end, and
//! every place lies in its text.

use mcpsec::{finding::Place, project::Project, rules::RULES};

/// One text for each reader, with letters of several bytes where they hurt most.
const TEXTS: &[(&str, &str)] = &[
    (
        "Dockerfile",
        "ARG V=é\nFROM node:${V:-2} AS b\nRUN <<é\nUSER ü\né\nRUN a \\\n # é\n b\nFROM b\nUSER 0:é\nCMD [\"é.sh\"]\n",
    ),
    ("compose.yaml", "services:\n  é:\n    image: \"é:${V:-é}\" # é\n  b:\n    build: .\n    image: x\n"),
    (
        "package.json",
        r#"{"name":"é","scripts":{"test":"echo é","start":"x"},"dependencies":{"é":">= 1 || *","b":"git+https://é#é","c":"npm:@é/d@x"},"workspaces":["é/*","!é"]}"#,
    ),
    ("pnpm-workspace.yaml", "packages:\n  - 'é/*' # é\n  - '!b'\n"),
    (
        "pyproject.toml",
        "[project]\nname = 'é'\ndependencies = ['é[x]>=1; é', 'b @ git+https://é@é']\n[project.scripts]\na = 'é'\n[tool.poetry.dependencies]\né = {git='é'}\n'b' = '*'\n",
    ),
    ("requirements.txt", "é>=1 # é\nmcp==1 --hash=é\n-e ./é\nhttps://é/é.whl#egg=é\n"),
    ("setup.py", "setup(install_requires=['é>=1', \"b\"])\n"),
    ("setup.cfg", "[options]\ninstall_requires =\n  é>=1\n  b\nx = 1\n"),
    (
        "Cargo.toml",
        "[package]\nname = 'é'\n[dependencies]\né = '*'\nb = { git = 'é' }\n[target.'é'.dependencies]\nc = '>=1'\n",
    ),
    ("go.mod", "module é\nrequire (\n\té/b v1 // é\n)\nrequire c é\n"),
    (
        "pom.xml",
        "<project><properties><é>é</é></properties><dependencies><dependency><groupId>é</groupId><artifactId>${é}</artifactId><version>${é</version></dependency></dependencies></project>",
    ),
    ("build.gradle", "dependencies {\n    implementation(\"é:é:+\")\n    testImplementation 'a:b:$é'\n}\n"),
    (
        "gradle/libs.versions.toml",
        "[versions]\né = '+'\n[libraries]\nb = { module = 'é:b', version.ref = 'é' }\nc = 'é:c'\n",
    ),
    (
        "é.csproj",
        "\u{feff}<Project><PackageReference Include=\"é\" Version=\"*\" /><PackageReference Include='b'><Version>$(é)</Version></PackageReference></Project>",
    ),
    ("application.properties", "%é.spring.ai.mcp.server.stdio=true\nserver.address = ${é:é}\né"),
    ("appsettings.json", r#"{"AllowedHosts":"é;*","é":[{"Url":"http://é"}]}"#),
    ("package-lock.json", r#"{"packages":{"":{},"node_modules/é":{"version":"é"},"é":{"version":"1"}}}"#),
    ("pnpm-lock.yaml", "importers:\n\n  é:\npackages:\n\n  '@é/b@1(é)':\n  /é@1:\n"),
    ("yarn.lock", "\"@é/b@^1\", \"é\":\n  version \"é\"\né@1:\n  version 1\n"),
    ("bun.lock", r#"{"packages":{"é":["é@1"],"b":["@"]}}"#),
    ("uv.lock", "[[package]]\nname = \"é\"\nversion = \"é\"\n"),
    ("go.sum", "é v1 h1:é\né v1/go.mod h1:é\n"),
    (
        ".mcp.json",
        r#"{"mcpServers":{"é":{"command":"npx é","args":["-y","é@1","--é=é","é: é"],"env":{"É_TOKEN":"éééééééé"},"url":"http://é?é=é"}}}"#,
    ),
    (".codex/config.toml", "[mcp_servers.é]\ncommand = 'docker'\nargs = ['run', '-é', 'é:é']\n"),
    ("manifest.json", r#"{"manifest_version":1,"server":{"mcp_config":{"command":"cmd","args":["/c","npx é"]}}}"#),
    (
        "A.java",
        "package é;\nimport io.modelcontextprotocol.server.McpServer;\nclass É {\n  @Tool(\"é\") String é(String b) { // é\n    System.out.println(\"é\" + b);\n    return \"\"\"\n      é\n      \"\"\";\n  }\n}\n",
    ),
    (
        "A.cs",
        "using ModelContextProtocol.Server;\nnamespace É;\n[McpServerToolType]\nclass É {\n  [McpServerTool(Name = \"é\")] string F(string é) { // é\n    Console.WriteLine($\"é{é:é}\");\n    return @\"é\" + \"\"\"é\"\"\" + 'é';\n  }\n}\n",
    ),
    (".env", "É_TOKEN=\"é é\"\nexport B='é\nDB_DSN=é # é\n"),
    (".gitignore", "é\n!é\n\\é/\n[é\n"),
    (
        "mcpsec.toml",
        "version = 1\n[server]\nname = 'é'\n[capabilities]\ntools = true\n[tools.é]\nrate = 'é'\n[doctor]\nignore = ['é']\nexclude = ['é']\n",
    ),
    ("AGENTS.md", "é\u{200b}é\u{202e}é\u{e0041}\n"),
];

/// Reads a project of one file and runs every rule over it.
#[track_caller]
pub(crate) fn survive(path: &str, text: &str) {
    let shown: String = text.chars().take(2000).collect();
    survive_all(vec![(path.to_owned(), text.to_owned())], &format!("{path}:\n{shown}"));
}

/// Reads a project and runs every rule over it; every place has to lie in its text.
#[track_caller]
pub(crate) fn survive_all(files: Vec<(String, String)>, shown: &str) {
    let project = Project::from_files(files);
    let mut findings = Vec::new();
    for rule in RULES.iter().filter(|rule| (rule.applies)(&project).is_ok()) {
        (rule.check)(&project, &mut findings);
    }
    let check = |place: &Place, what: &str| {
        if let Some(file) = project.file(&place.path) {
            assert!(file.text.get(place.start..place.end).is_some(), "{what}: {place:?} in {shown}");
        }
    };
    for finding in &findings {
        check(&finding.place, finding.rule);
        finding.related.iter().for_each(|related| check(&related.place, finding.rule));
    }
    for dependency in project.manifests.iter().flat_map(|manifest| &manifest.dependencies) {
        check(&dependency.place, &dependency.name);
    }
}

#[test]
fn a_text_cut_anywhere_is_read() {
    for (path, text) in TEXTS {
        for (end, _) in text.char_indices() {
            survive(path, &text[..end]);
            survive(path, &text[end..]);
        }
        survive(path, text);
    }
}

#[test]
fn a_text_with_anything_put_in_anywhere_is_read() {
    for (path, text) in TEXTS {
        for (at, _) in text.char_indices() {
            for spoilt in [
                "\"", "
", "é", "{", "$",
            ] {
                survive(path, &format!("{}{spoilt}{}", &text[..at], &text[at..]));
            }
        }
    }
}
