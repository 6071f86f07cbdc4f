// Slices of a CT follow the slider while it is moved. Without this script the button shows them.
const form = document.getElementById("slices");
const image = document.getElementById("slice");
const [slider, without] = [form.elements.z, form.elements.outlines];
const address = (z) => form.dataset.slices + z + (without.checked ? "?outlines=off" : "");

let loading = false;
let wanted = image.getAttribute("src");

/** Loads the slice that is wanted when the one before it has come, so that a quick hand asks for few of them. */
function load() {
  if (loading || image.getAttribute("src") === wanted) return;
  loading = true;
  const asked = wanted;
  const next = new Image();
  const done = () => {
    image.src = asked;
    loading = false;
    load();
  };
  next.addEventListener("load", done);
  next.addEventListener("error", done);
  next.src = asked;
}

function show() {
  const z = Number(slider.value);
  document.getElementById("z").textContent = z;
  image.alt = image.alt.replace(/\d+/, z);
  wanted = address(z);
  load();
  const query = new URLSearchParams(new FormData(form));
  history.replaceState(null, "", `${form.action}?${query}`);
}

slider.addEventListener("input", show);
without.addEventListener("change", show);
form.querySelector("button").hidden = true;
document.getElementById("beside").hidden = true;
