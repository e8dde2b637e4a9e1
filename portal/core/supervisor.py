"""Several processes as one: started in order, watched, stopped together."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from types import FrameType

PATIENCE = 10.0  # seconds between asking a process to stop and killing it


class Supervisor:
    """Start commands with `start`, then `wait`: it ends when a signal comes or a process dies."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.env = dict(env)
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self._stop = threading.Event()

    def start(self, name: str, command: Sequence[str], **env: str) -> None:
        self.running[name] = subprocess.Popen(  # noqa: S603 - our own commands
            list(command), env=self.env | env, start_new_session=True
        )

    def listen(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stop.set()

    def wait(self) -> str | None:
        """The name of the process that died by itself; None when we were asked to stop."""
        while not self._stop.wait(0.3):
            for name, process in self.running.items():
                if process.poll() is not None:
                    return name
        return None

    def stop(self) -> None:
        """Ask the last started first; whoever has not gone after PATIENCE is killed."""
        for process in reversed(self.running.values()):
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + PATIENCE
        for process in self.running.values():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
