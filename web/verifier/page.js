// The page: files come in by picker or by drop, never from a network.

const $ = (id) => document.getElementById(id);
const chosen = { bundle: null, policy: null, previous: null };

function element(tag, text, className) {
  const out = document.createElement(tag);
  out.textContent = text;
  if (className) out.className = className;
  return out;
}

function sourceOf(file) {
  return {
    size: file.size,
    read: async (offset, length) => new Uint8Array(await file.slice(offset, offset + length).arrayBuffer()),
  };
}

async function readOptions() {
  const policy = new Policy(fromUtf8(new Uint8Array(await chosen.policy.arrayBuffer())) ?? "");
  const officers = $("officers").value.split(/\s+/).filter((w) => w !== "").map(parseVkey);
  const previous = chosen.previous ? new Uint8Array(await chosen.previous.arrayBuffer()) : null;
  return { policy, officers, previous };
}

const COLOURS = { holds: "good", FAILS: "bad", "not checked": "open" };

function showClaims(report) {
  $("claims").replaceChildren(...report.claims.map((claim) => {
    const row = element("tr", "", COLOURS[claim.result]);
    row.dataset.claim = claim.id;
    row.append(element("td", claim.id), element("td", claim.result), element("td", claim.what), element("td", claim.reason));
    return row;
  }));
}

function entryText({ first, last, text }) {
  return `${first === last ? `entry ${first}` : `entries ${first} to ${last}`}: ${text}`;
}

function showReport(report) {
  const good = report.verdict.startsWith("VERIFIED");
  $("verdict").textContent = report.verdict;
  $("verdict").className = good ? "good" : "bad";
  const { fault } = report;
  const where = fault ? `${fault.claim}: ${fault.file}${fault.index === null ? "" : `, entry ${fault.index}`}: ${fault.why}` : "";
  $("fault").textContent = where;
  $("log").textContent = report.origin ? `${report.origin}, size ${report.size}, root ${report.root}` : "";
  $("range").textContent = report.range ? `entries ${report.range[0]} up to ${report.range[1]} (end not included) whole, ${report.singles ?? 0} more by proof` : "";
  showClaims(report);
  $("remarks").replaceChildren(...report.remarks.map((r) => element("li", entryText(r))),
    ...report.warnings.map((w) => element("li", `warning: ${w}`)));
  $("opened").replaceChildren(...report.opened.map((o) => element("li", `entry ${o.index}, ${o.name}: ${o.value}`)));
  $("report").hidden = false;
}

function showTrouble(text) {
  $("report").hidden = true;
  $("trouble").textContent = text;
}

let run = 0; // the last one started is the one shown
async function verify() {
  if (!chosen.bundle || !chosen.policy) return;
  const mine = ++run;
  document.body.dataset.state = "busy";
  showTrouble("checking");
  try {
    const report = await new Check(sourceOf(chosen.bundle), await readOptions()).run();
    if (mine !== run) return;
    showTrouble("");
    showReport(report);
  } catch (e) {
    if (mine === run) showTrouble(`this cannot be checked: ${e.message}`);
  }
  if (mine === run) document.body.dataset.state = "done";
}

function take(kind, file) {
  chosen[kind] = file;
  $(`${kind}-name`).textContent = file ? file.name : "";
  verify();
}

function start() {
  for (const kind of Object.keys(chosen)) {
    $(kind).addEventListener("change", (e) => take(kind, e.target.files[0] ?? null));
    const zone = $(`${kind}-zone`);
    zone.addEventListener("dragover", (e) => e.preventDefault());
    zone.addEventListener("drop", (e) => {
      e.preventDefault();
      take(kind, e.dataTransfer.files[0] ?? null);
    });
  }
  // A file dropped beside the zones must not replace the page.
  for (const name of ["dragover", "drop"]) document.addEventListener(name, (e) => e.preventDefault());
  $("officers").addEventListener("change", verify);
}

start();
