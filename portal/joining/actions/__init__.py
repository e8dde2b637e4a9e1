"""What applicants, staff and money do to an application. The caller commits."""

from portal.joining.actions.appealing import appeal, overturn, uphold
from portal.joining.actions.applying import (
    answer_page,
    hold,
    invite_applicant,
    missing_page,
    pay_address,
    reply,
    start,
    submit,
)
from portal.joining.actions.claiming import priced
from portal.joining.actions.deciding import approve, ask, decline, take
from portal.joining.actions.ending import expire, withdraw
from portal.joining.actions.paying import settled

__all__ = [
    "answer_page",
    "appeal",
    "approve",
    "ask",
    "decline",
    "expire",
    "hold",
    "invite_applicant",
    "missing_page",
    "overturn",
    "pay_address",
    "priced",
    "reply",
    "settled",
    "start",
    "submit",
    "take",
    "uphold",
    "withdraw",
]  # fmt: skip
