//! Command lines that a shell parses.
//!
//! A shell that is started by hand (`["sh", "-c", x]`) counts wherever the list stands: as arguments of a program, of a
//! container, of a pod.

use crate::project::{
    program::{At, Program},
    syntax::{Call, Expression, Kind},
};

/// Calls whose first argument is a command line for a shell.
const SHELL_CALLS: &[&str] = &[
    "child_process.exec",
    "child_process.execSync",
    "execa.command",
    "execa.commandSync",
    "execa.execaCommand",
    "execa.execaCommandSync",
    "shelljs.exec",
    "ssh2.Client().exec",
    "node-ssh.NodeSSH().execCommand",
    "os.system",
    "os.popen",
    "subprocess.getoutput",
    "subprocess.getstatusoutput",
    "asyncio.create_subprocess_shell",
    "asyncio.subprocess.create_subprocess_shell",
    "anyio.run_process",
    "commands.getoutput",
    "pexpect.run",
    "pexpect.runu",
    "pexpect.spawn",
    "paramiko.SSHClient().exec_command",
    "paramiko.client.SSHClient().exec_command",
    "fabric.Connection().run",
    "fabric.Connection().sudo",
    "fabric.connection.Connection().run",
    "golang.org/x/crypto/ssh.Session().Run",
    "golang.org/x/crypto/ssh.Session().Output",
    "golang.org/x/crypto/ssh.Session().CombinedOutput",
    "golang.org/x/crypto/ssh.Session().Start",
];

/// Calls that start a program, and use a shell when they are told to.
pub(super) const PROGRAM_CALLS: &[&str] = &[
    "child_process.spawn",
    "child_process.spawnSync",
    "child_process.execFile",
    "child_process.execFileSync",
    "cross-spawn",
    "cross-spawn.sync",
    "execa",
    "execa.execa",
    "execa.execaSync",
    "execa.sync",
    "subprocess.run",
    "subprocess.call",
    "subprocess.check_call",
    "subprocess.check_output",
    "subprocess.Popen",
    "os/exec.Command",
    "os/exec.CommandContext",
];

/// Rust: programs that are built up argument by argument.
pub(super) const BUILDERS: &[&str] = &[
    "std.process.Command.new()",
    "tokio.process.Command.new()",
    "async_process.Command.new()",
    "process.Command.new()",
    "Command.new()",
];

const SHELLS: &[&str] = &["sh", "bash", "zsh", "dash", "ksh", "ash", "fish", "cmd", "powershell", "pwsh"];
const SHELL_FLAGS: &[&str] = &["-c", "-lc", "-ic", "-ec", "-cl", "-euc", "-exc", "/c", "/C", "-Command", "-command"];

/// The command lines among the arguments of a call.
pub(super) fn parsed<'a>(program: &Program<'a>, at: At, call: &'a Call, symbol: &str) -> Option<Vec<&'a Expression>> {
    if SHELL_CALLS.contains(&symbol) || told_to_use_shell(program, at, call, symbol) {
        let line = call.positional(0).or_else(|| command_keyword(call));
        return Some(line.into_iter().chain(spawn_list(call, symbol)).collect());
    }
    let is_flag = |flag: &str| SHELL_FLAGS.contains(&flag);
    built(program, at, call, symbol, &is_shell, &is_flag).or_else(|| by_hand(program, at, call, &is_shell, &is_flag))
}

fn command_keyword(call: &Call) -> Option<&Expression> {
    ["args", "command", "cmd"].iter().find_map(|name| call.keyword(name))
}

/// With a shell, the argument list of `spawn` is joined into the command line, too.
fn spawn_list<'a>(call: &'a Call, symbol: &str) -> Option<&'a Expression> {
    let list = PROGRAM_CALLS.contains(&symbol).then(|| call.positional(1)).flatten()?;
    (!matches!(list.kind, Kind::Record(_) | Kind::Function(_))).then_some(list)
}

/// `shell: true`, `shell=True`, `shell: "/bin/bash"` on a call that starts programs.
fn told_to_use_shell<'a>(program: &Program<'a>, at: At, call: &'a Call, symbol: &str) -> bool {
    if !PROGRAM_CALLS.contains(&symbol) {
        return false;
    }
    let truthy = |at: At, value: &'a Expression| {
        let (_, value) = program.value(at, value);
        match &value.kind {
            Kind::Boolean(on) => *on,
            Kind::Text(shell) => !shell.is_empty(),
            // `shell: process.platform === "win32"` and its like: on some machines it is one.
            Kind::Binary(..) | Kind::Conditional(..) => true,
            _ => false,
        }
    };
    if let Some(value) = call.keyword("shell") {
        return truthy(at, value);
    }
    let options = call.arguments.iter().rev().filter(|argument| argument.name.is_none()).take(2);
    options.into_iter().any(|argument| {
        let (owner, value) = program.value(at, &argument.value);
        let written = value.record().and_then(|record| record.get("shell"));
        match (written, argument.value.name()) {
            (Some(value), _) => truthy(owner, value),
            (None, Some(name)) => switched_on(program, at, name, &truthy),
            (None, None) => false,
        }
    })
}

