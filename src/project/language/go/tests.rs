use super::lower;
use crate::project::language::{hostile, render};

#[track_caller]
fn check(source: &str, expected: &str) {
    render::compare(&lower(source), expected);
}

#[test]
fn imports_have_the_name_that_the_file_uses() {
    check(
        r#"
        package main
        import "os/exec"
        import (
            "github.com/mark3labs/mcp-go/mcp"
            m2 "github.com/modelcontextprotocol/go-sdk/mcp"
            . "fmt"
            _ "embed"
            "github.com/x/y/v2"
            "gopkg.in/yaml.v3"
            "github.com/google/go-github/v60"
        )
        "#,
        r#"
        import exec = os/exec#*
        import mcp = github.com/mark3labs/mcp-go/mcp#*
        import m2 = github.com/modelcontextprotocol/go-sdk/mcp#*
        import * = fmt#*
        import  = embed#*
        import y = github.com/x/y/v2#*
        import yaml = gopkg.in/yaml.v3#*
        import github = github.com/google/go-github/v60#*
        f0() {}
        "#,
    );
    assert_eq!(lower("package server\n").package, "server");
}

#[test]
fn types_methods_and_parameters_are_found() {
    check(
        r#"
        package p
        type Input struct {
            Query string `json:"query" jsonschema:"required"`
            A, B  *int
            *mcp.Tool
        }
        type H func(int) error
        type I interface { M() }
        func (s *Server) Run(ctx context.Context, a, b string, rest ...any) (*mcp.Result, error) { return s.inner.call(a), nil }
        func Map[K comparable](in map[string][]Input) Box[K] { return nil }
        func (Other) name() string { return "x" }
        "#,
        r#"
        class Input(mcp.Tool) {@"json:\"query\" jsonschema:\"required\"" Query: string, A: int, B: int, Tool: mcp.Tool} []
        class H(func) {} []
        class I() {} []
        class Server() {} [Run]
        class Other() {} [name]
        f0() {}
        f1 Run of Server(s: Server, ctx: context.Context, a: string, b: string, ...rest: any): <mcp.Result, error> {return [s.inner.call(a), null]}
        f2 Map(in: map<string, []<Input>>): Box<K> {return null}
        f3 name of Other(_: Other): string {return "x"}
        "#,
    );
}

#[test]
fn declarations_and_assignments_bind_one_or_many() {
    check(
        r#"
        package p
        var a, b = 1, "x"
        var ( c string; d = f() )
        const e = iota
        func g() {
            x, err := h()
            y, _ := i(), j()
            x, y = y, x
            x.f, err = k()
            n += 2
            n++
            var m map[string]int
        }
        "#,
        r#"
        f0() {let a = 1; let b = "x"; let c: string; let d = f(); let e = ?}
        f1 g() {let [x, err] = h(); let y = i(); let _ = j(); x := y; y := x; [x.f, err] := k(); n := (n + 2); n := (n + 1); let m: map<string, int>}
        "#,
    );
}

#[test]
fn statements_keep_their_order_and_scopes() {
    check(
        r#"
        package p
        func f() {
            if err := g(); err != nil { return } else if a { b() } else { c() }
            for i := 0; i < n; i++ { d(i) }
            for _, x := range xs { e(x) }
            for i, x := range xs { e(i, x) }
            for range xs { e() }
            for ok { break }
            switch v := h(); v { case 1, 2: i(); default: j() }
            switch { case a > 1: k() }
            switch t := z.(type) { case string, *T: l(t) }
            select { case m := <-ch: n(m); case ch <- 1: default: }
            go func() { o() }()
            defer p.Close()
            panic("no")
        }
        "#,
        r#"
        f0() {}
        f1 f() {{let err = g(); if (err != null) {return } else {if a {b()} else {c()}}}; {let i = 0; loop while (i < n) {d(i); i := (i + 1)}}; loop x in xs {e(x)}; loop x in xs {let i; e(i, x)}; loop _ in xs {e()}; loop while ok {jump}; {let v = h(); match v {1, 2|_ => {i()}, |_ => {j()}}}; match true {(a > 1)|_ => {k()}}; match z {string, T|t => {l(t)}}; match true {|_ => {let m = ch; n(m)}, |_ => {other(ch, 1)}, |_ => {}}; f2(); p.Close(); raise "no"}
        f2() {o()}
        "#,
    );
}

