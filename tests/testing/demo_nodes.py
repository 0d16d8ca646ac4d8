"""The nodes of scripts/demo-run for tests and benchmarks: real ones, in processes of their own, below a folder of the caller's."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import pathlib
from typing import Any

ROOT = pathlib.Path(__file__).resolve().parents[2]


def load_demo(folder: pathlib.Path) -> Any:
    """The module of scripts/demo-run, silent, its nodes and people below `folder`. ENTENTE_BIN names other binaries than the release's."""
    loader = importlib.machinery.SourceFileLoader("demo_run", str(ROOT / "scripts/demo-run"))
    spec = importlib.util.spec_from_loader("demo_run", loader)
    assert spec is not None
    demo = importlib.util.module_from_spec(spec)
    loader.exec_module(demo)
    demo.DEMO = folder
    (folder / "people").mkdir(mode=0o700)
    demo.PASSPHRASE = folder / "people/seal"
    demo.SEAL = ["--key-file", str(demo.PASSPHRASE)]
    demo.say = lambda text="": None
    return demo
