// A proxy that adds the Authorization header and nothing else: the conformance suite carries no credentials.
//
//   node proxy.mjs COMMAND...
//
// It takes a free port, starts COMMAND with its own origin as the last argument, reads the server's address and key
// from the first two lines of COMMAND's output, and prints the address of the endpoint that the suite has to use. The
// server ends with the proxy.
import { spawn } from "node:child_process";
import http from "node:http";
import readline from "node:readline";

const server = http.createServer((request, response) => {
  const headers = request.rawHeaders.concat("Authorization", `Bearer ${key}`);
  const onward = http.request(new URL(request.url, upstream), { method: request.method, headers, agent: false });
  onward.on("response", (answer) => {
    response.writeHead(answer.statusCode, answer.statusMessage, answer.rawHeaders);
    answer.pipe(response);
    answer.on("error", () => response.destroy());
  });
  onward.on("error", () => response.destroy());
  // Whoever hangs up here hangs up there: since 2026-07-28 that is how a call is cancelled.
  response.on("close", () => onward.destroy());
  request.pipe(onward);
});
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const origin = `http://127.0.0.1:${server.address().port}`;

const [command, ...args] = process.argv.slice(2);
const child = spawn(command, [...args, origin], { stdio: ["ignore", "pipe", "inherit"] });
child.on("exit", (code) => process.exit(code ?? 1));
child.on("error", (error) => {
  console.error(`error: cannot start ${command}: ${error.message}`);
  process.exit(1);
});
for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => child.kill("SIGTERM"));

const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]();
const upstream = (await lines.next()).value;
const key = (await lines.next()).value;
console.log(`${origin}${new URL(upstream).pathname}`);
