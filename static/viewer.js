// Vessel meshes in 3-D, on demand: <figure class="viewer" data-mesh="ADDRESS"> with a picture and a caption.
// The picture stays where anything is missing or fails. docs/meshes.md says what there is to set and to see from outside;
// viewer-mesh.js reads and draws, and is fetched once somebody wants to see.

// Where the viewer stands: `yaw` about the patient's long axis, `pitch` above it, in quarter turns.
const VIEWS = { Front: [0, 0], Left: [1, 0], Feet: [0, -1] };
// Axes are LPS: x grows to the patient's left, y to the back, z to the head.
const SIDES = [["right", "left"], ["front", "back"], ["feet", "head"]];

// The directions of a view: an orthonormal right-handed system, never a mirror image.
function directions(yaw, pitch) {
  const [cos, sin, rise, level] = [Math.cos(yaw), Math.sin(yaw), Math.sin(pitch), Math.cos(pitch)];
  return {
    right: [cos, sin, 0],
    up: [-rise * sin, rise * cos, level],
    towards: [level * sin, -level * cos, rise],
  };
}

// The side of the patient that a direction leads to most.
function side(direction) {
  const sizes = direction.map(Math.abs);
  const axis = sizes.indexOf(Math.max(...sizes));
  return SIDES[axis][direction[axis] > 0 ? 1 : 0];
}

function make(tag, settings, ...children) {
  const element = Object.assign(document.createElement(tag), settings);
  element.append(...children);
  return element;
}

const stillness = matchMedia("(prefers-reduced-motion: reduce)");
const between = (low, value, high) => Math.min(high, Math.max(low, value));

// Browsers keep few contexts alive, and phones little memory: one viewer is open at a time.
let open = null;
let made = 0;

class Viewer {
  constructor(figure) {
    this.figure = figure;
    this.opener = this.button("Turn it in 3-D", () => this.open());
    this.status = make("p", { className: "hint" });
    this.stage = make("div", { className: "stage" });
    const picture = figure.querySelector("img");
    picture?.before(this.stage);
    if (picture) this.stage.append(picture); else figure.prepend(this.stage);
    this.stage.after(this.opener, this.status);
    this.become("ready");
  }

  button(words, press, name) {
    const button = make("button", { type: "button", className: "button secondary small", onclick: press }, words);
    if (name) button.setAttribute("aria-label", name);
    return button;
  }

  become(state, words = "") {
    this.figure.dataset.state = state;
    this.status.textContent = words;
    this.opener.hidden = state === "shown";
    this.opener.setAttribute("aria-disabled", state === "loading");
  }

  async open() {
    if (open === this) return;
    open?.close();
    open = this;
    this.ended = new AbortController();
    const { signal } = this.ended;
    // Not before, as there may be a viewer for each of many cases.
    this.status.setAttribute("role", "status");
    this.become("loading", "Loading …");
    try {
      // Of the same version as this file, which stands behind the question mark.
      const [{ decode, painter }, answer] = await Promise.all([
        import(`/static/viewer-mesh.js${new URL(import.meta.url).search}`),
        fetch(this.figure.dataset.mesh, { signal }),
      ]);
      const mesh = answer.ok && decode(await answer.arrayBuffer());
      if (signal.aborted) return;
      if (mesh) this.show(mesh, painter);
      else this.fail(`the server answered ${answer.status}`);
    } catch (error) {
      if (!signal.aborted) this.fail(error.name === "Refusal" ? error.message : "it could not be loaded");
    }
  }

  fail(reason) {
    this.close();
    this.become("failed", `There is no 3-D view: ${reason}. The picture stays.`);
  }

  // Back to the picture, with nothing left behind.
  close() {
    if (open === this) open = null;
    this.ended.abort();
    cancelAnimationFrame(this.frame);
    this.painter?.free();
    this.painter = null;
    const focused = this.tools?.contains(document.activeElement) || this.canvas === document.activeElement;
    [this.canvas, this.tools, ...(this.letters ?? [])].forEach((element) => element?.remove());
    this.become("ready");
    if (focused) this.opener.focus();
  }

