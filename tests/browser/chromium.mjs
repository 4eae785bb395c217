// A headless Chromium, driven over its debugging pipe: no package is needed.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Starts the browser. What it asks for over the network, what it refuses and what fails is in `seen`. */
export async function start(program) {
  const profile = mkdtempSync(join(tmpdir(), "mcpsec-browser-"));
  const child = spawn(program, [
    "--headless=new", "--remote-debugging-pipe", `--user-data-dir=${profile}`, "--no-first-run", "--disable-gpu",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions", "--no-pings",
    "--disable-dev-shm-usage", "--hide-scrollbars", "--force-color-profile=srgb",
    // Containers of pipelines run as root, where Chromium's own sandbox cannot start.
    ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
  ], { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
  const [to, from] = [child.stdio[3], child.stdio[4]];
  const waiting = new Map();
  const listeners = new Map();
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.once("error", (error) => fail(error));
  ended.then((code) => fail(new Error(`the browser ended with ${code}`)));
  function fail(error) {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  }

  let rest = "";
  from.setEncoding("utf8");
  from.on("data", (text) => {
    const messages = (rest + text).split("\0");
    rest = messages.pop();
    for (const message of messages.map((text) => JSON.parse(text))) {
      if (message.id === undefined) {
        listeners.get(message.method)?.(message.params);
        continue;
      }
      const { resolve, reject } = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.error) reject(new Error(message.error.message));
      else resolve(message.result);
    }
  });

  let last = 0;
  let sessionId;
  const send = (method, params = {}) => new Promise((resolve, reject) => {
    last += 1;
    waiting.set(last, { resolve, reject });
    to.write(`${JSON.stringify({ id: last, method, params, ...(sessionId && { sessionId }) })}\0`);
  });

  const { targetId } = await send("Target.createTarget", { url: "about:blank" });
  ({ sessionId } = await send("Target.attachToTarget", { targetId, flatten: true }));
  const seen = { requests: [], refused: [], failed: [] };
  listeners.set("Network.requestWillBeSent", ({ request }) => seen.requests.push(request.url));
  listeners.set("Runtime.exceptionThrown", ({ exceptionDetails: it }) =>
    seen.failed.push(it.exception?.description ?? it.text));
  listeners.set("Runtime.consoleAPICalled", ({ type, args }) => {
    const text = args.map((it) => it.value).join(" ");
    if (text.startsWith("refused: ")) seen.refused.push(text.slice("refused: ".length));
    else seen.failed.push(`${type}: ${text}`);
  });
  for (const domain of ["Page", "Runtime", "Network"]) await send(`${domain}.enable`);
  await send("Page.addScriptToEvaluateOnNewDocument", {
    source: `addEventListener("securitypolicyviolation", (event) =>
      console.info("refused: " + event.effectiveDirective + " " + event.blockedURI));`,
  });

  return {
    seen,
    send,
    /** Opens a page and waits until it is drawn. */
    async open(url) {
      const loaded = new Promise((resolve) => listeners.set("Page.loadEventFired", resolve));
      await send("Page.navigate", { url });
      await loaded;
    },
    /** The value of an expression in the page. */
    async value(expression) {
      const { result, exceptionDetails: failed } =
        await send("Runtime.evaluate", { expression, returnByValue: true, awaitPromise: true });
      if (failed) throw new Error(`${expression}: ${failed.exception?.description ?? failed.text}`);
      return result.value;
    },
    /** Presses a key, as a person does. */
    async press(key, code = key, text = undefined) {
      const keyCode = { Enter: 13, Tab: 9, " ": 32 }[key];
      const event = { key, code, text, windowsVirtualKeyCode: keyCode };
      await send("Input.dispatchKeyEvent", { type: text ? "keyDown" : "rawKeyDown", ...event });
      await send("Input.dispatchKeyEvent", { type: "keyUp", ...event });
    },
    async close() {
      await send("Browser.close").catch(() => {});
      await ended;
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
