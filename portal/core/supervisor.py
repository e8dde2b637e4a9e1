"""Several processes as one: started in order, watched, stopped together."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
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
            if name := self.dead:
                return name
        return None

    @property
    def dead(self) -> str | None:
        """The first process that is not running any more."""
        return next((name for name, one in self.running.items() if one.poll() is not None), None)

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


def web_server(host: str, port: int | str, processes: int = 2, threads: int = 32) -> list[str]:
    """The command that serves: threads enough that silent browsers do not hold up the others."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else "/tmp"  # noqa: S108
    options = ["--bind", f"{host}:{port}", "--worker-class", "gthread", "--preload"]
    options += ["--workers", str(processes), "--threads", str(threads)]
    options += ["--no-control-socket", "--timeout", "60", "--graceful-timeout", "8"]
    options += ["--log-level", "warning", "--worker-tmp-dir", memory]
    return [str(Path(sys.executable).with_name("gunicorn")), *options, "wsgi:app"]
