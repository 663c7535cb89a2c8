"""The drug library on the host: read, shown, checked against programs, and turned into the file that the pump reads.

A program is judged by the firmware's own library.py, here as on the pump; here it is only told earlier.
"""

from __future__ import annotations

from binascii import crc32
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

from picoinfuse_firmware import library as firmware

from . import library_file
from .errors import BadInput, Refused
from .library_file import SIDES, LibraryFile
from .library_words import MEANS, limit_words
from .options import Option
from .program import Program
from .status import explain

SHIPPED = "teaching"  # the name of the library that comes with the package


@dataclass(frozen=True)
class Library:
    """A drug library as it was read. drugs: name -> the firmware's Drug, in whole numbers. For teaching only."""

    file: LibraryFile
    drugs: dict[str, Any]

    @staticmethod
    def read(name: str | Path = SHIPPED) -> Library:
        """Return the shipped library, or the one in a TOML file. Raises BadInput."""
        if str(name) == SHIPPED:
            text = (files(__package__) / "libraries" / f"{SHIPPED}.toml").read_text(encoding="utf-8")
        else:
            text = library_file.text_of(Path(name))
        return Library.parse(text, str(name))

    @staticmethod
    def parse(text: str, where: str = "library") -> Library:
        """Return the library that a TOML text describes; `where` begins every message. Raises BadInput."""
        library = Library(*library_file.parse(text, where))
        if (problem := firmware.Library(library.text.splitlines(keepends=True)).problem) != "":
            raise BadInput(f"{where}: the pump could not read it ({problem}); has one drug very many limits?")
        return library

    @property
    def version(self) -> str:
        """Its version, a word."""
        return self.file.version

    @cached_property
    def text(self) -> str:
        """The file for the pump."""
        rows = [" ".join([*firmware.HEAD, self.version])]
        rows += [_row(drug) for drug in self.drugs.values()]
        text = "".join(f"{row}\n" for row in rows)
        return f"{text}check {crc32(text.encode()):08x}\n"

    @property
    def check(self) -> int:
        """The check value that program and pump know it by."""
        return int(self.text.split()[-1], 16)

    def attached(self, program: Program, override: str = "", parameters: Iterable[str] = ()) -> Program:
        """Return the program as one that was made with this library, which is what a pump with a library asks for.

        override: why a person passes the soft limits of `parameters` (default: all that the program breaks), one word.
        Raises Refused for what it may not order, with what could be done; BadInput for what is no reason.
        """
        made = Option.library(self.version, self.check)
        if not override:
            return self._judged(program.with_options(made))
        chosen = list(parameters)
        while True:
            passed = [Option.override(override, chosen)] if chosen else []
            try:
                return self._judged(program.with_options(made, *passed))
            except Refused as refusal:
                kind, _, parameter = refusal.reason.partition(".")
                if kind != "soft_limit" or parameters or parameter in chosen:
                    raise
                chosen.append(parameter)

    def _judged(self, program: Program) -> Program:
        """Return the program. Raises Refused for what the pump would refuse by this library."""
        no, _ = firmware.judge(self.text.splitlines(keepends=True), program.compiled)
        if no:
            raise program.explained(Refused(no[0], no[1], no[2], explain(*no)))
        return program

    def lines(self, names: Iterable[str] = ()) -> list[str]:
        """Return it as lines to read; names: only these drugs. Raises BadInput for one that is not there."""
        chosen = list(names) or list(self.drugs)
        for name in chosen:
            if name not in self.drugs:
                raise BadInput(f"drug = {name!r}: is not in library {self.version}; it has {', '.join(self.drugs)}")
        said = [
            f"Drug library {self.version}, check value {self.check:08x}; {self.file.pharmacist}",
            *([self.file.note] if self.file.note else []),
            "For teaching only. Beyond a soft limit a reason is needed, beyond a hard one nothing helps.",
        ]
        for name in chosen:
            table, drug = self.file.drugs[name], self.drugs[name]
            said += ["", f"{name}  {', '.join(table.concentrations)}", f"  source: {table.source}"]
            said += [f"  note:   {table.note}"] if table.note else []
            for parameter, numbers in drug.limits.items():
                parts = [
                    f"{side.replace('_', ' ')} {limit_words(parameter, number, drug.unit)}"
                    for side, number in zip(SIDES, numbers, strict=True)
                    if number != firmware.NONE
                ]
                said.append(f"  {MEANS[parameter]}: {', '.join(parts)}")
        return said


def _row(drug: Any) -> str:
    words = ["drug", f"{drug.name}.{drug.unit}"]
    words.append("conc=" + ",".join(f"{amount}/{nl}" for amount, nl in drug.concentrations))
    for parameter, numbers in drug.limits.items():
        words.append(f"{parameter}=" + ",".join("-" if n == firmware.NONE else str(n) for n in numbers))
    return " ".join(words)
