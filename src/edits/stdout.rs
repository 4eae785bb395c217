//! From standard output to standard error.

use super::Source;
use crate::{
    finding::{Edit, Safety},
    project::{
        Language, Project,
        facts::StdoutWrite,
        syntax::{Call, Expression, Kind, Span},
    },
};

/// Edits that turn a write to standard error, and whether anybody could rely on it being where it is: what is written
/// byte by byte may be the protocol itself.
pub(crate) fn redirect(project: &Project, write: &StdoutWrite) -> Option<(Safety, Vec<Edit>)> {
    let source = Source::of(project, &write.place)?;
    let (whole, call) = source.call(&write.place)?;
    let written = source.source(call.function.span);
    match Language::of(source.path)? {
        Language::TypeScript => typescript(source, call, written),
        Language::Python => python(source, whole, call, written),
        Language::Rust => rust(source, whole, call, written),
        Language::Go => go(source, call, written),
        Language::Java => prefix(source, call, written, "System.out.", "System.err."),
        Language::CSharp => {
            let out = prefix(source, call, written, "Console.Out.", "Console.Error.");
            out.or_else(|| prefix(source, call, written, "Console.", "Console.Error."))
        }
    }
}

fn prefix(source: Source<'_>, call: &Call, written: &str, from: &str, to: &'static str) -> Option<(Safety, Vec<Edit>)> {
    let start = call.function.span.start;
    written.starts_with(from).then(|| (Safety::Safe, vec![source.replace(Span::new(start, start + from.len()), to)]))
}

fn typescript(source: Source<'_>, call: &Call, written: &str) -> Option<(Safety, Vec<Edit>)> {
    let (safety, name) = match written {
        "console.log" | "console.info" | "console.debug" => (Safety::Safe, "console.error"),
        "process.stdout.write" => (Safety::Unsafe, "process.stderr.write"),
        _ => return None,
    };
    Some((safety, vec![source.replace(call.function.span, name)]))
}

fn python(source: Source<'_>, whole: Span, call: &Call, written: &str) -> Option<(Safety, Vec<Edit>)> {
    // What is handed over as a whole may say where to write.
    let spread =
        |value: &Expression| matches!(value.kind, Kind::Spread(_)) && source.source(value.span).starts_with("**");
    if call.arguments.iter().any(|argument| spread(&argument.value)) {
        return None;
    }
    let stream = call.arguments.iter().map(|argument| &argument.value);
    let stream = stream.into_iter().find(|value| source.source(value.span) == "sys.stdout");
    if let Some(stream) = stream {
        return Some((Safety::Safe, vec![source.replace(stream.span, "sys.stderr")]));
    }
    match written {
        "print" if call.keyword("file").is_none() => {
            let mut edits = source.python_import("sys")?;
            edits.extend(source.argument(whole, call, "file=sys.stderr")?);
            Some((Safety::Safe, edits))
        }
        "click.echo" | "click.secho" | "typer.echo" | "typer.secho" => {
            Some((Safety::Safe, source.argument(whole, call, "err=True")?))
        }
        "sys.stdout.write" | "sys.stdout.writelines" => {
            let start = call.function.span.start;
            Some((Safety::Unsafe, vec![source.replace(Span::new(start, start + "sys.stdout".len()), "sys.stderr")]))
        }
        _ => None,
    }
}

fn rust(source: Source<'_>, whole: Span, call: &Call, written: &str) -> Option<(Safety, Vec<Edit>)> {
    let writer = ".with_writer(std::io::stderr)";
    match written.trim_end_matches('!') {
        "println" | "print" => {
            let start = call.function.span.start;
            source.text.get(start..)?.starts_with("print").then(|| (Safety::Safe, vec![source.insert(start, "e")]))
        }
        "tracing_subscriber::fmt::init" => {
            let edit = source.replace(whole, format!("tracing_subscriber::fmt(){writer}.init()"));
            Some((Safety::Safe, vec![edit]))
        }
        _ if source.source(whole).ends_with("fmt()") || source.source(whole).ends_with("layer()") => {
            // The type changes with the writer: nobody may have written it down.
            let rest = source.text.get(whole.end..)?;
            let statement = &rest[..rest.find(';')?];
            let used = statement.contains(".init()") || statement.contains(".try_init()");
            // A chain with a line for each call goes on so.
            let next = &rest[..rest.len() - rest.trim_start().len()];
            let space = if next.contains('\n') { format!("\n{}", next.rsplit('\n').next()?) } else { String::new() };
            used.then(|| (Safety::Safe, vec![source.insert(whole.end, format!("{space}{writer}"))]))
        }
        _ => None,
    }
}

fn go(source: Source<'_>, call: &Call, written: &str) -> Option<(Safety, Vec<Edit>)> {
    let first = call.positional(0).filter(|first| source.source(first.span) == "os.Stdout");
    if let Some(first) = first {
        return Some((Safety::Safe, vec![source.replace(first.span, "os.Stderr")]));
    }
    let (name, word) = match written {
        "fmt.Print" => ("Fprint", "Print"),
        "fmt.Println" => ("Fprintln", "Println"),
        "fmt.Printf" => ("Fprintf", "Printf"),
        "os.Stdout.Write" | "os.Stdout.WriteString" => {
            let start = call.function.span.start;
            return Some((
                Safety::Unsafe,
                vec![source.replace(Span::new(start, start + "os.Stdout".len()), "os.Stderr")],
            ));
        }
        _ => return None,
    };
    let (os, mut edits) = source.go_import("os")?;
    let end = call.function.span.end;
    // The parenthesis stands right behind the name, as the formatter has it.
    source.text.get(end..)?.strip_prefix('(')?;
    let comma = if call.arguments.is_empty() { "" } else { ", " };
    edits.push(source.replace(Span::new(end - word.len(), end + 1), format!("{name}({os}.Stderr{comma}")));
    Some((Safety::Safe, edits))
}