#[test]
fn expressions_lose_their_wrapping_and_nothing_else() {
    check(
        r#"
        package p
        var a = &http.Server{Addr: ":8080", Handler: h}
        var b = []mcp.Tool{{Name: "a"}, {Name: "b", F: func(x int) error { return nil }}}
        var c = map[string]H{"x": one, key: two}
        var d = []string{"sh", "-c"}
        var e = Point{1, 2}
        var f = fmt.Sprintf("ls %s -n %d%%", dir, 3)
        var g = *x.(string) + string(y) + `raw`
        var h1 = mcp.AddTool[In, Out](s, t, f)
        var i = exec.Command(args[0], args[1:]...)
        var j = !ok && -n == 'c'
        var k = map[string]*T{"y": {A: 1}}
        var l = []byte(s)
        "#,
        r#"
        f0() {let a = http.Server{Addr: ":8080", Handler: h}; let b = [mcp.Tool{Name: "a"}, mcp.Tool{Name: "b", F: f1}]; let c = {x: one, [key]: two}; let d = ["sh", "-c"]; let e = [1, 2]; let f = `ls ${dir} -n ${3}%`; let g = ((x + y) + "raw"); let h1 = mcp.AddTool::<In, Out>(s, t, f); let i = exec.Command(args[0], ...other(args, 1)); let j = ((! ok) && ((- n) == "c")); let k = {y: T{A: 1}}; let l = s}
        f1(x: int): error {return null}
        "#,
    );
}

#[test]
fn functions_of_tests_and_what_stands_in_them_are_tests() {
    let module = lower(
        "package p\nfunc TestA(t *testing.T) { t.Run(\"x\", func(t *testing.T) { f(func() {}) }) }\nfunc B() { func() {}() }\n",
    );
    let flags: Vec<bool> = module.functions.iter().map(|function| function.is_test).collect();
    assert_eq!(flags, [false, true, true, true, false, false]);
}

#[test]
fn documentation_is_what_stands_right_before() {
    let module = lower("package p\n\n// Far.\n\n// One.\n// Two.\nfunc F() {}\nfunc G() {}\n");
    let texts: Vec<_> = module.functions.iter().map(|f| f.documentation.as_ref().map(|d| d.value.as_str())).collect();
    assert_eq!(texts, [None, Some("One.\nTwo."), None]);
}

const SAMPLE: &str = "package p\nimport (\n a \"b/c\"\n)\ntype T[K any] struct { A []int `x:\"é\"` }\n// d\nfunc (t *T[K]) M(a, b int, c ...string) (x int, err error) {\n\tswitch y := a.(type) { case int: select { case v := <-ch: return v, nil }; default: go func() {}() }\n\tfor i, e := range []T{{A: nil}} { fmt.Sprintf(\"%s\\u00e9\", i, e) }\n\tif z := map[string]*T{\"k\": {}}; z != nil { x, err = 1, nil }\n\treturn\n}\n";

#[test]
fn no_cut_and_no_garbage_stops_it() {
    hostile::cut_anywhere(lower, SAMPLE);
    hostile::garbage(lower, "!|&<>ftx=*`");
}

#[test]
fn nesting_is_bounded_and_said() {
    let pairs = [("(", ")"), ("f(", ")"), ("[]T{", "}"), ("func() { x := ", "}"), ("!", ""), ("a.", "")];
    hostile::nested(lower, &pairs, 3_000, |nested| {
        format!("package p\nfunc f() {{ x = {} }}\n", nested.replace(".1", ".b"))
    });
}
