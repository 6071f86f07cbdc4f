// How far an upload is while it is sent: a bar, and words for eyes at once and for ears now and then.

// Speed is that of the last seconds, and is said to who listens at most so often, in milliseconds.
const SPEED_OVER = 5000;
const SAID_EVERY = 10000;

const sending = { isOn: false, isSent: false, samples: [], said: 0 };

function timeLeft(seconds) {
  if (seconds < 5) return "a few seconds left";
  if (seconds < 55) return `about ${Math.ceil(seconds / 5) * 5} s left`;
  if (seconds < 3300) return `about ${Math.round(seconds / 60)} min left`;
  return `about ${(seconds / 3600).toFixed(1)} h left`;
}

// Bytes a second, or nothing before there is something to average over.
function speedOf(samples) {
  const [first, last] = [samples[0], samples.at(-1)];
  const seconds = (last.at - first.at) / 1000;
  return seconds >= 0.5 && last.loaded > first.loaded ? (last.loaded - first.loaded) / seconds : undefined;
}

function howFar(loaded, total, speed) {
  const megabytes = (bytes) => (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);
  const parts = [`${Math.floor((100 * loaded) / total)} %`, `${megabytes(loaded)} of ${megabytes(total)} MB`];
  if (speed) parts.push(`${(speed / 1e6).toFixed(speed < 1e6 ? 2 : 1)} MB/s`, timeLeft((total - loaded) / speed));
  return parts.join(" · ");
}

function tell(words, isSoon) {
  document.querySelector("#sent").textContent = words;
  if (!isSoon && performance.now() - sending.said < SAID_EVERY) return;
  sending.said = performance.now();
  document.querySelector("#sent-said").textContent = words;
}

function stopSending() {
  sending.isOn = false;
  document.querySelector("#upload progress").hidden = true;
  tell("", true);
}

const isUpload = (event) => event.target.id === "upload";

document.addEventListener("htmx:beforeSend", (event) => {
  if (isUpload(event)) Object.assign(sending, { isOn: true, isSent: false, samples: [], said: performance.now() });
});

// The answer has a length too, and comes by the same event: once all is sent, nothing more is.
document.addEventListener("htmx:xhr:progress", (event) => {
  const { lengthComputable, loaded, total } = event.detail;
  if (!isUpload(event) || !sending.isOn || sending.isSent || !lengthComputable || !total) return;
  const bar = event.target.querySelector("progress");
  bar.hidden = false;
  bar.value = (100 * loaded) / total;
  sending.isSent = loaded >= total;
  if (sending.isSent) return tell("Sent; the server checks the files.", true);
  const now = performance.now();
  sending.samples = [...sending.samples.filter(({ at }) => now - at < SPEED_OVER), { at: now, loaded }];
  tell(howFar(loaded, total, speedOf(sending.samples)));
});

// Before the page goes where the answer leads, and whatever became of the request.
for (const name of ["htmx:beforeOnLoad", "htmx:afterRequest"]) {
  document.addEventListener(name, (event) => { if (isUpload(event)) stopSending(); });
}

window.addEventListener("beforeunload", (event) => {
  if (sending.isOn) event.preventDefault();
});
