"""Work in a thread of its own: a question to libvirt may hang for as long as a guest, or libvirtd, does."""

import threading
from concurrent.futures import Future, wait
from typing import Callable, Generic, Optional, TypeVar

T = TypeVar("T")


class Aside(Generic[T]):
    """One piece of work at a time; what hangs keeps its thread, and nothing else, waiting."""

    def __init__(self, name: str):
        self._name = name
        self._under_way: "Optional[Future[T]]" = None

    def begin(self, work: Callable[[], T]) -> bool:
        """Begins it; False where the last piece has not been taken yet."""
        if self._under_way is not None:
            return False
        self._under_way = Future()
        threading.Thread(target=_do, args=(self._under_way, work), name=self._name, daemon=True).start()
        return True

    def forget(self) -> None:
        """Lets go of what has come of it, if anything has: it is too late."""
        if self._under_way is not None and self._under_way.done():
            self._under_way = None

    def take(self, seconds: float) -> Optional[T]:
        """What came of it, or None: nothing is done within that time. Raises what the work raised."""
        under_way = self._under_way
        if under_way is None or not wait([under_way], seconds).done:
            return None
        self._under_way = None
        return under_way.result()


def _do(future: "Future[T]", work: Callable[[], T]) -> None:
    try:
        future.set_result(work())
    except BaseException as error:  # told to whoever takes it
        future.set_exception(error)
