"""Best practices: writing, review, search, frank case studies."""

from flask import Flask

from portal.core import merging
from portal.core.search import index
from portal.library import (
    attachments,
    benchmarks,
    documents,
    drafts,
    finding,
    holdings,
    remarks,
    staff,
    views,
    voting,
)
from portal.library import downloads as downloads
from portal.library import handing_over as handing_over
from portal.library import jobs as jobs
from portal.library import models as models
from portal.library import reading_holdings as reading_holdings
from portal.library import run_holdings as run_holdings
from portal.library import search as search
from portal.library.staff import bundles as staff_bundles
from portal.library.staff import deciding as deciding
from portal.library.staff import feedback as staff_feedback
from portal.library.staff import links as staff_links
from portal.library.staff import proposals as staff_proposals
from portal.library.staff import rereading as rereading
from portal.library.staff import tags as staff_tags
from portal.library.staff import versions as staff_versions
from portal.library.staff import word as staff_word
from portal.library.staff import writing as writing
from portal.library.views import attached, reviews
from portal.library.views import checklist_settings as checklist_settings
from portal.library.views import checklists as checklist_pages
from portal.library.views import contributions as contribution_pages
from portal.library.views import feedback as members_feedback
from portal.library.views import proposals as members_proposals
from portal.library.views import reading as reading_pages
from portal.library.views import themes as theme_pages

__all__ = [
    "blueprints", "contribution_pages", "init_app", "members_feedback", "members_proposals",
    "reviews",
    "staff_bundles", "staff_feedback", "staff_links", "staff_proposals", "staff_tags",
    "staff_versions", "staff_word", "theme_pages",
]  # fmt: skip

blueprints = (
    views.blueprint,
    staff.blueprint,
    attached.blueprint,
    checklist_pages.blueprint,
    reading_pages.blueprint,
    *benchmarks.blueprints,
)

merging.settlers.setdefault("people", []).extend([holdings.review_once, drafts.write_once])


def init_app(app: Flask) -> None:
    """Practices are found by the one search of the house."""
    index.sources["practice"] = documents.documents
    index.sources["attachment"] = attachments.documents
    index.readers["practice"] = finding.of_practices
    index.readers["attachment"] = finding.of_files
    merging.settlers.setdefault("people", []).extend([voting.vote_once, remarks.report_once])
