//! `mcpsec.lock`: what models read of this server's tools, prompts and resources, as somebody approved it.
//!
//! Written by `mcpsec lock`, committed, and compared by the doctor. One entry for each offer, in order of kind and name,
//! so that a change of one tool is a change of one entry; spaces and the order of parameters do not count.

use serde::{Deserialize, Serialize};

use super::{
    File, Project, Role,
    data::{self, DataError, Node},
    facts::tools::{FieldType, Offer, OfferKind},
    syntax::Span,
};
use crate::finding::Place;

/// Its name, in the project's folder.
pub const NAME: &str = "mcpsec.lock";

/// The version of the format.
const VERSION: u32 = 1;

const HEADER: &str = "\
# What models read of this server. Written by `mcpsec lock`: read the changes of this file, they change what models do.
";

/// The file.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ToolLock {
    version: u32,
    /// Sorted, each once.
    #[serde(default, rename = "offer")]
    pub offers: Vec<Approved>,
}

/// A tool, prompt or resource as it was approved.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Approved {
    /// `tool`, `prompt` or `resource`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its title and description, spaces made one; what is computed while the program runs is left out.
    pub text: String,
    /// A line for each parameter: name, what it holds, what is said of it.
    #[serde(default)]
    pub inputs: Vec<String>,
}

/// The project's lock as it was read.
#[derive(Clone, Debug)]
pub struct LockFile {
    /// Relative to the project's folder.
    pub path: String,
    /// What it says, each with its place; or why it says nothing.
    pub content: Result<Vec<(Approved, Place)>, DataError>,
}

/// Reads `file`, where it is the project's lock.
pub fn read(file: &File) -> Option<LockFile> {
    (file.path == NAME).then(|| LockFile { path: file.path.clone(), content: parse(&file.text) })
}

fn parse(text: &str) -> Result<Vec<(Approved, Place)>, DataError> {
    let whole = |message: String| DataError { message, span: Span::new(0, 0) };
    let tree = data::toml(text)?;
    let lock: ToolLock = toml::from_str(text).map_err(|error| DataError {
        message: error.message().to_owned(),
        span: error.span().map_or(Span::new(0, 0), |span| Span::new(span.start, span.end)),
    })?;
    if lock.version != VERSION {
        return Err(whole(format!("version {} is not known; this mcpsec writes version {VERSION}", lock.version)));
    }
    let nodes: &[Node] = tree.get("offer").map_or(&[], Node::items);
    let place = |node: &Node| {
        let name = node.get("name").map_or(node.span, |name| name.span);
        Place::new(NAME, name.start, name.end)
    };
    Ok(lock.offers.into_iter().zip(nodes.iter().map(place)).collect())
}

/// What the product offers now, with the offer itself. Offers whose names are computed are left out.
pub fn offered(project: &Project) -> Vec<(Approved, &Offer)> {
    let of_product = |offer: &&Offer| project.file(&offer.place.path).is_none_or(|file| file.role == Role::Product);
    let offers = project.facts.offers.iter().filter(of_product);
    let mut found: Vec<(Approved, &Offer)> = offers.filter_map(|offer| Some((approved(offer)?, offer))).collect();
    found.sort_by(|(a, _), (b, _)| a.cmp(b));
    found.dedup_by(|(a, _), (b, _)| a == b);
    found
}

fn approved(offer: &Offer) -> Option<Approved> {
    let kind = match offer.kind {
        OfferKind::Tool => "tool",
        OfferKind::Prompt => "prompt",
        OfferKind::Resource => "resource",
    };
    let title = offer.title.as_ref().map_or("", |title| title.text.as_str());
    let mut inputs: Vec<String> = offer
        .input
        .fields
        .iter()
        .map(|field| {
            let said = field.description.as_ref().map(|said| format!(" -- {}", plain(&said.text)));
            format!("{}: {}{}", field.name, word(field.kind), said.unwrap_or_default())
        })
        .collect();
    inputs.sort_unstable();
    Some(Approved {
        kind: kind.to_owned(),
        name: offer.name.as_ref()?.text.clone(),
        text: plain(&format!("{title} {}", offer.description.text())),
        inputs,
    })
}

/// Spaces and line ends made one space.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn word(kind: FieldType) -> &'static str {
    match kind {
        FieldType::Text => "text",
        FieldType::Choice => "choice",
        FieldType::Integer => "integer",
        FieldType::Number => "number",
        FieldType::Boolean => "boolean",
        FieldType::Object => "object",
        FieldType::List => "list",
        FieldType::Unknown => "any",
    }
}

/// The text of a lock for what the project offers now.
pub fn render(project: &Project) -> String {
    let offers = offered(project).into_iter().map(|(approved, _)| approved).collect();
    let lock = ToolLock { version: VERSION, offers };
    let text = toml::to_string(&lock).expect("texts and lists of texts can be written as TOML");
    format!("{HEADER}{text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(text: &str) -> Project {
        Project::from_files([("server.py".to_owned(), text.to_owned())])
    }

    const SERVER: &str = "from mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP(\"notes\")\n\n\n@mcp.tool()\n\
        def read(name: str, lines: int = 10) -> str:\n    \"\"\"Reads   a note.\n\n    \\\"Quoted\\\" and '''more'''.\"\"\"\n    \
        return name\n";

    #[test]
    fn what_is_written_is_read_as_it_was() {
        let project = project(SERVER);
        let text = render(&project);
        let read = parse(&text).expect("what is written can be read");
        let offered: Vec<Approved> = offered(&project).into_iter().map(|(approved, _)| approved).collect();
        assert_eq!(read.iter().map(|(approved, _)| approved.clone()).collect::<Vec<_>>(), offered);
        assert_eq!(offered[0].inputs, ["lines: integer", "name: text"]);
        let place = &read[0].1;
        assert_eq!(&text[place.start..place.end], "\"read\"");
    }

    #[test]
    fn spaces_and_the_order_of_parameters_do_not_count() {
        let other = SERVER.replace("Reads   a note.\n", "Reads a\n    note.\n");
        let other = other.replace("name: str, lines: int = 10", "lines: int, name: str");
        assert_eq!(render(&project(SERVER)), render(&project(&other)));
    }

    #[test]
    fn another_version_and_unknown_keys_are_refused() {
        assert!(parse("version = 2\n").is_err());
        assert!(parse("version = 1\nofer = []\n").is_err());
        assert!(parse("version = ").is_err());
    }
}
