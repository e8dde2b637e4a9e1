"""One API request from the key to the answer: who asks, faults, types, idempotency."""

import hashlib
import json
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import request

from portal.demo.sandbox import checkout, lists
from portal.demo.sandbox.account import Account, asked_by
from portal.demo.sandbox.api import Endpoint
from portal.demo.sandbox.decode import tree
from portal.demo.sandbox.errors import ApiError, refused
from portal.demo.sandbox.state import new_id
from portal.demo.sandbox.typed import only_known, typed

log = logging.getLogger(__name__)

LONGEST_KEY = 255
Answer = tuple[int, str, dict[str, str]]
OUT_OF_ORDER = "An unknown error occurred (ordered with /_faults)."


class Desk:
    def __init__(self, account: Account) -> None:
        self._account = account
        self._lock = threading.Lock()
        self._busy: set[str] = set()

    def answer(self, endpoint: Endpoint, ids: list[str]) -> Answer:
        _check_api_key(request.authorization.token if request.authorization else None)
        if self._account.faults.strikes("fail") is not None:
            raise ApiError(500, "api_error", OUT_OF_ORDER)
        form = request.form if request.method == "POST" else request.args
        asked = typed(tree(form.items(multi=True)), endpoint.params)
        only_known(asked, endpoint.acts_on)
        key = request.headers.get("Idempotency-Key", "") if request.method == "POST" else ""
        if len(key) > LONGEST_KEY:
            raise refused(f"Idempotency keys are limited to {LONGEST_KEY} characters")
        with self._alone_with(key):
            answer = self._once(endpoint, asked, ids, key)
            time.sleep(self._account.faults.strikes("hang") or 0.0)
        if self._account.faults.strikes("lose") is not None:
            raise ApiError(500, "api_error", OUT_OF_ORDER)
        return answer

    @contextmanager
    def _alone_with(self, key: str) -> Iterator[None]:
        if not key:
            yield
            return
        with self._lock:
            if key in self._busy:
                raise ApiError(
                    409, "idempotency_error",
                    "There is currently another in-progress request using this Idempotent Key "
                    "(that probably means you submitted twice, and the other request is still "
                    f"going through): {key}.", code="idempotency_key_in_use",
                )  # fmt: skip
            self._busy.add(key)
        try:
            yield
        finally:
            with self._lock:
                self._busy.discard(key)

    def _once(self, endpoint: Endpoint, asked: dict[str, Any], ids: list[str], key: str) -> Answer:
        """The first answer under a key is kept with what it did, in one transaction."""
        store = self._account.store
        told = [endpoint.method, request.path, asked]
        fingerprint = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
        request_id = new_id("req_", 14)
        headers = {"Request-Id": request_id, **({"Idempotency-Key": key} if key else {})}
        checkout.expire_what_is_over(self._account)
        with store.transaction():
            for kept in store.run("SELECT * FROM answers WHERE key = ?", key):
                _check_same(kept["fingerprint"], fingerprint, key)
                again = {"Idempotent-Replayed": "true", "Original-Request": kept["request"]}
                return kept["status"], kept["body"], headers | again
            asked_by.set({"id": request_id, "idempotency_key": key or None})
            status, body = self._do(endpoint, asked, ids)
            if key:
                store.run("INSERT INTO answers VALUES (?, ?, ?, ?, ?)",
                          key, fingerprint, request_id, status, body)  # fmt: skip
        return status, body, headers

    def _do(self, endpoint: Endpoint, asked: dict[str, Any], ids: list[str]) -> tuple[int, str]:
        """Handlers check before they write: a refusal leaves nothing behind but a declined try."""
        origin = request.host_url.rstrip("/")
        try:
            result = endpoint.handler(self._account, asked, origin, *ids)
            result = lists.expanded(self._account, result, asked.get("expand", []))
        except ApiError as error:
            return error.status, json.dumps(error.body)
        return 200, json.dumps(result)


def _check_api_key(key: str | None) -> None:
    if not key:
        raise _unauthorised("You did not provide an API key. Provide it as a Bearer token.")
    if key.startswith(("sk_live_", "rk_live_")):
        raise _unauthorised("A live key was sent to the local sandbox. Never use one here.")
    if not key.startswith(("sk_test_", "rk_test_")):
        raise _unauthorised(f"Invalid API Key provided: {key[:8]}****")


def _unauthorised(message: str) -> ApiError:
    return ApiError(401, "invalid_request_error", message)


def _check_same(kept: str, now: str, key: str) -> None:
    if kept != now:
        raise ApiError(
            400, "idempotency_error",
            "Keys for idempotent requests can only be used with the same parameters they were "
            f"first used with. Try using a key other than '{key}' if you meant to execute a "
            "different request.",
        )  # fmt: skip