/// `options.shell = true` somewhere in this function or around it.
fn switched_on<'a>(program: &Program<'a>, at: At, name: &str, truthy: &dyn Fn(At, &'a Expression) -> bool) -> bool {
    let mut function = Some(at.function);
    while let Some(current) = function {
        let here = At { file: at.file, function: current };
        let mut found = false;
        program.function_at(here).expressions(&mut |expression| {
            if let Kind::Assign(target, value) = &expression.kind
                && let Kind::Member(object, field) = &target.kind
            {
                found |= field.value == "shell" && object.name() == Some(name) && truthy(here, value);
            }
        });
        if found {
            return true;
        }
        function = program.function_at(here).parent;
    }
    false
}

/// A list or argument sequence that begins with a shell and its flag: what follows is a command line.
pub(super) fn by_hand<'a>(
    program: &Program<'a>,
    at: At,
    call: &'a Call,
    is_host: &dyn Fn(&str) -> bool,
    is_flag: &dyn Fn(&str) -> bool,
) -> Option<Vec<&'a Expression>> {
    let own: Vec<&Expression> = call.arguments.iter().map(|argument| &argument.value).collect();
    if let Some(inputs) = after_host(program, at, &own, is_host, is_flag) {
        return Some(inputs);
    }
    for (index, argument) in own.iter().enumerate() {
        let (owner, value) = program.value(at, argument);
        let Kind::List(items) = &value.kind else { continue };
        // `spawn("sh", ["-c", x])` has the shell outside, `run(["sh", "-c", x])` inside the list.
        let mut sequence: Vec<&Expression> = Vec::new();
        sequence.extend(index.checked_sub(1).map(|before| own[before]));
        sequence.extend(items);
        if let Some(inputs) = after_host(program, owner, &sequence, is_host, is_flag) {
            return Some(inputs);
        }
    }
    None
}

fn after_host<'a>(
    program: &Program<'a>,
    at: At,
    sequence: &[&'a Expression],
    is_host: &dyn Fn(&str) -> bool,
    is_flag: &dyn Fn(&str) -> bool,
) -> Option<Vec<&'a Expression>> {
    let texts: Vec<Option<String>> = sequence.iter().map(|item| program.text(at, item)).collect();
    let shell = texts.iter().position(|text| text.as_deref().is_some_and(is_host))?;
    let flag =
        (shell + 1..sequence.len().min(shell + 4)).find(|&index| texts[index].as_deref().is_some_and(is_flag))?;
    Some(sequence[flag + 1..].to_vec()).filter(|rest| !rest.is_empty())
}

pub(super) fn is_shell(text: &str) -> bool {
    let name = text.rsplit(['/', '\\']).next().unwrap_or(text);
    SHELLS.contains(&name.strip_suffix(".exe").unwrap_or(name))
}

/// `Command::new("sh").arg("-c").arg(x)`: the last call of the chain, with all arguments before it.
pub(super) fn built<'a>(
    program: &Program<'a>,
    at: At,
    call: &'a Call,
    symbol: &str,
    is_host: &dyn Fn(&str) -> bool,
    is_flag: &dyn Fn(&str) -> bool,
) -> Option<Vec<&'a Expression>> {
    let (path, method) = symbol.rsplit_once('.')?;
    let root = path.replace(".arg()", "").replace(".args()", "");
    if !BUILDERS.iter().any(|builder| root.starts_with(builder)) || !matches!(method, "arg" | "args") {
        return None;
    }
    let mut sequence = Vec::new();
    chain(program, at, call, &mut sequence, 16);
    let own = call.positional(0)?;
    let inputs = after_host(program, at, &sequence, is_host, is_flag)?;
    let mine: Vec<&Expression> = match &own.kind {
        Kind::List(items) => items.iter().filter(|item| inputs.iter().any(|i| std::ptr::eq(*i, *item))).collect(),
        _ => inputs.into_iter().filter(|input| std::ptr::eq(*input, own)).collect(),
    };
    (!mine.is_empty()).then_some(mine)
}

/// The program and the arguments of a builder chain, first to last.
pub(super) fn chain<'a>(
    program: &Program<'a>,
    at: At,
    call: &'a Call,
    sequence: &mut Vec<&'a Expression>,
    steps: usize,
) {
    let Some(steps) = steps.checked_sub(1) else { return };
    if let Kind::Member(object, _) = &call.function.kind {
        let before = match &object.kind {
            Kind::Call(before) => Some((at, &**before)),
            _ => match program.value(at, object) {
                (owner, Expression { kind: Kind::Call(before), .. }) => Some((owner, &**before)),
                _ => None,
            },
        };
        if let Some((owner, before)) = before {
            chain(program, owner, before, sequence, steps);
        }
    }
    for argument in &call.arguments {
        match &argument.value.kind {
            Kind::List(items) => sequence.extend(items),
            _ => sequence.push(&argument.value),
        }
    }
}
