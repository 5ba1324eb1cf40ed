"""What all suites share: a broker, topic names, a time limit a test, tests that repeat for several values."""

from __future__ import annotations

import itertools
import signal
import time
import unittest
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from .broker import Broker, shared_broker
from .client import Refused


def each(parameter: str, values: Iterable[object] | Callable[[type], Iterable[object]]):
    """The test runs once for every value; values may depend on the class."""

    def mark(test):
        test.each = (parameter, values)
        return test

    return mark


def needs(*abilities: str):
    """The test is there only for clients that have all these abilities."""

    def mark(test):
        test.needs = frozenset(abilities)
        return test

    return mark


def limit(seconds: int):
    """A time limit other than the usual one."""

    def mark(test):
        test.limit = seconds
        return test

    return mark


def expand(cls: type[Suite]) -> None:
    """Replaces every test marked with `each` by one test a value."""
    for name in {name: None for base in reversed(cls.__mro__) for name in vars(base)}:
        test = getattr(cls, name)
        if not name.startswith("test_") or not hasattr(test, "each"):
            continue
        parameter, values = test.each
        for value in values(cls) if callable(values) else values:
            setattr(cls, f"{name}[{str(value)[:20]}]", one_of(test, parameter, value))
        setattr(cls, name, None)


def one_of(test: Callable, parameter: str, value: object) -> Callable:
    """The test with its parameter set."""

    def one(self: Suite) -> None:
        test(self, **{parameter: value})

    one.limit = getattr(test, "limit", Suite.LIMIT)
    return one


class Suite(unittest.TestCase):
    """Tests against one broker of their own."""

    LIMIT = 60
    part = ""
    configs: dict[str, object] = {}
    broker: Broker
    longMessage = True
    maxDiff = 4_000
    _counter = itertools.count(1)

    def __init_subclass__(cls, abstract: bool = False) -> None:
        super().__init_subclass__()
        if not abstract:
            expand(cls)

    @classmethod
    def setUpClass(cls) -> None:
        cls.broker = shared_broker(**cls.configs)
        cls.addClassCleanup(cls.broker.close)
        cls.broker.start()

    def run(self, result=None):
        """Runs the test under its time limit; a hanging client fails one test and no more."""
        seconds = getattr(getattr(self, self._testMethodName), "limit", self.LIMIT)

        def late(*_: object) -> None:
            raise TimeoutError(f"not done after {seconds} s")

        before = signal.signal(signal.SIGALRM, late)
        signal.alarm(seconds)
        try:
            return super().run(result)
        finally:
            signal.alarm(0)
            signal.signal(signal.SIGALRM, before)

    @classmethod
    def unique(cls, name: str = "t") -> str:
        """A name for a topic that no other test uses."""
        return f"{cls.part}-{name}-{next(Suite._counter)}"

    @contextmanager
    def refused(self, *names: str) -> Iterator[None]:
        """The call within must be refused with one of these errors."""
        with self.assertRaises(Refused) as caught:
            yield
        self.assertIn(caught.exception.name, names, str(caught.exception))

    @staticmethod
    def note(text: str) -> None:
        """A figure worth keeping, beneath the line of its test."""
        print(f"      {text}", flush=True)

    def eventually(self, check: Callable[[], object], what: str, seconds: float = 10) -> object:
        """Waits until `check` returns something true; returns it."""
        deadline = time.monotonic() + seconds
        while not (value := check()):
            self.assertLess(time.monotonic(), deadline, what)
            time.sleep(0.05)
        return value
