"""The second factor: codes of an authenticator app, and recovery codes."""

import secrets

import pyotp

STEP = 30  # seconds
LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"


def new_secret() -> str:
    return pyotp.random_base32()


def address(secret: str, email: str, issuer: str) -> str:
    """What the QR code says to the app."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=issuer)


def step_of(secret: str, code: str, now: float, after: int) -> int | None:
    """The time step of a right code, one step early or late; None when wrong or already used.

    `after` is the last step that served: a code serves once.
    """
    totp = pyotp.TOTP(secret)
    current = int(now) // STEP
    typed = code.encode()  # figures of other alphabets are compared too, and are wrong
    for step in (current, current - 1, current + 1):
        if step > after and secrets.compare_digest(totp.generate_otp(step).encode(), typed):
            return step
    return None


def recovery_codes() -> list[str]:
    """Eight codes such as `k7mx-2qvp`."""
    return [
        "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(2))
        for _ in range(8)
    ]
