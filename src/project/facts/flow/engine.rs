//! Follows controlled values through functions, in the order in which statements run, down to sinks.
//!
//! Each function is analysed once for each pattern of controlled parameters, for all sinks at once, and what was found
//! is remembered. What a check has proven of a name holds from there on; a branch that leaves the function proves the
//! opposite for the rest.

use std::{
    cell::RefCell,
    collections::{HashMap, HashSet},
    rc::Rc,
};

use super::{
    environment::{Environment, Fact, common},
    mask::Mask,
    sink,
    taint::Taint,
};
use crate::project::{
    Language,
    facts::{Hop, Sink, Weakness},
    program::{At, Program},
    syntax::{Call, Pattern, Span},
};

/// Deepest chain of calls that is followed.
const MAX_CALLS: usize = 8;

/// From this depth on records are taken as a whole, so that no function is analysed for each shape of record.
const MAX_RECORDS: usize = 4;

/// A controlled value at a sink, as seen from the function that was analysed.
#[derive(Clone, Debug)]
pub(super) struct Hit {
    pub(super) sink: Sink,
    pub(super) file: usize,
    pub(super) span: Span,
    pub(super) call: String,
    pub(super) taint: Taint,
    pub(super) tool: Option<String>,
    /// What else is known of the sink, such as that the request carries a credential.
    pub(super) extra: sink::Extra,
}

/// What one analysis of a function found.
#[derive(Clone, Debug, Default)]
pub(super) struct Summary {
    pub(super) hits: Vec<Hit>,
    /// What it returns, where that is controlled.
    pub(super) returns: Option<Taint>,
    /// What holds whenever it returns: it throws otherwise.
    pub(super) normal: Option<Vec<Fact>>,
    /// What holds when its result is true.
    pub(super) truthy: Option<Vec<Fact>>,
    /// What holds when its result is false, or nothing.
    pub(super) falsy: Option<Vec<Fact>>,
}

type Memory = RefCell<HashMap<(At, Vec<u8>), Option<Rc<Summary>>>>;

/// Analyses functions of one program.
pub(super) struct Engine<'p, 'a> {
    pub(super) program: &'p Program<'a>,
    /// What archives hold is followed, instead of what callers send.
    pub(super) archives: bool,
    memory: Memory,
    /// It follows what the server holds, which these hand to callers; otherwise it follows what callers control.
    handlers: Option<HashSet<At>>,
    /// Something here runs programs or code, so that downloads are worth following.
    pub(super) loads: bool,
    /// What names hold that were bound outside of a function.
    pub(super) elsewhere: RefCell<HashMap<(At, usize), Option<Taint>>>,
    /// What their values are, by what is left to look at: a table is asked for wherever one of its entries is used.
    pub(super) outside: RefCell<HashMap<Outside, Option<Taint>>>,
}

/// An expression outside of any function: where it stands, its address, and how many names and calls lead to it.
pub(super) type Outside = (At, usize, usize, usize);

/// One analysis under way.
pub(super) struct Run<'e, 'p, 'a> {
    pub(super) engine: &'e Engine<'p, 'a>,
    pub(super) at: At,
    pub(super) depth: usize,
    hits: Vec<Hit>,
    /// What it returns so far.
    pub(super) returns: Option<Taint>,
    pub(super) exits: Vec<Exit>,
    /// Where loops and switches were left.
    pub(super) jumps: Vec<Environment>,
    /// How many names were followed out of functions to get here.
    pub(super) names: usize,
}

/// One way out of a function that is no failure.
pub(super) struct Exit {
    pub(super) facts: Vec<Fact>,
    pub(super) truthy: Option<Vec<Fact>>,
    pub(super) falsy: Option<Vec<Fact>>,
}

/// Whether control goes on after a statement.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Flowing {
    On,
    Left,
}

/// How many leading parameters are the object itself.
pub(super) fn receiver(program: &Program<'_>, at: At) -> usize {
    let function = program.function_at(at);
    let first = function.parameters.first().map(|parameter| &parameter.pattern);
    let named = matches!(first, Some(Pattern::Name(name, _)) if matches!(name.as_str(), "self" | "cls"));
    let go = program.unit(at).language == Language::Go;
    usize::from(function.class.is_some() && (named || go))
}

