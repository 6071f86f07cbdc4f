// What chosen files are, from a few of their bytes: the directory of a zip, and the headers of NRRDs.

// Whatever is chosen, no more than this is looked at, in bytes but for the entries.
const MOST = { entries: 1000, directory: 1 << 20, packed: 1 << 12, header: 1 << 14 };

const MAGICS = [
  [0, "PK\x03\x04", "a zip or NPZ file"], [0, "NRRD000", "an NRRD file"], [0, "7z\xbc\xaf", "a 7z archive"],
  [0, "\x1f\x8b", "a gzip file (.gz, .tar.gz or .nii.gz)"], [0, "Rar!", "a RAR archive"], [257, "ustar", "a tar archive"],
  [344, "n+1\0", "a NIfTI file"], [0, "\x93NUMPY", "a NumPy .npy file"], [0, "ObjectType", "a MetaImage (.mha) file"],
  [128, "DICM", "a DICOM file"],
];

// Bytes as text of one character each.
async function textOf(blob) {
  return String.fromCharCode(...new Uint8Array(await blob.arrayBuffer()));
}

function looksLike(head) {
  if (!head) return "an empty file";
  const [, , kind] = MAGICS.find(([at, magic]) => head.startsWith(magic, at)) ?? [];
  return kind ?? "a file of another kind";
}

// A wrong thing with the archive as a whole.
function wholeIsWrong(one, expected, found, hint) {
  return { problems: [{ rank: 0, one, expected, found, hint }] };
}

// The files in a zip, by its directory; nothing where that is not to be understood from here.
async function filesOfZip(zip) {
  const tailAt = Math.max(0, zip.size - 22 - 0xffff);
  const tail = new DataView(await zip.slice(tailAt).arrayBuffer());
  let end = tail.byteLength - 22;
  while (end >= 0 && tail.getUint32(end, true) !== 0x06054b50) end -= 1;
  if (end < 0) return noZip(await textOf(zip.slice(0, 512)));
  const [count, length, offset] = [tail.getUint16(end + 10, true), tail.getUint32(end + 12, true), tail.getUint32(end + 16, true)];
  const start = tailAt + end - length;
  const isZip64 = count === 0xffff || length === 0xffffffff || offset === 0xffffffff;
  if (isZip64 || start < offset || length > MOST.directory) return null;
  if (count > MOST.entries) {
    return wholeIsWrong("The archive has far too many files.", `at most ${MOST.entries} entries`, `${count} entries`, "Pack only the files of the cases.");
  }
  const directory = new DataView(await zip.slice(start, start + length).arrayBuffer());
  const files = [];
  for (let at = 0, left = count; left > 0; left -= 1) {
    if (at + 46 > length || directory.getUint32(at, true) !== 0x02014b50) return null;
    const short = (place) => directory.getUint16(at + place, true);
    const next = at + 46 + short(28) + short(30) + short(32);
    if (next > length) return null;
    const name = new TextDecoder().decode(new Uint8Array(directory.buffer, at + 46, short(28)));
    const packed = directory.getUint32(at + 20, true);
    // What stands before the zip moves all of it.
    const local = directory.getUint32(at + 42, true) + start - offset;
    const [flags, method] = [short(8), short(10)];
    if (!name.endsWith("/")) files.push({ name, head: () => headInZip(zip, local, packed, flags, method) });
    at = next;
  }
  return { files };
}

function noZip(head) {
  if (head.startsWith("PK")) {
    return wholeIsWrong("The zip archive is damaged or incomplete.", "a complete zip archive", "a zip whose directory is missing or damaged",
      "The file was probably cut off while it was written or copied. Pack it again.");
  }
  return wholeIsWrong("The file is not a zip archive.", "a zip archive with one file for each case", looksLike(head),
    "Pack the files 0.nrrd, 1.nrrd, … into a .zip and upload that. Renaming another file does not make it one.");
}

async function headInZip(zip, local, packed, flags, method) {
  const head = new DataView(await zip.slice(local, local + 30).arrayBuffer());
  if (flags & 1 || head.byteLength < 30 || head.getUint32(0, true) !== 0x04034b50) return null;
  const start = local + 30 + head.getUint16(26, true) + head.getUint16(28, true);
  if (method === 0) return textOf(zip.slice(start, start + Math.min(packed, MOST.header)));
  if (method !== 8 || !window.DecompressionStream) return null;
  const stream = new DecompressionStream("deflate-raw");
  const first = stream.readable.getReader().read();
  const writer = stream.writable.getWriter();
  // Data that are cut off end in an error, after the first piece has come.
  writer.write(await zip.slice(start, start + Math.min(packed, MOST.packed)).arrayBuffer()).catch(() => {});
  writer.close().catch(() => {});
  const { value } = await first;
  return value ? textOf(new Blob([value.subarray(0, MOST.header)])) : null;
}

// One file that is no segmentation by name is taken for the zip it should be, as the server does.
async function listed(chosen) {
  if (chosen.length === 1 && !/\.(nrrd|npz)$/i.test(chosen[0].name)) return filesOfZip(chosen[0]);
  if (chosen.length > MOST.entries) return null;
  return { files: chosen.map((file) => ({ name: file.name, head: () => textOf(file.slice(0, MOST.header)) })) };
}

// The shape an NRRD states, or what else it is; nothing where the header says neither.
function readHeader(head) {
  if (head === null || head.startsWith("\xef\xbb\xbf")) return null;
  if (!head.startsWith("NRRD000")) return { kind: looksLike(head) };
  const [header] = head.split(/\r?\n\r?\n/);
  const [, sizes] = /^sizes:[ \t]*([\d \t]+)\r?$/im.exec(header) ?? [];
  return sizes ? { shape: sizes.trim().split(/\s+/).map(Number), isCut: header.includes("Segmentation_ReferenceImageExtentOffset") } : null;
}
