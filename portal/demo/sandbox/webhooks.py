"""Signed webhooks, delivered one after another with retries, as Stripe does it."""

import hashlib
import hmac
import json
import logging
import threading

import requests

from portal.demo.sandbox import checkout
from portal.demo.sandbox.account import Account
from portal.demo.sandbox.state import public

log = logging.getLogger(__name__)

ATTEMPTS = 12
LONGEST_WAIT = 60.0
TIMEOUT = (3, 10)
TICK = 1.0


def signature(secret: str, at: int, body: bytes) -> str:
    """The `Stripe-Signature` header, after Stripe's "Verify webhook signatures manually"."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


class Courier(threading.Thread):
    """The background thread: delivers what is due, and closes pages whose time is over."""

    def __init__(self, account: Account) -> None:
        super().__init__(name="webhooks", daemon=True)
        self._account = account
        self._stopped = threading.Event()
        self._wire = requests.Session()
        self._wire.trust_env = False  # a proxy in the environment must not see local webhooks

    def run(self) -> None:
        while not self._stopped.is_set():
            self._account.wake.clear()
            try:
                checkout.expire_what_is_over(self._account)
                while not self._stopped.is_set() and self._deliver_next():
                    pass
            except Exception:
                log.exception("the courier stumbled and goes on")
            self._account.wake.wait(self._pause())

    def stop(self) -> None:
        self._stopped.set()
        self._account.wake.set()
        self.join(timeout=sum(TIMEOUT))
        self._wire.close()

    def _pause(self) -> float:
        due = self._account.store.run(
            "SELECT min(due) AS due FROM deliveries WHERE state = 'pending'"
        )[0]["due"]
        return TICK if due is None else min(TICK, max(0.0, due - self._account.real_time()))

    def _deliver_next(self) -> bool:
        store = self._account.store
        due = store.run(
            "SELECT * FROM deliveries WHERE state = 'pending' AND due <= ?"
            " ORDER BY due, turn, id LIMIT 1", self._account.real_time(),
        )  # fmt: skip
        if not due:
            return False
        delivery = due[0]
        is_taken, answer = self._post(delivery["event"])
        attempts = delivery["attempts"] + 1
        state = "delivered" if is_taken else "failed" if attempts >= ATTEMPTS else "pending"
        wait = min(LONGEST_WAIT, self._account.retry_seconds * 2 ** (attempts - 1))
        store.run(
            "UPDATE deliveries SET state = ?, attempts = ?, due = ?, answer = ? WHERE id = ?",
            state, attempts, self._account.real_time() + wait, answer, delivery["id"],
        )  # fmt: skip
        return True

    def _post(self, event_id: str) -> tuple[bool, str]:
        event = self._account.store.find(event_id, "event")
        if event is None:  # everything was forgotten meanwhile
            return True, "forgotten"
        body = json.dumps(public(event), indent=2).encode()
        at = int(self._account.real_time())
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature(self._account.webhook_secret, at, body),
            "User-Agent": "Stripe/1.0 (local sandbox)",
        }
        try:
            response = self._wire.post(
                self._account.webhook_url, data=body, headers=headers,
                timeout=TIMEOUT, allow_redirects=False,
            )  # fmt: skip
        except requests.RequestException as error:
            return False, type(error).__name__
        is_taken = 200 <= response.status_code < 300
        return is_taken, str(response.status_code)
