"""Passwords: Argon2id, a list of common ones that are refused, and the same time for everybody."""

from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 8, 128
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_of(password: str) -> str:
    return _hasher.hash(password)


@cache
def _nobody() -> str:
    """An unknown address costs as much time as a known one."""
    return _hasher.hash("nobody has this password")


def is_right(stored: str | None, password: str) -> bool:
    """Always reckons one hash, whether there is a stored one or not."""
    try:
        found = _hasher.verify(stored or _nobody(), password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return found and stored is not None


def is_outdated(stored: str) -> bool:
    """Was it made with weaker settings than today's?"""
    return _hasher.check_needs_rehash(stored)


@cache
def _common() -> frozenset[str]:
    """What is tried first, as it is and without its dress: see `_undressed`."""
    words = (Path(__file__).parent / "common_passwords.txt").read_text(encoding="utf-8").split()
    return frozenset(words) | {_undressed(word) for word in words} - {""}


# Letters that people write as figures and signs, and the rows and columns of keyboards.
LEET = str.maketrans("0134578@$!", "oieastbasi")
WALKS = (
    "qwertyuiop", "asdfghjkl", "zxcvbnm", "1234567890", "qwertzuiop", "azertyuiop",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p", "1q2w3e4r5t6y7u8i9o0p", "qazwsxedcrfvtgbyhnujmik",
    "abcdefghijklmnopqrstuvwxyz",
)  # fmt: skip
YEARS_AND_SIGNS = "0123456789!.?#*_-@$&+ "


def _undressed(password: str) -> str:
    """The word in `P@ssw0rd2026!`: no figures and signs at its ends, letters for look-alikes."""
    return password.lower().strip(YEARS_AND_SIGNS).translate(LEET)


def _is_a_walk(password: str) -> bool:
    """Made of runs of four or more neighbouring keys, either way, and of what is repeated."""
    left = password.lower()
    lines = [line for walk in WALKS for line in (walk, walk[::-1])]
    while left:
        runs = (n for n in range(len(left), 3, -1) if any(left[:n] in line for line in lines))
        longest = next(runs, 0)
        if not longest:
            return False
        left = left[longest:]
    return True


def _is_repeated(password: str) -> bool:
    """`abcabcabc`: found again inside itself, moved on by less than half."""
    return password in (password + password)[1:-1]


def fault_of(password: str, *known: str) -> str | None:
    """What is wrong with a new password, in words; `known` are things anybody could guess."""
    if len(password) < SHORTEST:
        return f"Use {SHORTEST} characters or more"
    if len(password) > LONGEST:
        return f"Use {LONGEST} characters or fewer"
    plain, word = password.lower(), _undressed(password)
    guessable = {one.lower() for one in known if one} | {_undressed(one) for one in known if one}
    is_known = {plain, word} & (_common() | guessable - {""})
    if is_known or _is_a_walk(plain) or _is_repeated(plain):
        return "This is one of the first that would be tried: choose another one"
    if len(set(plain)) < 4:
        return "Use more than three different characters"
    return None
