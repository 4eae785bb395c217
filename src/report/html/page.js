"use strict";
// Draws the report from the data beside it. Every text becomes a text node: nothing of a project is ever markup.

/** Characters that turn the direction of what follows, or cannot be seen: a mark for each, so that lengths stay. */
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;
const data = JSON.parse(document.getElementById("data").textContent, (_, value) =>
  (typeof value === "string" ? value.replace(HIDDEN, "\ufffd") : value));
const SEVERITIES = ["critical", "high", "medium", "low", "info"];
const CONFIDENCES = ["low", "medium", "high"];
const SVG = "http://www.w3.org/2000/svg";
// Alone a project has no name.
const several = data.projects.length !== 1 || data.projects[0].name !== "";
const byId = (id) => document.getElementById(id);

/** An element with attributes and children; texts among them become text nodes. */
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

function shape(name, attributes, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

const counted = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;
const placed = (it) => `${it.file}:${it.line}`;

/** Text whose parts between backticks are code. */
function words(text) {
  const parts = text.split("`");
  if (parts.length % 2 === 0) return [text];
  return parts.map((part, index) => (index % 2 ? element("code", {}, part) : part)).filter((part) => part !== "");
}

// ---- findings, flattened

const counts = (finding) => !finding.suppressed && !finding.known;
const EXCUSES = { baseline: "in the baseline", before: "there before" };
const excuse = (finding) => (finding.suppressed ? "suppressed" : EXCUSES[finding.known]);

const findings = data.projects.flatMap((project, number) =>
  project.findings.map((finding) => ({
    ...finding,
    project: number,
    text: [project.name, finding.rule, finding.message, finding.attack, placed(finding), finding.severity,
      finding.fix ? finding.fix.title : "", ...finding.related.flatMap((step) => [step.message, placed(step)]),
      ...finding.code.flatMap((part) => part.lines.map((line) => line.text))].join("\n").toLowerCase(),
  })));
findings.sort((a, b) =>
  a.project - b.project || Number(!counts(a)) - Number(!counts(b)) ||
  SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));

/** The code of one file: numbered lines, what is marked in them, and what is said of it. */
function frame(part) {
  const block = element("pre", { tabindex: "0", "aria-label": `Code of ${part.file}` });
  let before = null;
  for (const line of part.lines) {
    if (before !== null && line.number > before + 1) block.append(element("span", { class: "row gap" }, "   …"));
    before = line.number;
    const row = element("span", { class: "row" }, element("span", { class: "number" }, String(line.number)));
    const edges = new Set([0, line.text.length, ...line.marks.flatMap((mark) => [mark.start, mark.end])]);
    const cuts = [...edges].sort((a, b) => a - b);
    for (let index = 0; index + 1 < cuts.length; index += 1) {
      const [start, end] = [cuts[index], cuts[index + 1]];
      const over = line.marks.filter((mark) => mark.start <= start && end <= mark.end);
      const piece = line.text.slice(start, end);
      const primary = over.some((mark) => mark.primary);
      row.append(over.length ? element("mark", primary ? { class: "primary" } : {}, piece) : piece);
    }
    block.append(row);
    for (const mark of line.marks.filter((mark) => mark.label)) {
      block.append(element("span", { class: "said" }, `↑ ${mark.label}`));
    }
  }
  return block;
}

/** Everything about a finding. */
function body(finding) {
  const list = element("dl");
  const row = (name, ...value) => list.append(element("dt", {}, name), element("dd", {}, ...value));
  row("Why", ...words(finding.attack));
  if (finding.fix) {
    const safety = finding.fix.edits.length ? ` (${finding.fix.safety})` : "";
    row("Fix", ...words(finding.fix.title), safety);
    for (const edit of finding.fix.edits) {
      row("", element("span", { class: "place" }, placed(edit)), element("pre", {}, element("span", { class: "row" }, edit.replacement)));
    }
  }
  row("Confidence", finding.confidence);
  if (finding.suppressed) {
    const until = finding.suppressed.expires ? ` (until ${finding.suppressed.expires})` : "";
    row("Suppressed", finding.suppressed.reason + until);
  }
  const rule = data.rules[finding.rule];
  if (rule) row("Rule", `${rule.title} `, element("a", { href: rule.page, rel: "noreferrer noopener" }, "what it means"));
  const made = element("div", { class: "body" }, list);
  if (finding.related.length && !finding.code.some((part) => part.lines.length)) made.append(steps(finding.related));
  for (const part of finding.code.filter((part) => part.lines.length)) {
    made.append(element("div", { class: "place" }, part.file), frame(part));
  }
  return made;
}

