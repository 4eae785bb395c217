//! What an expression is: a thing of this project, or a path into a library.

use super::{
    At, MAX_STEPS, Program, Site,
    scope::{Binding, Meaning, Step},
};
use crate::project::{
    language::Language,
    syntax::{Call, ClassId, Expression, Import, Kind, Pattern, Record, Statement, Type},
};

/// What an expression is.
#[derive(Clone, Debug)]
pub enum Thing<'a> {
    /// Something of a library or of the language, as a dotted path.
    External(String),
    /// A function or method of the project.
    Function(At),
    /// A class of the project: the file and the class.
    Class(usize, ClassId),
    /// An object of a class of the project.
    Instance(usize, ClassId),
    /// A file of the project, as a module.
    File(usize),
    /// Anything else that is written down: a record, a list, a constant.
    Value(At, &'a Expression),
}

/// Methods and functions that hand on what they are called on or with.
const SAME_METHODS: &[&str] = &[
    "clone",
    "unwrap",
    "expect",
    "as_ref",
    "as_mut",
    "into",
    "to_owned",
    "borrow",
    "borrow_mut",
    "ok",
    "bind",
    "unwrap_or_default",
    "as_deref",
    "with_state",
    "into_inner",
];
const SAME_FUNCTIONS: &[&str] = &[
    "util.promisify",
    "promisify",
    "functools.partial",
    "functools.wraps()",
    "std.sync.Arc.new",
    "Arc.new",
    "Box.new",
    "std.rc.Rc.new",
    "Some",
    "Ok",
    "std.sync.Mutex.new",
    "Object.freeze",
    "Promise.resolve",
    "asyncio.to_thread",
];
/// Types that stand for what is in them.
const WRAPPERS: &[&str] = &[
    "Arc",
    "Rc",
    "Box",
    "Option",
    "Result",
    "Promise",
    "Awaitable",
    "State",
    "Extension",
    "Optional",
    "Annotated",
    "Partial",
    "Readonly",
    "Mutex",
    "RwLock",
    "Cow",
    "Union",
];

impl<'a> Program<'a> {
    /// The canonical dotted path of an expression; nothing where it is a plain value or unknown.
    pub fn symbol(&self, at: At, expression: &'a Expression) -> Option<String> {
        self.path_of(&self.thing(at, expression)?)
    }

    /// The function of this project that an expression means.
    pub fn function(&self, at: At, expression: &'a Expression) -> Option<At> {
        match self.thing(at, expression)? {
            Thing::Function(function) => Some(function),
            Thing::Class(file, class) => {
                self.method(file, class, "constructor").or_else(|| self.method(file, class, "__init__"))
            }
            _ => None,
        }
    }

    /// The collection that a loop variable is drawn from, followed to where it is written down.
    pub fn drawn_from(&self, at: At, expression: &'a Expression) -> Option<(At, &'a Expression)> {
        let (owner, binding) = self.lookup(at, expression.name()?, expression.span.start)?;
        match &binding.meaning {
            Meaning::Drawn { from, .. } => Some(self.value(owner, from)),
            _ => None,
        }
    }

