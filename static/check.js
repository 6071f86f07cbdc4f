// Looks at chosen files before they are sent: their names, and the shapes in the headers of NRRDs, against the cases of
// the phase. It says what the server would say, never holds anything up, and is silent on what it can't know.

const FORMATS = [
  [".nii.gz", "NIfTI (.nii.gz)"], [".nii", "NIfTI (.nii)"], [".nhdr", "a detached NRRD header (.nhdr)"],
  [".mha", "MetaImage (.mha)"], [".mhd", "a MetaImage header (.mhd)"], [".npy", "a bare NumPy array (.npy)"],
  [".dcm", "DICOM (.dcm)"], [".vtk", "VTK (.vtk)"], [".mat", "MATLAB (.mat)"], [".nrrd.gz", "a gzipped NRRD (.nrrd.gz)"],
];
const FROM_ONE = "Case numbers start at 0, and your files seem to start at 1. Rename each to one less: 1.nrrd becomes 0.nrrd.";
const SLICER = 'In 3D Slicer, export it as a label map in the Segmentations module: "Export to files" with file format NRRD, and the CT as reference volume, so that it has the CT\'s shape; then name it by its case id.';

// The files below the folders that all are in, without what operating systems leave behind.
function withoutFolders(files) {
  const slashed = files.map((file) => ({ ...file, name: file.name.replaceAll("\\", "/") }));
  const isLeft = (name) => /(^|\/)(__MACOSX\/|\._[^/]*$|(\.DS_Store|Thumbs\.db|desktop\.ini)$)/i.test(name);
  const meant = slashed.filter(({ name }) => !isLeft(name));
  const parts = meant.map(({ name }) => name.split("/").filter((part) => part && part !== "."));
  const [first = []] = parts;
  let root = 0;
  while (parts.length && parts.every((own) => own.length > root + 1 && own[root] === first[root])) root += 1;
  return meant.map((file, at) => ({ ...file, parts: parts[at].slice(root) }));
}

// The number, or other id, that a volume is called by.
function stemOf(parts) {
  const [, stem] = (parts.length === 1 && /^(.*)\.(nrrd|npz)$/i.exec(parts[0])) || [];
  return stem;
}

const before = (id) => (/^[1-9]\d{0,8}$/.test(id) ? String(id - 1) : undefined);
const plain = (stem) => (/^\d+$/.test(stem) ? stem.replace(/^0+(?=\d)/, "") : stem);

function stranger(file, ids) {
  const name = file.parts.at(-1) ?? "";
  const lower = name.toLowerCase();
  const of = (found, many, hint, isVolume = true) => ({
    rank: 2, file: file.name, one: "A file belongs to no case.", many, found, hint, isVolume, key: found,
    expected: "<case id>.nrrd or <case id>.npz, one for each case", stem: plain(name.split(".")[0]),
  });
  const [ending, format] = FORMATS.find(([known]) => lower.endsWith(known)) ?? [];
  if (format) return of(format, `files are ${several(format)}`, conversion(ending));
  if (lower.endsWith(".seg.nrrd")) return of("a 3D Slicer segmentation (.seg.nrrd)", "files are 3D Slicer segmentations (.seg.nrrd)", SLICER);
  if (/\.(zip|tar|gz|tgz|7z|rar)$/.test(lower)) {
    return of("an archive in the archive", "files are archives in the archive", "Put the cases' files into one zip directly.", false);
  }
  const stem = stemOf([name]);
  if (file.parts.length > 1 && ids.has(stem)) {
    return of("a file in a folder that other files are not in", "files are in folders that other files are not in", "Put all files at the top of the archive, or all into one folder.");
  }
  if (ids.has(plain(stem ?? ""))) {
    return of("a number with leading zeros", "files have leading zeros in their names", "Name them without leading zeros: 00.nrrd becomes 0.nrrd.");
  }
  return of("a name of no case", "files belong to no case", "Name each file by its case id, or leave it out.", stem !== undefined);
}

