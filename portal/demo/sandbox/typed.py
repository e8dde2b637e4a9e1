"""Requests held against the parameter types of the `stripe` package itself."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from stripe import RequestOptions
from stripe._stripe_object import UntypedStripeObject
from typing_extensions import is_typeddict  # theirs: the package's types are made with it

from portal.demo.sandbox.decode import Tree
from portal.demo.sandbox.errors import ApiError, missing, refused

LONGEST = 5000
SCALARS = (str, int, bool, float, Decimal)
METADATA = {"pairs": 50, "key": 40, "value": 500}

# Named in the package's annotations, but imported by it for type checkers only.
_UNSEEN = {"StripeContext": object, "Mapping": Mapping}


@cache
def fields_of(kind: type) -> dict[str, Any]:
    hints = get_type_hints(kind, localns=_UNSEEN)
    of_the_client = RequestOptions.__annotations__  # never sent in a body
    return {name: hint for name, hint in hints.items() if name not in of_the_client}


def typed(tree: Tree, kind: type, path: str = "") -> dict[str, Any]:
    """The parameters with their right types; refuses as Stripe does, with the parameter's name."""
    fields = fields_of(kind)
    unknown = [_inside(path, name) for name in tree if name not in fields]
    if unknown:
        many = "s" if len(unknown) > 1 else ""
        message = f"Received unknown parameter{many}: {', '.join(unknown)}"
        raise refused(message, unknown[0], "parameter_unknown")
    required: frozenset[str] = getattr(kind, "__required_keys__", frozenset())
    for name in fields:
        if name in required and name not in tree:
            raise missing(_inside(path, name))
    return {name: _value(found, fields[name], _inside(path, name)) for name, found in tree.items()}


def only_known(asked: dict[str, Any], known: frozenset[str], path: str = "") -> None:
    """Refuse what Stripe has and the sandbox would silently ignore."""
    for name in sorted(set(asked) - known):
        param = _inside(path, name)
        raise refused(f"The local sandbox does not act on {param}", param)


def _inside(path: str, name: str) -> str:
    return f"{path}[{name}]" if path else name


def _value(found: str | Tree, kind: Any, path: str) -> Any:
    origin = get_origin(kind)
    if origin in {Union, UnionType}:
        return _one_of(found, get_args(kind), path)
    if origin is Literal:
        return _choice(found, get_args(kind), path)
    if isinstance(found, str):
        return _scalar(found, kind, path)
    if origin is list:
        return _list(found, get_args(kind)[0], path)
    if origin in {dict, UntypedStripeObject}:
        return _metadata(found, path)
    if is_typeddict(kind):
        return typed(found, kind, path)
    raise refused(f"Invalid string: {path} was sent as a hash", path)


def _one_of(found: str | Tree, kinds: tuple[Any, ...], path: str) -> Any:
    """A union; `Literal[…] | str` only leaves room for later values, so today's are the choice."""
    choices = [one for kind in kinds if get_origin(kind) is Literal for one in get_args(kind)]
    others = [kind for kind in kinds if get_origin(kind) is not Literal and kind is not NoneType]
    if any(choices):
        others = [kind for kind in others if kind is not str]
    if found in choices:
        return found
    problem = None
    for kind in [kind for kind in others if (kind in SCALARS) is isinstance(found, str)] or others:
        try:
            return _value(found, kind, path)
        except ApiError as error:
            problem = error
    if any(choices):
        return _choice(found, tuple(choices), path)
    raise problem or refused(f"Invalid value for {path}", path)


def _choice(found: str | Tree, choices: tuple[Any, ...], path: str) -> Any:
    if found in choices:
        return found
    listed = ", ".join(str(one) for one in choices if one)
    raise refused(f"Invalid {path}: must be one of {listed}", path)


def _scalar(found: str, kind: Any, path: str) -> Any:
    if kind is str:
        return _text(found, path)
    if kind is int:
        # "12.5", "true" and "1e3" are no integers; Python's int() would also take "1_000"
        if not found.removeprefix("-").isascii() or not found.removeprefix("-").isdigit():
            raise refused(f"Invalid integer: {found}", path, "parameter_invalid_integer")
        return int(found)
    if kind is bool:
        if found not in {"true", "false"}:
            raise refused(f"Invalid boolean: {found}", path)
        return found == "true"
    if kind in {Decimal, float}:
        return _decimal(found, path)
    what = "array" if get_origin(kind) is list else "object"
    raise refused(f"Invalid {what}: {path}", path)


def _text(found: str, path: str) -> str:
    if not found:
        message = (
            f"You passed an empty string for '{path}'. We assume empty values are an attempt to "
            f"unset a parameter; however '{path}' cannot be unset."
        )
        raise refused(message, path, "parameter_invalid_empty")
    if len(found) > LONGEST:
        raise refused(f"Invalid string: {path} must be at most {LONGEST} characters", path)
    return found


def _decimal(found: str, path: str) -> str:
    try:
        if Decimal(found).is_finite():
            return found
    except InvalidOperation:
        pass
    raise refused(f"Invalid decimal: {found}", path)


def _list(found: Tree, kind: Any, path: str) -> list[Any]:
    if not all(key.isascii() and key.isdigit() for key in found):
        raise refused("Invalid array", path)
    return [_value(found[key], kind, _inside(path, key)) for key in sorted(found, key=int)]


def _metadata(found: Tree, path: str) -> dict[str, str]:
    for key, value in found.items():
        if not isinstance(value, str):
            raise refused(f"Metadata values must be strings: {_inside(path, key)}", path)
        if len(key) > METADATA["key"] or len(value) > METADATA["value"]:
            limits = f"{METADATA['key']} characters for a key, {METADATA['value']} for a value"
            raise refused(f"Metadata is limited to {limits}: {key[:60]}", path)
    if len(found) > METADATA["pairs"]:
        raise refused(f"Metadata is limited to {METADATA['pairs']} keys", path)
    return dict(found)
