    if not re.fullmatch(r"[a-z]+", b): raise ValueError(f"no {b!r:>{c}}")
    with open(os.path.join(ROOT, b)) as f, httpx.Client(timeout=1) as g: h = f.read()
    match b.split():
        case ["a", *rest] if rest: subprocess.run(["git", "log", "--", b], check=True)
        case {"x": y, **z} | A(y=y): os.system("ls " + y)
        case _: return [i async for i in other.j(b) if (k := i)]
    try: cursor.execute("SELECT * FROM a WHERE b = ?", (b,))
    except* (OSError, ValueError) as e: print(e)
    return lambda *args, **kwargs: eval(b)
