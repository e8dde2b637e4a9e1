"""What the sandbox answers when it will not do what was asked, in Stripe's form."""

from typing import Any


class ApiError(Exception):
    """An answer other than 200; `more` joins the error object as it is."""

    def __init__(self, status: int, kind: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.error = {"type": kind, "message": message, **more}

    @property
    def body(self) -> dict[str, Any]:
        return {"error": self.error}


def refused(message: str, param: str | None = None, code: str | None = None) -> ApiError:
    more = {name: value for name, value in (("param", param), ("code", code)) if value}
    return ApiError(400, "invalid_request_error", message, **more)


def missing(param: str) -> ApiError:
    return refused(f"Missing required param: {param}.", param, "parameter_missing")


def only_one_of(*params: str) -> ApiError:
    return refused(f"You may only specify one of these parameters: {', '.join(params)}.")


def no_such(kind: str, thing_id: str, param: str = "id", *, status: int = 404) -> ApiError:
    """404 for the object in the address itself, 400 for one that a parameter names."""
    return ApiError(
        status, "invalid_request_error", f"No such {kind}: '{thing_id}'",
        param=param, code="resource_missing",
    )  # fmt: skip