    /// What an expression is. Remembered.
    pub fn thing(&self, at: At, expression: &'a Expression) -> Option<Thing<'a>> {
        let key = std::ptr::from_ref(expression) as usize;
        if let Some(known) = self.things[at.file].lock().expect("nobody panics while holding it").get(&key) {
            return known.clone();
        }
        let thing = self.thing_within(at, expression, MAX_STEPS);
        self.things[at.file].lock().expect("nobody panics while holding it").insert(key, thing.clone());
        thing
    }

    /// The class of the project that a type means, through wrappers such as `Arc` and `Option`.
    pub fn class_of(&self, at: At, annotation: &'a Type) -> Option<(usize, ClassId)> {
        match self.type_thing(at, annotation, MAX_STEPS)? {
            Thing::Class(file, class) | Thing::Instance(file, class) => Some((file, class)),
            _ => None,
        }
    }

    /// A method of a class of the project, own or inherited within the project.
    pub fn method(&self, file: usize, class: ClassId, name: &str) -> Option<At> {
        self.method_within(file, class, name, MAX_STEPS)
    }

    fn method_within(&self, file: usize, class: ClassId, name: &str, steps: usize) -> Option<At> {
        let steps = steps.checked_sub(1)?;
        let definition = &self.units[file].module.classes[class];
        let own = definition
            .methods
            .iter()
            .copied()
            .find(|&function| self.units[file].module.functions[function].name.as_deref() == Some(name));
        if let Some(function) = own {
            return Some(At { file, function });
        }
        definition.bases.iter().find_map(|base| match self.type_thing(At { file, function: 0 }, base, steps)? {
            Thing::Class(file, class) | Thing::Instance(file, class) => self.method_within(file, class, name, steps),
            _ => None,
        })
    }

    /// The path of a thing.
    pub(super) fn path_of(&self, thing: &Thing<'a>) -> Option<String> {
        match thing {
            Thing::External(path) => Some(path.clone()),
            Thing::Function(at) => {
                let function = self.function_at(*at);
                let name = function.name.as_deref()?;
                let class = function.class.map(|class| &self.units[at.file].module.classes[class].name);
                let path = self.units[at.file].path;
                Some(class.map_or_else(|| format!("@/{path}#{name}"), |class| format!("@/{path}#{class}.{name}")))
            }
            Thing::Class(file, class) => {
                let unit = &self.units[*file];
                Some(format!("@/{}#{}", unit.path, unit.module.classes[*class].name))
            }
            Thing::Instance(file, class) => self.path_of(&Thing::Class(*file, *class)).map(|path| path + "()"),
            Thing::File(file) => Some(format!("@/{}", self.units[*file].path)),
            Thing::Value(..) => None,
        }
    }

    /// One step from a name, constant or field to the expression that it stands for.
    pub(super) fn step(&self, at: At, expression: &'a Expression) -> Option<(At, &'a Expression)> {
        if !matches!(expression.kind, Kind::Name(_) | Kind::Member(..) | Kind::Index(..)) {
            return None;
        }
        match self.thing(at, expression)? {
            Thing::Value(at, value) => Some((at, value)),
            _ => None,
        }
    }

    pub(super) fn thing_within(&self, at: At, expression: &'a Expression, steps: usize) -> Option<Thing<'a>> {
        let steps = steps.checked_sub(1)?;
        match &expression.kind {
            Kind::Name(name) => self.name(at, name, expression.span.start, steps),
            Kind::Member(object, name) => {
                let object = self.thing_within(at, object, steps)?;
                self.member(object, &name.value, steps)
            }
            Kind::Index(object, index) => {
                let object = self.thing_within(at, object, steps)?;
                match (&object, &index.kind) {
                    (_, Kind::Text(key)) => self.member(object, key, steps),
                    (Thing::External(path), _) => Some(Thing::External(format!("{path}[]"))),
                    _ => None,
                }
            }
            Kind::Call(call) => self.result(at, expression, call, steps),
            Kind::Conditional(_, a, b) => self.thing_within(at, a, steps).or_else(|| self.thing_within(at, b, steps)),
            Kind::Binary(operator, a, b) if matches!(operator.as_str(), "||" | "??" | "or") => {
                self.thing_within(at, a, steps).or_else(|| self.thing_within(at, b, steps))
            }
            Kind::Assign(_, value) => self.thing_within(at, value, steps),
            Kind::Function(function) => Some(Thing::Function(At { file: at.file, function: *function })),
            Kind::Record(Record { name: Some(name), .. }) => match self.thing_within(at, name, steps)? {
                Thing::External(path) => Some(Thing::External(path + "()")),
                Thing::Class(file, class) => Some(Thing::Instance(file, class)),
                _ => Some(Thing::Value(at, expression)),
            },
            Kind::Block(body) => match body.last() {
                Some(Statement::Expression(value)) => self.thing_within(at, value, steps),
                _ => None,
            },
            Kind::Unknown | Kind::Spread(_) | Kind::Match(_) => None,
            _ => Some(Thing::Value(at, expression)),
        }
    }

    /// What a name means at a position.
    fn name(&self, at: At, name: &str, position: usize, steps: usize) -> Option<Thing<'a>> {
        if matches!(name, "this" | "self" | "cls" | "Self")
            && let Some((class, file)) = self.class_around(at)
        {
            let is_type = name == "Self" || name == "cls";
            return Some(if is_type { Thing::Class(file, class) } else { Thing::Instance(file, class) });
        }
        match self.lookup(at, name, position) {
            Some((owner, binding)) => self.bound(owner, binding, steps),
            None => self.beyond(at.file, name, steps),
        }
    }

    /// The class whose method surrounds a position.
    fn class_around(&self, at: At) -> Option<(ClassId, usize)> {
        let functions = &self.units[at.file].module.functions;
        let mut function = at.function;
        loop {
            let current = functions.get(function)?;
            if let Some(class) = current.class {
                return Some((class, at.file));
            }
            function = current.parent?;
        }
    }

    /// The binding of a name in the functions around a position.
    fn lookup(&self, at: At, name: &str, position: usize) -> Option<(At, &Binding<'a>)> {
        let unit = &self.units[at.file];
        let (mut function, mut position) = (at.function, position);
        loop {
            if let Some(binding) = unit.scopes.get(function, name, position) {
                return Some((At { file: at.file, function }, binding));
            }
            if function == 0 {
                return None;
            }
            let current = unit.module.functions.get(function)?;
            position = current.span.start;
            function = current.parent.unwrap_or(0);
        }
    }

    /// A name that the file does not bind: of the same package, of a star import, or of the language.
    fn beyond(&self, file: usize, name: &str, steps: usize) -> Option<Thing<'a>> {
        let unit = &self.units[file];
        if unit.language == Language::Go {
            let package = self.paths.package(unit.path).iter().copied().filter(|&other| other != file);
            let same = package.filter(|&other| self.units[other].module.package == unit.module.package);
            for other in same {
                if let Some(binding) = self.units[other].scopes.get(0, name, usize::MAX) {
                    return self.bound(At { file: other, function: 0 }, binding, steps);
                }
            }
        }
        for star in &unit.scopes.stars {
            match self.paths.module(&self.units, file, &star.module).first() {
                Some(&target) if target != file => {
                    if let Some(thing) = self.exported(target, name, steps) {
                        return Some(thing);
                    }
                }
                _ => {}
            }
        }
        Some(Thing::External(name.to_owned()))
    }

