//! What Rust programs become.

use super::lower;
use crate::project::{
    language::{
        hostile,
        short::{short, shorts},
    },
    syntax::{Module, Pattern, Statement},
};

fn module(text: &str) -> Module {
    let module = lower(text);
    assert!(module.errors.is_empty(), "{:?} in {text}", module.errors);
    module
}

/// The expressions of the function `f` around `body`.
fn value(body: &str) -> String {
    shorts(&module(&format!("fn f() {{ {body} }}")).functions[1].body)
}

#[test]
fn use_trees_become_imports() {
    let module = module(
        "use std::{fs, process::Command as Cmd, io::{self, *}};\nuse rmcp;\nuse crate::a::b;\nmod tools;\nmod here { use super::*; use super::c; use super::super::d; }\nextern crate serde as s;",
    );
    let found: Vec<_> =
        module.imports.iter().map(|i| (i.local.as_str(), i.module.as_str(), i.name.as_deref())).collect();
    assert_eq!(
        found,
        [
            ("fs", "std", Some("fs")),
            ("Cmd", "std::process", Some("Command")),
            ("io", "std", Some("io")),
            ("*", "std::io", None),
            ("rmcp", "rmcp", None),
            ("b", "crate::a", Some("b")),
            ("tools", "self::tools", None),
            ("d", "super", Some("d")),
            ("s", "serde", None),
        ]
    );
}

#[test]
fn expressions_keep_their_structure_without_marks() {
    assert_eq!(value("Command::new(\"sh\").arg(&x?).output().await?;"), "Command.new(\"sh\").arg(x).output()");
    assert_eq!(value("let y = (*a as u8) + b[0] | c.0;"), "((a + b[0]) | c.0)");
    assert_eq!(
        value("std::env::var::<String>(\"A\").unwrap_or_else(|_| \"b\".into());"),
        "std.env.var(\"A\").unwrap_or_else(fn#2)"
    );
    assert_eq!(value("let s = S { a: 1, b, ..Default::default() };"), "{3; S 1 b Default.default()}");
    assert_eq!(value("([0, 0, 0, 0], port);"), "[[0 0 0 0] port]");
    assert_eq!(value("let v = if a { b } else { c };"), "(a ? b : c)");
    assert_eq!(value("x.y = !z; x += -1;"), "(x.y = (! z)); (x = (x + -1))".replace("-1", "(- 1)"));
    assert_eq!(value("let n = None;"), "null");
    assert_eq!(value("<Vec<u8> as Into<B>>::into(x);"), "Vec.into(x)");
}

#[test]
fn literals_are_decoded() {
    assert_eq!(
        value(
            r##"f("a\n\u{e9}\x41\
        b", r#"\d"x"#, b"c", 'd', 1_000u64, true);"##
        ),
        "f(\"a\\néAb\" \"\\\\d\\\"x\" \"c\" \"d\" 1_000u64 true)"
    );
}

#[test]
fn macros_are_calls_with_templates() {
    assert_eq!(value("println!(\"x {} {y:?} {z}\", a.b(), z = 1);"), "println!(`\"x \" {a.b()} \" \" {y} \" \" {1}`)");
    assert_eq!(value("let s = format!(\"{{}} {0}\", a);"), "`\"{} \" {a}`");
    assert_eq!(value("write!(f, \"plain\")?;"), "write!(f \"plain\")");
    assert_eq!(value("tracing::info!(port = p, \"on {}\", h);"), "tracing.info!(port=p `\"on \" {h}`)");
    assert_eq!(value("let v = vec![a, b];"), "[a b]");
    assert_eq!(value("let c = concat!(\"a\", \"b\");"), "\"ab\"");
    assert_eq!(value("x(json!({\"a\": [1, null, y.z()], k: {\"b\": \"c\"}}));"), "x({2; [1 null y.z()] k {1; \"c\"}})");
    assert_eq!(
        value("tokio::select! { a = b() => { c(a) } Some(d) = e => f(), else => g() }"),
        "tokio.select!({b(); c(a); e; f(); else; g()})"
    );
}

#[test]
fn leaving_macros_are_raises() {
    let module = module("fn f() -> T { ensure!(a, \"m\"); if b { bail!(\"x {c}\"); } todo!() }");
    let body = &module.functions[1].body;
    assert!(matches!(&body[0], Statement::If { then, .. } if matches!(then[..], [Statement::Raise(..)])));
    assert!(matches!(&body[1], Statement::If { then, .. } if matches!(then[..], [Statement::Raise(..)])));
    assert!(matches!(&body[2], Statement::Raise(..)));
}

