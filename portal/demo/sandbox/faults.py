"""Faults on order: what goes wrong with the next requests and the next webhooks."""

import threading
from typing import Any

# drop, duplicate, delay, reorder: of webhooks. fail, lose, hang: of API requests; `fail` does
# nothing and answers 500, `lose` does the work and answers 500, `hang` does it and answers late.
SECONDS = {"delay": 5.0, "hang": 30.0}
NAMES = ("drop", "duplicate", "delay", "reorder", "fail", "lose", "hang")
LONGEST = 600


class BadFault(ValueError):
    """A fault that does not exist, or a count that is none."""


class Faults:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left = dict.fromkeys(NAMES, 0)
        self._seconds = dict(SECONDS)

    def order(self, wanted: Any) -> None:
        """Set what is named, leave the rest; 0 calls a fault off. Raises `BadFault`."""
        if not isinstance(wanted, dict):
            raise BadFault('Send a JSON object, for example {"drop": 1}.')
        parsed = {name: _read(name, value) for name, value in wanted.items()}
        with self._lock:
            for name, (count, seconds) in parsed.items():
                self._left[name] = count
                if name in SECONDS:
                    self._seconds[name] = SECONDS[name] if seconds is None else seconds

    def strikes(self, name: str) -> float | None:
        """Use one up: None when there is none, else the seconds that go with it."""
        with self._lock:
            if not self._left[name]:
                return None
            self._left[name] -= 1
            return self._seconds.get(name, 0.0)

    def left(self) -> dict[str, Any]:
        with self._lock:
            return {
                name: {"n": count, "seconds": self._seconds[name]} if name in SECONDS else count
                for name, count in self._left.items()
            }


def _read(name: str, value: Any) -> tuple[int, float | None]:
    if name not in NAMES:
        raise BadFault(f"There is no fault named {name}: use {', '.join(NAMES)}.")
    count, seconds = value, None
    if isinstance(value, dict) and name in SECONDS:
        count, seconds = value.get("n", 1), value.get("seconds")
    if isinstance(count, bool) or not isinstance(count, int) or count < 0:
        raise BadFault(f"{name} takes a count, 0 or more.")
    if seconds is None:
        return count, None
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise BadFault(f"{name} takes seconds as a number.")
    if not 0 <= seconds <= LONGEST:
        raise BadFault(f"{name} takes 0 to {LONGEST} seconds.")
    return count, float(seconds)