    fn bound(&self, owner: At, binding: &Binding<'a>, steps: usize) -> Option<Thing<'a>> {
        let steps = steps.checked_sub(1)?;
        match &binding.meaning {
            Meaning::Value { value, annotation, steps: path } => {
                let from_value = value.and_then(|value| {
                    let thing = self.thing_within(owner, value, steps)?;
                    self.descend(thing, path, steps)
                });
                match from_value {
                    Some(Thing::Value(..)) | None => annotation
                        .and_then(|annotation| self.instance_of(owner, annotation, steps))
                        .filter(|thing| !matches!(thing, Thing::External(path) if builtin_type(path)))
                        .and_then(|thing| self.descend(thing, path, steps))
                        .or(from_value),
                    found => found,
                }
            }
            Meaning::Parameter { position, steps: path } => {
                let thing = self.parameter(owner, *position, steps)?;
                self.descend(thing, path, steps)
            }
            Meaning::Function(function) => Some(Thing::Function(At { file: owner.file, function: *function })),
            Meaning::Class(class) => Some(Thing::Class(owner.file, *class)),
            Meaning::Import(import) => self.imported(owner.file, import, steps),
            Meaning::Drawn { .. } | Meaning::Opaque => None,
        }
    }

    /// What a parameter is: by its type, its default, or what callers pass.
    fn parameter(&self, owner: At, position: usize, steps: usize) -> Option<Thing<'a>> {
        let function = self.function_at(owner);
        let parameter = function.parameters.get(position)?;
        let declared = parameter.annotation.as_ref().and_then(|annotation| self.instance_of(owner, annotation, steps));
        match declared {
            Some(Thing::External(path)) if builtin_type(&path) => {}
            None => {}
            found => return found,
        }
        if let Some(default) = &parameter.default
            && let Some(thing @ (Thing::External(_) | Thing::Instance(..))) = self.thing_within(owner, default, steps)
        {
            return Some(thing);
        }
        // A caller is a bigger step than a name: without this, callers of callers would be searched without end.
        let steps = steps.checked_sub(3)?;
        let receiver = usize::from(has_receiver(function));
        self.callers(owner).iter().take(4).find_map(|Site { at, call, .. }| {
            let name = match &parameter.pattern {
                Pattern::Name(name, _) => call.keyword(name),
                _ => None,
            };
            let argument = name.or_else(|| call.positional(position.checked_sub(receiver)?))?;
            self.thing_within(*at, argument, steps)
        })
    }

