"""Counts what a self-test checked and prints what differs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any


class Checks:
    def __init__(self, name: str) -> None:
        self._name, self._done, self._failed = name, 0, 0

    def equal(self, have: Any, want: Any, what: str) -> None:
        self._done += 1
        if have != want:
            self._fail(f"{what}: have {have!r}, want {want!r}")

    def refuses(self, error: type[Exception], act: Callable[[], Any], what: str) -> None:
        self._done += 1
        try:
            act()
        except error:
            return
        self._fail(f"{what}: was not refused")

    def report(self) -> int:
        """The exit code."""
        if self._failed or not self._done:
            print(f"{self._name}: {self._failed} of {self._done} checks failed", file=sys.stderr)
            return 1
        print(f"{self._name}: {self._done} checks passed")
        return 0

    def _fail(self, text: str) -> None:
        self._failed += 1
        print(f"{self._name}: {text}", file=sys.stderr)
