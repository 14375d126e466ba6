"""Something that one thread waits for and another one says: threading.Event without the module, and it resets itself."""

from __future__ import annotations

from _thread import allocate_lock


class Signal:
    def __init__(self) -> None:
        self._lock = allocate_lock()
        self._lock.acquire()

    def set(self) -> None:
        try:
            self._lock.release()
        except RuntimeError:
            pass  # set already

    def wait(self, seconds: float) -> bool:
        """Ctrl-C ends it. False: the time has passed."""
        return self._lock.acquire(timeout=seconds)
