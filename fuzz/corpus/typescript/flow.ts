  const { x = b, ...rest } = JSON.parse(b);
  if (!/^[a-z]+$/.test(x)) throw new Error(`no ${x}`);
  try { exec(`ls ${x}`, { shell: true }); } catch { return; } finally { x++; }
  for (const [k, v] of Object.entries(rest)) { await fetch(`https://a/${k}?q=${v}`, { signal: AbortSignal.timeout(1) }); }
  switch (b) { case "a": return other.load(path.join(root, b)); default: console.log(b); }
  class A<T> extends B { static #c = async (d?: T) => d!; get e() { return this?.[`f`]; } }
  const g = <div a={b}>{b}</div>;
  database.prepare("SELECT * FROM a WHERE b = ?").all(b);
