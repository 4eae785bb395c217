// Called by the script `inspector` beside it, which says what the arguments are.
import { spawnSync } from "node:child_process";
import fs from "node:fs";

const [inspector, expectationsFile, ...rest] = process.argv.slice(2);
const key = rest[0] === "--key" ? rest.splice(0, 2)[1] : undefined;
const target = rest;
if (!expectationsFile || target.length === 0) {
  console.error("usage: inspector EXPECTATIONS.json [--key KEY] URL | COMMAND [ARGUMENT...]");
  process.exit(2);
}
const overHttp = /^https?:/.test(target[0]);
const expectations = JSON.parse(fs.readFileSync(expectationsFile, "utf8"));

function inspect(era, credentials, args) {
  const common = ["--protocol-era", era, "--quiet", "--format", "json", "--stored-auth-only"];
  const header = credentials ? ["--header", `Authorization: Bearer ${credentials}`] : [];
  const transport = overHttp ? ["--transport", "http"] : [];
  const all = ["--cli", ...target, ...transport, ...common, ...header, ...args];
  return spawnSync(inspector, all, { encoding: "utf8", timeout: 60_000 });
}

let held = 0;
let broken = 0;
function judge(what, run, contains, exit) {
  if (run.status === exit && `${run.stdout}${run.stderr}`.includes(contains)) {
    held += 1;
    return;
  }
  broken += 1;
  console.error(`${what}: exit code ${run.status}, expected ${exit} and ${JSON.stringify(contains)}`);
  console.error(`  stdout: ${run.stdout.slice(0, 1000)}`);
  console.error(`  stderr: ${run.stderr.slice(0, 1000)}`);
}

for (const era of ["legacy", "modern"]) {
  for (const { arguments: args, contains = "", exit = 0 } of expectations) {
    judge(`${era} ${args.join(" ")}`, inspect(era, key, args), contains, exit);
  }
  if (key) {
    const wrong = `${key.slice(0, -1)}${key.endsWith("x") ? "y" : "x"}`;
    judge(`${era} without a key`, inspect(era, undefined, ["--method", "tools/list"]), "auth_required", 3);
    judge(`${era} with a wrong key`, inspect(era, wrong, ["--method", "tools/list"]), "auth_required", 3);
  }
}
console.log(`inspector over ${overHttp ? "HTTP" : "stdio"}: ${held} of ${held + broken} expectations hold`);
process.exit(broken === 0 ? 0 : 1);
