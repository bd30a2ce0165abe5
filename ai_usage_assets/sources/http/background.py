"""An event loop on a thread of its own, so that a plain call can be given up at any point of its time."""

import asyncio
from collections.abc import Coroutine
from threading import Lock, Thread
from typing import Any, TypeVar

T = TypeVar("T")


class Background:
    """Runs coroutines for callers in any thread. It is a daemon: a client that nobody closes holds up no exit."""

    def __init__(self, name: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._closed = False
        self._lock = Lock()
        self._thread = Thread(target=self._loop.run_forever, name=name, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """The coroutine's result; an interrupt of the caller cancels it.

        Raises:
            RuntimeError: it is closed.
        """
        with self._lock:
            if self._closed:
                work.close()
                raise RuntimeError("the client is closed")
            future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def close(self, farewell: Coroutine[Any, Any, None]) -> None:
        """Cancel what still runs, so that no caller waits for ever; run the farewell; end the thread."""
        with self._lock:
            if self._closed:
                farewell.close()
                return
            self._closed = True
        asyncio.run_coroutine_threadsafe(_end(farewell), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


async def _end(farewell: Coroutine[Any, Any, None]) -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await farewell
