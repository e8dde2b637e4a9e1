"""What firms declared of their owners; one says otherwise than the register."""

from portal.demo.seed.firms import World
from portal.members.groups import declare
from portal.members.queries import group_of

DIFFERS = "Acacia Customer Care"


def declarations(world: World) -> None:
    """Every third firm has declared this year, by its first person."""
    for number, (name, firm) in enumerate(world.firms.items()):
        group = group_of(firm.id)
        if name == DIFFERS:
            owner = "Baobab Group, since its offer of this autumn"
            declare(firm, world.staff_of[name][0], owner, "Baobab Collections", is_same=False)
        elif number % 3 == 0 and group is not None:
            owner = "Its founders" if group.name == name else group.name
            declare(firm, world.staff_of[name][0], owner, "", is_same=True)
