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
    """Those of eight letters or more that Django refuses too (BSD licence), and some of ours."""
    words = (Path(__file__).parent / "common_passwords.txt").read_text(encoding="utf-8").split()
    return frozenset(words)


def fault_of(password: str, *known: str) -> str | None:
    """What is wrong with a new password, in words; `known` are things anybody could guess."""
    if len(password) < SHORTEST:
        return f"Use {SHORTEST} characters or more"
    if len(password) > LONGEST:
        return f"Use {LONGEST} characters or fewer"
    plain = password.lower()
    bare = plain.rstrip("0123456789!.?")
    guessable = {one.lower() for one in known if one}
    if plain in _common() or bare in _common() or bare in guessable or plain in guessable:
        return "This is one of the first that would be tried: choose another one"
    if len(set(plain)) < 4:
        return "Use more than three different characters"
    return None