#[test]
fn attributes_are_calls_with_keywords() {
    let module = module(
        "impl S {\n    /// Runs it.\n    ///\n    /// Well.\n    #[tool(name = \"run\", annotations(read_only_hint = true))]\n    #[tokio::test]\n    async fn run(&self, Parameters(a): Parameters<Args>, n: &'static str) -> Result<Out, E> { Ok(a) }\n}",
    );
    let f = &module.functions[1];
    assert_eq!(
        f.attributes.iter().map(short).collect::<Vec<_>>(),
        ["tool(name=\"run\" annotations(read_only_hint=true))", "tokio.test"]
    );
    assert_eq!(f.documentation.as_ref().unwrap().value, "Runs it.\n\nWell.");
    assert!(f.is_test);
    assert_eq!(f.parameters.len(), 3);
    assert!(
        matches!(&f.parameters[1].pattern, Pattern::Wrapped(name, inner) if name == "Parameters" && inner.len() == 1)
    );
    let annotation = f.parameters[1].annotation.as_ref().unwrap();
    assert_eq!((annotation.name.as_str(), annotation.arguments[0].name.as_str()), ("Parameters", "Args"));
    assert_eq!(f.parameters[2].annotation.as_ref().unwrap().name, "str");
    assert_eq!(f.result.as_ref().unwrap().arguments.len(), 2);
    assert!(matches!(&f.body[..], [Statement::Return(Some(value), _)] if short(value) == "Ok(a)"));
}

#[test]
fn impl_blocks_are_merged_into_their_type() {
    let module = module(
        "#[tool_router]\nimpl<T> a::S<T> { const N: &str = \"n\"; fn one(&self) {} }\n#[derive(Clone)]\npub struct S<T> { /// Doc\n #[serde(default = \"d\")]\n pub x: Option<T>, }\n#[tool_handler(router = self.r)]\nimpl<T> ServerHandler for S<T> { fn get_info(&self) -> I { I } }\nenum E { #[x] A, B(u8) }\nstruct P(String, u8);",
    );
    let [class, variants, tuple] = module.classes.as_slice() else { panic!("{:?}", module.classes) };
    assert_eq!(class.name, "S");
    assert_eq!(class.bases.iter().map(|b| b.name.as_str()).collect::<Vec<_>>(), ["ServerHandler"]);
    assert_eq!(
        class.attributes.iter().map(short).collect::<Vec<_>>(),
        ["tool_router", "derive(Clone)", "tool_handler(router=self.r)"]
    );
    assert_eq!(class.fields.iter().map(|f| f.name.as_str()).collect::<Vec<_>>(), ["N", "x"]);
    assert_eq!(class.fields[1].documentation.as_ref().unwrap().value, "Doc");
    assert_eq!(class.fields[1].attributes.len(), 1);
    assert_eq!(class.methods, [1, 2]);
    assert_eq!(variants.fields.iter().map(|f| f.name.as_str()).collect::<Vec<_>>(), ["A", "B"]);
    assert_eq!(tuple.fields[1].annotation.as_ref().unwrap().name, "u8");
}

#[test]
fn control_flow_binds_and_returns() {
    let module = module(
        "fn f(x: T) -> R {\n    let Some(a) = x else { return E; };\n    while let Ok(m) = rx.recv() { g(m); }\n    for (i, v) in a { break; }\n    if let Some(b) = y && b > 1 { b } else if c { d } else { e }\n}",
    );
    let [bound, leave, repeat, each, choice] = module.functions[1].body.as_slice() else { panic!() };
    assert!(matches!(bound, Statement::Let { pattern: Pattern::Wrapped(name, _), .. } if name == "Some"));
    assert!(matches!(leave, Statement::If { then, .. } if matches!(then[..], [Statement::Return(..)])));
    assert!(matches!(repeat, Statement::Loop { condition: Some(_), body, .. } if body.len() == 2));
    assert!(matches!(each, Statement::Loop { binding: Some((Pattern::Items(_), _)), .. }));
    let Statement::If { condition, then, otherwise, .. } = choice else { panic!("{choice:?}") };
    assert_eq!(short(condition), "(y && (b > 1))");
    assert!(matches!(then[..], [Statement::Let { .. }, Statement::Return(..)]));
    assert!(matches!(&otherwise[..], [Statement::If { then, .. }] if matches!(then[..], [Statement::Return(..)])));
}

