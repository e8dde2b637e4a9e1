"""The words under which a firm lets us charge a card; a version for each wording."""

VERSION = "2026-11-2"
BEFORE_EARLY = {"2026-11"}  # agreed to no day but the due day
_REST = (
    "Before each charge we are told the amount and the day, 30 and 7 days ahead where there "
    "is so much time and never less than three days. A card that is declined is tried again "
    "after 1, 7 and 14 days, and then no more.",
    "When we change the card, an invoice that the old card could not pay is charged once to "
    "the new one, at once.",
    "We can stop this at any time, and pay any invoice in another way first.",
)
WORDS = {
    "2026-11": (
        "We let the association charge this card for our membership dues, each invoice on the day "
        "it is due, until we say stop.",
        *_REST,
    ),
    "2026-11-2": (
        "We let the association charge this card for our membership dues, each invoice on the day "
        "it is due, until we say stop. One that costs less when it is paid early is charged that "
        "less, on the last day for it.",
        *_REST,
    ),
}
