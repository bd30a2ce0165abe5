"""A cache that is limited by the number of records, so that it also works for companies of thousands of people."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import RLock
from typing import Generic, TypeVar

T = TypeVar("T")


class BoundedCache(Generic[T]):
    """Keeps the values that were used last. `weigh` returns the number of records in a value."""

    def __init__(self, budget: int, weigh: Callable[[T], int]) -> None:
        self._budget, self._weigh, self._records = budget, weigh, 0
        self._values: OrderedDict[Hashable, T] = OrderedDict()
        # the server's thread and a test's thread use the same company
        self._lock = RLock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
            value = self._values[key] = make()
            self._records += self._weigh(value) + 1
            while self._records > self._budget and len(self._values) > 1:
                _, removed = self._values.popitem(last=False)
                self._records -= self._weigh(removed) + 1
            return value
