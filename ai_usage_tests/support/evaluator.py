"""Google's evaluator of GoogleSQL, and the analyzer in it.

It is WebAssembly, and to compile it takes most of a minute of a core. So wasmtime keeps the compiled code, in the user's
cache folder unless it is configured otherwise, and each process loads it once. A test that uses one of these fixtures is marked `evaluator`. The modules are imported when
the first of them runs.
"""

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from ai_usage_tests.support.analyzer import Gate
    from ai_usage_tests.support.reference_evaluator import Reference


@pytest.fixture(scope="session")
def compiled_once() -> None:
    """Let wasmtime keep what it compiles, for as long as the process lasts."""
    from wasmtime import Config, WasmtimeError
    from zetasql.core import wasm_client

    class Cached(Config):
        def __init__(self) -> None:
            super().__init__()
            # without a folder that can be written, each process compiles it
            with suppress(WasmtimeError):
                self.cache = True

    wasm_client.Config = Cached


@pytest.fixture(scope="session")
def gate(compiled_once: None) -> "Gate":
    from ai_usage_tests.support.analyzer import Gate

    return Gate()


@pytest.fixture(scope="session")
def reference(compiled_once: None) -> "Reference":
    from ai_usage_tests.support.reference_evaluator import Reference

    return Reference()
