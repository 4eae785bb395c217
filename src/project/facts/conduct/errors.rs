//! What answers give away of the inside: stack traces, texts of errors, the raw output of programs.

use std::collections::BTreeMap;

use super::{
    super::last,
    Conduct,
    strength::conditions,
    survey::Survey,
    words::{CARRIERS, CUTS, LOGS, STRIPS, WANTED, answers, catches_all, first_name, is_error, is_type, unwrapped},
};
use crate::{
    finding::Place,
    project::{
        Language,
        program::At,
        syntax::{Expression, Kind, Part, Pattern, Span, Statement},
    },
};

/// What is given away.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Leak {
    /// Functions, files and lines of the program.
    Stack,
    /// The text of whatever error came up.
    Error,
    /// The output of a program, with its escape sequences.
    Terminal,
    /// A file or an answer of another service, whatever its size.
    Whole,
}

/// Something of the inside in an answer.
#[derive(Clone, Debug)]
pub struct Exposure {
    /// What is given away.
    pub leak: Leak,
    /// The expression.
    pub place: Place,
    /// As written, in one line.
    pub written: String,
}

pub(super) fn add(survey: &Survey<'_, '_>, conduct: &mut Conduct) {
    let strips = survey.files.iter().any(|&file| {
        let text = survey.file_text(file);
        STRIPS.iter().any(|word| text.contains(word))
    });
    for &file in &survey.files {
        let functions = survey.program.units()[file].module.functions.iter().enumerate();
        for (function, _) in functions.skip(1).filter(|(_, function)| !function.is_test) {
            let at = At { file, function };
            let mut scan = Scan { survey, at, names: BTreeMap::new(), caught: Vec::new(), strips };
            scan.function(conduct);
        }
    }
    conduct.exposures.dedup_by(|a, b| a.place == b.place);
}

struct Scan<'s, 'p, 'a> {
    survey: &'s Survey<'p, 'a>,
    at: At,
    /// Names that hold something of the inside.
    names: BTreeMap<&'a str, Vec<(usize, Option<Leak>)>>,
    /// Names of errors of any kind.
    caught: Vec<&'a str>,
    strips: bool,
}

impl<'a> Scan<'_, '_, 'a> {
    fn function(&mut self, conduct: &mut Conduct) {
        let function = self.survey.program.function_at(self.at);
        let reached = self.survey.reach.contains(self.at);
        let language = self.survey.program.unit(self.at).language;
        let answering = answers(language);
        let mut answers: Vec<&'a Expression> = Vec::new();
        Statement::each(&function.body, &mut |statement| match statement {
            Statement::Let { pattern, value: Some(value), .. } => self.binds(pattern, value),
            Statement::Try { handlers, .. } => {
                for (pattern, _) in handlers {
                    self.caught.extend(catches_all(pattern));
                }
            }
            Statement::Return(Some(value), _) if reached => answers.push(value),
            _ => {}
        });
        function.expressions(&mut |expression| {
            if let Kind::Call(call) = &expression.kind
                && !call.construction
                && answering.contains(&call.written())
                && (language != Language::TypeScript || matches!(call.function.kind, Kind::Member(..)))
            {
                answers.extend(call.arguments.iter().map(|argument| &argument.value));
            }
        });
        for answer in answers {
            let mut found = Vec::new();
            self.look(answer, &mut found);
            for (leak, span) in found {
                if !self.is_wanted(&function.body, span) {
                    conduct.exposures.push(Exposure {
                        leak,
                        place: self.survey.place(self.at, span),
                        written: self.survey.written(self.at.file, span),
                    });
                }
            }
        }
    }

    fn binds(&mut self, pattern: &'a Pattern, value: &'a Expression) {
        let leak = self.source(value);
        if let (Pattern::Fields(fields), Some(Leak::Terminal)) = (pattern, leak) {
            let named = fields.iter().filter(|(key, _)| key == "stdout" || key == "stderr");
            for (_, inner) in named {
                if let Pattern::Name(name, _) = inner {
                    self.names.entry(name).or_default().push((value.span.end, leak));
                }
            }
        }
        let Pattern::Name(name, _) = first_name(pattern) else { return };
        // Of a value and an error the error is not the value.
        if name == "err" {
            return;
        }
        let leak = leak.or_else(|| {
            let mut found = Vec::new();
            self.look(value, &mut found);
            found.first().map(|(leak, _)| *leak)
        });
        self.names.entry(name).or_default().push((value.span.end, leak));
    }

    /// What a name holds at a position: what it was given last.
    fn held(&self, name: &str, position: usize) -> Option<Leak> {
        let given = self.names.get(name)?;
        given.iter().filter(|(end, _)| *end <= position).max_by_key(|(end, _)| *end)?.1
    }

    /// What a call gives: the output of a program, a whole file.
    fn source(&self, value: &'a Expression) -> Option<Leak> {
        let call = unwrapped(value).call()?;
        let symbol = self.survey.program.symbol(self.at, &call.function).unwrap_or_default();
        let text = || self.survey.around(self.at);
        let whole = matches!(
            symbol.as_str(),
            "fs.readFile"
                | "fs.readFileSync"
                | "fs/promises.readFile"
                | "fs.promises.readFile"
                | "os.ReadFile"
                | "std.fs.read_to_string"
                | "tokio.fs.read_to_string"
                | "pathlib.Path().read_text"
                | "open().read"
        );
        if whole && self.is_asked_for(call) && !CUTS.iter().any(|cut| text().contains(cut)) {
            return Some(Leak::Whole);
        }
        let runs = symbol.starts_with("child_process.exec")
            || symbol == "subprocess.run"
            || symbol == "subprocess.check_output"
            || symbol.starts_with("os/exec.Command") && matches!(last(&symbol), "Output" | "CombinedOutput")
            || symbol.starts_with("std.process.Command.new()") && last(&symbol) == "output"
            || symbol.starts_with("tokio.process.Command.new()") && last(&symbol) == "output";
        (runs && !self.strips).then_some(Leak::Terminal)
    }