impl<'p, 'a> Engine<'p, 'a> {
    pub(super) fn new(program: &'p Program<'a>) -> Self {
        let (memory, elsewhere, outside) = (RefCell::default(), RefCell::default(), RefCell::default());
        Self { program, archives: false, memory, handlers: None, loads: false, elsewhere, outside }
    }

    /// One that follows what archives hold.
    pub(super) fn of_archives(program: &'p Program<'a>) -> Self {
        Self { archives: true, ..Self::new(program) }
    }

    /// Follows what the server holds instead of what callers control.
    pub(super) fn holding(program: &'p Program<'a>, handlers: HashSet<At>, loads: bool) -> Self {
        Self { handlers: Some(handlers), loads, ..Self::new(program) }
    }

    pub(super) fn holds(&self) -> bool {
        self.handlers.is_some()
    }

    pub(super) fn is_handler(&self, at: At) -> bool {
        self.handlers.as_ref().is_some_and(|handlers| handlers.contains(&at))
    }

    /// What a function does with controlled parameters; `outer` are the names that it captures.
    pub(super) fn analyse(
        &self,
        at: At,
        parameters: &[Option<Taint>],
        outer: Option<&Environment>,
        depth: usize,
    ) -> Rc<Summary> {
        if depth > MAX_CALLS {
            return Rc::default();
        }
        let flat = |taint: &Taint| self.holds() || taint.fields.is_none() || depth > MAX_RECORDS;
        let plain = outer.is_none() && parameters.iter().flatten().all(flat);
        if !plain {
            return Rc::new(self.run(at, parameters, outer, depth));
        }
        let mut key = Vec::new();
        parameters.iter().for_each(|taint| Taint::key(taint.as_ref(), &mut key));
        let key = (at, key);
        if let Some(known) = self.memory.borrow().get(&key) {
            // A function that is being analysed right now calls itself: its first turn finds what there is.
            return known.clone().unwrap_or_default();
        }
        self.memory.borrow_mut().insert(key.clone(), None);
        let whole: Vec<Option<Taint>> = match self.holds() {
            true => parameters.to_vec(),
            false => parameters.iter().map(|p| p.clone().map(|taint| Taint { fields: None, ..taint })).collect(),
        };
        let summary = Rc::new(self.run(at, &whole, outer, depth));
        self.memory.borrow_mut().insert(key, Some(Rc::clone(&summary)));
        summary
    }

    fn run(&self, at: At, parameters: &[Option<Taint>], outer: Option<&Environment>, depth: usize) -> Summary {
        let function = self.program.function_at(at);
        let mut environment = outer.cloned().unwrap_or_default();
        let mut run = Run::at(self, at, depth);
        for (parameter, taint) in function.parameters.iter().zip(parameters) {
            run.bind(&parameter.pattern, taint.clone(), &mut environment);
        }
        if run.block(&function.body, &mut environment) == Flowing::On {
            let facts = environment.facts();
            run.exits.push(Exit { facts: facts.clone(), truthy: None, falsy: Some(facts) });
        }
        let fold = |pick: &dyn Fn(&Exit) -> Option<Vec<Fact>>| {
            run.exits.iter().map(pick).fold(None, |all, facts| common(&all, &facts))
        };
        let normal = fold(&|exit| Some(exit.facts.clone())).map(|facts| run.optional_facts(facts));
        let truthy = fold(&|exit| exit.truthy.clone());
        let falsy = fold(&|exit| exit.falsy.clone());
        Summary { hits: run.hits, returns: run.returns, normal, truthy, falsy }
    }
}
impl<'e, 'p, 'a> Run<'e, 'p, 'a> {
    /// An analysis that begins.
    pub(super) fn at(engine: &'e Engine<'p, 'a>, at: At, depth: usize) -> Self {
        Self { engine, at, depth, hits: Vec::new(), returns: None, exits: Vec::new(), jumps: Vec::new(), names: 0 }
    }
}

