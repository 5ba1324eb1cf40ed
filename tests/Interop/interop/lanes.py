"""Runs parts in processes of their own, several at a time: most of their time they wait for timeouts."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

ALONE = ("clusters", "disks", "hostile", "quotas")
"""Parts that hold a broker to what the machine gives it: they have the machine for themselves."""

COUNT = re.compile(r"(\d+) passed, (\d+) failed, (\d+) skipped")


def run(parts: Iterable[str], at_once: int) -> int:
    """Runs parts and prints what each says when it is over; 0 when all of it passed."""
    together = [part for part in parts if part not in ALONE]
    with ThreadPoolExecutor(at_once) as lanes:
        counts = list(lanes.map(run_one, together))
    counts += [run_one(part) for part in parts if part in ALONE]
    passed, failed, skipped = (sum(column) for column in zip(*counts))
    print(f"\n{passed} passed, {failed} failed, {skipped} skipped")
    return 0 if failed == 0 else 1


def run_one(part: str) -> tuple[int, int, int]:
    """Runs one part; what ends without a count has failed."""
    begun = time.monotonic()
    done = subprocess.run([sys.executable, "-m", __package__, part], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors="replace", check=False)
    lines = done.stdout.rstrip().splitlines()
    count = COUNT.fullmatch(lines[-1]) if lines else None
    told = lines[:-1] if count else [*lines, f"FAIL  {part} ended without a count, with exit code {done.returncode}"]
    print("\n".join([*told, f"part  {part:<88} {time.monotonic() - begun:6.2f} s"]), flush=True)
    return tuple(map(int, count.groups())) if count else (0, 1, 0)
