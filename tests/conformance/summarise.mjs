// Judges one run of the suite by the checks that it wrote, not by its exit code alone.
//
//   node summarise.mjs REVISION EXPECTED RESULTS-FOLDER < output of `conformance list --requirements REVISION`
//
// A required server scenario passes if at least one of its own checks succeeded and none failed, warned or was skipped.
// Fails unless exactly EXPECTED scenarios are required and all of them pass.
import fs from "node:fs";
import path from "node:path";

const [revision, expected, results] = process.argv.slice(2);
const list = fs.readFileSync(0, "utf8").split("\n");
const first = list.findIndex((line) => line.startsWith("Server scenarios")) + 1;
const last = list.findIndex((line, index) => index > first && line.trim() === "");
const required = list.slice(first, last).map((line) => line.replace(/^\s*-\s*/, ""));

const complaints = [];
if (first === 0 || required.length !== Number(expected)) {
  complaints.push(`${required.length} scenarios are required, ${expected} were expected`);
}
const folders = fs.existsSync(results) ? fs.readdirSync(results) : [];
let passed = 0;
for (const scenario of required) {
  const prefix = `server-${scenario}-`;
  const folder = folders.find((name) => name.startsWith(prefix) && /^\d{4}-\d\d-\d\dT/.test(name.slice(prefix.length)));
  const checks = folder ? JSON.parse(fs.readFileSync(path.join(results, folder, "checks.json"), "utf8")) : [];
  const bad = checks.filter((check) => ["FAILURE", "WARNING", "SKIPPED"].includes(check.status));
  const good = checks.filter((check) => check.status === "SUCCESS" && check.id !== "wire-schema-valid");
  if (bad.length === 0 && good.length > 0) {
    passed += 1;
    continue;
  }
  complaints.push(`${scenario}: ${checks.length === 0 ? "no result" : `${good.length} checks succeeded`}`);
  for (const check of bad) complaints.push(`  ${check.status} ${check.id}: ${check.errorMessage ?? check.description}`);
}
for (const complaint of complaints.slice(0, 40)) console.error(complaint);
if (complaints.length > 40) console.error(`... and ${complaints.length - 40} lines more`);
console.log(`conformance ${revision}: ${passed} of ${expected} required scenarios passed`);
process.exit(complaints.length === 0 ? 0 : 1);
