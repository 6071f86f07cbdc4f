// Reads a compact file of meshes and draws it with WebGL 2. The format is described in crates/segmentation-mesh/src/compact.rs.
// Loaded by viewer.js once somebody wants to see one.

// By the number of a part's kind in the file. The colours are those of the pictures; of Okabe and Ito where parts are told apart.
const KINDS = [
  { words: "Prediction (ivory)", colour: [255, 246, 224] },
  { words: "Reference (ivory)", colour: [255, 246, 224] },
  { words: "Agreement (white): in both", colour: [236, 232, 220] },
  { words: "False positive (orange): only in the prediction", colour: [230, 159, 0] },
  { words: "False negative (blue): only in the reference", colour: [86, 180, 233] },
];
const GROUND = [13, 15, 20];
const MOST = { parts: 3, vertices: 400000, triangles: 1000000 };

const VERTEX = `#version 300 es
uniform mat3 turn;
uniform vec3 target;
uniform float radius;
uniform vec2 scale;
uniform float behind;
layout(location = 0) in vec3 place;
layout(location = 1) in vec3 normal;
out vec3 facing;
out float near;
void main() {
  // x to the right, y up, z towards the viewer; the tree within 2 of the target.
  vec3 seen = turn * (place - target) / radius;
  facing = turn * normal;
  near = clamp(0.5 + 0.5 * seen.z, 0.0, 1.0);
  gl_PointSize = 1.5;
  gl_Position = vec4(seen.xy * scale, -0.25 * (seen.z - behind), 1.0 - 0.25 * seen.z);
}`;
const FRAGMENT = `#version 300 es
precision highp float;
uniform vec3 colour;
uniform vec3 ground;
in vec3 facing;
in float near;
out vec4 shade;
void main() {
  // Seen from behind it is as bright as from in front; triangles without an area face the viewer.
  vec3 normal = normalize((facing.z < 0.0 ? -facing : facing) + vec3(0.0, 0.0, 1e-4));
  float light = 0.3 + 0.7 * max(0.0, dot(normal, normalize(vec3(-0.3, 0.4, 0.85))));
  shade = vec4(mix(ground, colour * light, 0.4 + 0.6 * near), 1.0);
}`;

// What went wrong, in words for the page.
class Refusal extends Error {
  name = "Refusal";
}

const broken = () => new Refusal("the file is broken");

