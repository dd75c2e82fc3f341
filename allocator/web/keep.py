"""Memory with an end: what was used longest ago is forgotten first."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from threading import Lock
from typing import Generic, TypeVar

from allocator.web.local import Local

__all__ = ["Held", "Kept"]

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(Generic[K, V]):
    """At most ``most`` answers; each is made once, however many ask for it at the same time.

    >>> kept = Kept[str, int](2)
    >>> [kept.get(word, lambda word=word: len(word)) for word in ("a", "bb", "ccc", "a")]
    [1, 2, 3, 1]
    >>> len(kept)
    2
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._found: OrderedDict[K, Future[V]] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._found)

    def get(self, key: K, make: Callable[[], V]) -> V:
        """What is kept under a key, or what ``make`` gives, which is kept; a failure is not."""
        with self._lock:
            future = self._found.get(key)
            if future is not None:
                self._found.move_to_end(key)
                mine = False
            else:
                future = self._found[key] = Future()
                mine = True
                while len(self._found) > self._most:
                    self._found.popitem(last=False)
        if not mine:
            return future.result()
        try:
            made = make()
        except BaseException as error:
            with self._lock:
                self._found.pop(key, None)
            future.set_exception(error)
            raise
        future.set_result(made)
        return made


class Held:
    """Uploaded figures, in memory only: at most ``most`` uploads, gone when the server stops.

    An upload's name says nothing of what is in it, and cannot be guessed; the same figures have
    the same name as long as the server runs.

    >>> held = Held(1)
    >>> name = held.put((Local("0301", capacity=900),))
    >>> len(name), held.get(name)[0].capacity, held.get("other")
    (22, 900, None)
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._secret = secrets.token_bytes(32)
        self._figures: OrderedDict[str, tuple[Local, ...]] = OrderedDict()
        self._lock = Lock()

    def put(self, figures: tuple[Local, ...]) -> str:
        """Hold figures; the name they are got by."""
        import base64

        digest = hmac.digest(self._secret, repr(figures).encode(), hashlib.sha256)[:16]
        name = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        with self._lock:
            self._figures[name] = figures
            self._figures.move_to_end(name)
            while len(self._figures) > self._most:
                self._figures.popitem(last=False)
        return name

    def get(self, name: str) -> tuple[Local, ...] | None:
        """The figures of a name; None where they are held no longer, or never were."""
        with self._lock:
            if name in self._figures:
                self._figures.move_to_end(name)
            return self._figures.get(name)