function several(format) {
  return format.replace(/^an? (.*?)( \(.*)?$/, (_, noun, rest = "") => `${noun}s${rest}`);
}

function conversion(ending) {
  const known = {
    ".npy": 'Save as NPZ: numpy.savez_compressed("0.npz", numpy.load("0.npy")).',
    ".mat": 'Load with SciPy or h5py, and save with numpy.savez_compressed("0.npz", mask).',
    ".nhdr": "Save header and voxels as one file with the extension .nrrd.",
    ".mhd": "Save header and voxels as one file with the extension .nrrd.",
    ".nrrd.gz": "Unpack: gunzip 0.nrrd.gz. An NRRD with encoding gzip has about the same size.",
  };
  return known[ending] ?? `Convert to NRRD, for instance with SimpleITK: sitk.WriteImage(sitk.ReadImage("0${ending}"), "0.nrrd", True).`;
}

function wrongVolume(file, { kind, shape, isCut }, wanted) {
  const of = (rank, one, many, expected, found, hint) => ({ rank, file, one, many, expected, found, hint });
  const words = (sizes) => sizes.join(" x ");
  if (kind) {
    const many = { "an empty file": "files are empty", "a file of another kind": "files are not NRRD" }[kind] ?? `files are ${several(kind)}, not NRRD`;
    return { key: kind, ...of(6, "The file is not an NRRD.", many, "an NRRD file, which starts with NRRD0001 to NRRD0005", kind,
      "Renaming a file does not convert it. Save the segmentation in the format its name says.") };
  }
  if (shape.length !== 3) {
    return of(7, "A segmentation does not have three axes.", "segmentations do not have three axes", "3 axes: x, y, z", `${shape.length} axes`,
      "Save one label for each voxel of the whole volume: no channels, no batch.");
  }
  if (words(shape) === words(wanted)) return null;
  const one = "A segmentation has another shape than its case.";
  const told = (many, hint) => of(7, one, many, words(wanted), words(shape), hint);
  if (isCut) return told("segmentations were cut to their segments by 3D Slicer", SLICER);
  if (words([...shape].reverse()) === words(wanted)) {
    return told("segmentations have the axes of their cases in reverse order",
      "The shape fits when reversed: transpose the array to (x, y, z) before saving, mask.transpose(2, 1, 0). Arrays out of SimpleITK are (z, y, x).");
  }
  return told("segmentations have another shape than their cases",
    "Resample or pad the segmentation to the voxel grid of its case's CT, and check that it belongs to that case.");
}

// What is wrong with files, and whether all of them could be looked at.
async function problemsOf(files, cases) {
  const problems = [];
  const ids = new Set(cases.map(({ id }) => id));
  const named = withoutFolders(files);
  const byCase = new Map(cases.map(({ id }) => [id, named.filter(({ parts }) => stemOf(parts) === id)]));
  const headers = new Map();
  await Promise.all(cases.map(async ({ id }) => {
    const [file, other] = byCase.get(id);
    if (file && !other && /\.nrrd$/i.test(file.name)) headers.set(id, readHeader(await file.head().catch(() => null)));
  }));

  // A file numbered as many as there are cases, and none numbered 0; a shape that only its own case has says otherwise.
  const numbers = new Set(named.map(({ parts }) => plain(stemOf(parts) ?? "")));
  const shapes = new Map(cases.map(({ id, shape }) => [id, shape.join(" ")]));
  const isOwn = ([id, header]) => {
    const found = header?.shape?.join(" ");
    return shapes.has(before(id)) && found === shapes.get(id) && found !== shapes.get(before(id));
  };
  const fromOne = ids.has("0") && numbers.has(String(cases.length)) && !numbers.has("0") && ![...headers].some(isOwn);
  for (const file of named) {
    const stem = stemOf(file.parts);
    if (/^\/|^[a-z]:|(^|\/)\.\.(\/|$)/i.test(file.name)) {
      problems.push({ rank: 0, file: file.name, one: "A file's name points outside the archive.", many: "names of files point outside the archive",
        expected: "a name such as 0.nrrd", found: "an absolute name, or one with .. in it", hint: "Pack the files again from inside their folder." });
      continue;
    }
    const meant = fromOne && stem !== undefined ? before(plain(stem)) : undefined;
    if (ids.has(meant)) {
      problems.push({ rank: 2, key: "from one", file: file.name, one: "A file belongs to no case.", expected: `${meant}.nrrd or ${meant}.npz`, found: "a number one higher", hint: FROM_ONE });
    } else if (!ids.has(stem)) {
      problems.push(stranger(file, ids));
    }
  }
  for (const { id, shape } of cases) {
    const own = byCase.get(id);
    const [expected, header] = [`${id}.nrrd or ${id}.npz`, headers.get(id)];
    if (own.length === 0) {
      problems.push({ rank: 4, missing: id, one: "A case has no file.", many: "cases have no file", expected, found: "no such file", hint: "Every case needs exactly one file, named by its id." });
    } else if (own.length > 1) {
      problems.push({ rank: 3, file: own[0].name, one: "A case has several files.", many: "cases have several files", expected: `one file for case ${id}`, found: own.map(({ name }) => name).join(", "), hint: "Keep one for each case." });
    } else if (header) {
      const wanted = fromOne ? cases.find((other) => other.id === before(id))?.shape ?? shape : shape;
      problems.push(wrongVolume(own[0].name, header, wanted));
    }
  }
  return { problems: problems.filter(Boolean), isSure: cases.every(({ id }) => headers.get(id)) };
}

// Problems by cause, the most fundamental first. That a case has no file follows from a file that was to be it.
function causesOf(problems) {
  const causes = new Map();
  for (const problem of problems.filter(({ missing }) => missing === undefined)) {
    const key = problem.key ?? problem.hint;
    causes.set(key, [...(causes.get(key) ?? []), problem]);
  }
  const follow = new Map([...causes.keys()].map((key) => [key, []]));
  const give = (key, problem) => follow.get(key).push(problem.missing);
  let left = problems.filter(({ missing }) => missing !== undefined).filter((problem) => {
    const [key] = [...causes].find(([key, own]) => key === "from one" ? problem.missing === "0" : own.some(({ stem }) => stem === problem.missing)) ?? [];
    if (key) give(key, problem);
    return !key;
  });
  const volumes = [...causes].filter(([, own]) => own.some(({ isVolume }) => isVolume));
  if (volumes.length === 1 && volumes[0][1].length - follow.get(volumes[0][0]).length >= left.length) {
    left.forEach((problem) => give(volumes[0][0], problem));
    left = [];
  }
  if (left.length) causes.set("missing", left);
  // Files that no case misses are less of a problem than a case that misses its file.
  const rank = ([key, [{ rank }]]) => (rank === 2 && !follow.get(key).length ? 5 : rank);
  const sorted = [...causes].sort((one, other) => rank(one) - rank(other) || other[1].length - one[1].length);
  return sorted.map(([key, own]) => inWords(key, own, follow.get(key) ?? []));
}

// A cause as people read it.
function inWords(key, own, follow) {
  own.sort((one, other) => (one.file ?? "").localeCompare(other.file ?? "", "en", { numeric: true }));
  const alike = (what) => own.every((problem) => problem[what] === own[0][what]);
  const told = (problem, parts) => parts.map((part) => `${part} ${problem[part]}`).join("; ");
  const number = ({ file }) => file.split("/").at(-1).split(".")[0];
  const many = key === "from one" ? `files are named ${number(own[0])} to ${number(own.at(-1))}; case numbers start at 0` : own[0].many;
  const isMissing = own[0].missing !== undefined && own.length > 1;
  const same = ["expected", "found"].filter(alike);
  const rest = ["expected", "found"].filter((part) => !same.includes(part));
  const common = isMissing ? `expected a file for each of the cases ${runs(own.map(({ missing }) => missing))}; found none` : told(own[0], same);
  const advice = common ? `${common[0].toUpperCase()}${common.slice(1)}. ${own[0].hint}` : own[0].hint;
  const line = (problem) => [problem.file, told(problem, rest)].filter(Boolean).join(": ");
  return {
    title: own.length > 1 ? `${own.length} ${many}.` : [own[0].file, own[0].one].filter(Boolean).join(": "),
    advice,
    lines: own.length > 1 && !isMissing ? own.map(line) : [],
    consequence: follow.length > 1 ? `So ${follow.length} cases have no file: ${runs(follow)}.` : follow.length ? `So case ${follow[0]} has no file.` : "",
  };
}

// Ids in a line, numbers that follow each other as a run: 0 to 5, 7 and 9.
function runs(ids) {
  const found = [];
  for (const id of ids) {
    const last = found.at(-1);
    if (last && before(id) === last.at(-1)) last.push(id);
    else found.push([id]);
  }
  const words = found.flatMap((run) => (run.length > 2 ? [`${run[0]} to ${run.at(-1)}`] : run));
  if (words.length > 7) return `${words.slice(0, 6).join(", ")} and ${words.length - 6} more`;
  return words.length > 1 ? `${words.slice(0, -1).join(", ")} and ${words.at(-1)}` : words.join();
}

function element(name, content, ...children) {
  const made = document.createElement(name);
  made.append(...[content, ...children].filter(Boolean));
  return made;
}

function boxOf({ title, advice, lines, consequence }) {
  const list = lines.length > 0 && element("ul", null, ...lines.map((line) => element("li", line)));
  const all = lines.length > 3 ? element("details", element("summary", `Show all ${lines.length}`), list) : list;
  return element("li", element("p", element("strong", title)), element("p", advice), all, consequence && element("p", consequence));
}

async function checked(chosen, cases) {
  const list = await listed(chosen);
  if (!list) return [];
  const { problems, isSure } = list.problems ? list : await problemsOf(list.files, cases);
  if (problems.length === 0) {
    return [`${cases.length} files for ${cases.length} cases, ${isSure ? "names and shapes fit." : "names fit; the server looks into them."}`];
  }
  const boxes = element("ul", null, ...causesOf(problems).map(boxOf));
  boxes.className = "problems";
  return [element("p", "The server will probably refuse these files:"), boxes];
}

{
  const place = document.querySelector("#check");
  const input = document.querySelector("#upload [name=file]");
  let cases;
  const look = async () => {
    const chosen = [...input.files];
    const isCurrent = () => chosen.length === input.files.length && chosen.every((file, at) => file === input.files[at]);
    place.replaceChildren();
    if (!chosen.length) return;
    try {
      cases ??= (await (await fetch(`/api/v1/cases?phase=${encodeURIComponent(place.dataset.phase)}`)).json()).cases;
      const said = await checked(chosen, cases);
      if (isCurrent()) place.replaceChildren(...said);
    } catch {
      // The server decides: what can't be looked at here is sent as it is.
    }
  };
  input.addEventListener("change", look);
  // From now on it is the server that says what is wrong.
  document.addEventListener("htmx:beforeSend", () => place.replaceChildren());
  // Browsers may keep what was chosen over a reload.
  look();
}
