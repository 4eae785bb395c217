//! Commands that run inside of a container or pod: through a client of its API, or after the `--` of `kubectl exec`.
//!
//! To run the caller's command is mostly what such a tool is for: that is told of the tool, and nothing else.

use super::{Extra, Parsed};
use crate::project::{
    facts::Sink,
    program::{At, Program},
    syntax::{Call, Expression, Kind},
};

/// Calls that run a command, and where they take it: a position or a keyword.
const CALLS: &[(&str, usize, &str)] = &[
    ("@kubernetes/client-node.Exec().exec", 3, ""),
    ("kubernetes.stream.stream", usize::MAX, "command"),
    ("kubernetes.stream.stream.stream", usize::MAX, "command"),
    ("docker.from_env().containers.run", 1, "command"),
    ("docker.DockerClient().containers.run", 1, "command"),
    ("docker.from_env().containers.get().exec_run", 0, "cmd"),
    ("docker.DockerClient().containers.get().exec_run", 0, "cmd"),
    ("dockerode().getContainer().exec", 0, "Cmd"),
];

/// Programs that run a command in a container.
const PROGRAMS: &[&str] = &["kubectl", "oc", "docker", "podman", "nerdctl"];

/// The command that a call runs in a container.
pub(super) fn parsed<'a>(program: &Program<'a>, at: At, call: &'a Call, symbol: &str) -> Option<Parsed<'a>> {
    let told = |inputs| {
        let extra = Extra { container: true, ..Extra::default() };
        Parsed { sink: Sink::Program, inputs, before: 0, extra }
    };
    if let Some((_, position, keyword)) = CALLS.iter().find(|(path, ..)| *path == symbol) {
        let field = || program.value(at, call.positional(0)?).1.record()?.get(keyword);
        let input = call.keyword(keyword).or_else(field).or_else(|| call.positional(*position))?;
        return Some(told(vec![input]));
    }
    let first = program.text(at, call.positional(0)?)?;
    PROGRAMS.contains(&first.as_str()).then_some(())?;
    let Kind::List(items) = &program.value(at, call.positional(1)?).1.kind else { return None };
    let runs = program.text(at, items.first()?).is_some_and(|word| word == "exec");
    runs.then(|| after_mark(program, at)).flatten().map(|command| told(vec![command]))
}

/// What a function writes behind `--` as a whole: `args.push("--", ...command)`.
fn after_mark<'a>(program: &Program<'a>, at: At) -> Option<&'a Expression> {
    let mut found = None;
    let mut look = |pair: [&'a Expression; 2]| {
        if let ([Expression { kind: Kind::Text(mark), .. }, Expression { kind: Kind::Spread(inner), .. }], None) =
            (pair, found)
            && mark == "--"
        {
            found = Some(&**inner);
        }
    };
    program.function_at(at).expressions(&mut |expression| match &expression.kind {
        Kind::List(items) => items.windows(2).for_each(|pair| look([&pair[0], &pair[1]])),
        Kind::Call(call) => call.arguments.windows(2).for_each(|pair| look([&pair[0].value, &pair[1].value])),
        _ => {}
    });
    found
}
