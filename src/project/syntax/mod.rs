//! A program in a form that is the same for every language: what adapters make of a syntax tree.
//!
//! Only what questions about data and calls need is kept. Parentheses, `await`, references, casts, non-null marks
//! and Rust's `?` vanish: the inner expression stands for them. What is not modelled becomes [`Kind::Other`] with
//! its parts, so that nothing inside it is lost. Nesting is bounded by the adapters ([`MAX_DEPTH`]).

mod walk;

/// Deepest nesting that an adapter lowers; deeper parts become [`Kind::Unknown`] and the file is reported as incomplete.
pub const MAX_DEPTH: usize = 200;

/// Bytes of a file, start inclusive, end exclusive.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// One source file.
#[derive(Clone, Debug, Default)]
pub struct Module {
    /// All functions, methods and closures; the first is the file's top level.
    pub functions: Vec<Function>,
    /// Classes, structs, interfaces; Rust's `impl` blocks are merged into their type, or make one of their own.
    pub classes: Vec<Class>,
    /// Names that come from elsewhere.
    pub imports: Vec<Import>,
    /// Names that others may import. Empty where the language exports by naming (Python, Go, Rust).
    pub exports: Vec<Export>,
    /// Every comment, markers included.
    pub comments: Vec<Span>,
    /// Go: the package's name. Otherwise empty.
    pub package: String,
    /// Where the parser gave up.
    pub errors: Vec<Span>,
    /// Something was nested too deeply to be lowered.
    pub too_deep: bool,
}

/// Index into [`Module::functions`].
pub type FunctionId = usize;

/// Index into [`Module::classes`].
pub type ClassId = usize;

/// A name that comes from another module.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Import {
    /// The name in this file; `*` for everything (Python's star, Rust's glob, Go's dot import).
    pub local: String,
    /// The module as written: `node:fs`, `./tools.js`, `..utils`, `std::fs`, `os/exec`.
    pub module: String,
    /// The exported name, or nothing where the module itself is bound (namespace import, `import x`, Go).
    pub name: Option<String>,
    /// The whole statement.
    pub span: Span,
}

/// A name that this module offers.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Export {
    /// The name outside (`default` for a default export, `*` for everything of `from`).
    pub name: String,
    /// The name inside this module, or inside `from`.
    pub local: String,
    /// The module it is passed on from.
    pub from: Option<String>,
}

/// A function, method or closure.
#[derive(Clone, Debug, Default)]
pub struct Function {
    /// Nothing for closures that have no name of their own.
    pub name: Option<String>,
    /// The class whose method it is.
    pub class: Option<ClassId>,
    /// The function that it stands in; nothing for the top level.
    pub parent: Option<FunctionId>,
    /// In order; `self`/`this`/receiver is included where the language writes it (Python, Rust, Go).
    pub parameters: Vec<Parameter>,
    /// Decorators and attributes, in order, as calls or names.
    pub attributes: Vec<Expression>,
    /// What it does. An expression body becomes one [`Statement::Return`]; so does Rust's tail expression.
    pub body: Vec<Statement>,
    /// Declared type of the result.
    pub result: Option<Type>,
    /// Docstring or doc comment, markers removed.
    pub documentation: Option<Text>,
    /// It is a test or stands inside one: `#[test]`, `#[cfg(test)]`, `it(..)`, `def test_`, `func Test`.
    pub is_test: bool,
    /// The whole of it.
    pub span: Span,
    /// The name, or the beginning where there is none.
    pub name_span: Span,
}

/// A string with its place.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Text {
    /// Decoded: escapes are resolved.
    pub value: String,
    /// Quotes included.
    pub span: Span,
}

/// One parameter.
#[derive(Clone, Debug, Default)]
pub struct Parameter {
    /// What it binds.
    pub pattern: Pattern,
    /// As declared.
    pub annotation: Option<Type>,
    /// Value when absent.
    pub default: Option<Expression>,
    /// Takes all further arguments.
    pub rest: bool,
    /// The whole of it.
    pub span: Span,
}