// Numbers in LEB128, one after the other.
class Numbers {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  next() {
    for (let value = 0, shift = 0; shift < 28 && this.at < this.bytes.length; shift += 7) {
      const byte = this.bytes[this.at++];
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
    throw broken();
  }
}

export function decode(buffer) {
  const data = new DataView(buffer);
  if (data.byteLength < 40 || data.getUint32(0) !== 0x564d5348) throw new Refusal("the answer is not a mesh");
  const count = data.getUint16(6, true);
  if (data.getUint16(4, true) !== 1 || count < 1 || count > MOST.parts) throw new Refusal("the file is of another version");
  const heads = Array.from({ length: count }, (_, part) =>
    [0, 4, 8, 12, 16].map((at) => data.getUint32(40 + 20 * part + at, true)));
  const sum = (column) => heads.reduce((sum, head) => sum + head[column], 0);
  if (sum(1) > MOST.vertices || sum(2) > MOST.triangles) throw new Refusal("the mesh is too large");
  const part = (at, [kind, vertices, triangles, codes, residuals]) => {
    const places = Array.from({ length: 3 }, () => new Int32Array(vertices));
    const residual = new Numbers(new Uint8Array(buffer, at + codes, residuals));
    for (const axis of places) axis.forEach((_, vertex) => { axis[vertex] = residual.next(); });
    const indices = grow(places, vertices, triangles, new Numbers(new Uint8Array(buffer, at, codes)));
    return { kind: KINDS[kind] ?? KINDS[0], indices, places: fours(Uint16Array, places), facing: facing(places, indices) };
  };
  let at = 40 + 20 * count;
  if (at + sum(3) + sum(4) !== data.byteLength) throw broken();
  const parts = heads.map((head) => {
    at += head[3] + head[4];
    return part(at - head[3] - head[4], head);
  });
  return { parts, ...ball(parts) };
}

// The triangles' vertices. Residuals become places, in steps of the file's grid. Everything here runs some hundred thousand times.
function grow([x, y, z], vertices, triangles, codes) {
  const indices = new Uint32Array(3 * triangles);
  const gates = [];
  let known = 0;
  let end = 0;

  // The vertex of a code; a new one is near a + b − c.
  const corner = (code, a, b, c) => {
    if (code < 1 || code > known + 1 || (code === 1 && known === vertices)) throw broken();
    if (code > 1) return known + 1 - code;
    for (const axis of [x, y, z]) {
      const residual = axis[known];
      const guess = known ? axis[a] + axis[b] - axis[c] : 0;
      axis[known] = guess + ((residual >>> 1) ^ -(residual & 1));
    }
    return known++;
  };
  const place = (a, b, c) => {
    if (end === indices.length) throw broken();
    indices[end++] = a;
    indices[end++] = b;
    indices[end++] = c;
  };
  while (gates.length || end < indices.length) {
    if (gates.length) {
      const c = gates.pop();
      const b = gates.pop();
      const a = gates.pop();
      const code = codes.next();
      if (!code) continue;
      const v = corner(code, a, b, c);
      place(b, a, v);
      gates.push(a, v, b, v, b, a);
    } else {
      // Where one begins anew, its corners are near the vertex before.
      const next = () => corner(codes.next(), known - 1, known - 1, known - 1);
      const [a, b, c] = [next(), next(), next()];
      place(a, b, c);
      gates.push(a, b, c, b, c, a, c, a, b);
    }
  }
  return indices;
}

// Smooth normals: the sum over the triangles around a vertex, large ones counting more.
function facing([x, y, z], indices) {
  const sums = [x, y, z].map((axis) => new Float32Array(axis.length));
  const [sx, sy, sz] = sums;
  for (let at = 0; at < indices.length; at += 3) {
    const [a, b, c] = [indices[at], indices[at + 1], indices[at + 2]];
    const [ux, uy, uz] = [x[b] - x[a], y[b] - y[a], z[b] - z[a]];
    const [vx, vy, vz] = [x[c] - x[a], y[c] - y[a], z[c] - z[a]];
    for (const vertex of [a, b, c]) {
      sx[vertex] += uy * vz - uz * vy;
      sy[vertex] += uz * vx - ux * vz;
      sz[vertex] += ux * vy - uy * vx;
    }
  }
  for (let at = 0; at < sx.length; at++) {
    const scale = 32767 / (Math.hypot(sx[at], sy[at], sz[at]) || 1);
    for (const sum of sums) sum[at] *= scale;
  }
  return fours(Int16Array, sums);
}

// (x, y, z) and a filler for each vertex: graphics cards like vertices that begin at whole words.
function fours(Kind, axes) {
  const all = new Kind(4 * axes[0].length);
  axes.forEach((axis, at) => axis.forEach((part, vertex) => { all[4 * vertex + at] = part; }));
  return all;
}

// The middle of the box around all parts, and how far the farthest vertex is from it.
function ball(parts) {
  const [low, high] = [[65535, 65535, 65535], [0, 0, 0]];
  const each = (visit) => parts.forEach(({ places }) => {
    for (let at = 0; at < places.length; at += 4) visit(places, at);
  });
  each((places, at) => {
    for (let axis = 0; axis < 3; axis++) {
      low[axis] = Math.min(low[axis], places[at + axis]);
      high[axis] = Math.max(high[axis], places[at + axis]);
    }
  });
  if (low[0] > high[0]) throw new Refusal("the mesh is empty");
  const [x, y, z] = low.map((part, axis) => (part + high[axis]) / 2);
  let radius = 1;
  each((places, at) => { radius = Math.max(radius, Math.hypot(places[at] - x, places[at + 1] - y, places[at + 2] - z)); });
  return { middle: [x, y, z], radius };
}

// Without a graphics card the browser draws by itself, and smooth edges would take it three times as long.
function isSlow(gl) {
  const name = gl.getParameter(gl.RENDERER);
  // Chromium has this for all of them, and the real one elsewhere.
  const info = name === "WebKit WebGL" && gl.getExtension("WEBGL_debug_renderer_info");
  return /SwiftShader|llvmpipe|softpipe|Software|Basic Render/.test(info ? gl.getParameter(info.UNMASKED_RENDERER_WEBGL) : name);
}

// An empty canvas and its context, which holds all there is to free.
function easel(antialias) {
  const canvas = document.createElement("canvas");
  const gl = canvas.getContext("webgl2", { alpha: false, antialias });
  if (!gl) throw new Refusal("this browser has no WebGL 2 to draw with");
  const free = () => gl.getExtension("WEBGL_lose_context")?.loseContext();
  if (!antialias || !isSlow(gl)) return { canvas, gl, free };
  free();
  return easel(false);
}

// What draws a mesh, on a canvas of its own.
export function painter(mesh) {
  const { canvas, gl, free } = easel(true);
  const program = gl.createProgram();
  for (const [kind, text] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Refusal("the graphics card does not draw it");
  gl.useProgram(program);
  const uniform = (name) => gl.getUniformLocation(program, name);
  const [turn, target, scale, behind, colour] = ["turn", "target", "scale", "behind", "colour"].map(uniform);
  const shades = (colour) => colour.map((part) => part / 255);
  gl.uniform1f(uniform("radius"), mesh.radius);
  gl.uniform3fv(uniform("ground"), shades(GROUND));
  gl.clearColor(...shades(GROUND), 1);
  gl.enable(gl.DEPTH_TEST);
  const fill = (kind, data) => {
    gl.bindBuffer(kind, gl.createBuffer());
    gl.bufferData(kind, data, gl.STATIC_DRAW);
  };
  const arrays = mesh.parts.map(({ places, facing, indices }) => {
    const array = gl.createVertexArray();
    gl.bindVertexArray(array);
    fill(gl.ARRAY_BUFFER, places);
    gl.vertexAttribPointer(0, 3, gl.UNSIGNED_SHORT, false, 8, 0);
    fill(gl.ARRAY_BUFFER, facing);
    gl.vertexAttribPointer(1, 3, gl.SHORT, true, 8, 0);
    [0, 1].forEach((at) => gl.enableVertexAttribArray(at));
    fill(gl.ELEMENT_ARRAY_BUFFER, indices);
    return { array, vertices: places.length / 4, corners: indices.length };
  });
  const draw = ({ right, up, towards, centre, zoom }) => {
    // More than two pixels to a unit of the page costs time and shows nothing.
    const density = Math.min(2, devicePixelRatio);
    const [width, height] = [canvas.clientWidth, canvas.clientHeight].map((side) => Math.max(1, Math.round(side * density)));
    // Setting a size clears the canvas, even to the same.
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    gl.viewport(0, 0, width, height);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    // By columns: where each axis goes.
    gl.uniformMatrix3fv(turn, false, [0, 1, 2].flatMap((axis) => [right[axis], up[axis], towards[axis]]));
    gl.uniform3fv(target, mesh.middle.map((part, axis) => part + centre[axis] * mesh.radius));
    const least = Math.min(width, height);
    gl.uniform2f(scale, (0.95 * zoom * least) / width, (0.95 * zoom * least) / height);
    arrays.forEach(({ array, vertices, corners }, part) => {
      if (mesh.parts[part].hidden) return;
      gl.bindVertexArray(array);
      gl.uniform3fv(colour, shades(mesh.parts[part].kind.colour));
      gl.uniform1f(behind, 0);
      gl.drawElements(gl.TRIANGLES, corners, gl.UNSIGNED_INT, 0);
      // Vessels thinner than a pixel would be gaps: their vertices are dots. They lie deeper, so that no wall is dotted with another.
      gl.uniform1f(behind, 0.02);
      gl.drawArrays(gl.POINTS, 0, vertices);
    });
  };
  return { canvas, draw, free };
}
