if (b is not string s || s.Length == 0) throw new ArgumentException(nameof(b));
var url = $"https://a/{b}?x={1:0}";
Console.WriteLine(url);
var kind = b switch { "x" => 1, _ => 2 };
options.Capabilities = new() { Tools = new() { ListChanged = true } };
return new HttpClient().GetStringAsync(url).Result;
