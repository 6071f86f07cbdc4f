// What pages do beyond htmx. Everything works without this file.

// The button that was pressed is disabled meanwhile, and so has lost the focus: it goes to what came of it.
function show(outcome) {
  outcome.tabIndex = -1;
  outcome.focus();
  outcome.scrollIntoView();
}

document.addEventListener("htmx:afterSettle", (event) => {
  const outcome = document.querySelector("#outcome");
  if (event.detail.elt === outcome && outcome.textContent.trim()) show(outcome);
});

// What is asked for every second is replaced as a whole; read out is only how far it is, and only what is new.
document.addEventListener("htmx:afterSettle", () => {
  const words = document.querySelector("[data-says]");
  const said = document.querySelector("#said");
  if (!words || !said) return;
  const now = words.textContent.replace(/\s+/g, " ").trim();
  if (said.textContent !== now) said.textContent = now;
});

function say(form, words) {
  const outcome = document.querySelector("#outcome");
  if (form.id !== "upload" || !outcome) return;
  outcome.textContent = words;
  show(outcome);
}

// Whether the session has ended: then pages lead to the log-in page.
async function isLoggedOut() {
  const answer = await fetch("/submissions", { redirect: "manual", cache: "no-store" });
  return answer.type === "opaqueredirect";
}

function sayLoggedOut(form) {
  say(form, "You are logged out, and nothing was stored. What you typed and chose is still here: ");
  const link = document.createElement("a");
  link.href = "/login";
  link.target = "_blank";
  link.textContent = "log in in another tab";
  document.querySelector("#outcome").append(link, ", then submit again.");
}

// Asked before the files are sent: a server that refuses a long upload can only break it off.
document.addEventListener("htmx:confirm", (event) => {
  const form = event.target;
  if (form.id !== "upload" || event.detail.verb !== "post") return;
  event.preventDefault();
  isLoggedOut().then(
    (out) => (out ? sayLoggedOut(form) : event.detail.issueRequest()),
    () => event.detail.issueRequest(),
  );
});

// Files that the server would refuse are not sent at all.
document.addEventListener("htmx:beforeRequest", (event) => {
  const input = event.target.querySelector("[data-limit]");
  if (!input) return;
  const bytes = [...input.files].reduce((sum, file) => sum + file.size, 0);
  const limit = Number(input.dataset.limit);
  if (bytes <= limit) return;
  event.preventDefault();
  const mebibytes = (number) => `${(number / 2 ** 20).toFixed(1)} MiB`;
  say(event.target, `Nothing was sent: the files have ${mebibytes(bytes)}, and the server takes at most ${mebibytes(limit)}. 8-bit NRRD with gzip encoding is far smaller.`);
});

// A network that breaks off mid-upload says so instead of nothing.
document.addEventListener("htmx:sendError", async (event) => {
  const form = event.target;
  if (form.id === "upload" && (await isLoggedOut().catch(() => false))) return sayLoggedOut(form);
  say(form, "The connection broke off before the server answered; the files may be too large for the server. Look under Submissions before you submit again.");
});

// A server that fails answers no page to show.
document.addEventListener("htmx:responseError", (event) => {
  say(event.target, `The server answered ${event.detail.xhr.status}; try again in a moment. Look under Submissions before you submit again.`);
});

// Moments to come: what they are on this clock, and how long it is until then.
for (const time of document.querySelectorAll("time[data-local]")) {
  const moment = new Date(time.dateTime);
  const here = moment.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone !== "UTC") time.after(` (${here} in ${zone})`);
}

function countDown() {
  for (const place of document.querySelectorAll("[data-until]")) {
    const seconds = Math.floor((new Date(place.dataset.until) - Date.now()) / 1000);
    if (seconds <= 0) { place.textContent = ""; continue; }
    const parts = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
    let rest = seconds;
    const words = parts.map(([size, unit]) => {
      const number = Math.floor(rest / size);
      rest %= size;
      return [number, unit];
    });
    const first = words.findIndex(([number]) => number > 0);
    place.textContent = "in " + words.slice(first, first + 2).map((word) => word.join(" ")).join(" ");
  }
}
if (document.querySelector("[data-until]")) {
  countDown();
  setInterval(countDown, 1000);
}

// A long list is ticked at once.
for (const head of document.querySelectorAll("[data-ticks]")) {
  const boxes = [...head.closest("form").querySelectorAll(`input[name=${head.dataset.ticks}]`)];
  const label = document.createElement("label");
  const all = document.createElement("input");
  label.className = "tick";
  all.type = "checkbox";
  label.append(all, " All");
  head.replaceChildren(label);
  all.addEventListener("change", () => boxes.forEach((box) => { box.checked = all.checked; }));
}