  show(mesh, painter) {
    const { signal } = this.ended;
    const on = (target, names, listener) =>
      names.split(" ").forEach((name) => target.addEventListener(name, listener, { signal, passive: false }));
    const watch = (observer, element) => {
      observer.observe(element);
      signal.addEventListener("abort", () => observer.disconnect());
    };
    this.painter = painter(mesh);
    this.canvas = this.painter.canvas;
    this.canvas.tabIndex = 0;
    const help = this.build(mesh);
    const caption = this.figure.querySelector("figcaption")?.textContent.replace(/\s+/g, " ").trim();
    // It takes arrow keys, which a screen reader hands on to an application only.
    for (const [name, value] of Object.entries({
      role: "application", "aria-roledescription": "3-D view", "aria-label": caption || "Vessels", "aria-describedby": help,
    })) this.canvas.setAttribute(name, value);
    this.letters = ["left", "right", "top", "bottom"].map((edge) => make("span", { className: edge, ariaHidden: "true" }));
    const focused = this.opener === document.activeElement;
    this.stage.append(this.canvas, ...this.letters);
    this.frame = 0;
    this.inSight = true;
    this.turning = false;
    this.become("shown");
    this.reset();
    this.draw();
    if (focused) this.canvas.focus({ preventScroll: true });
    this.turn("turn" in this.figure.dataset && !stillness.matches);

    on(this.canvas, "webglcontextlost", () => this.fail("the browser took the graphics card away"));
    on(this.canvas, "keydown", (event) => this.key(event));
    on(this.canvas, "wheel", (event) => this.wheel(event));
    on(this.canvas, "dblclick", (event) => this.zoomBy(2, ...this.point(event)));
    const pointers = new Map();
    on(this.canvas, "pointerdown", (event) => {
      if (event.button) return;
      pointers.set(event.pointerId, this.point(event));
      this.canvas.setPointerCapture(event.pointerId);
    });
    on(this.canvas, "pointerup pointercancel", (event) => pointers.delete(event.pointerId));
    on(this.canvas, "pointermove", (event) => this.drag(pointers, event));
    on(document, "visibilitychange", () => this.ask());
    on(stillness, "change", () => { if (stillness.matches) this.turn(false); });
    watch(new ResizeObserver(() => this.ask()), this.canvas);
    watch(new IntersectionObserver(([entry]) => { this.inSight = entry.isIntersecting; this.ask(); }), this.canvas);
  }

  // The buttons, the legend and the words; gives the identifier of the latter.
  build(mesh) {
    const steps = { "←": [-1, 0, "left"], "→": [1, 0, "right"], "↑": [0, 1, "up"], "↓": [0, -1, "down"] };
    this.pause = this.button("Pause", () => this.turn(!this.turning));
    const group = make("div", { className: "tools" },
      ...Object.entries(VIEWS).map(([name, [yaw, pitch]]) => this.button(name, () => this.look(yaw, pitch), `From the ${name.toLowerCase()}`)),
      ...Object.entries(steps).map(([sign, [x, y, where]]) => this.button(sign, () => this.rotate(x / 12, y / 12), `Turn ${where}`)),
      this.button("+", () => this.zoomBy(1.25), "Zoom in"),
      this.button("−", () => this.zoomBy(0.8), "Zoom out"),
      this.button("Reset", () => this.reset()),
      ...("turn" in this.figure.dataset ? [this.pause] : []),
      this.button("Picture", () => this.close(), "Back to the picture"));
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", "3-D view");
    const legend = mesh.parts.length < 2 ? [] : mesh.parts.map((part) => {
      const swatch = make("span", { className: "swatch" });
      swatch.style.backgroundColor = `rgb(${part.kind.colour})`;
      const box = make("input", { type: "checkbox", checked: true });
      box.onchange = () => { part.hidden = !box.checked; this.turn(false); this.ask(); };
      return make("label", { className: "tick" }, box, swatch, part.kind.words);
    });
    const help = make("p", { className: "hint", id: `viewer-help-${++made}` },
      "The words at the edges are the patient’s sides. Drag to turn, with Shift to move; double-click, pinch, or Ctrl and the wheel zoom. "
      + "Keys: arrows turn, with Shift they move; + and − zoom; 0 goes back to the start.");
    const how = make("details", {}, make("summary", { textContent: "How to turn it" }), help);
    this.tools = make("div", {}, group, ...legend, how);
    this.stage.after(this.tools);
    return help.id;
  }

  reset() {
    this.zoom = 1;
    this.look(...VIEWS.Front);
  }

  look(yaw, pitch) {
    [this.yaw, this.pitch] = [yaw, pitch].map((quarters) => (quarters * Math.PI) / 2);
    this.centre = [0, 0, 0];
    this.changed();
  }

  // By parts of a half turn, the way that what is in front moves: to the right and up.
  rotate(x, y) {
    this.yaw -= x * Math.PI;
    this.pitch = between(-Math.PI / 2, this.pitch - y * Math.PI, Math.PI / 2);
    this.changed();
  }