const steps = (related) => element("ol", {}, ...related.map((step) =>
  element("li", {}, element("span", { class: "place" }, placed(step)), ": ", ...words(step.message))));

function item(finding, index) {
  const details = element("details", {},
    element("summary", {},
      element("span", { class: `badge ${finding.severity}` }, finding.severity), " ",
      element("strong", {}, finding.rule), " ", ...words(finding.message), counts(finding) ? "" : ` (${excuse(finding)})`,
      element("span", { class: "place" }, several ? `${data.projects[finding.project].name}: ` : "", placed(finding))));
  details.addEventListener("toggle", () => fill(details, finding));
  const accepted = counts(finding) ? "" : " accepted";
  return element("li", { id: `finding-${index}`, class: `${finding.severity}${accepted}` }, details);
}

/** What is inside of a finding is made when somebody opens it: there may be thousands. */
function fill(details, finding) {
  if (details.open && details.children.length === 1) details.append(body(finding));
}

const items = findings.map(item);
byId("list").append(...items);

// ---- filters

function options(select, values) {
  for (const [value, label] of values) byId(select).append(element("option", { value }, label));
}

const used = new Map();
for (const finding of findings) used.set(finding.rule, (used.get(finding.rule) ?? 0) + 1);
options("rule", [...used].sort(([a], [b]) => (a < b ? -1 : 1)).map(([rule, count]) => [rule, `${rule} (${count})`]));
options("project", data.projects.map((project, number) => [String(number), project.name]));
byId("project-label").hidden = !several;
byId("suppressed-label").hidden = findings.every(counts);
for (const severity of SEVERITIES) {
  const box = element("input", { type: "checkbox", id: `severity-${severity}`, checked: true });
  byId("severities").append(element("label", {}, box, ` ${severity}`));
}

