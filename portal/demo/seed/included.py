"""What some firms of the demo used of what their memberships include."""

from datetime import timedelta

from portal.demo.seed.firms import World
from portal.dues import actions
from portal.dues.queries.allowances import allowances_of

USED = (
    ("event_passes", 2, "Winter forum"),
    ("meeting_room_hours", 3, "Large room, interviews"),
    ("meeting_room_hours", 4, "Small room, a client's visit"),
    ("job_posts", 1, "Night shift team leads"),
)


def use_some(world: World) -> None:
    """Every fifth firm, in the weeks before today and inside its term."""
    for firm in list(world.firms.values())[::5]:
        for allowance in allowances_of(firm.id):
            for days, (of, amount, what_for) in enumerate(USED, 3):
                on = world.today - timedelta(days=days * 2)
                if of == allowance.of and on >= allowance.term.start_on:
                    actions.use_allowance(allowance.term, actions.Used(of, amount, on, what_for))
