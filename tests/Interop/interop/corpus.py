"""A large text made of files that are on the machine: documentation, sources, manuals."""

from __future__ import annotations

import gzip
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from .broker import ROOT

SIZE = 105_000_000
LONGEST_LINE = 100_000


def folders() -> list[Path]:
    """Where text is found, in the order in which it is taken."""
    dotnet = shutil.which("dotnet")
    places = ["/usr/share/doc", "/usr/lib/python3", "/usr/lib/python3.11", "/usr/share/perl", "/usr/share/common-licenses",
              "/usr/include", "/usr/share/man", "/usr/share/vim", "/usr/share/info"]
    if dotnet:
        places.append(str(Path(dotnet).resolve().parent / "packs"))
    return [Path(place) for place in places] + [ROOT / "tests/Interop/node/node_modules"]


def texts() -> Iterator[bytes]:
    """The contents of all text files, folder by folder, sorted by path."""
    for folder in folders():
        for parent, children, names in os.walk(folder):
            children.sort()
            for name in sorted(names):
                path = Path(parent, name)
                try:
                    if path.is_symlink() or path.stat().st_size > 20_000_000:
                        continue
                    data = gzip.decompress(path.read_bytes()) if name.endswith(".gz") else path.read_bytes()
                except (OSError, EOFError, gzip.BadGzipFile):
                    continue
                if data and b"\0" not in data[:4_096]:
                    yield data


def corpus() -> Path:
    """The corpus, a line a record, no line empty; made on first use. A machine with little text has it repeated."""
    path = ROOT / "artifacts/corpus.txt"
    if path.exists() and path.stat().st_size >= SIZE:
        return path
    path.parent.mkdir(exist_ok=True)
    part = path.with_suffix(".part")
    with part.open("wb") as out:
        while out.tell() < SIZE:
            before = out.tell()
            for data in texts():
                lines = (line for line in data.replace(b"\0", b"").splitlines() if line and len(line) <= LONGEST_LINE)
                out.writelines(line + b"\n" for line in lines)
                if out.tell() >= SIZE:
                    break
            assert out.tell() > before, "no text on this machine"
    part.rename(path)
    return path
