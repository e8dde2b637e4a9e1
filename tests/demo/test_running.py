"""`make run` again: quick, all of it gone on a signal, and nothing to do with a neighbour."""

import resource
import shutil
import signal
import subprocess
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from portal.demo.running import free_port, helper_ports, is_open
from tests.running import PORTAL, wait_until_it_answers, wait_until_they_listen

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def empty_tables():
    """These demos have databases of their own."""


@contextmanager
def started(port, folder):
    """What `make run` starts, once it answers."""
    command = [PORTAL, "run-demo", "--found", "--port", str(port), "--data", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        wait_until_it_answers(process, f"http://127.0.0.1:{port}/health")
        wait_until_they_listen(process, *helper_ports(port))
        yield process
    finally:
        process.terminate()
        process.communicate()


def processes_of(folder):
    """How many processes of this machine were told of that folder."""
    told = f"PORTAL_DATA={folder}".encode()
    found = 0
    for told_of in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):  # it has gone meanwhile, or is not ours to read
            found += told in told_of.read_bytes().split(b"\0")
    return found


def page(url):
    with urllib.request.urlopen(url, timeout=120) as answer:
        return answer.read()


def seconds_of_children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.mark.parametrize("port", [80, 5000, 5001, 45535, 45536, 65534])
def test_the_helpers_of_neighbouring_demos_never_meet(port):
    ports = [one for near in (port - 1, port, port + 1) for one in (near, *helper_ports(near))]
    assert len(set(ports)) == 9
    assert all(0 < one < 2**16 for one in ports)


def test_it_starts_again_quickly_beside_a_neighbour_and_ends_alone(tmp_path):
    port = free_port(neighbours=2)
    first, second = tmp_path / "first", tmp_path / "second"
    before = seconds_of_children()
    with started(port, first) as founding:
        assert processes_of(first) >= 4
        founding.send_signal(signal.SIGINT)
        assert founding.wait(120) == 0
    assert processes_of(first) == 0
    first_start = seconds_of_children() - before
    shutil.copytree(first, second)
    before = seconds_of_children()
    with started(port, first) as one, started(port + 1, second):
        one.send_signal(signal.SIGTERM)
        assert one.wait(120) == 0
        assert seconds_of_children() - before < 0.75 * first_start  # nothing is founded again
        assert processes_of(first) == 0
        assert not any(is_open(gone) for gone in (port, *helper_ports(port)))
        assert all(is_open(kept) for kept in (port + 1, *helper_ports(port + 1)))
        assert b"Linehall" in page(f"http://127.0.0.1:{port + 1}/")
    assert {path.name for path in tmp_path.iterdir()} == {"first", "second"}
