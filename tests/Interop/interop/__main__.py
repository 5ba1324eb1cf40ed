"""usage: python3 -m interop [--at-once N] [PART...]   runs parts of the suite, all without arguments
       python3 -m interop --list                       prints every test
       python3 -m interop --coverage                   prints what each client is tested for, as the tables in README.md

With --at-once each part has a process of its own, and N of them run at a time.
Prints a line a test and closes with "N passed, N failed, N skipped".
INTEROP_BOOTSTRAP=host:port holds the clients' parts against a broker that runs already, Apache Kafka for one.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
import time
import traceback
import unittest

from . import lanes, suites
from .suite import Suite
from .suites.contract import Contract
from .suites.groups import GroupContract


class Report(unittest.TestResult):
    """A line for every test, with what the broker said when it failed."""

    def __init__(self) -> None:
        super().__init__()
        self.passed = 0
        self.bad = 0
        self.left_out = 0
        self.started = 0.0

    def startTest(self, test):
        super().startTest(test)
        self.started = time.monotonic()

    def line(self, verdict: str, test: unittest.TestCase, more: str = "") -> None:
        seconds = time.monotonic() - self.started
        name = f"{test.part}.{test._testMethodName}" if isinstance(test, Suite) else str(test)
        print(f"{verdict:<5} {name:<88} {seconds:6.2f} s{more}", flush=True)

    def addSuccess(self, test):
        self.passed += 1
        self.line("ok", test)

    def addSkip(self, test, reason):
        self.left_out += 1
        self.line("skip", test, f"  {reason}")

    def addFailure(self, test, err):
        self.bad += 1
        # Whoever sees but the verdicts is told why in the line itself.
        why = " ".join("".join(traceback.format_exception_only(*err[:2])).split())
        self.line("FAIL", test, f"  {why[:300]}")
        trace = traceback.format_exception(*err)
        print("".join("      " + line for part in trace for line in part.splitlines(True)))
        broker = getattr(type(test), "broker", None) or getattr(type(test), "cluster", None)
        if broker is not None:
            print("      the broker's log ends:")
            print("".join(f"      | {line}\n" for line in broker.tail_of_log().splitlines()), flush=True)

    addError = addFailure


def all_suites() -> list[type[Suite]]:
    """Every suite, in the order of the modules' names."""
    found: list[type[Suite]] = []
    for module in pkgutil.iter_modules(suites.__path__):
        found += importlib.import_module(f"{suites.__name__}.{module.name}").SUITES
    return found


def tests_of(suite: type[Suite]) -> list[str]:
    """The names of a suite's tests, in the order in which they are written."""
    names = dict.fromkeys(name for base in reversed(suite.__mro__) for name in vars(base) if name.startswith("test_"))
    written = list(names)
    # A test that was multiplied stands where its pattern was written.
    return sorted((name for name in names if callable(getattr(suite, name))),
                  key=lambda name: written.index(name.split("[")[0]))


def coverage(contract: type[Suite], title: str) -> str:
    """A list that all clients share, with the number of tests that each of them takes."""
    clients = [suite for suite in all_suites() if issubclass(suite, contract)]
    counts: dict[str, list[int]] = {}
    for column, suite in enumerate(clients):
        for name in tests_of(suite):
            row = counts.setdefault(name.split("[")[0].removeprefix("test_"), [0] * len(clients))
            row[column] += 1
    names = " | ".join(suite.maker.name for suite in clients)
    lines = [f"| {title} | {names} |", "|---|" + "---|" * len(clients)]
    for name, row in counts.items():
        lines.append(f"| {name.replace('_', ' ')} | " + " | ".join(str(count or "") for count in row) + " |")
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Runs what is asked for; 0 when all of it passed."""
    chosen = all_suites()
    if arguments == ["--list"]:
        for suite in chosen:
            print("\n".join(f"{suite.part}.{name}" for name in tests_of(suite)))
        return 0
    if arguments == ["--coverage"]:
        print(coverage(Contract, "a client"), coverage(GroupContract, "in a group"), sep="\n\n")
        return 0
    if arguments[:1] == ["--at-once"]:
        parts = arguments[2:] or dict.fromkeys(suite.part for suite in chosen)
        return lanes.run(parts, int(arguments[1]))
    # PART or PART.text: the tests of a part whose names contain the text.
    wanted = [argument.partition(".") for argument in arguments]
    unknown = {part for part, _, _ in wanted} - {suite.part for suite in chosen}
    if unknown:
        print(f"no part {', '.join(sorted(unknown))}; there are: {' '.join(dict.fromkeys(s.part for s in chosen))}")
        return 2
    report = Report()
    for suite in chosen:
        texts = [text for part, _, text in wanted if part == suite.part]
        if wanted and not texts:
            continue
        names = [name for name in tests_of(suite) if not texts or any(text in name for text in texts)]
        unittest.TestSuite(suite(name) for name in names).run(report)
    print(f"\n{report.passed} passed, {report.bad} failed, {report.left_out} skipped")
    return 0 if report.bad == 0 else 1


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    # Without the interpreter's own end: clients' extension modules have been seen to fall over in it.
    os._exit(code)
