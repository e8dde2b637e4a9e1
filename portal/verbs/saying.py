"""How a command speaks: lines on standard output, a progress bar on standard error."""

import sys


def say(text: str) -> None:
    sys.stdout.write(text + "\n")


def bar(words: str, done: int, of: int | None) -> None:
    """`words [####    ] 34 of 60`, redrawn in place; a line only when nobody is watching."""
    if not sys.stderr.isatty():
        if of is not None and done == of:
            sys.stderr.write(f"{words}: {done} of {of}\n")
        return
    width = 30
    full = width * done // of if of else 0
    of_words = f"{done} of {of}" if of else str(done)
    sys.stderr.write(f"\r{words} [{'#' * full}{' ' * (width - full)}] {of_words} ")
    if of is not None and done >= of:
        sys.stderr.write("\n")
    sys.stderr.flush()
