use super::lower;
use crate::project::language::{hostile, render};

#[track_caller]
fn check(source: &str, expected: &str) {
    render::compare(&lower(source), expected);
}

const SAMPLE: &str = r#"
    package com.example.mcp;
    import io.modelcontextprotocol.server.McpServer;
    import java.util.*;
    import static java.util.Map.entry;

    /** Weather. */
    @Service("weather")
    public class Weather extends Base<String> implements Runnable, A.B {
        private static final String URL = "https://a" + "b";
        private final Client client;
        int a, b[] = {1, 2};
        public Weather(Client client) { super(client); this.client = client; }
        @Tool(name = "forecast", description = "d") @Test
        String forecast(@ToolParam(description = "x") String city, int... rest) throws IOException {
            var url = URL + city;
            if (city instanceof String s && !s.isEmpty()) { return s; } else if (a > 1) a += 2; else b[0]++;
            for (int i = 0; i < 3; i++) { run(i); }
            for (String one : List.of("x")) continue;
            while (true) break;
            try (var in = open(url)) { in.read(); } catch (IOException | Error e) { throw new IllegalStateException(e); } finally { done(); }
            switch (city) { case "a": case "b": run(1); break; default: run(2); }
            int n = switch (a) { case 1 -> 2; default -> { yield 3; } };
            list.stream().map(x -> x.name()).map(this::run).map(Weather::new);
            new Thread(() -> run(1)) { @Override public void run() { stop(); } }.start();
            return String.format("%s!", city);
        }
        static { boot(); }
        record Point(int x, int y) {}
        enum Color { RED(1), GREEN; int v() { return 1; } }
    }
"#;

#[test]
fn a_class_is_lowered_with_its_members() {
    check(
        SAMPLE,
        r#"
        import McpServer = io.modelcontextprotocol.server#McpServer
        import * = java.util#*
        import entry = java.util.Map#entry
        @Service("weather") class Weather(Base<String>, Runnable, A.B) {URL: String = ("https://a" + "b"), client: Client, a: int, b: int = [1, 2]} [constructor, forecast, static]
        class (Thread) {} [run]
        class Point() {x: int, y: int} []
        class Color() {RED = other(1), GREEN = other()} [v]
        f0() {}
        f1 constructor of Weather(client: Client) {super(client); this.client := client}
        f2 forecast of Weather test @Tool(name="forecast", description="d") @Test(city: String, ...rest: int): String {let url = (URL + city); if ((city instanceof String) && (! s.isEmpty())) {let s: String = city; return s} else {if (a > 1) {a := (a + 2)} else {b[0] := (b[0] + 1)}}; {let i: int = 0; loop while (i < 3) {run(i); i := (i + 1)}}; loop one in List.of("x") {jump}; loop while true {jump}; try {let in = open(url); in.read()} catch e {raise new IllegalStateException(e)} finally {done()}; match city {"a", "b"|_ => {run(1); jump}, |_ => {run(2)}}; let n: int = match a {1|_ => {2}, |_ => {{3}}}; list.stream().map(f3).map(this.run).map(Weather); new Thread(f4).start(); return `${city}!`}
        f3 test(x) {return x.name()}
        f4 test() {return run(1)}
        f5 run of  test @Override(): void {stop()}
        f6 static of Weather() {boot()}
        f7 v of Color(): int {return 1}
        "#,
    );
    assert_eq!(lower(SAMPLE).package, "com.example.mcp");
    assert_eq!(lower(SAMPLE).classes[0].documentation.as_ref().map(|text| text.value.as_str()), Some("Weather."));
}

#[test]
fn any_text_is_survived() {
    hostile::cut_anywhere(lower, SAMPLE);
    hostile::garbage(lower, "class int x = new A() -> @ ; ?");
    let pairs = [
        ("(", ")"),
        ("a[", "]"),
        ("f(", ")"),
        ("() -> ", ""),
        ("a = ", ""),
        ("!", ""),
        ("a ? b : ", ""),
        ("new A() {{ f(", "); }}"),
        ("switch (a) { default -> ", "; }"),
        ("(A) ", ""),
        ("a[", "]++"),
    ];
    hostile::nested(lower, &pairs, 3000, |core| format!("class A {{ void f() {{ x = {core}; }} }}"));
    let blocks =
        [("{", "}"), ("if (a) {", "}"), ("for (;;) ", ";"), ("class A { void f() {", "}}"), ("try {", "} finally {}")];
    hostile::nested(lower, &blocks, 3000, |core| format!("class A {{ void f() {{ {core}; }} }}"));
}
