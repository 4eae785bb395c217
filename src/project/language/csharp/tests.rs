use super::lower;
use crate::project::language::{hostile, render};

#[track_caller]
fn check(source: &str, expected: &str) {
    render::compare(&lower(source), expected);
}

const SAMPLE: &str = r#"
using System.Text;
using static System.Math;
using Json = System.Text.Json.JsonSerializer;

namespace Example.Tools;

/// <summary>
/// Weather.
/// </summary>
[McpServerToolType]
public sealed class Weather(HttpClient client) : Base<string>, IThing
{
    private const string Url = "https://a" + "b";
    public string Name { get; set; } = "x";
    public int Two => 2;
    public Weather() : base(1) { Name = "y"; }

    [McpServerTool(Name = "forecast"), Description("d")]
    public static async Task<string> Forecast([Description("city")] string city, int days = 3, params string[] rest)
    {
        using var response = await client.GetAsync($"{Url}/{city}?d={days:0}");
        if (city is string s && s.Length > 1) { return s; } else if (days == 2) days += 1; else rest[0]++;
        foreach (var one in rest) continue;
        for (int i = 0; i < 3; i++) { Run(i); }
        try { response?.EnsureSuccess(); } catch (Exception e) when (e is IOException) { throw; } finally { Done(); }
        switch (city) { case "a": case "b": Run(1); break; default: Run(2); break; }
        var n = days switch { 1 => 2, > 3 => 4, _ => 5 };
        McpServerOptions options = new() { ServerInfo = new Info { Name = "n" }, List = [1, .. rest] };
        builder.Services.AddMcpServer(o => o.Name = "z").WithTools<Weather>();
        string Local(int a) => string.Format("{0}!", a);
        return new { city, Days = days }.ToString()!;
    }
}
"#;

#[test]
fn a_class_is_lowered_with_its_members() {
    check(
        SAMPLE,
        r#"
        import * = System.Text#*
        import * = System.Math#*
        import Json = System.Text.Json#JsonSerializer
        @McpServerToolType class Weather(Base<string>, IThing) {client: HttpClient, Url: string = ("https://a" + "b"), Name: string = "x", Two: int = 2} [constructor, Forecast]
        f0() {}
        f1 constructor of Weather() {Name := "y"}
        f2 Forecast of Weather @McpServerTool(Name="forecast") @Description("d")(city: string, days: int = 3, ...rest: []<string>): string {let response = client.GetAsync(`${Url}/${city}?d=${days}`); if ((city is string) && (s.Length > 1)) {let s: string = city; return s} else {if (days == 2) {days := (days + 1)} else {rest[0] := (rest[0] + 1)}}; loop one in rest {jump}; {let i: int = 0; loop while (i < 3) {Run(i); i := (i + 1)}}; try {response.EnsureSuccess()} catch e {raise } finally {Done()}; match city {"a", "b"|_ => {Run(1); jump}, |_ => {Run(2); jump}}; let n = match days {1|_ => {2}, |_ => {4}, |_ => {5}}; let options: McpServerOptions = new McpServerOptions({ServerInfo: new Info({Name: "n"}), List: [1, ...rest]}); builder.Services.AddMcpServer(f3).WithTools::<Weather>(); return {city: city, Days: days}.ToString()}
        f3(o) {return o.Name := "z"}
        f4 Local(a: int): string {return `${a}!`}
        "#,
    );
    assert_eq!(lower(SAMPLE).package, "Example.Tools");
    assert_eq!(lower(SAMPLE).classes[0].documentation.as_ref().map(|text| text.value.as_str()), Some("Weather."));
}

#[test]
fn a_program_without_a_class_is_its_top_level() {
    check(
        "#if DEBUG\nusing A;\n#endif\nvar (a, b) = Pair();\napp.MapMcp(\"/x\");\n#if X\nRun();\n#else\nStop();\n#endif\nnamespace N { class C { [Fact] void T() { } } }",
        r#"
        import * = A#*
        class C() {} [T]
        f0() {let [a, b] = Pair(); app.MapMcp("/x"); Run(); Stop()}
        f1 T of C test @Fact(): void {}
        "#,
    );
}

#[test]
fn any_text_is_survived() {
    hostile::cut_anywhere(lower, SAMPLE);
    hostile::garbage(lower, "class int x = new() => $\"{ }\" @ ; ? #if");
    let pairs = [
        ("(", ")"),
        ("a[", "]"),
        ("f(", ")"),
        ("() => ", ""),
        ("a = ", ""),
        ("!", ""),
        ("a ? b : ", ""),
        ("new() { A = ", "}"),
        ("a switch { _ => ", "}"),
        ("a[", "]++"),
        ("$\"{", "}\""),
        ("a?.", ""),
    ];
    hostile::nested(lower, &pairs, 3000, |core| format!("class A {{ void F() {{ x = {core}; }} }}"));
    let blocks = [
        ("{", "}"),
        ("if (a) {", "}"),
        ("for (;;) ", ";"),
        ("void F() {", "}"),
        ("try {", "} finally {}"),
        ("\n#if A\n", "\n#endif\n"),
    ];
    hostile::nested(lower, &blocks, 3000, |core| format!("class A {{ void F() {{ {core}; }} }}"));
}
