"""`python -m portal.demo.sandbox --port 12111 --data DIR --webhook-url URL --webhook-secret …`."""

import argparse
import logging
import signal
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from werkzeug.serving import WSGIRequestHandler, make_server

from portal.demo.sandbox.account import Account
from portal.demo.sandbox.app import create_sandbox
from portal.demo.sandbox.state import Store
from portal.demo.sandbox.webhooks import Courier


class Quiet(WSGIRequestHandler):
    """Requests are listed under /_state, not on the console."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        return


def read_arguments(words: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m portal.demo.sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=12111)
    parser.add_argument("--data", type=Path, required=True, help="folder for what it remembers")
    parser.add_argument("--webhook-url", default="", help="where signed events are sent")
    parser.add_argument("--webhook-secret", default="", help="whsec_…, shared with the receiver")
    parser.add_argument("--retry-seconds", type=float, default=1.0, help="first pause, doubled")
    parser.add_argument("--name", default="Linehall", help="the merchant on the payment page")
    parser.add_argument("--now", type=datetime.fromisoformat, help="let its clock start here")
    arguments = parser.parse_args(words)
    if arguments.webhook_url and not arguments.webhook_secret:
        parser.error("--webhook-url needs --webhook-secret")
    return arguments


def make_account(arguments: argparse.Namespace) -> Account:
    account = Account(
        store=Store(arguments.data),
        name=arguments.name,
        webhook_url=arguments.webhook_url,
        webhook_secret=arguments.webhook_secret,
        retry_seconds=arguments.retry_seconds,
    )
    if arguments.now:
        starts = arguments.now if arguments.now.tzinfo else arguments.now.replace(tzinfo=UTC)
        account.ahead = starts.timestamp() - account.real_time()
    return account


def main() -> None:
    arguments = read_arguments()
    logging.basicConfig(level=logging.WARNING)
    account = make_account(arguments)
    server = make_server(
        arguments.host, arguments.port, create_sandbox(account), threaded=True,
        request_handler=Quiet,
    )  # fmt: skip
    over = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        over.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    courier = Courier(account)
    courier.start()
    threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
    sys.stdout.write(f"Stripe sandbox: http://{arguments.host}:{server.server_port}\n")
    sys.stdout.flush()
    over.wait()
    server.shutdown()
    server.server_close()
    courier.stop()
    account.store.close()


if __name__ == "__main__":
    main()
