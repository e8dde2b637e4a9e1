"""Benchmarks: what firms tell in confidence, shown to all in bands, and never anybody's own."""

from portal.core import merging
from portal.library.benchmarks import actions, staff, views
from portal.library.benchmarks import holdings as holdings
from portal.library.benchmarks import jobs as jobs

blueprints = (views.blueprint, staff.blueprint)

merging.settlers.setdefault("organizations", []).append(actions.answer_once)
