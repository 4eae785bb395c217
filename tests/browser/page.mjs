// Uses the page: page.mjs CHROMIUM FOLDER DATA-OF-TWO-PROJECTS [PICTURE]. See `run`.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { start } from "./chromium.mjs";

const [chromium, folder, two, picture] = process.argv.slice(2);
const browser = await start(chromium);
const { value, press, send, seen } = browser;
const url = (name) => pathToFileURL(join(folder, name)).href;
const test = async (name, work) => {
  await work();
  console.log(`ok ${name}`);
};

const shown = () => value(`document.querySelectorAll("#list > li:not([hidden])").length`);
const set = (id, text) => value(`(() => {
  const field = document.getElementById(${JSON.stringify(id)});
  field.value = ${JSON.stringify(text)};
  field.dispatchEvent(new Event("input", { bubbles: true }));
})()`);
const click = (selector) => value(`document.querySelector(${JSON.stringify(selector)}).click()`);
const reset = async () => {
  await click("#clear");
  await settle();
};
/** Lets the page do what it put off. */
const settle = () => value("new Promise((resolve) => setTimeout(resolve, 50))");
const text = (selector) => value(`document.querySelector(${JSON.stringify(selector)})?.textContent ?? null`);

try {
  const report = JSON.parse(readFileSync(join(folder, "hostile.json"), "utf8"));
  const accepted = report.findings.filter((it) => it.suppressed).length;
  const all = report.findings.length - accepted;
  const only = (wanted) => report.findings.filter((it) => !it.suppressed && wanted(it)).length;
  await browser.open(url("hostile.html"));

  await test("the head counts what the report has", async () => {
    for (const severity of ["critical", "high", "medium", "low", "info"]) {
      const count = await value(`[...document.querySelectorAll("#counts li")].find((it) => it.lastChild.data === "${severity}").firstChild.textContent`);
      assert.equal(Number(count), report.summary[severity], severity);
    }
    assert.equal(await shown(), all);
    assert.equal(await text("#shown"), `${all} of ${all} findings`);
  });

  await test("words are searched in every part of a finding", async () => {
    await set("search", "which a shell parses");
    assert.equal(await shown(), only((it) => it.message.includes("which a shell parses")));
    await set("search", "PRIVATE or nothing like it");
    assert.equal(await shown(), 0);
    await reset();
    assert.equal(await shown(), all);
  });

  await test("severity, rule, confidence and path are filters", async () => {
    await click("#severity-critical");
    assert.equal(await shown(), only((it) => it.severity !== "critical"));
    await reset();
    await set("rule", "shell-injection");
    assert.equal(await shown(), only((it) => it.rule === "shell-injection"));
    await reset();
    await set("path", "weather/");
    assert.equal(await shown(), only((it) => it.file.startsWith("weather/")));
    await reset();
    await set("confidence", "high");
    assert.equal(await shown(), only((it) => it.confidence === "high"));
    await reset();
    assert.equal(await shown(), all);
  });

  await test("what is suppressed is shown on request", async () => {
    assert.ok(accepted > 0);
    await click("#suppressed");
    assert.equal(await shown(), all + accepted);
    assert.ok((await text("#list > li.accepted")).includes("(suppressed)"));
    await click("#suppressed");
    assert.equal(await shown(), all);
  });

  await test("a finding opens with the keyboard and shows its code", async () => {
    await set("rule", "shell-injection");
    await value(`document.querySelector("#list > li:not([hidden]) summary").focus()`);
    await press("Enter", "Enter", "\r");
    await settle();
    const code = await text("#list > li:not([hidden]) details[open] pre");
    assert.ok(code.includes("exec(command);"), code);
    const marked = await text("#list > li:not([hidden]) details[open] mark.primary");
    assert.equal(marked, "exec(command);".slice(0, -1));
    await reset();
  });

  await test("a flow opens with mouse and keyboard, and leads to its finding", async () => {
    const flow = `#drawings .flow.open[aria-label^="address of read_page"]`;
    await value(`document.querySelector('${flow}').dispatchEvent(new MouseEvent("click", { bubbles: true }))`);
    assert.ok((await text("#drawings .steps")).includes("weather/server.py:16"));
    await value(`document.querySelector('${flow}').focus()`);
    await press("Enter", "Enter", "\r");
    assert.equal(await text("#drawings .steps"), null, "a second time closes it");
    await press(" ", "Space", " ");
    const steps = await value(`[...document.querySelectorAll("#drawings .steps ol:first-of-type li")].map((it) => it.textContent)`);
    assert.ok(steps.length >= 2 && steps.every((step) => /^weather\/server\.py:\d+: /.test(step)), steps);
    await set("search", "nothing that there is");
    await click("#drawings .steps button");
    const active = await value(`document.activeElement.textContent`);
    assert.ok(active.includes("ssrf") && active.includes("weather/server.py:16"), active);
    assert.ok(await value(`document.activeElement.parentElement.open`));
  });

  await test("a flow that nobody reports is drawn as one", async () => {
    const guarded = await value(`[...document.querySelectorAll("#drawings .flow.guarded")].map((it) => it.getAttribute("aria-label"))`);
    assert.equal(guarded.length, await value(`document.querySelectorAll("#drawings .flow").length`) - await value(`document.querySelectorAll("#drawings .flow.open").length`));
    assert.ok(guarded.some((label) => label.startsWith("name of read_note") && label.endsWith("not reported")), `${guarded}`);
  });

  await test("everything can be reached with the tabulator", async () => {
    await value(`document.activeElement.blur(); scrollTo(0, 0)`);
    const reached = new Set();
    for (let count = 0; count < 80; count += 1) {
      await press("Tab");
      reached.add(await value(`document.activeElement.id || document.activeElement.getAttribute("class") || document.activeElement.tagName`));
    }
    for (const name of ["skip", "flow open", "flow guarded", "search", "rule", "clear", "SUMMARY"]) assert.ok(reached.has(name), `${name}: ${[...reached]}`);
  });

  await test("nothing of a project is markup", async () => {
    assert.equal(await value(`document.querySelectorAll("img, b:not(#counts b), iframe, object").length`), 0);
    assert.equal(await value(`document.scripts.length`), 2);
    const page = await text("main");
    assert.ok(page.includes("<img src=x onerror=alert(1)>") && page.includes("hostile/<b>bold<b>.ts"));
    assert.ok(!page.includes("\u202e"), "text is turned around");
  });

  await test("every control has a name, and texts can be told from what is behind them", async () => {
    const nameless = await value(`[...document.querySelectorAll("input, select, button, [role=button]")]
      .filter((it) => !(it.labels?.length || it.textContent.trim() || it.getAttribute("aria-label"))).map((it) => it.outerHTML)`);
    assert.deepEqual(nameless, []);
    for (const scheme of ["light", "dark"]) {
      await send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: scheme }] });
      const poor = await value(`(${contrasts})()`);
      assert.deepEqual(poor, [], scheme);
    }
    const back = await value(`getComputedStyle(document.body).backgroundColor`);
    assert.equal(back, "rgb(20, 23, 28)");
    await send("Emulation.setEmulatedMedia", { features: [] });
  });

  await test("it can be printed", async () => {
    const { data } = await send("Page.printToPDF", {});
    assert.ok(Buffer.from(data, "base64").subarray(0, 5).equals(Buffer.from("%PDF-")));
    const closed = await value(`document.querySelectorAll("#list > li:not([hidden]) details:not([open])").length`);
    assert.equal(closed, 0, "on paper nothing can be opened");
  });

  await test("it loaded nothing, and nothing failed", async () => {
    assert.deepEqual(seen, { requests: [url("hostile.html")], refused: [], failed: [] });
  });

  await test("its policy refuses what it should", async () => {
    await value(`(() => {
      const image = document.createElement("img");
      image.src = "http://127.0.0.1:9/x.png";
      const script = document.createElement("script");
      try { script.text = "window.ran = true"; } catch (error) { console.info("refused: trusted-types " + error.name); }
      document.body.append(image, script);
      document.body.insertAdjacentElement("beforeend", document.createElement("style")).textContent = "body { color: red }";
      fetch("http://127.0.0.1:9/").catch(() => {});
    })()`);
    await settle();
    assert.equal(await value("window.ran"), undefined);
    for (const refused of ["img-src", "connect-src", "style-src-elem", "trusted-types"]) {
      assert.ok(seen.refused.some((it) => it.startsWith(refused)), `${refused}: ${seen.refused}`);
    }
  });

  await test("of several projects each has a line, the worst first, and its own findings", async () => {
    const page = readFileSync(join(folder, "plain.html"), "utf8");
    const data = readFileSync(two, "utf8").replaceAll("<", "\\u003c");
    const [head, rest] = page.split(/(?<=id="data">)[^<]*/);
    writeFileSync(join(folder, "two.html"), head + data + rest);
    seen.requests.length = seen.refused.length = seen.failed.length = 0;
    await browser.open(url("two.html"));
    const { projects } = JSON.parse(readFileSync(two, "utf8"));
    const names = await value(`[...document.querySelectorAll("#projects tbody button")].map((it) => it.textContent)`);
    assert.deepEqual(names, projects.map((project) => project.name));
    await value(`document.querySelectorAll("#projects tbody button")[1].click()`);
    assert.equal(await shown(), projects[1].findings.filter((it) => !it.suppressed).length);
    assert.deepEqual(seen, { requests: [url("two.html")], refused: [], failed: [] });
  });

  await test("several projects of one run stand in its page, and one that was not checked looks clean nowhere", async () => {
    seen.requests.length = seen.refused.length = seen.failed.length = 0;
    await browser.open(url("many.html"));
    const { projects } = JSON.parse(readFileSync(join(folder, "many.json"), "utf8"));
    assert.deepEqual(projects.map((project) => project.name).toSorted(), ["missing", "notes", "weather"]);
    assert.equal(projects[0].name, "missing", "what was not checked comes first");
    const rows = await value(`[...document.querySelectorAll("#projects tbody tr")].map((row) => [...row.cells].map((it) => it.textContent))`);
    assert.deepEqual(rows.map((row) => row[0]), projects.map((project) => project.name));
    assert.deepEqual(rows[0], ["missing", "-", "-", "-", "-", "-", "not checked"]);
    assert.ok((await text("#drawings")).includes("Not checked: ") && (await text("#covered")).includes("is not a directory"));
    for (const [index, project] of projects.entries()) {
      await value(`document.querySelectorAll("#projects tbody button")[${index}].click()`);
      assert.equal(await shown(), project.findings.filter((it) => !it.suppressed).length, project.name);
    }
    assert.deepEqual(seen, { requests: [url("many.html")], refused: [], failed: [] });
  });

  if (picture) {
    await send("Emulation.setDeviceMetricsOverride", { width: 1100, height: 1000, deviceScaleFactor: 1, mobile: false });
    await browser.open(url("plain.html"));
    const flow = `#drawings .flow.open[aria-label^="words of search_notes"]`;
    await value(`document.querySelector('${flow}').dispatchEvent(new MouseEvent("click", { bubbles: true }))`);
    const { data } = await send("Page.captureScreenshot", { format: "png" });
    writeFileSync(picture, Buffer.from(data, "base64"));
  }
} finally {
  await browser.close();
}

/** Texts whose contrast is less than people with weak eyes need, which is 4.5. Runs in the page. */
function contrasts() {
  const parts = (color) => color.match(/[\d.]+/g).map(Number);
  const light = ([r, g, b]) => {
    const linear = [r, g, b].map((part) => (part / 255 <= 0.03928 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const behind = (element) => {
    for (let it = element; it; it = it.parentElement) {
      const color = parts(getComputedStyle(it).backgroundColor);
      if (color.length < 4 || color[3] > 0) return color;
    }
    return [255, 255, 255];
  };
  const poor = new Set();
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || !element.checkVisibility() || element.closest("svg, .none, .accepted, noscript")) continue;
    const [a, b] = [light(parts(getComputedStyle(element).color)), light(behind(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) poor.add(`${element.tagName}.${element.className} ${ratio.toFixed(2)}`);
  }
  return [...poor];
}
