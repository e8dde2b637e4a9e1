"""The forms of the library."""

from portal.library.forms.deciding import (
    CommentForm,
    InviteForm,
    MoveForm,
    PeerForm,
    ReplyForm,
    ScheduleForm,
    TakeDownForm,
    WithdrawForm,
)
from portal.library.forms.writing import PracticeForm

__all__ = [
    "CommentForm", "InviteForm", "MoveForm", "PeerForm", "PracticeForm", "ReplyForm",
    "ScheduleForm", "TakeDownForm", "WithdrawForm",
]  # fmt: skip