#[test]
fn a_match_knows_its_values_and_its_default() {
    let module = module(
        "fn f() { match n { \"a\" | \"b\" => 1, Kind::X if g => 2, Some(v) => 3, K { z, .. } => 4, LIMIT => 5, other => return other, _ => 7 } }",
    );
    let [Statement::Match(chosen)] = module.functions[1].body.as_slice() else { panic!() };
    let values: Vec<Vec<String>> = chosen.arms.iter().map(|a| a.values.iter().map(short).collect()).collect();
    assert_eq!(
        values,
        [vec!["\"a\"", "\"b\""], vec!["Kind.X"], vec!["Some"], vec!["K"], vec!["LIMIT"], vec![], vec![]]
    );
    assert!(chosen.arms[1].guard.is_some());
    assert!(matches!(&chosen.arms[3].pattern, Pattern::Fields(fields) if fields[0].0 == "z"));
    assert!(matches!(&chosen.arms[5].body[..], [Statement::Return(..)]));
}

#[test]
fn constants_and_inline_modules_are_of_the_file() {
    let module = module(
        "const A: &str = \"x\";\nmod inner { pub static B: u8 = 1; fn g() {} }\n#[cfg(test)] mod tests { use super::*; #[test] fn t() { let c = || 1; } fn helper() {} }",
    );
    assert_eq!(shorts(&module.functions[0].body), "\"x\"; 1");
    let tests: Vec<_> = module.functions.iter().map(|f| (f.name.as_deref().unwrap_or("-"), f.is_test)).collect();
    assert_eq!(tests, [("-", false), ("g", false), ("t", true), ("-", true), ("helper", true)]);
}

#[test]
fn spans_inside_macros_are_those_of_the_file() {
    let text = "fn f() { info!(\"{}\", g(vec![h(1)])); }";
    let mut calls = Vec::new();
    module(text).functions[1].expressions(&mut |e| {
        if e.call().is_some() {
            calls.push(text[e.span.start..e.span.end].to_owned());
        }
    });
    assert_eq!(calls, ["info!(\"{}\", g(vec![h(1)]))", "g(vec![h(1)])", "h(1)"]);
}

#[test]
fn deep_nesting_and_long_chains_do_not_overflow() {
    let pairs = [("(", ")"), ("[", "]"), ("{", "}"), ("f(", ")"), ("!", ""), ("&", ""), ("if ", ""), ("|| ", "")];
    hostile::nested(lower, &pairs, 100_000, |nested| format!("fn f() {{ let x = {nested}; }}"));
    assert!(!lower(&format!("fn f() {{ let x = {}1; }}", "a + ".repeat(3000))).too_deep);
    assert!(!lower(&format!("fn f() {{ x{}; }}", ".route(1)".repeat(150))).too_deep);
    lower(&format!("fn f() {{ {}1{} }}", "m!(".repeat(20_000), ")".repeat(20_000)));
    lower(&format!("fn f() {{ json!({}1{}) }}", "[".repeat(20_000), "]".repeat(20_000)));
    lower(&"mod a { ".repeat(5000));
    lower(&format!(
        "type A = {}u8{};fn f(x: {}u8{}) {{}}",
        "V<".repeat(9000),
        ">".repeat(9000),
        "V<".repeat(9000),
        ">".repeat(9000)
    ));
    lower(&format!("fn f() {{ match x {{ {}1{} => 1 }} }}", "S(".repeat(9000), ")".repeat(9000)));
    lower(&format!("use {}a{};", "a::{".repeat(9000), "}".repeat(9000)));
    lower(&format!("fn f() {{ {} }}", "if a {} else ".repeat(3000)));
}

#[test]
fn no_cut_and_no_garbage_stops_it() {
    let text = "//! ü\nuse a::{b as c, *};\n/// d\n#[e(f = \"g\")]\nimpl<T> H for I<T> { async fn j(&self, K(l): K<M>) -> N { let Some(o) = p else { return; }; match q { R::S { t, .. } | U(..) if v => w?.x().await, _ => format!(\"{y} {}\", json!({\"z\": [1, 'a']})), } } }\nlazy_static! { static ref A: B = C; }\n";
    hostile::cut_anywhere(lower, text);
    hostile::garbage(lower, "!#|&<>ftx=*");
}
