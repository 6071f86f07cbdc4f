// The bar over an upload. Everything else works without this file.
document.addEventListener("htmx:xhr:progress", (event) => {
  const bar = event.target.querySelector("progress");
  if (!bar || !event.detail.lengthComputable || !event.detail.total) return;
  bar.hidden = false;
  bar.value = (100 * event.detail.loaded) / event.detail.total;
});

// A refused upload leaves the page as it is: the bar has to go by itself.
document.addEventListener("htmx:afterRequest", (event) => {
  const bar = event.target.querySelector("progress");
  if (bar && event.target.id === "upload") bar.hidden = true;
});

// A network that breaks off mid-upload says so instead of nothing.
document.addEventListener("htmx:sendError", (event) => {
  const outcome = document.querySelector("#outcome");
  if (event.target.id === "upload" && outcome) {
    outcome.textContent = "The connection broke off before the server answered. Look under Submissions before you submit again.";
  }
});