/// What a declaration, parameter or loop binds.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Pattern {
    /// Nothing of interest.
    #[default]
    Ignore,
    /// One name.
    Name(String, Span),
    /// Fields of a record: key, what it binds, default (TypeScript objects, Rust structs).
    Fields(Vec<(String, Pattern)>),
    /// Items in order: arrays, tuples.
    Items(Vec<Pattern>),
    /// All that is left of a record or list.
    Rest(Box<Pattern>),
    /// A constructor around others: Rust's `Parameters(x)`, `Ok(x)`, `Some(x)`.
    Wrapped(String, Vec<Pattern>),
}

/// A type as written.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Type {
    /// The whole text.
    pub text: String,
    /// The outermost name with its path, without references, generics and quotes: `serde_json::Value`, `mcp.Tool`.
    pub name: String,
    /// Type arguments, or the members of a union.
    pub arguments: Vec<Type>,
    /// Where.
    pub span: Span,
}

/// A class, struct, interface or `impl`.
#[derive(Clone, Debug, Default)]
pub struct Class {
    /// Its name.
    pub name: String,
    /// Base classes, implemented interfaces and traits, as written.
    pub bases: Vec<Type>,
    /// Decorators and attributes of the class and, for Rust, of its `impl` blocks.
    pub attributes: Vec<Expression>,
    /// Fields with declared type and default.
    pub fields: Vec<Field>,
    /// Its methods.
    pub methods: Vec<FunctionId>,
    /// Docstring or doc comment.
    pub documentation: Option<Text>,
    /// The whole of it.
    pub span: Span,
}

/// A field of a class.
#[derive(Clone, Debug, Default)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// As declared.
    pub annotation: Option<Type>,
    /// Initial value.
    pub value: Option<Expression>,
    /// Decorators and attributes.
    pub attributes: Vec<Expression>,
    /// Doc comment.
    pub documentation: Option<Text>,
    /// The whole of it.
    pub span: Span,
}

/// A statement.
#[derive(Clone, Debug)]
pub enum Statement {
    /// Binds new names. Python's first and every further assignment to a plain name or tuple is one, too.
    Let {
        /// What is bound.
        pattern: Pattern,
        /// As declared.
        annotation: Option<Type>,
        /// Initial value.
        value: Option<Expression>,
        /// The whole statement.
        span: Span,
    },
    /// Evaluates; assignments to existing names, members and items are [`Kind::Assign`] here.
    Expression(Expression),
    /// Leaves the function.
    Return(Option<Expression>, Span),
    /// Throws, raises, panics.
    Raise(Option<Expression>, Span),
    /// Leaves or repeats a loop, or leaves a switch.
    Jump(Span),
    /// Two ways. `if let P = e` puts `Let P = e` first into `then` and `e` into `condition`.
    If {
        /// What decides.
        condition: Expression,
        /// When it holds.
        then: Vec<Statement>,
        /// Otherwise; `else if` nests.
        otherwise: Vec<Statement>,
        /// The whole statement.
        span: Span,
    },
    /// Any loop. `for x in xs` has a binding, `while c` a condition.
    Loop {
        /// What each turn binds, and from what.
        binding: Option<(Pattern, Expression)>,
        /// What keeps it going.
        condition: Option<Expression>,
        /// What is repeated.
        body: Vec<Statement>,
        /// The whole statement.
        span: Span,
    },
    /// `switch`, `match`.
    Match(Match),
    /// `try`.
    Try {
        /// What is tried.
        body: Vec<Statement>,
        /// `catch`/`except`: what it binds and does.
        handlers: Vec<(Pattern, Vec<Statement>)>,
        /// Done in any case.
        finally: Vec<Statement>,
        /// The whole statement.
        span: Span,
    },
    /// A scope of its own. Python's `with a as b` is a block that begins with `Let b = a`.
    Block(Vec<Statement>),
}

/// A choice between many.
#[derive(Clone, Debug)]
pub struct Match {
    /// What decides.
    pub subject: Box<Expression>,
    /// In order.
    pub arms: Vec<Arm>,
    /// The whole of it.
    pub span: Span,
}

