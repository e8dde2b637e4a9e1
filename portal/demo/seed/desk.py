"""What lies on the library desk: a guide in review, a case with its counterparty, one to come."""

from datetime import timedelta
from typing import Any

from portal.core import working_days
from portal.core.db import db
from portal.demo.seed.firms import World
from portal.library import actions, drafts, replies, reviewing
from portal.library.models import Practice, PracticeStatus, Verdict

FACTS = {
    "service": "front_office", "stage": "operations", "theme": "quality", "evidence": "one_case",
    "frankness": "anonymised", "visibility": "members", "teaser": True, "demo": True,
    "language": "en", "owner": "editor",
    "interest": {"author": "Editorial desk", "paid_by": "member dues", "sells": "", "seller": False},
}  # fmt: skip
HANDOVER = """## The five minutes

The team that leaves tells the team that comes three things: what is broken, who was promised a call
back, and which client is watching today. Nobody reads it from a screen; it is said aloud.

- [ ] Broken systems, with the number of the ticket
- [ ] Promised calls, with hour and name
- [ ] The client's own worries of the day
"""
SHEET = """## What happened

The provider scored two contacts a week for each agent by a sheet of 41 lines. Scores rose for five
months while complaints did not fall. The client found out from its own customers.

## Why

Twenty-nine lines asked whether words of the script were said. None asked whether the matter was
settled. Agents learned the sheet.
"""
ROTA = """## The rule

A rota is published 21 days ahead. After that only a swap that both agents sign changes it, and each
change by the employer costs an hour's pay. In the first quarter absence fell from 9 to 7 per cent.
"""


def lay_out(world: World) -> None:
    """By the editor, reviewed by the administrator and a peer, each at the portal's own pace."""
    people = world.people
    guide = _write(world, "handing-a-queue-over", "Handing a queue over at the change of shift",
                   HANDOVER, kind="guide")  # fmt: skip
    actions.move(guide, PracticeStatus.IN_REVIEW, "")
    reviewing.ask_peer(guide, people["rival"].email, people["admin"])
    reviewing.say(guide, "Say which of the three comes first when time is short.", people["admin"])
    facts: dict[str, Any] = {"title": ["Handing a queue over in five minutes"], "version": ["1"]}
    drafts.keep(guide, people["editor"], facts | {"body": [HANDOVER]})
    case = _write(
        world, "a-score-sheet-that-agents-learned", "A score sheet that agents learned by heart",
        SHEET, kind="case_study", outcome="negative", reply={"party": "Oriole Support (invented)"},
        not_again="We would not score a single contact before client and provider have listened "
        "to twenty of them together and agreed on what settled means.",
    )  # fmt: skip
    _find_fit(world, case)
    actions.advance(case, PracticeStatus.LEGAL_REVIEW, "", people["admin"])
    replies.invite(case, "desk@oriole.example", people["admin"])
    words = "Counsel read it: facts only, no risk."
    actions.advance(case, PracticeStatus.RIGHT_OF_REPLY, words, people["admin"])
    rota = _write(world, "rotas-three-weeks-ahead", "Rotas three weeks ahead, and what it cost",
                  ROTA, kind="guide", theme="workforce")  # fmt: skip
    _find_fit(world, rota)
    actions.advance(rota, PracticeStatus.APPROVED, "", people["admin"])
    planned = working_days.on_or_after(world.today + timedelta(days=5))
    actions.schedule(rota, planned, people["admin"])


def _write(world: World, slug: str, title: str, body: str, **facts: Any) -> Practice:
    summary = f"{title}: what one member does, what it brought, and what others should know first."
    front = FACTS | {"title": title, "summary": summary} | facts
    made = actions.start(slug, front, body, world.people["editor"])
    db.session.flush()
    return made


def _find_fit(world: World, practice: Practice) -> None:
    actions.move(practice, PracticeStatus.IN_REVIEW, "")
    admin, rival = world.people["admin"], world.people["rival"]
    reviewing.ask_peer(practice, rival.email, admin)
    for one in (admin, rival):
        reviewing.say(practice, "", one, Verdict.FIT)
    db.session.flush()
