"""The one Stripe account that the sandbox keeps: its store, clock, faults and events."""

import threading
from collections import deque
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flask import current_app

from portal.core import clock
from portal.demo.sandbox.errors import no_such
from portal.demo.sandbox.faults import Faults
from portal.demo.sandbox.state import Store, Thing, new_id, public

API_VERSION = "2026-10-28.endive"  # what stripe 16.1.0 pins
HOLD = 5.0  # seconds that webhooks to be reordered wait for one another

# which request an event came of: {"id": …, "idempotency_key": …}
asked_by: ContextVar[dict[str, Any] | None] = ContextVar("asked_by", default=None)


@dataclass
class Account:
    store: Store
    name: str = "Linehall"
    webhook_url: str = ""
    webhook_secret: str = ""
    retry_seconds: float = 1.0
    ahead: float = 0.0  # seconds by which our clock leads the real one
    faults: Faults = field(default_factory=Faults)
    wake: threading.Event = field(default_factory=threading.Event)
    held: list[int] = field(default_factory=list)
    seen: deque[Thing] = field(default_factory=lambda: deque(maxlen=1000))  # requests, for /_state

    @classmethod
    def of_this_app(cls) -> "Account":
        account: Account = current_app.extensions["stripe_account"]
        return account

    def now(self) -> int:
        return int(self.real_time() + self.ahead)

    def month(self) -> tuple[int, int]:
        today = datetime.fromtimestamp(self.now(), UTC)
        return today.year, today.month

    @staticmethod
    def real_time() -> float:
        """Signatures and retries go by it: receivers compare with their own real clock."""
        return clock.now().timestamp()

    def get(self, thing_id: str, kind: str, named: str, param: str = "") -> Thing:
        """The object, or Stripe's refusal: 404 for the address, 400 for a parameter."""
        found = self.store.find(thing_id, kind)
        if found is None:
            raise no_such(named, thing_id, param or "id", status=400 if param else 404)
        return found

    def emit(self, kind: str, thing: Thing, previous: dict[str, Any] | None = None) -> None:
        """Record an event with the object as it is now, and queue its webhook."""
        data: dict[str, Any] = {"object": public(thing)}
        if previous:
            data["previous_attributes"] = previous
        event = {
            "id": new_id("evt_"), "object": "event", "api_version": API_VERSION,
            "created": self.now(), "data": data, "livemode": False, "type": kind,
            "pending_webhooks": 1 if self.webhook_url else 0,
            "request": asked_by.get() or {"id": None, "idempotency_key": None},
        }  # fmt: skip
        self.store.save(event)
        if self.webhook_url:
            self._queue(event)
            self.wake.set()

    def _queue(self, event: Thing) -> None:
        due = self.real_time()
        if self.faults.strikes("drop") is not None:
            self._line_up(event, due, "dropped")
            return
        due += self.faults.strikes("delay") or 0.0
        if self.faults.strikes("duplicate") is not None:
            self._line_up(event, due)
        if self.faults.strikes("reorder") is None:
            self._line_up(event, due)
            return
        self.held.append(self._line_up(event, due + HOLD))
        if not self.faults.left()["reorder"]:
            for turn, delivery in enumerate(reversed(self.held)):
                self.store.run(
                    "UPDATE deliveries SET due = ?, turn = ? WHERE id = ?", due, turn, delivery
                )
            self.held.clear()

    def _line_up(self, event: Thing, due: float, state: str = "pending") -> int:
        made = self.store.run(
            "INSERT INTO deliveries (event, kind, due, state) VALUES (?, ?, ?, ?) RETURNING id",
            event["id"], event["type"], due, state,
        )  # fmt: skip
        return int(made[0]["id"])
