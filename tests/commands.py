"""The `portal` command in a process of its own, forked from one that has imported everything."""

import gc
import multiprocessing
import os
import sys
import tempfile
import traceback
import warnings
from pathlib import Path

ROOT = Path(__file__).parents[1]
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["portal.cli"])


def run(words, env):
    """What `portal WORDS` answers in that environment: exit code, output, complaints."""
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        process = _FORKS.Process(target=_command, args=(words, env, out, err))
        process.start()
        process.join()
        return process.exitcode, out.read_text(), err.read_text()


def _command(words, env, out, err):
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(env)
    nothing = os.open(os.devnull, os.O_RDONLY)
    told = [os.open(path, os.O_WRONLY | os.O_CREAT) for path in (out, err)]
    for number, file in enumerate([nothing, *told]):
        os.dup2(file, number)
    sys.stdin, sys.stdout, sys.stderr = (
        os.fdopen(number, mode, closefd=False) for number, mode in enumerate("rww")
    )
    warnings.simplefilter("error", ResourceWarning)
    sys.argv = ["portal", *words]
    try:
        code = sys.modules["portal.cli"].main(list(words))
    except SystemExit as end:
        code = end.code
    except BaseException:
        traceback.print_exc()
        code = 70
    gc.collect()  # what was left open says so
    sys.stdout.flush()
    sys.stderr.flush()
    sys.exit(code)
