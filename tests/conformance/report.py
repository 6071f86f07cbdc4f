"""The tables of files in docs/conformance.md, and what is wrong with them."""

from dataclasses import dataclass

import corpus

HEAD = """# Which files are read

Made by `tests/conformance/run.py`, which says how to repeat it. For every file: whether each installed reader takes it, and what
this program does, either accept it or refuse it with a code. `yes` means taken with the voxels that are meant (foreground: values
above 0.5), `other` taken with other voxels or another shape, `-` refused, `n/a` read, but not as a volume of plain numbers. The last column says why, where the
readers disagree or this program differs from the union of them; "union" means that one reader takes it, so it is taken.

The rules in short:

- A file that one reader accepts is accepted, with that reader's voxels, unless one of the following rules excludes it.
- Only the file itself is read: a reference to a data file is refused, also in a `key:=value` pair, where pynrrd follows it.
- A field is read with all of its text. `sizes: 4.0` is 4, but `4.9`, `4e1` and `dimension: 3 4`, which the readers read as different numbers, are refused.
- `key:=value` is never a field. In pynrrd it is, with its value.
- Checksums and lengths of gzip, bzip2 and zip must match to the end. Teem and ITK accept a wrong gzip length, and raw voxels instead of gzip; all accept half a gzip trailer.
- Numbers written as text must be of the type. All readers wrap 256 around to 0 in 8 bits; Teem and ITK read `1e-3` as 1 there, and here it is 0.
- Missing voxels at the end are not filled from the header's text, as all three readers do with `byte skip: -1`.
- A volume has three axes. Sizes are not zero and don't overflow; they limit how much is decompressed and how much may follow the voxels.
- `kinds` is ignored. ITK turns a list or a vector into pixels of several components.
- An NPZ is a zip with one `.npy` in it, whose header has the form that array writers produce, not any Python expression that evaluates to it.

"""


@dataclass(frozen=True)
class Row:
    file: corpus.File
    meant: str
    stated: str
    ours: str
    readers: dict

    def verdict(self, reader):
        """`-`, `n/a`, `yes`, or `other`: voxels that differ from what is meant."""
        found = self.readers[reader]
        if found.startswith("refused"):
            return "-"
        if found.startswith("not"):
            return "n/a"
        return "yes" if found == self.meant else "other"

    def verdicts(self):
        return [self.verdict(reader) for reader in self.readers]

    def needs_reason(self):
        """Beyond the rule that what one reader takes is taken."""
        verdicts = self.verdicts()
        taken = any(verdict != "-" for verdict in verdicts)
        if self.file.refused:
            return taken
        return "yes" not in verdicts or "other" in verdicts or "n/a" in verdicts

    def faults(self):
        name = self.file.name
        if self.ours != self.stated:
            yield f"{name}: stated `{self.stated}`, found `{self.ours}`; {self.readers}"
        if self.needs_reason() and not self.file.why:
            yield f"{name}: no reason for `{self.stated}`; {self.readers}"

    def choice(self):
        if self.needs_reason():
            return self.file.why
        return "union" if "-" in self.verdicts() and not self.file.refused else ""


def document(rows):
    parts = [HEAD, summary(rows), "\n"]
    for title, extension in [("NRRD", ".nrrd"), ("NPZ", ".npz")]:
        chosen = [row for row in rows if row.file.name.endswith(extension)]
        names = list(chosen[0].readers)
        parts += [f"\n## {title}\n\n", table(["file", "what it is", *names, "asoca", "choice"])]
        parts.append("|" + "---|" * (len(names) + 4) + "\n")
        for row in chosen:
            ours = f"`{row.file.refused}`" if row.file.refused else "accepted"
            parts.append(
                table([row.file.name.removesuffix(extension), row.file.what, *row.verdicts(), ours, row.choice()])
            )
    return "".join(parts)


def table(cells):
    return "| " + " | ".join(printable(cell.replace("|", "\\|")) for cell in cells) + " |\n"


def printable(text):
    return "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in text)


def summary(rows):
    lines = []
    for title, extension in [("NRRD", ".nrrd"), ("NPZ", ".npz")]:
        chosen = [row for row in rows if row.file.name.endswith(extension)]
        accepted = sum(not row.file.refused for row in chosen)
        disagree = sum(len({verdict == "-" for verdict in row.verdicts()}) > 1 for row in chosen)
        stricter = sum(bool(row.file.refused) and any(verdict != "-" for verdict in row.verdicts()) for row in chosen)
        wider = sum(not row.file.refused and all(verdict == "-" for verdict in row.verdicts()) for row in chosen)
        other = sum(not row.file.refused and "other" in row.verdicts() for row in chosen)
        counts = [
            f"{accepted} accepted",
            f"{len(chosen) - accepted} refused",
            f"{stricter} refused that a reader takes",
            f"{wider} accepted that none takes",
            f"{other} accepted in which a reader sees other voxels",
        ]
        if len(chosen[0].readers) > 1:
            counts.append(f"{disagree} on which the readers disagree")
        lines.append(f"{len(chosen)} {title} files: {', '.join(counts)}.")
    return "\n".join(f"- {line}" for line in lines) + "\n"
