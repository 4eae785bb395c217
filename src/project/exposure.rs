//! Containers that tell their server to listen on every network: what the code leaves to its configuration is decided
//! there.

use super::{Project, command, container::Container};
use crate::finding::Place;

/// Options and variables that take an address to listen on.
const OPTIONS: &[&str] = &["--host", "--bind", "--hostname", "--address", "--listen", "--addr", "-H"];

/// Where a container file starts its server on every network, or sets the variable that does.
pub fn everywhere(project: &Project) -> Vec<Place> {
    project.containers.iter().filter_map(of).collect()
}

fn of(container: &Container) -> Option<Place> {
    let mut stage = container.last()?;
    loop {
        let found = stage.steps.iter().rev().find(|step| match step.keyword.as_str() {
            "CMD" | "ENTRYPOINT" => tells(&command::start(&step.arguments)),
            "ENV" => command::words(&step.arguments).iter().any(|word| sets(word)),
            _ => false,
        });
        if let Some(step) = found {
            return Some(step.place.clone());
        }
        stage = container.stages.get(stage.base?)?;
    }
}

/// `--host 0.0.0.0`, `--host=0.0.0.0:8080`
fn tells(words: &[String]) -> bool {
    words.windows(2).any(|pair| OPTIONS.contains(&pair[0].as_str()) && is_everywhere(&pair[1]))
        || words.iter().any(|word| {
            word.split_once('=').is_some_and(|(option, value)| OPTIONS.contains(&option) && is_everywhere(value))
        })
}

/// `MCP_HOST=0.0.0.0`
fn sets(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, value)| {
        ["HOST", "BIND", "ADDRESS", "ADDR", "LISTEN"].iter().any(|end| name.ends_with(end)) && is_everywhere(value)
    })
}

fn is_everywhere(value: &str) -> bool {
    ["0.0.0.0", "::", "[::]"]
        .iter()
        .any(|all| value.strip_prefix(all).is_some_and(|rest| rest.is_empty() || rest.starts_with(':') && *all != "::"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_and_variables_are_both_read() {
        for (text, expected) in [
            ("CMD [\"a\", \"--host\", \"0.0.0.0\"]", true),
            ("ENTRYPOINT a --bind=0.0.0.0:8080", true),
            ("CMD [\"sh\", \"-c\", \"exec a --host 0.0.0.0\"]", true),
            ("ENV PORT=80 MCP_HOST=0.0.0.0", true),
            ("CMD [\"a\", \"--host\", \"127.0.0.1\"]", false),
            ("CMD [\"a\", \"--allow\", \"0.0.0.0\"]", false),
            ("ENV GHOST=1", false),
            ("RUN a --host 0.0.0.0", false),
        ] {
            let text = format!("FROM a:1\n{text}\n");
            let project = Project::from_files([("Dockerfile".to_owned(), text.clone())]);
            assert_eq!(!everywhere(&project).is_empty(), expected, "{text}");
        }
    }
}
