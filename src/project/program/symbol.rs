//! What an expression is: a thing of this project, or a path into a library.

use super::{
    At, MAX_STEPS, Program, Site, Unit,
    scope::{Binding, Meaning},
};
use crate::project::{
    language::Language,
    syntax::{ClassId, Expression, Kind, Pattern, Record, Statement, Type},
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

    /// Whether a name is bound in the function itself, and not around it.
    pub fn is_local(&self, at: At, name: &str, position: usize) -> bool {
        at.function != 0 && self.lookup(at, name, position).is_some_and(|(owner, _)| owner == at)
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
                // `Server[Context](..)`: a generic class with its types is that class.
                if self.unit(at).language == Language::Python && index.text().is_none() && is_class(&object) {
                    return Some(object);
                }
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
    pub(super) fn name(&self, at: At, name: &str, position: usize, steps: usize) -> Option<Thing<'a>> {
        if matches!(name, "this" | "self" | "cls" | "Self")
            && let Some((class, file)) = self.class_around(at)
        {
            let is_type = name == "Self" || name == "cls";
            return Some(if is_type { Thing::Class(file, class) } else { Thing::Instance(file, class) });
        }
        match self.lookup(at, name, position) {
            Some((owner, binding)) => self.bound(owner, binding, steps),
            None => self.own_member(at, name, steps).or_else(|| self.beyond(at.file, name, steps)),
        }
    }

    /// A field or method of a class around, where the language needs no `this` for it.
    fn own_member(&self, at: At, name: &str, steps: usize) -> Option<Thing<'a>> {
        if !self.unit(at).language.has_implicit_this() {
            return None;
        }
        let (file, class) = self.classes_around(at).find_map(|class| self.member_of(at.file, class, name, steps))?;
        self.class_member(file, class, name, steps)
    }

    /// The class that declares a member: this one or one that it extends, within the project.
    fn member_of(&self, file: usize, class: ClassId, name: &str, steps: usize) -> Option<(usize, ClassId)> {
        let steps = steps.checked_sub(1)?;
        let Unit { declared, module, .. } = &self.units[file];
        if declared.method(class, name).is_some() || !declared.fields(class, name).is_empty() {
            return Some((file, class));
        }
        let definition = &module.classes[class];
        definition.bases.iter().find_map(|base| match self.type_thing(At { file, function: 0 }, base, steps)? {
            Thing::Class(f, c) if (f, c) != (file, class) => self.member_of(f, c, name, steps),
            _ => None,
        })
    }

    /// The classes whose methods surround a position, innermost first.
    pub(super) fn classes_around(&self, at: At) -> impl Iterator<Item = ClassId> + '_ {
        let functions = &self.units[at.file].module.functions;
        let around = std::iter::successors(functions.get(at.function), |function| functions.get(function.parent?));
        around.filter_map(|function| function.class)
    }

    /// The class whose method surrounds a position.
    pub(super) fn class_around(&self, at: At) -> Option<(ClassId, usize)> {
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
    pub(super) fn lookup(&self, at: At, name: &str, position: usize) -> Option<(At, &Binding<'a>)> {
        let unit = &self.units[at.file];
        let (mut function, mut position) = (at.function, position);
        loop {
            let found = unit.scopes.get(function, name, position).and_then(|binding| match binding.holds(position) {
                // `let settings = settings();`: on the right it is what it was before.
                true if matches!(unit.language, Language::Rust | Language::Go) => {
                    unit.scopes.before(function, name, binding.start)
                }
                _ => Some(binding),
            });
            if let Some(binding) = found {
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

    pub(super) fn bound(&self, owner: At, binding: &Binding<'a>, steps: usize) -> Option<Thing<'a>> {
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
            // A type that a library's module fits, such as a part of it: the module is what is meant.
            _ if parameter.default.as_ref().is_some_and(|default| default.name().is_some()) => {
                let default = parameter.default.as_ref()?;
                return match self.thing_within(owner, default, steps) {
                    Some(Thing::External(path)) if !path.contains("()") => Some(Thing::External(path)),
                    _ => declared,
                };
            }
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

    pub(super) fn instance_of(&self, at: At, annotation: &'a Type, steps: usize) -> Option<Thing<'a>> {
        match self.type_thing(at, annotation, steps)? {
            Thing::External(path) if path.ends_with("()") => Some(Thing::External(path)),
            Thing::External(path) => Some(Thing::External(path + "()")),
            Thing::Class(file, class) => Some(Thing::Instance(file, class)),
            found => Some(found),
        }
    }

    pub(super) fn type_thing(&self, at: At, annotation: &'a Type, steps: usize) -> Option<Thing<'a>> {
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

/// Types that say nothing about what can be called on a value.
pub(super) fn builtin_type(path: &str) -> bool {
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

/// Whether a thing of Python is a class, by definition or, of a library, by how its name is written.
fn is_class(thing: &Thing<'_>) -> bool {
    match thing {
        Thing::Class(..) => true,
        Thing::External(path) => {
            let name = path.rsplit('.').next().unwrap_or(path);
            name.starts_with(|first: char| first.is_ascii_uppercase())
                && name.chars().all(|c| c.is_alphanumeric())
                && name.contains(|c: char| c.is_ascii_lowercase())
        }
        _ => false,
    }
}

/// Whether the first parameter is the object itself.
pub(super) fn has_receiver(function: &crate::project::syntax::Function) -> bool {
    let first = function.parameters.first().map(|parameter| &parameter.pattern);
    function.class.is_some() && matches!(first, Some(Pattern::Name(name, _)) if matches!(name.as_str(), "self" | "cls"))
}