impl<'a> Run<'_, '_, 'a> {
    /// What some ways out prove and others do not: a check that runs only when something is configured.
    fn optional_facts(&self, mut facts: Vec<Fact>) -> Vec<Fact> {
        let strong = |fact: &&Fact| fact.mask.contains(Mask::PATH) || fact.mask.contains(Mask::HOST);
        let proven: Vec<&Fact> = self.exits.iter().flat_map(|exit| exit.facts.iter().filter(strong)).collect();
        for fact in proven {
            let note = Weakness::Optional.note().to_owned();
            let weak =
                || Some(Rc::new((Weakness::Optional, self.hop(self.program().function_at(self.at).name_span, note))));
            match facts.iter_mut().find(|known| known.name == fact.name) {
                Some(known) if known.mask.contains(fact.mask) || known.weak.is_some() => {}
                Some(known) => known.weak = weak(),
                None => facts.push(Fact { name: fact.name.clone(), weak: weak(), ..Fact::default() }),
            }
        }
        facts
    }

    pub(super) fn program(&self) -> &Program<'a> {
        self.engine.program
    }

    pub(super) fn hop(&self, span: Span, note: String) -> Hop {
        Hop { place: self.engine.program.place(self.at.file, span), note }
    }

    pub(super) fn add_hits(&mut self, hits: impl IntoIterator<Item = Hit>) {
        for hit in hits {
            let same = |h: &Hit| {
                h.sink == hit.sink && h.file == hit.file && h.span == hit.span && h.taint.label == hit.taint.label
            };
            match self.hits.iter_mut().find(|h| same(h)) {
                // The way with fewer guards counts.
                Some(known) if known.taint.clean.count() > hit.taint.clean.count() => *known = hit,
                Some(_) => {}
                None => self.hits.push(hit),
            }
        }
    }

    /// Notes what a call does with its arguments, if it is a sink.
    pub(super) fn sink(&mut self, call: &'a Call, span: Span, environment: &mut Environment) {
        for parsed in sink::parsed(self.engine.program, self.at, call) {
            for taint in self.inputs(&parsed, environment) {
                let Some(taint) = self.of_options(taint, parsed.sink) else { continue };
                if taint.clean.contains(Mask::of(parsed.sink)) || !parsed.sink.accepts(&taint.lead) {
                    continue;
                }
                let written = self.engine.program.source(self.at.file, call.function.span);
                let name = written.split_whitespace().collect::<String>();
                let hop = self.hop(span, format!("`{name}` {}", parsed.sink.verb()));
                let tool = environment.tool.clone();
                let taint = taint.hop(hop);
                let (sink, extra) = (parsed.sink, parsed.extra);
                self.add_hits([Hit { sink, file: self.at.file, span, call: name, taint, tool, extra }]);
            }
        }
    }

    /// Of a record that is handed to a sink, the member that the sink takes.
    fn of_options(&self, taint: Taint, sink: Sink) -> Option<Taint> {
        match (&taint.fields, sink) {
            (Some(_), Sink::Url) => {
                ["url", "uri", "href", "hostname", "host"].iter().find_map(|name| self.member_of(&taint, name))
            }
            (Some(_), Sink::Argument | Sink::Program | Sink::PathRead | Sink::PathWrite | Sink::Options) => None,
            // Of whole sets of arguments it is not known which keys they may have.
            (None, Sink::Options) if taint.record || taint.embedded || taint.class.is_some() => None,
            _ => Some(taint),
        }
    }

    /// The controlled values among the inputs of a sink.
    fn inputs(&mut self, parsed: &sink::Parsed<'a>, environment: &mut Environment) -> Vec<Taint> {
        if parsed.sink == Sink::Argument {
            let taints = self.sequence(&parsed.inputs, environment);
            let own = taints.into_iter().zip(&parsed.inputs).skip(parsed.before);
            return own.filter_map(|(taint, _)| Some(taint?.piece(1))).collect();
        }
        parsed.inputs.iter().filter_map(|input| self.value(input, environment)).collect()
    }
}