/// One arm of a [`Match`].
#[derive(Clone, Debug)]
pub struct Arm {
    /// Values that it stands for; empty for the default.
    pub values: Vec<Expression>,
    /// What it binds of the subject.
    pub pattern: Pattern,
    /// A further condition.
    pub guard: Option<Expression>,
    /// What it does; an expression arm is one [`Statement::Return`]-free [`Statement::Expression`].
    pub body: Vec<Statement>,
}

/// An expression.
#[derive(Clone, Debug, Default)]
pub struct Expression {
    /// What it is.
    pub kind: Kind,
    /// Where.
    pub span: Span,
}

/// What an expression is.
#[derive(Clone, Debug, Default)]
pub enum Kind {
    /// Not lowered: nested too deeply, or not understood and without parts.
    #[default]
    Unknown,
    /// A string without holes, decoded. Neighbouring Python literals are joined.
    Text(String),
    /// A number, as written.
    Number(String),
    /// `true` or `false`.
    Boolean(bool),
    /// `null`, `undefined`, `None`, `nil`.
    Null,
    /// An identifier, `this`, `self`, `super`.
    Name(String),
    /// `a.b`, `a?.b`, `a::b`, `a.b` on packages.
    Member(Box<Expression>, Text),
    /// `a[i]`
    Index(Box<Expression>, Box<Expression>),
    /// A call, macro call or construction.
    Call(Box<Call>),
    /// A string with holes: template, f-string, `format!`, `"..".format(..)`, `"..." % ..`, `fmt.Sprintf`.
    Template(Vec<Part>),
    /// A template with a tag: `` sql`..` ``.
    Tagged(Box<Expression>, Vec<Part>),
    /// Two operands; the operator as the language writes it (`+`, `||`, `??`, `or`, `==`, `in`, `instanceof`).
    Binary(String, Box<Expression>, Box<Expression>),
    /// One operand; `!`, `not`, `-`, `typeof`.
    Unary(String, Box<Expression>),
    /// `c ? a : b`, `a if c else b`, Rust's `if` as an expression: condition, then, otherwise.
    Conditional(Box<Expression>, Box<Expression>, Box<Expression>),
    /// Array, tuple, set, `vec![]`, Go slice.
    List(Vec<Expression>),
    /// Object, dict, struct literal, Go composite literal with keys.
    Record(Record),
    /// A closure, or a function as a value.
    Function(FunctionId),
    /// Target and value; `+=` and its like are `Assign(t, Binary("+", t, v))`.
    Assign(Box<Expression>, Box<Expression>),
    /// `...x`, `*x`, `**x` among arguments, items and entries.
    Spread(Box<Expression>),
    /// Statements as an expression: Rust blocks. The value is the last [`Statement::Return`]-free expression.
    Block(Vec<Statement>),
    /// `match` as an expression.
    Match(Match),
    /// Something else with parts: comprehensions, ranges, JSX, unmodelled macros.
    Other(Vec<Expression>),
}

/// A piece of a string with holes.
#[derive(Clone, Debug)]
pub enum Part {
    /// Fixed text, decoded.
    Text(String),
    /// A hole.
    Value(Expression),
}

/// A call.
#[derive(Clone, Debug, Default)]
pub struct Call {
    /// What is called. A macro `m!(..)` is the name `m!`.
    pub function: Expression,
    /// In order.
    pub arguments: Vec<Argument>,
    /// `new X(..)`
    pub construction: bool,
    /// Type arguments: `f::<T>`, `f<T>()`.
    pub types: Vec<Type>,
}

/// An argument of a call.
#[derive(Clone, Debug, Default)]
pub struct Argument {
    /// Keyword, where the language has them.
    pub name: Option<String>,
    /// The value.
    pub value: Expression,
}

/// A record literal.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// The struct's or class's type, as an expression, where one is written (Rust, Go).
    pub name: Option<Box<Expression>>,
    /// In order.
    pub entries: Vec<Entry>,
}

/// An entry of a record literal.
#[derive(Clone, Debug)]
pub enum Entry {
    /// A key that is known, and its value. Shorthand `{ a }` has the name `a` as its value, a method its function.
    Field(Text, Expression),
    /// A key that is computed.
    Computed(Expression, Expression),
    /// All entries of another record.
    Spread(Expression),
}
