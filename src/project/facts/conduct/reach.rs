//! Functions that callers of tools, prompts and resources reach: by calls, by functions that are handed over, and by
//! closures that stand where they run.

use std::collections::{BTreeMap, BTreeSet};

use super::{flow, moments::edges};
use crate::project::{
    language::Language,
    program::{At, Program},
};

/// What callers reach, with the tool whose handler leads there first.
#[derive(Debug, Default)]
pub(super) struct Reach {
    tools: BTreeMap<At, Option<String>>,
    handlers: BTreeSet<At>,
}

impl Reach {
    pub(super) fn new(program: &Program<'_>) -> Self {
        let mut edges_of = BTreeMap::new();
        for language in Language::ALL {
            edges_of.extend(edges(program, language));
        }
        let mut tools: BTreeMap<At, Option<String>> = BTreeMap::new();
        let mut open = flow::handlers(program);
        let handlers = open.iter().map(|(at, _)| *at).collect();
        open.reverse();
        while let Some((at, tool)) = open.pop() {
            if tools.contains_key(&at) {
                continue;
            }
            open.extend(edges_of.get(&at).into_iter().flatten().map(|edge| (edge.to, tool.clone())));
            tools.insert(at, tool);
        }
        Self { tools, handlers }
    }

    /// Whether a caller can make a function run.
    pub(super) fn contains(&self, at: At) -> bool {
        self.tools.contains_key(&at)
    }

    /// Whether a function is a handler itself.
    pub(super) fn is_handler(&self, at: At) -> bool {
        self.handlers.contains(&at)
    }

    /// The tool whose handler leads to a function, where it has a name.
    pub(super) fn tool(&self, at: At) -> Option<&str> {
        self.tools.get(&at)?.as_deref()
    }
}
