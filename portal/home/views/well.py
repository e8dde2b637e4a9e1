"""`/health`: 200 when every part is well, 503 and which part is not otherwise."""

from flask import Response, jsonify

from portal.core.access import asks_nobody, public
from portal.home.health import faults, release
from portal.home.views.pages import blueprint

asks_nobody.add("home.health")


@blueprint.get("/health")
@public
def health() -> tuple[Response, int]:
    found = faults()
    is_well = not any(found.values())
    parts = {part: fault or "ok" for part, fault in found.items()}
    return jsonify({"status": "ok" if is_well else "ill", **parts, "version": release()}), (
        200 if is_well else 503
    )
