"""What only the portal itself can read: sealed with a key that no database and no backup holds."""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from portal.core.links import settings
from portal.core.states import Refused


def _keys() -> list[bytes]:
    """Of each secret in the settings 32 bytes of its own; the first one seals."""
    secrets = settings().identity_keys or (settings().secret_key,)
    return [hashlib.sha256(b"identity:" + one.encode()).digest() for one in secrets]


def _box() -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(one)) for one in _keys()])


def seal(text: str) -> str:
    return _box().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Raises `Refused` when it was sealed with a key that is not in the settings any more."""
    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Refused(
            "This was sealed with another key: add the former IDENTITY_KEY to the settings."
        ) from None


def marks(text: str) -> list[str]:
    """What stands for a text so that it is found again, under each key, the newest first."""
    return [hmac.new(one, text.encode(), hashlib.sha256).hexdigest() for one in _keys()]
