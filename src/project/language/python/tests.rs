//! What Python programs become.

use super::lower;
use crate::project::{
    language::{hostile, short::short},
    syntax::{Module, Pattern, Statement},
};

/// The values of the top level's statements.
fn values(text: &str) -> Vec<String> {
    let module = lower(text);
    assert!(module.errors.is_empty(), "{:?} in {text}", module.errors);
    let mut found = Vec::new();
    module.functions[0].body.iter().for_each(|statement| statement.parts(&mut |e| found.push(short(e))));
    found
}

fn value(text: &str) -> String {
    values(text).join("; ")
}

fn names(module: &Module) -> Vec<&str> {
    module.functions.iter().skip(1).map(|f| f.name.as_deref().unwrap_or("-")).collect()
}

#[test]
fn imports_keep_their_dots_and_aliases() {
    let module = lower(
        "import os\nimport a.b as c\nimport mcp.server.stdio\nfrom . import x\nfrom ..pkg.y import (f as g, h,)\nfrom m import *\n",
    );
    let found: Vec<_> =
        module.imports.iter().map(|i| (i.local.as_str(), i.module.as_str(), i.name.as_deref())).collect();
    assert_eq!(
        found,
        [
            ("os", "os", None),
            ("c", "a.b", None),
            ("mcp.server.stdio", "mcp.server.stdio", None),
            ("mcp", "mcp", None),
            ("x", ".", Some("x")),
            ("g", "..pkg.y", Some("f")),
            ("h", "..pkg.y", Some("h")),
            ("*", "m", None),
        ]
    );
}

#[test]
fn expressions_keep_their_structure() {
    assert_eq!(
        value("subprocess.run(['git', *args], shell=True, **more)"),
        "subprocess.run([\"git\" ...args] shell=true ...more)"
    );
    assert_eq!(value("await (a.b)(c[0])"), "a.b(c[0])");
    assert_eq!(value("x = a if not b else c or d"), "((not b) ? a : (c or d))");
    assert_eq!(value("a < b not in c"), "((a < b) and (b not in c))");
    assert_eq!(value("self.x = {'k': 1, y: 2, **z}"), "(self.x = {3; 1 y 2 z})");
    assert_eq!(value("x += 1"), "(x = (x + 1))");
    assert_eq!(value("f(n := 1)"), "f((n = 1))");
    assert_eq!(value("[x for x in f(y) if z]"), "<x <x f(y)> <z>>");
    assert_eq!(value("a = b = 1"), "1; b");
    assert_eq!(value("a[1:2, None]"), "a[[<1 2> null]]");
}

