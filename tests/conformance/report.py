"""The table of docs/conformance.md, and what is wrong with it."""

from dataclasses import dataclass

import corpus

HEAD = """# Which files are read

Made by `tests/conformance/run.py`, which says how to repeat it. For every file: whether each installed reader takes it, and what
this program does, either accept it or refuse it with a code. `yes` means taken with the same voxels as stated (foreground: values above 0.5),
`other` taken with other voxels, `-` refused, `n/a` read, but not as a volume of plain numbers. The last column says why, where the
readers disagree or this program differs from the union of them; "union" means that one reader takes it, so it is taken.

"""


@dataclass(frozen=True)
class Row:
    file: corpus.File
    stated: str
    ours: str
    readers: dict

    def verdict(self, reader):
        """`-`, `n/a`, `yes`, or `other`: voxels that differ from what is stated."""
        found = self.readers[reader]
        if found.startswith("refused"):
            return "-"
        if found.startswith("not"):
            return "n/a"
        if self.file.refused or found == self.stated:
            return "yes"
        return "other"

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
            parts.append(table([row.file.name.removesuffix(extension), row.file.what, *row.verdicts(), ours, row.choice()]))
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
        line = f"{len(chosen)} {title} files: {accepted} accepted, {len(chosen) - accepted} refused; {stricter} refused that a reader takes, {wider} accepted that none takes"
        lines.append(line + (f"; the readers disagree on {disagree}." if len(chosen[0].readers) > 1 else "."))
    return "\n".join(f"- {line}" for line in lines) + "\n"
