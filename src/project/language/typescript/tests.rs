use super::lower;
use crate::project::language::{hostile, render};

#[track_caller]
fn check(source: &str, expected: &str) {
    render::compare(&lower(source), expected);
}

#[test]
fn imports_of_every_form_are_found() {
    check(
        r#"
        import express, { Router as R, "odd name" as odd } from "express";
        import * as fs from 'node:fs';
        import type { Server } from "./server.js";
        import "dotenv/config";
        import cp = require("child_process");
        const path = require("path");
        const { exec: run, spawn } = require('child_process');
        const join = require("path").join;
        async function later() { const { x } = await import("./x.js"); await import("./y.js"); }
        "#,
        r#"
        import express = express#default
        import R = express#Router
        import odd = express#odd name
        import fs = node:fs#*
        import Server = ./server.js#Server
        import  = dotenv/config#*
        import cp = child_process#*
        import  = path#*
        import path = path#*
        import  = child_process#*
        import run = child_process#exec
        import spawn = child_process#spawn
        import  = path#*
        import join = path#join
        import  = ./x.js#*
        import x = ./x.js#x
        import  = ./y.js#*
        f0() {}
        f1 later() {import("./y.js")}
        "#,
    );
}

#[test]
fn exports_of_every_form_are_found() {
    check(
        r#"
        export const a = 1, { b } = c;
        export function f() {}
        export default class Main {}
        export { a as d, "x" };
        export { e as g } from "./e";
        export * from "./all";
        export * as ns from "./ns";
        "#,
        r#"
        import  = ./e#*
        import  = ./all#*
        import  = ./ns#*
        export a = a
        export b = b
        export f = f
        export default = Main
        export d = a
        export x = x
        export g = e from ./e
        export * = * from ./all
        export ns = * from ./ns
        class Main() {} []
        f0() {let a = 1; let {b: b} = c}
        f1 f() {}
        "#,
    );
    check("export default { a: 1 };", "export default = default\nf0() {let default = {a: 1}}");
    check(
        "export type * from './a'; export type  * as t from './b'; export type X = string;",
        "import  = ./a#*\nimport  = ./b#*\nexport * = * from ./a\nexport t = * from ./b\nf0() {}",
    );
    check("export default f;", "export default = f\nf0() {}");
    check(
        "module.exports = { a, go: () => 1 }; exports.x = 2; module.exports.y = a;",
        r#"
        export a = a
        export go = exports.go
        export default = module.exports
        export x = exports.x
        export y = a
        f0() {let exports.go = f1; let module.exports = {a: a, go: exports.go}; let exports.x = 2}
        f1() {return 1}
        "#,
    );
}

#[test]
fn types_that_are_imported_in_place_cost_nothing() {
    let module =
        lower("let a: import('ts-morph').Node[] = []; function f(b: import('x').B[]) { return import('y').then(g); }");
    assert!(module.errors.is_empty(), "{:?}", module.errors);
    assert!(render::module(&module).contains("return import(\"y\").then(g)"));
}

#[test]
fn functions_know_parameters_defaults_and_results() {
    check(
        r#"
        async function f(a: string, { b, c: { d = 1 }, ...r }: Options = {}, [e, , g]?: T[], ...rest: any[]): Promise<void> {}
        const h = x => x + 1;
        const o = { run(a) { return a }, async *gen() {}, get v() { return 1 }, ["k" + 1]: 2, ...p, f };
        "#,
        r#"
        f0() {let h = f2; let o = {run: f3, gen: f4, v: f5, [("k" + 1)]: 2, ...p, f: f}}
        f1 f(a: string, {b: b, c: {d: d}, : ...r}: Options = {}, [e, _, g]: Array<T>, ...rest: Array<any>): Promise<void> {let d = (d ?? 1)}
        f2(x) {return (x + 1)}
        f3(a) {return a}
        f4() {}
        f5() {return 1}
        "#,
    );
}