    /// Whether the file is one that a caller may choose: its path is made of a parameter.
    fn is_asked_for(&self, call: &'a crate::project::syntax::Call) -> bool {
        let mut parts: Vec<&'a Expression> = call.arguments.iter().map(|argument| &argument.value).collect();
        parts.push(&call.function);
        parts.into_iter().any(|part| self.holds_parameter(self.at, part, 5))
    }

    fn holds_parameter(&self, at: At, value: &'a Expression, steps: usize) -> bool {
        let Some(steps) = steps.checked_sub(1) else { return true };
        let mut found = false;
        value.walk(&mut |part| {
            if found || part.name().is_none() {
                return;
            }
            if self.survey.program.parameter_of(at, part).is_some() {
                found = true;
                return;
            }
            let (owner, origin) = self.survey.program.origin(at, part);
            // A name of no library and of no known value is a part of a parameter, or as good as one.
            found = match std::ptr::eq(origin, part) {
                true => {
                    let parameters = &self.survey.program.function_at(at).parameters;
                    let bound = parameters.iter().any(|parameter| {
                        !matches!(parameter.pattern, Pattern::Name(..)) && binds(&parameter.pattern, part)
                    });
                    bound || self.survey.program.symbol(at, part).is_none()
                }
                false => self.holds_parameter(owner, origin, steps),
            };
        });
        found
    }

    /// What an answer holds of the inside.
    fn look(&self, expression: &'a Expression, found: &mut Vec<(Leak, Span)>) {
        match &expression.kind {
            Kind::Call(call) if LOGS.contains(&call.written()) => return,
            Kind::Conditional(condition, ..) if self.asks(condition.span) => return,
            Kind::Binary(operator, condition, _) if operator == "&&" && self.asks(condition.span) => return,
            _ => {}
        }
        if let Some(leak) = self.is_leak(expression) {
            found.push((leak, expression.span));
            return;
        }
        let before = found.len();
        match &expression.kind {
            // A method's object is what the method is given first.
            Kind::Call(call) => {
                match &call.function.kind {
                    Kind::Member(object, _) => self.look(object, found),
                    _ => self.look(&call.function, found),
                }
                call.arguments.iter().for_each(|argument| self.look(&argument.value, found));
            }
            _ => expression.parts(&mut |part| self.look(part, found)),
        }
        // What is computed from a text is not the text, and a member of a result is not the whole.
        let hands_on = match &expression.kind {
            Kind::Call(call) => {
                call.construction || CARRIERS.contains(&call.written()) || call.function.name().is_some_and(is_type)
            }
            Kind::Binary(operator, ..) => matches!(operator.as_str(), "+" | "||" | "??" | "or"),
            Kind::Member(..) => false,
            Kind::Index(..) => false,
            _ => true,
        };
        if !hands_on {
            let mut position = 0;
            found.retain(|(leak, _)| {
                position += 1;
                position <= before || matches!(leak, Leak::Stack | Leak::Error)
            });
        }
    }

    fn asks(&self, condition: Span) -> bool {
        let text = self.survey.program.source(self.at.file, condition).to_lowercase();
        WANTED.iter().any(|word| text.contains(word))
    }

    /// Under a condition that somebody switches on to see it.
    fn is_wanted(&self, body: &'a [Statement], span: Span) -> bool {
        conditions(body, span).into_iter().any(|(condition, holds)| holds && self.asks(condition))
    }

    fn is_leak(&self, expression: &'a Expression) -> Option<Leak> {
        match &expression.kind {
            Kind::Name(name) => self.held(name, expression.span.start),
            Kind::Member(object, name) => match name.value.as_str() {
                "stack" if is_error(object) => Some(Leak::Stack),
                "message" if self.is_caught(object) => Some(Leak::Error),
                "stdout" | "stderr" | "Stdout" => object
                    .name()
                    .and_then(|name| self.held(name, object.span.start))
                    .filter(|leak| *leak == Leak::Terminal),
                _ => None,
            },
            Kind::Call(call) => {
                let symbol = self.survey.program.symbol(self.at, &call.function).unwrap_or_default();
                let traces = symbol.starts_with("traceback.format_")
                    || symbol == "runtime/debug.Stack"
                    || symbol.ends_with("Backtrace.capture")
                    || symbol.ends_with("Backtrace.force_capture");
                let tells = matches!(call.function.name(), Some("String" | "str" | "repr"))
                    && call.positional(0).is_some_and(|value| self.is_caught(value));
                if traces { Some(Leak::Stack) } else { tells.then_some(Leak::Error) }
            }
            Kind::Template(parts) => parts
                .iter()
                .any(|part| matches!(part, Part::Value(value) if self.is_caught(value)))
                .then_some(Leak::Error),
            _ => None,
        }
    }

    fn is_caught(&self, expression: &Expression) -> bool {
        expression.name().is_some_and(|name| self.caught.contains(&name))
    }
}

/// Whether a pattern binds the name that an expression is.
fn binds(pattern: &Pattern, name: &Expression) -> bool {
    match pattern {
        Pattern::Ignore => false,
        Pattern::Name(bound, _) => name.name() == Some(bound),
        Pattern::Fields(fields) => fields.iter().any(|(_, inner)| binds(inner, name)),
        Pattern::Items(items) | Pattern::Wrapped(_, items) => items.iter().any(|inner| binds(inner, name)),
        Pattern::Rest(inner) => binds(inner, name),
    }
}