function wanted() {
  const search = byId("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const path = byId("path").value;
  const rule = byId("rule").value;
  const project = byId("project").value;
  const least = CONFIDENCES.indexOf(byId("confidence").value);
  const severities = new Set(SEVERITIES.filter((severity) => byId(`severity-${severity}`).checked));
  const suppressed = byId("suppressed").checked;
  return (finding) =>
    severities.has(finding.severity) && (suppressed || counts(finding)) &&
    (!rule || finding.rule === rule) && (!project || finding.project === Number(project)) &&
    CONFIDENCES.indexOf(finding.confidence) >= least &&
    (!path || finding.file.includes(path)) && search.every((word) => finding.text.includes(word));
}

function filter() {
  const wants = wanted();
  let shown = 0;
  findings.forEach((finding, index) => {
    const wanted = wants(finding);
    items[index].hidden = !wanted;
    shown += wanted ? 1 : 0;
  });
  const all = findings.filter((finding) => byId("suppressed").checked || counts(finding)).length;
  byId("shown").textContent = all ? `${shown} of ${counted(all, "finding")}` : "no findings";
}

byId("filters").addEventListener("input", filter);
byId("filters").addEventListener("submit", (event) => event.preventDefault());
// The values are those of the beginning only when the event is over.
byId("filters").addEventListener("reset", () => setTimeout(filter));
filter();

/** Shows a finding whatever the filters say. */
function reveal(index) {
  if (items[index].hidden) {
    byId("filters").reset();
    byId("suppressed").checked ||= !counts(findings[index]);
    filter();
  }
  const details = items[index].firstElementChild;
  details.open = true;
  fill(details, findings[index]);
  items[index].scrollIntoView({ block: "start" });
  details.firstElementChild.focus();
}

// ---- head

const total = (field) => data.projects.reduce((sum, project) => sum + project.summary[field], 0);
byId("verdict").textContent = several
  ? `${counted(data.projects.length, "project")}, the worst first`
  : `Result: ${data.projects[0].result}. ${data.projects[0].coverage}`;
for (const severity of SEVERITIES) {
  const count = total(severity);
  byId("counts").append(element("li", { class: count ? severity : "none" }, element("b", {}, String(count)), severity));
}
byId("made").textContent = `mcpsec ${data.version}. This page loads nothing and sends nothing.`;

if (several) {
  byId("projects").hidden = false;
  const head = element("tr", {}, element("th", {}, "project"),
    ...SEVERITIES.map((severity) => element("th", { class: "number" }, severity)), element("th", {}, "result"));
  byId("projects").querySelector("thead").append(head);
  const rows = data.projects.map((project, number) => {
    const button = element("button", { type: "button", class: "plain" }, project.name);
    button.addEventListener("click", () => {
      byId("filters").reset();
      byId("project").value = String(number);
      filter();
      byId("findings").scrollIntoView();
      byId("search").focus();
    });
    return element("tr", {}, element("td", {}, button),
      ...SEVERITIES.map((severity) => element("td", { class: "number" }, project.checked ? String(project.summary[severity]) : "-")),
      element("td", {}, project.result));
  });
  byId("projects").querySelector("tbody").append(...rows);
}

// ---- servers

/** Which tools, flows and transports belong to which server of a project. */
function arrange(project, number) {
  const groups = project.servers.map((server) => ({ server, tools: [], ways: [], sure: true }));
  const elsewhere = { server: null, tools: [], ways: [], sure: true };
  for (const group of groups) {
    group.tools = group.server.tools.map((name) => ({ name: name ?? "(computed name)", flows: [] }));
  }
  for (const flow of project.flows) {
    flow.finding = about(flow, number);
    const files = new Set([flow.file, ...flow.hops.map((hop) => hop.file)]);
    const named = groups.filter((group) => flow.tool !== null && group.tools.some((tool) => tool.name === flow.tool));
    const near = (group) => files.has(group.server.file);
    const group = named.find(near) ?? named[0] ?? groups.find(near) ?? elsewhere;
    const name = flow.tool ?? "(not a named tool)";
    let tool = group.tools.find((tool) => tool.name === name);
    if (!tool) group.tools.push(tool = { name, flows: [] });
    tool.flows.push(flow);
  }
  if (elsewhere.tools.length) groups.push(elsewhere);
  for (const group of groups) {
    const own = project.transports.filter((way) => group.server && way.file === group.server.file);
    group.sure = own.length > 0 || groups.length === 1;
    const seen = new Map();
    for (const way of own.length ? own : project.transports) seen.set(`${way.kind} ${way.reach}`, way);
    group.ways = [...seen.values()];
    group.tools.sort((a, b) => danger(b) - danger(a));
  }
  return groups.sort((a, b) => b.tools.reduce((sum, tool) => sum + danger(tool), 0) - a.tools.reduce((sum, tool) => sum + danger(tool), 0));
}

/** The finding about a flow, which ends there or names it as a further place; those that count come first. */
function about(flow, project) {
  const here = (it) => it.file === flow.file && it.line === flow.line;
  const [entry] = flow.hops;
  const found = findings.map((_, index) => index).filter((index) => {
    const { project: of, related } = findings[index];
    const enters = related.some((step) => entry && step.file === entry.file && step.line === entry.line);
    return of === project && enters && (here(findings[index]) || related.some(here));
  });
  return found.find((index) => counts(findings[index])) ?? found[0] ?? -1;
}

const open = (flow) => flow.finding >= 0 && counts(findings[flow.finding]);
const danger = (tool) => tool.flows.filter(open).length * 1000 + tool.flows.length;
const shorten = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

const ROW = 40;
const COLUMNS = { way: [0, 130], server: [180, 210], tool: [440, 190], sink: [690, 250] };
/** More tools than these are counted and not drawn. */
const TOOLS = 40;

function box(column, top, height, title, note, attributes = {}) {
  const [x, width] = COLUMNS[column];
  const lines = [shape("text", { x: x + 8, y: top + (note ? height / 2 - 1 : height / 2 + 5) }, shorten(title, Math.floor((width - 14) / 7.6)))];
  if (note) lines.push(shape("text", { x: x + 8, y: top + height / 2 + 13, class: "small" }, shorten(note, Math.floor((width - 14) / 6.2))));
  return shape("g", attributes, shape("title", {}, note ? `${title} (${note})` : title),
    shape("rect", { x, y: top, width, height, rx: 5 }), ...lines);
}

function edge(from, fromY, to, toY, kind) {
  const [x, width] = COLUMNS[from];
  const [start, end] = [x + width, COLUMNS[to][0]];
  const middle = (start + end) / 2;
  return shape("path", { d: `M${start},${fromY} C${middle},${fromY} ${middle},${toY} ${end},${toY}`, class: kind });
}

/** A server with its ways in, its tools and where their input ends; `show` opens a flow. */
function drawing(group, show) {
  const tools = group.tools.slice(0, TOOLS);
  const heights = tools.map((tool) => Math.max(1, tool.flows.length) * ROW);
  const rest = group.tools.length - tools.length;
  const height = Math.max(heights.reduce((sum, one) => sum + one, rest ? ROW : 0), group.ways.length * (ROW + 8), 2 * ROW);
  const svg = shape("svg", { viewBox: `0 0 942 ${height + 4}`, role: "group", "aria-label": "Ways in, server, tools, and where input ends" });
  const middle = height / 2;
  group.ways.forEach((way, index) => {
    const top = middle - (group.ways.length * (ROW + 8)) / 2 + index * (ROW + 8) + 4;
    svg.append(edge("way", top + ROW / 2, "server", middle, group.sure ? "" : "unsure"));
    svg.append(box("way", top, ROW, way.kind, way.reach, way.reach === "network" ? { class: "exposed" } : {}));
  });
  const server = group.server;
  const capabilities = server && server.capabilities.length ? server.capabilities.join(", ") : "";
  let top = 2;
  tools.forEach((tool, index) => {
    const center = top + heights[index] / 2;
    svg.append(edge("server", middle, "tool", center, ""), box("tool", top + 3, heights[index] - 6, tool.name, ""));
    tool.flows.forEach((flow, number) => {
      const y = top + number * ROW;
      const kind = open(flow) ? "open" : "guarded";
      const label = `${flow.parameter} of ${tool.name} reaches ${flow.call}, ${flow.sink}, ${open(flow) ? "reported" : "not reported"}`;
      const target = box("sink", y + 3, ROW - 6, `${flow.parameter} → ${flow.call}`, flow.sink, {
        class: `flow ${kind}`, role: "button", tabindex: "0", "aria-label": label, "aria-expanded": "false",
      });
      const opens = () => show(flow, tool, target);
      target.addEventListener("click", opens);
      target.addEventListener("keydown", (event) => {
        if (event.key === "Enter" || event.key === " ") {
          event.preventDefault();
          opens();
        }
      });
      svg.append(edge("tool", center, "sink", y + ROW / 2, kind), target);
    });
    top += heights[index];
  });
  if (rest) svg.append(box("tool", top + 3, ROW - 6, `and ${counted(rest, "tool")} more`, ""));
  const box_height = Math.min(height, 2 * ROW);
  svg.append(server
    ? box("server", middle - box_height / 2 + 2, box_height - 4, server.name ?? server.kind, capabilities)
    : box("server", middle - ROW / 2, ROW, "not in a known server", ""));
  return svg;
}

/** The steps of a flow, below its drawing. */
function panel(flow, tool) {
  const index = flow.finding;
  const made = element("div", { class: "steps" },
    element("h3", {}, element("code", {}, flow.parameter), " of ", element("code", {}, tool.name), " reaches ",
      element("code", {}, flow.call), ` (${flow.sink})`),
    steps(flow.hops));
  if (flow.guards.length) made.append(element("h3", {}, "Checks on the way"), steps(flow.guards));
  if (flow.weakness) {
    made.append(element("p", {}, "The check at ", element("span", { class: "place" }, placed(flow.weakness)), " ", ...words(flow.weakness.message), "."));
  }
  if (index >= 0) {
    const button = element("button", { type: "button", class: "plain" }, `${findings[index].severity}: ${findings[index].rule}`);
    button.addEventListener("click", () => reveal(index));
    const part = findings[index].code.find((part) => part.file === flow.file && part.lines.length);
    const why = counts(findings[index]) ? "" : ` (${excuse(findings[index])})`;
    made.append(element("p", {}, "Finding: ", button, why), part ? frame(part) : "");
  } else {
    made.append(element("p", { class: "dim" }, "No finding that is shown: it is checked on the way, harmless here, or not sure enough."));
  }
  return made;
}

function card(group, number, opened) {
  const server = group.server;
  const flows = group.tools.flatMap((tool) => tool.flows);
  const title = server ? `${server.name ?? server.kind} · ${server.language} · ${server.sdk}${server.sdk_version ? ` ${server.sdk_version}` : ""}` : "Elsewhere";
  const tell = `${counted(group.tools.length, "tool")}, ${counted(flows.length, "flow")}, ${flows.filter(open).length} reported`;
  const details = element("details", { class: "server" }, element("summary", {}, element("strong", {}, title), ` · ${tell}`,
    server ? element("span", { class: "place" }, placed(server)) : null));
  const draw = () => {
    if (details.children.length > 1) return;
    const below = element("div", { role: "region", "aria-live": "polite", "aria-label": "Steps of the flow" });
    const show = (flow, tool, target) => {
      const again = target.getAttribute("aria-expanded") === "true";
      for (const other of details.querySelectorAll('[aria-expanded="true"]')) other.setAttribute("aria-expanded", "false");
      target.setAttribute("aria-expanded", String(!again));
      below.replaceChildren(...(again ? [] : [panel(flow, tool)]));
    };
    const inside = element("div", { class: "body" }, element("div", { class: "wide" }, drawing(group, show)), below);
    if (server && server.incomplete.length) inside.append(element("p", { class: "dim" }, `Not decided: ${server.incomplete.join("; ")}`));
    details.append(inside);
  };
  details.addEventListener("toggle", draw);
  if (opened) {
    details.open = true;
    draw();
  }
  return details;
}

const unread = (project) => project.incomplete.map((it) => (it.file ? `${it.file}: ${it.message}` : it.message)).join("; ");

data.projects.forEach((project, number) => {
  const groups = arrange(project, number);
  if (several) byId("drawings").append(element("h3", {}, project.name));
  if (!project.checked) byId("drawings").append(element("p", {}, element("strong", {}, "Not checked: "), unread(project)));
  else if (!groups.length) byId("drawings").append(element("p", { class: "dim" }, "No server was found."));
  byId("drawings").append(...groups.map((group, index) => card(group, number, number === 0 && index < 4)));
});

// ---- coverage

function listing(title, lines) {
  if (!lines.length) return null;
  return element("details", {}, element("summary", {}, `${title} (${lines.length})`),
    element("ul", { class: "columns" }, ...lines.map((line) => element("li", {}, line))));
}

for (const project of data.projects) {
  const excused = new Map();
  for (const it of project.not_applicable) excused.set(it.reason, [...(excused.get(it.reason) ?? []), it.rule]);
  byId("covered").append(element("div", {},
    several ? element("h3", {}, project.name) : null,
    element("p", {}, project.coverage),
    project.incomplete.length ? element("p", {}, element("strong", {}, "Not checked: "), unread(project)) : null,
    listing("Rules that ran", project.ran),
    listing("Rules that do not apply", [...excused].map(([reason, rules]) => `${reason}: ${rules.join(", ")}`)),
    listing("Files and folders that were not wholly read", project.skipped.map((it) => `${it.file}: ${it.reason}`))));
}

// On paper everything that is shown is open.
addEventListener("beforeprint", () => {
  items.forEach((item, index) => {
    if (item.hidden) return;
    item.firstElementChild.open = true;
    fill(item.firstElementChild, findings[index]);
  });
});
