//! Where the clients of a person keep their configurations, below the home folder. Data, from their documentation.

/// A system; clients keep their files at other places on each.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum System {
    /// Linux, and what is like it.
    Linux,
    /// macOS.
    MacOs,
    /// Windows.
    Windows,
}

/// A file that some client reads.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Place {
    /// The client's name, as its makers write it.
    pub client: &'static str,
    /// Below the home folder, with forward slashes; one part may hold a `*`, which stands for any name.
    pub path: String,
}

/// Which systems an entry is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum On {
    Every,
    /// Linux and macOS.
    Unix,
    Windows,
}

/// Client and path. `{settings}` is where programs of that system keep the settings of a person.
const PLACES: &[(&str, &str, On)] = &[
    ("Claude Desktop", "{settings}/Claude/claude_desktop_config.json", On::Every),
    ("Claude Code", ".claude.json", On::Every),
    ("Claude Code", ".claude/settings.json", On::Every),
    ("Cursor", ".cursor/mcp.json", On::Every),
    ("VS Code", "{settings}/Code/User/mcp.json", On::Every),
    ("VS Code", "{settings}/Code/User/settings.json", On::Every),
    ("VS Code Insiders", "{settings}/Code - Insiders/User/mcp.json", On::Every),
    ("VS Code Insiders", "{settings}/Code - Insiders/User/settings.json", On::Every),
    ("VSCodium", "{settings}/VSCodium/User/mcp.json", On::Every),
    ("VSCodium", "{settings}/VSCodium/User/settings.json", On::Every),
    ("Cline", "{settings}/Code/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json", On::Every),
    ("Roo Code", "{settings}/Code/User/globalStorage/rooveterinaryinc.roo-cline/settings/mcp_settings.json", On::Every),
    ("Kilo Code", "{settings}/Code/User/globalStorage/kilocode.kilo-code/settings/mcp_settings.json", On::Every),
    ("Windsurf", ".codeium/windsurf/mcp_config.json", On::Every),
    ("Gemini CLI", ".gemini/settings.json", On::Every),
    ("Gemini CLI", ".gemini/extensions/*/gemini-extension.json", On::Every),
    ("Antigravity", ".gemini/antigravity/mcp_config.json", On::Every),
    ("Qwen Code", ".qwen/settings.json", On::Every),
    ("Codex", ".codex/config.toml", On::Every),
    ("Copilot CLI", ".copilot/mcp-config.json", On::Every),
    ("Zed", ".config/zed/settings.json", On::Unix),
    ("Zed", "AppData/Roaming/Zed/settings.json", On::Windows),
    ("Goose", ".config/goose/config.yaml", On::Unix),
    ("Goose", "AppData/Roaming/Block/goose/config/config.yaml", On::Windows),
    ("Continue", ".continue/config.yaml", On::Every),
    ("Continue", ".continue/mcpServers/*.yaml", On::Every),
    ("Continue", ".continue/mcpServers/*.json", On::Every),
    ("Junie", ".junie/mcp/mcp.json", On::Every),
    ("Amazon Q", ".aws/amazonq/mcp.json", On::Every),
    ("Amazon Q", ".aws/amazonq/cli-agents/*.json", On::Every),
    ("Kiro", ".kiro/settings/mcp.json", On::Every),
    ("LM Studio", ".lmstudio/mcp.json", On::Every),
    ("OpenCode", ".config/opencode/opencode.json", On::Every),
    ("OpenCode", ".config/opencode/opencode.jsonc", On::Every),
    ("Crush", ".config/crush/crush.json", On::Unix),
    ("Droid", ".factory/mcp.json", On::Every),
    ("Warp", ".warp/.mcp.json", On::Every),
    ("Visual Studio", ".mcp.json", On::Windows),
];

impl System {
    /// The one that this program was built for.
    pub fn here() -> Self {
        if cfg!(windows) {
            Self::Windows
        } else if cfg!(target_os = "macos") {
            Self::MacOs
        } else {
            Self::Linux
        }
    }

    /// Every place of this system, in the order of the table.
    pub fn places(self) -> Vec<Place> {
        let settings = match self {
            Self::Linux => ".config",
            Self::MacOs => "Library/Application Support",
            Self::Windows => "AppData/Roaming",
        };
        let here = |on: On| match on {
            On::Every => true,
            On::Unix => self != Self::Windows,
            On::Windows => self == Self::Windows,
        };
        let places = PLACES.iter().filter(|(.., on)| here(*on));
        places.map(|(client, path, _)| Place { client, path: path.replace("{settings}", settings) }).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_system_has_its_own_places_and_each_place_once() {
        for system in [System::Linux, System::MacOs, System::Windows] {
            let paths: Vec<String> = system.places().into_iter().map(|place| place.path).collect();
            assert_eq!(paths.iter().collect::<HashSet<_>>().len(), paths.len());
            assert!(paths.iter().all(|path| !path.starts_with('/') && path.matches('*').count() < 2));
            let roams = paths.iter().any(|path| path.starts_with("AppData/"));
            assert_eq!(roams, system == System::Windows);
        }
    }
}
