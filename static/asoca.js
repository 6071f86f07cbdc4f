// The bar over an upload. Everything else works without this file.
document.addEventListener("htmx:xhr:progress", (event) => {
  const bar = event.target.querySelector("progress");
  if (!bar || !event.detail.lengthComputable || !event.detail.total) return;
  bar.hidden = false;
  bar.value = (100 * event.detail.loaded) / event.detail.total;
});

// A network that breaks off mid-upload says so instead of nothing.
document.addEventListener("htmx:sendError", (event) => {
  const outcome = document.querySelector("#outcome");
  if (event.target.id === "upload" && outcome) {
    outcome.textContent = "The connection broke off before the upload was complete. Nothing was stored; submit again.";
  }
});