  // By parts of half the smaller side of the canvas. The centre stays within the tree.
  move(x, y) {
    const { right, up } = directions(this.yaw, this.pitch);
    const moved = this.centre.map((part, axis) => part - (x * right[axis] + y * up[axis]) / this.zoom / 0.95);
    const far = Math.max(1, Math.hypot(...moved));
    this.centre = moved.map((part) => part / far);
    this.changed();
  }

  // So that the point of the canvas stays where it is.
  zoomBy(factor, x = 0, y = 0) {
    const before = this.zoom;
    this.zoom = between(0.5, before * factor, 16);
    const still = this.zoom / before;
    this.move(x - x * still, y - y * still);
    return still !== 1;
  }

  // After somebody did something: that is what ends the turning by itself.
  changed() {
    this.turn(false);
    const words = `Seen from the ${side(directions(this.yaw, this.pitch).towards)}.`;
    if (this.status.textContent !== words) this.status.textContent = words;
    this.ask();
  }

  turn(turning) {
    this.turning = turning;
    this.pause.textContent = turning ? "Pause" : "Turn by itself";
    this.last = null;
    this.ask();
  }

  // Where a pointer is: from the middle, to the right and up, in halves of the smaller side.
  point({ clientX, clientY }) {
    const { left, top, width, height } = this.canvas.getBoundingClientRect();
    const half = Math.min(width, height) / 2;
    return [(clientX - left - width / 2) / half, (top + height / 2 - clientY) / half];
  }

  // One pointer turns, with Shift it moves; two move and zoom.
  drag(pointers, event) {
    if (!pointers.has(event.pointerId)) return;
    const middle = () => [0, 1].map((axis) => [...pointers.values()].reduce((sum, at) => sum + at[axis], 0) / pointers.size);
    const spread = () => [...pointers.values()].reduce((sum, at) => sum + Math.hypot(at[0] - middle()[0], at[1] - middle()[1]), 0);
    const before = [middle(), spread()];
    pointers.set(event.pointerId, this.point(event));
    const [x, y] = middle().map((part, axis) => part - before[0][axis]);
    if (pointers.size === 1 && !event.shiftKey) return this.rotate(x / 2, y / 2);
    this.move(x, y);
    if (before[1] > 0) this.zoomBy(spread() / before[1], ...middle());
  }

  // A wheel scrolls the page unless somebody means the canvas, and where there is nothing more to zoom.
  wheel(event) {
    if (!event.ctrlKey && this.canvas !== document.activeElement) return;
    const pixels = event.deltaY * (event.deltaMode ? 16 : 1);
    // A pinch on a touchpad is a wheel with Ctrl, in small steps.
    const zoomed = this.zoomBy(Math.exp(-between(-100, pixels, 100) / (event.ctrlKey ? 100 : 400)), ...this.point(event));
    if (zoomed || event.ctrlKey) event.preventDefault();
  }

  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const arrow = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (arrow && event.shiftKey) this.move(...arrow.map((part) => part / 8));
    else if (arrow) this.rotate(...arrow.map((part) => part / 24));
    else if (["+", "="].includes(event.key)) this.zoomBy(1.25);
    else if (["-", "_"].includes(event.key)) this.zoomBy(0.8);
    else if (event.key === "0" || event.key === "Home") this.reset();
    else return;
    event.preventDefault();
  }

  // Draws soon, if anybody can see it: there is no frame without a change.
  ask() {
    if (this.frame || !this.painter || !this.inSight || document.hidden) return;
    this.frame = requestAnimationFrame((now) => {
      this.frame = 0;
      if (this.turning) {
        // 12 degrees a second; after a pause, from where it was.
        this.yaw -= (Math.min(100, now - (this.last ?? now)) / 1000) * (Math.PI / 15);
        this.last = now;
        this.ask();
      }
      this.draw();
    });
  }

  draw() {
    const view = directions(this.yaw, this.pitch);
    this.painter.draw({ ...view, centre: this.centre, zoom: this.zoom });
    const { right, up } = view;
    [right.map((part) => -part), right, up, up.map((part) => -part)].forEach((direction, edge) => {
      this.letters[edge].textContent = side(direction);
    });
  }
}

// Viewers come with the page and with what is put into it later, and go with it.
function look() {
  if (open && !open.figure.isConnected) open.close();
  for (const figure of document.querySelectorAll("figure.viewer[data-mesh]:not([data-state])")) {
    const viewer = new Viewer(figure);
    const sparing = stillness.matches || navigator.connection?.saveData;
    if ("auto" in figure.dataset && !sparing && !open) viewer.open();
  }
}
look();
new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