#[test]
fn strings_are_decoded_and_joined() {
    assert_eq!(value(r#"x = 'a\x41\u0042\101' "c\n" r'\d'"#), r#""aABAc\n\\d""#);
    assert_eq!(value("x = f'a{{{b!r:>{w}}' 'c'"), "`\"a{\" {b} {w} \"c\"`");
    assert_eq!(value("x = '''a\n'b''' b'c'"), "\"a\\n'bc\"");
}

#[test]
fn formatting_is_a_template() {
    assert_eq!(value("x = 'ls %s %d' % (a, b)"), "`\"ls \" {a} \" \" {b}`");
    assert_eq!(value("x = 'ls %(k)s' % {'k': v}"), "`\"ls \" {v}`");
    assert_eq!(value("x = 'ls %s' % a"), "`\"ls \" {a}`");
    assert_eq!(value("x = '{} {1} {n.m}'.format(a, b, n=c)"), "`{a} \" \" {b} \" \" {c}`");
    assert_eq!(value("x = a % b"), "(a % b)");
}

#[test]
fn functions_have_parameters_attributes_and_documentation() {
    let module = lower(
        "@mcp.tool(name='t')\nasync def f(a: str, b: Annotated[int, Field(ge=1)] = 2, *c, d: 'list[str] | None' = None, **e) -> dict[str, Any]:\n    '''One.\n\n        Two\n    '''\n    return a\n",
    );
    let f = &module.functions[1];
    assert_eq!(f.attributes.iter().map(short).collect::<Vec<_>>(), ["mcp.tool(name=\"t\")"]);
    assert_eq!(f.documentation.as_ref().unwrap().value, "One.\n\nTwo");
    assert_eq!(f.result.as_ref().unwrap().name, "dict");
    assert_eq!(f.body.len(), 1, "the docstring is no statement");
    let parameters: Vec<_> = f
        .parameters
        .iter()
        .map(|p| {
            let Pattern::Name(name, _) = &p.pattern else { panic!("{p:?}") };
            (name.as_str(), p.annotation.as_ref().map(|t| t.name.as_str()), p.default.as_ref().map(short), p.rest)
        })
        .collect();
    assert_eq!(
        parameters,
        [
            ("a", Some("str"), None, false),
            ("b", Some("Annotated"), Some("2".into()), false),
            ("c", None, None, true),
            ("d", Some("list"), Some("null".into()), false),
            ("e", None, None, true),
        ]
    );
    assert_eq!(f.parameters[1].annotation.as_ref().unwrap().arguments[1].name, "Field");
}

#[test]
fn classes_have_fields_and_methods_and_run_the_rest() {
    let module = lower(
        "class S(BaseSettings, metaclass=M):\n    'doc'\n    host: str = '0.0.0.0'\n    port = 1\n    setup()\n    @property\n    def p(self):\n        def inner(): pass\n        return lambda x: x\n",
    );
    let class = &module.classes[0];
    assert_eq!(class.bases.iter().map(|b| b.name.as_str()).collect::<Vec<_>>(), ["BaseSettings"]);
    assert_eq!(class.fields.iter().map(|f| f.name.as_str()).collect::<Vec<_>>(), ["host", "port"]);
    assert_eq!(class.documentation.as_ref().unwrap().value, "doc");
    assert_eq!(class.methods, [1]);
    assert_eq!(names(&module), ["p", "inner", "-"]);
    assert_eq!(module.functions[2].parent, Some(1));
    assert_eq!(module.functions[2].class, None);
    let mut top = Vec::new();
    module.functions[0].expressions(&mut |e| top.push(short(e)));
    assert_eq!(top, ["setup()", "setup"]);
}

#[test]
fn statements_keep_their_structure() {
    let module = lower(
        "with open(p) as f, lock:\n    a, b = f\ntry:\n    x()\nexcept (A, B) as e:\n    raise E from e\nelse:\n    y()\nfinally:\n    z()\nif a:\n    1\nelif b:\n    2\nelse:\n    3\nfor i, j in k:\n    break\nassert ok, 'm'\n",
    );
    assert!(module.errors.is_empty());
    let [with, attempt, choice, repeat, assertion] = module.functions[0].body.as_slice() else { panic!("{module:#?}") };
    let Statement::Block(with) = with else { panic!("{with:?}") };
    assert!(matches!(&with[0], Statement::Let { pattern: Pattern::Name(name, _), .. } if name == "f"));
    assert!(matches!(&with[2], Statement::Let { pattern: Pattern::Items(items), .. } if items.len() == 2));
    let Statement::Try { body, handlers, finally, .. } = attempt else { panic!("{attempt:?}") };
    assert_eq!((body.len(), handlers.len(), finally.len()), (2, 1, 1));
    assert!(matches!(&handlers[0].0, Pattern::Wrapped(kind, bound) if kind == "(A, B)" && bound.len() == 1));
    let Statement::If { otherwise, .. } = choice else { panic!("{choice:?}") };
    assert!(matches!(&otherwise[..], [Statement::If { otherwise, .. }] if otherwise.len() == 1));
    assert!(matches!(repeat, Statement::Loop { binding: Some((Pattern::Items(_), _)), .. }));
    assert!(matches!(assertion, Statement::If { then, .. } if matches!(then[..], [Statement::Raise(..)])));
}

#[test]
fn a_match_knows_its_values_and_its_default() {
    let module = lower(
        "match name:\n    case 'a' | 'b':\n        f()\n    case Color.RED if g:\n        pass\n    case Point(x=0, y=q):\n        pass\n    case {'k': v}:\n        pass\n    case -1:\n        pass\n    case other:\n        pass\n",
    );
    assert!(module.errors.is_empty(), "{:?}", module.errors);
    let [Statement::Match(chosen)] = module.functions[0].body.as_slice() else { panic!() };
    let values: Vec<Vec<String>> = chosen.arms.iter().map(|a| a.values.iter().map(short).collect()).collect();
    assert_eq!(values, [vec!["\"a\"", "\"b\""], vec!["Color.RED"], vec!["?"], vec!["?"], vec!["<1>"], vec![]]);
    assert!(chosen.arms[1].guard.is_some());
    assert!(matches!(&chosen.arms[2].pattern, Pattern::Wrapped(name, inner) if name == "Point" && inner.len() == 2));
    assert!(matches!(&chosen.arms[3].pattern, Pattern::Fields(fields) if fields[0].0 == "k"));
    assert!(matches!(&chosen.arms[5].pattern, Pattern::Name(name, _) if name == "other"));
}

#[test]
fn tests_are_told_from_tools_with_such_names() {
    let module = lower(
        "def test_a():\n    def helper(): pass\n@pytest.mark.asyncio\nasync def test_b(): pass\n@mcp.tool()\ndef test_connection(): pass\nclass TestX:\n    def setup(self): pass\n    def test_c(self): pass\nclass TestTool(Base):\n    def run(self): pass\nclass C(unittest.TestCase):\n    def testD(self): pass\n",
    );
    let found: Vec<_> =
        module.functions.iter().filter(|f| f.is_test).map(|f| f.name.as_deref().unwrap_or("-")).collect();
    assert_eq!(found, ["test_a", "helper", "test_b", "setup", "test_c", "testD"]);
}

#[test]
fn main_stays_a_condition_and_comments_are_known() {
    let module = lower("# one\nif __name__ == '__main__':\n    main()  # two\n");
    assert_eq!(module.comments.len(), 2);
    assert!(
        matches!(&module.functions[0].body[..], [Statement::If { condition, .. }] if short(condition) == "(__name__ == \"__main__\")")
    );
}

#[test]
fn broken_parts_are_marked_and_the_rest_is_lowered() {
    let module = lower("def f(:\n  pass\n\nx = g(1)\n");
    assert!(!module.errors.is_empty());
    let mut calls = 0;
    module.expressions(&mut |_, e| calls += usize::from(e.call().is_some()));
    assert_eq!(calls, 1);
}

#[test]
fn long_chains_are_flat_and_deep_nesting_is_reported() {
    let module = lower(&format!("x = {}'z'\n", "'a' + b + ".repeat(2000)));
    assert!(!module.too_deep);
    let pairs = [("(", ")"), ("[", "]"), ("{1:", "}"), ("f(", ")"), ("-", ""), ("not ", ""), ("lambda: ", "")];
    hostile::nested(lower, &pairs, 100_000, |nested| format!("x = {nested}\n"));
    let nested: String = (0..400).map(|depth| format!("{}if a:\n", " ".repeat(depth))).collect();
    assert!(lower(&format!("{nested}{}pass\n", " ".repeat(400))).too_deep);
    lower(&"def f():".repeat(5000));
    lower(&"f'{".repeat(5000));
    lower(&"class A:\n a: ".repeat(3000));
    lower(&format!("x: {}int{}", "list[".repeat(50_000), "]".repeat(50_000)));
    lower(&format!("match x:\n case {}1{}:\n  pass", "[".repeat(50_000), "]".repeat(50_000)));
    lower(&format!("if a:\n pass\n{}", "elif b:\n pass\n".repeat(3000)));
}

#[test]
fn no_cut_and_no_garbage_stops_it() {
    let text = "from .a import b as c\n@d.e(f='g')\nasync def h(i: j = 1, *k, **l) -> m:\n    '''ü'''\n    try:\n        return f'{n!r:>{o}}' % (p, q)\n    except R as s:\n        raise\nclass T(U):\n    v: int = 1\nmatch w:\n    case [x, *_] | {'y': z}:\n        pass\nwith a as b, c: d = lambda e: {**e, 'f': [g for g in h]}\n";
    hostile::cut_anywhere(lower, text);
    hostile::garbage(lower, "ftx=*@#%");
}