    fn imported(&self, file: usize, import: &Import, steps: usize) -> Option<Thing<'a>> {
        let steps = steps.checked_sub(1)?;
        let targets = self.paths.module(&self.units, file, &import.module);
        let Some(name) = &import.name else {
            return Some(match targets.first() {
                Some(&target) => Thing::File(target),
                None => Thing::External(canonical(&import.module)),
            });
        };
        if let Some(target) = self.paths.submodule(&self.units, file, import) {
            let shadowed = targets.iter().find_map(|&t| self.exported(t, name, steps));
            return Some(shadowed.unwrap_or(Thing::File(target)));
        }
        if let Some(thing) = targets.iter().find_map(|&target| self.exported(target, name, steps)) {
            return Some(thing);
        }
        let module = canonical(&import.module);
        let local = !targets.is_empty() || import.module.starts_with('.') || import.module.starts_with("crate::");
        match name.as_str() {
            _ if local => None,
            "default" => Some(Thing::External(module)),
            name => Some(Thing::External(format!("{module}.{name}"))),
        }
    }

    /// What a file offers under a name.
    fn exported(&self, file: usize, name: &str, steps: usize) -> Option<Thing<'a>> {
        let steps = steps.checked_sub(1)?;
        let module = self.units[file].module;
        for export in module.exports.iter().filter(|export| export.name == name || export.name == "*") {
            let local = if export.name == "*" { name } else { &export.local };
            let found = match &export.from {
                None => {
                    let binding = self.units[file].scopes.get(0, local, usize::MAX);
                    binding.and_then(|binding| self.bound(At { file, function: 0 }, binding, steps))
                }
                Some(from) => match self.paths.module(&self.units, file, from).first() {
                    Some(&target) if local == "*" => Some(Thing::File(target)),
                    Some(&target) => self.exported(target, local, steps),
                    None if export.name == "*" => None,
                    None => Some(Thing::External(format!("{}.{local}", canonical(from)))),
                },
            };
            if found.is_some() {
                return found;
            }
        }
        match self.units[file].scopes.get(0, name, usize::MAX) {
            Some(binding) => self.bound(At { file, function: 0 }, binding, steps),
            None => self.units[file].scopes.stars.iter().find_map(|star| {
                let target = *self.paths.module(&self.units, file, &star.module).first()?;
                if target == file { None } else { self.exported(target, name, steps) }
            }),
        }
    }

    fn descend(&self, thing: Thing<'a>, path: &[Step], steps: usize) -> Option<Thing<'a>> {
        let mut thing = thing;
        for step in path {
            thing = match (step, thing) {
                (Step::Field(name), thing) => self.member(thing, name, steps)?,
                (Step::Unwrap, thing) => thing,
                (Step::Item(index), Thing::Value(at, value)) => match &value.kind {
                    Kind::List(items) => self.thing_within(at, items.get(*index)?, steps)?,
                    _ => return None,
                },
                (Step::Item(0), Thing::External(path)) if path.ends_with("()") => Thing::External(path),
                (Step::Item(index), Thing::External(path)) => Thing::External(format!("{path}[{index}]")),
                (Step::Item(_), _) => return None,
            };
        }
        Some(thing)
    }

    /// A member of a thing.
    fn member(&self, object: Thing<'a>, name: &str, steps: usize) -> Option<Thing<'a>> {
        let steps = steps.checked_sub(1)?;
        match object {
            Thing::External(path) => Some(Thing::External(format!("{path}.{name}"))),
            Thing::File(file) => self.exported(file, name, steps),
            Thing::Class(file, class) | Thing::Instance(file, class) => self.class_member(file, class, name, steps),
            Thing::Value(at, value) => match &value.kind {
                Kind::Record(record) => self.thing_within(at, record.get(name)?, steps),
                _ => None,
            },
            Thing::Function(_) => None,
        }
    }

    fn class_member(&self, file: usize, class: ClassId, name: &str, steps: usize) -> Option<Thing<'a>> {
        if let Some(method) = self.method_within(file, class, name, steps) {
            return Some(Thing::Function(method));
        }
        let definition = &self.units[file].module.classes[class];
        let top = At { file, function: 0 };
        if let Some(field) = definition.fields.iter().find(|field| field.name == name) {
            let value = field.value.as_ref().and_then(|value| self.thing_within(top, value, steps));
            let typed = || field.annotation.as_ref().and_then(|annotation| self.instance_of(top, annotation, steps));
            if let Some(thing) = value.or_else(typed) {
                return Some(thing);
            }
        }
        if let Some(thing) = self.assigned(file, class, name, steps) {
            return Some(thing);
        }
        definition.bases.iter().find_map(|base| match self.type_thing(top, base, steps)? {
            Thing::External(path) => Some(Thing::External(format!("{path}().{name}"))),
            Thing::Class(f, c) if (f, c) != (file, class) => self.class_member(f, c, name, steps.checked_sub(1)?),
            _ => None,
        })
    }

    /// What a method of the class assigns to a field of its object.
    fn assigned(&self, file: usize, class: ClassId, name: &str, steps: usize) -> Option<Thing<'a>> {
        let module = self.units[file].module;
        for &function in &module.classes[class].methods {
            let mut found: Option<&'a Expression> = None;
            module.functions[function].expressions(&mut |expression| {
                let Kind::Assign(target, value) = &expression.kind else { return };
                let Kind::Member(object, field) = &target.kind else { return };
                let own = matches!(object.name(), Some("this" | "self"));
                if own && field.value == name && !matches!(value.kind, Kind::Null) && found.is_none() {
                    found = Some(value);
                }
            });
            if let Some(thing) = found.and_then(|value| self.thing_within(At { file, function }, value, steps)) {
                return Some(thing);
            }
        }
        None
    }

    /// What a call gives.
    fn result(&self, at: At, expression: &'a Expression, call: &'a Call, steps: usize) -> Option<Thing<'a>> {
        if let Kind::Member(object, name) = &call.function.kind
            && SAME_METHODS.contains(&name.value.as_str())
        {
            return self.thing_within(at, object, steps);
        }
        match self.thing_within(at, &call.function, steps)? {
            Thing::External(path) if SAME_FUNCTIONS.contains(&path.as_str()) => {
                self.thing_within(at, call.positional(0)?, steps)
            }
            Thing::External(path) if matches!(path.as_str(), "require" | "import") => {
                let module = call.positional(0)?.text()?;
                Some(match self.paths.module(&self.units, at.file, module).first() {
                    Some(&target) => Thing::File(target),
                    None => Thing::External(canonical(module)),
                })
            }
            Thing::External(path) => Some(Thing::External(path + "()")),
            Thing::Class(file, class) => Some(Thing::Instance(file, class)),
            Thing::Function(function) => self.returned(function, steps).or(Some(Thing::Value(at, expression))),
            _ => None,
        }
    }

    /// What a function of the project gives back.
    fn returned(&self, at: At, steps: usize) -> Option<Thing<'a>> {
        let function = self.function_at(at);
        if let Some(result) = &function.result {
            match self.instance_of(at, result, steps) {
                Some(Thing::External(path)) if builtin_type(&path) => {}
                None => {}
                found => return found,
            }
        }
        returns(&function.body).into_iter().find_map(|value| self.thing_within(at, value, steps))
    }

    fn instance_of(&self, at: At, annotation: &'a Type, steps: usize) -> Option<Thing<'a>> {
        match self.type_thing(at, annotation, steps)? {
            Thing::External(path) if path.ends_with("()") => Some(Thing::External(path)),
            Thing::External(path) => Some(Thing::External(path + "()")),
            Thing::Class(file, class) => Some(Thing::Instance(file, class)),
            found => Some(found),
        }
    }

    fn type_thing(&self, at: At, annotation: &'a Type, steps: usize) -> Option<Thing<'a>> {
        let steps = steps.checked_sub(1)?;
        let short = annotation.name.rsplit([':', '.']).next().unwrap_or_default();
        if WRAPPERS.contains(&short) {
            return annotation.arguments.iter().find_map(|inner| self.type_thing(at, inner, steps));
        }
        let mut segments = annotation.name.split(['.', ':']).filter(|segment| !segment.is_empty());
        let first = segments.next()?;
        let mut thing = self.name(at, first, annotation.span.start, steps)?;
        for segment in segments {
            thing = self.member(thing, segment, steps)?;
        }
        Some(thing)
    }
}

/// A module as libraries are named: without `node:`, `::` as dots.
fn canonical(module: &str) -> String {
    module.strip_prefix("node:").unwrap_or(module).replace("::", ".")
}

/// Types that say nothing about what can be called on a value.
fn builtin_type(path: &str) -> bool {
    let name = path.trim_end_matches("()");
    matches!(
        name,
        "string"
            | "number"
            | "boolean"
            | "any"
            | "unknown"
            | "object"
            | "void"
            | "never"
            | "undefined"
            | "null"
            | "str"
            | "int"
            | "float"
            | "bool"
            | "dict"
            | "list"
            | "None"
            | "Any"
            | "typing.Any"
            | "String"
            | "u16"
            | "u32"
            | "u64"
            | "usize"
            | "i32"
            | "i64"
            | "error"
            | "interface"
            | "Record"
            | "Vec"
            | "impl"
    )
}

/// Whether the first parameter is the object itself.
fn has_receiver(function: &crate::project::syntax::Function) -> bool {
    let first = function.parameters.first().map(|parameter| &parameter.pattern);
    function.class.is_some() && matches!(first, Some(Pattern::Name(name, _)) if matches!(name.as_str(), "self" | "cls"))
}

/// The values that a body returns, in order.
fn returns(body: &[Statement]) -> Vec<&Expression> {
    let mut found = Vec::new();
    for statement in body {
        match statement {
            Statement::Return(Some(value), _) => found.push(value),
            Statement::If { then, otherwise, .. } => {
                found.extend(returns(then));
                found.extend(returns(otherwise));
            }
            Statement::Loop { body, .. } | Statement::Block(body) => found.extend(returns(body)),
            Statement::Match(chosen) => chosen.arms.iter().for_each(|arm| found.extend(returns(&arm.body))),
            Statement::Try { body, handlers, .. } => {
                found.extend(returns(body));
                handlers.iter().for_each(|(_, body)| found.extend(returns(body)));
            }
            _ => {}
        }
    }
    found
}
