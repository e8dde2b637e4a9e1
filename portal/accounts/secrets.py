"""Secrets that travel in cookies and mailed links: made here, kept only as hashes."""

import hashlib
import secrets


def new_secret() -> str:
    return secrets.token_urlsafe(32)


def hashed(secret: str) -> str:
    """What we keep of a secret that is long and random: its SHA-256."""
    return hashlib.sha256(secret.encode()).hexdigest()