#[test]
fn a_default_in_a_destructured_value_reads_the_value_again() {
    check(
        r#"const { KEY = "dev", a: { b: deep = 2 }, ...others } = process.env; const { z = 1 } = load();"#,
        r#"
        f0() {let {KEY: KEY, a: {b: deep}, : ...others} = process.env; let KEY = (process.env.KEY ?? "dev"); let deep = (process.env.a.b ?? 2); let {z: z} = load(); let z = (z ?? 1)}
        "#,
    );
}

#[test]
fn classes_keep_fields_decorators_and_parameter_properties() {
    check(
        r#"
        @Injectable({ a: 1 })
        export class A extends B<string> implements C, D {
            private readonly name: string = "x";
            #secret = 1;
            static count?: number;
            @Tool("t") handle = async (q: Q) => this.run(q);
            constructor(private server: McpServer, readonly port = 3000, other: string) { super(); }
            @Get("/x") @Log async run(q) { return this.#secret }
            static { init(); }
        }
        const E = class { m() {} };
        interface I extends J { a: string; b?: Map<string, number> | undefined; m(): void }
        type T = { c: "x" | "y" };
        enum Kind { One = "one", Two }
        "#,
        r#"
        export A = A
        @Injectable({a: 1}) class A(B<string>, C, D) {name: string = "x", #secret = 1, count: number, @Tool("t") handle = f1, server: McpServer, port} [handle, constructor, run, static]
        class E() {} [m]
        class I(J) {a: string, b: Map<string, number>} []
        class T() {c: <"x", "y">} []
        f0() {let Kind = {One: "one", Two: ?}}
        f1 handle of A(q: Q) {return this.run(q)}
        f2 constructor of A(server: McpServer, port = 3000, other: string) {this.server := server; this.port := port; super()}
        f3 run of A @Get("/x") @Log(q) {return this.#secret}
        f4 static of A() {init()}
        f5 m of E() {}
        "#,
    );
}

#[test]
fn expressions_lose_their_wrapping_and_nothing_else() {
    check(
        r#"
        a?.b?.[c](await d!, ...(e as any)) satisfies F;
        new X; new Y<string>(1);
        `plain \u0041`; `a ${b} c`; sql`x ${y}`; String.raw`z`;
        -a; typeof b; delete c.d; void 0; i++; --j; x += 1; y ??= z;
        c ? 1 : null; [1, , ...r]; /a\/[b]$/gi.test(s); import.meta.url;
        (0, m.f)(1); ({ "quoted-key": undefined, 1: true }); <T>v; (a, b); [p, q] = [q, p];
        "#,
        r#"
        f0() {a.b[c](d, ...e); new X(); new Y::<string>(1); "plain A"; `a ${b} c`; sql`x ${y}`; String.raw`z`; (- a); (typeof b); (delete c.d); (void 0); i := (i + 1); j := (j - 1); x := (x + 1); y := (y ?? z); (c ? 1 : null); [1, ...r]; new RegExp("a\\/[b]$", "gi").test(s); import.meta.url; m.f(1); {quoted-key: null, 1: true}; v; other(a, b); [p, q] := [q, p]}
        "#,
    );
}

#[test]
fn statements_keep_their_order_and_scopes() {
    check(
        r#"
        if (a) b(); else if (c) { d() } else e();
        for (let i = 0; i < n; i++) { f(i) }
        for (const [k, v] of Object.entries(o)) g(k);
        for (const k in o) h(k);
        while (w) { break }
        do { x() } while (y);
        switch (s) { case "a": case "b": { one(); break } default: two() }
        try { t() } catch ({ message }) { u(message) } finally { v() }
        out: { z() }
        throw new Error("no");
        "#,
        r#"
        f0() {if a {b()} else {if c {d()} else {e()}}; {let i = 0; loop while (i < n) {f(i); i := (i + 1)}}; loop [k, v] in Object.entries(o) {g(k)}; loop k in Object.keys(o) {h(k)}; loop while w {jump}; loop while y {x()}; match s {"a", "b"|_ => {one(); jump}, |_ => {two()}}; try {t()} catch {message: message} {u(message)} finally {v()}; {z()}; raise new Error("no")}
        "#,
    );
}

#[test]
fn callbacks_of_test_runners_are_tests() {
    let module = lower(
        r#"
        describe("x", () => { it.each([1])("y", async (n) => { helper(() => n) }) });
        test.skip("z", () => {});
        t.test("w", () => {});
        pattern.test(value, () => {});
        server.tool("it", () => {});
        "#,
    );
    let flags: Vec<bool> = module.functions.iter().map(|function| function.is_test).collect();
    assert_eq!(flags, [false, true, true, true, true, true, false, false]);
}

#[test]
fn jsx_and_flow_of_javascript_parse_whatever_the_extension_says() {
    check(
        "const a = <Panel title={t} {...rest}>{items.map(i => <li>{i}</li>)}</Panel>;",
        "f0() {let a = other(other(Panel, other(title, t), ...rest), items.map(f1), other(Panel))}
         f1(i) {return other(other(li), i, other(li))}",
    );
    check("function f(a, b = 2, {c}, ...d) {}", "f0() {}\nf1 f(a, b = 2, {c: c}, ...d) {}");
    check(
        "class A extends mixin(B) { x = 1; #y; static z() {} }",
        "class A(mixin(B)) {x = 1, #y} [z]\nf0() {}\nf1 z of A() {}",
    );
}

#[test]
fn documentation_and_comments_are_kept() {
    let source = "// one\n/**\n * Does it.\n * @x\n */\nexport async function f() {} /* two */";
    let module = lower(source);
    assert_eq!(module.comments.len(), 3);
    let text = module.functions[1].documentation.as_ref().expect("a doc comment").value.clone();
    assert_eq!(text, "Does it.\n@x");
}

#[test]
fn broken_source_is_marked_and_the_rest_is_lowered() {
    let module = lower("const a = exec(x);\nlet )) ( b;\nfunction g() { return 1 }\n");
    assert!(!module.errors.is_empty());
    let rendered = render::module(&module);
    assert!(rendered.contains("let a = exec(x)"), "{rendered}");
    assert!(rendered.contains("g() {return 1}"), "{rendered}");
}

const SAMPLE: &str = r#"
import { z } from "zod";
/** doc */
export class A<T> extends B { @d() private x = `a${b}c\u0041`; constructor(readonly s: S = { y: [1, 2] }) { super() } }
export const f = async ({ a = "é😀", ...r }: P = {}, ...rest) => { switch (a) { case 1: return /x/g; default: try { await g?.[1]!() } catch { } } };
enum E { A = "a" } module.exports = { f, q: () => { for (const k in o) { continue } } };
const j = <T,>(v: T) => v satisfies T;
"#;

#[test]
fn no_cut_and_no_garbage_stops_it() {
    hostile::cut_anywhere(lower, SAMPLE);
    hostile::garbage(lower, "!?|&<>ftx=*`$/#@");
}

#[test]
fn nesting_is_bounded_and_said() {
    let pairs = [
        ("(", ")"),
        ("[", "]"),
        ("{a:", "}"),
        ("f(", ")"),
        ("()=>{", "}"),
        ("`${", "}`"),
        ("!", ""),
        ("a[", "]++"),
        ("a[", "] += 1"),
    ];
    hostile::nested(lower, &pairs, 5_000, |nested| format!("x = {nested}"));
    hostile::nested(lower, &[("if(a)", "")], 5_000, str::to_owned);
    assert!(lower(&format!("x = {}", "a.".repeat(3_000) + "b")).too_deep);
    assert!(lower(&"x = a".replace('a', &vec!["a"; 3_000].join(" + "))).too_deep);
    assert!(!lower(&"f(1);\n".repeat(3_000)).too_deep);
}

#[test]
fn hostile_text_costs_bounded_time() {
    let started = std::time::Instant::now();
    for text in [
        "(".repeat(20_000),
        "{".repeat(20_000),
        "<a>".repeat(5_000),
        "\u{0}\u{fffd}".repeat(10_000),
        "`${".repeat(5_000),
        "class A{".repeat(3_000),
        "a<b>(".repeat(4_000),
    ] {
        let module = lower(&text);
        assert!(!module.functions.is_empty());
    }
    // Generous: debug builds on a busy machine.
    assert!(started.elapsed().as_secs() < 120, "{:?}", started.elapsed());
}
