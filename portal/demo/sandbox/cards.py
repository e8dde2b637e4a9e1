"""The test cards and what each of them does."""

from dataclasses import dataclass, replace
from typing import Literal

Does = Literal["pays", "declines", "asks", "disputes"]


@dataclass(frozen=True)
class Card:
    number: str
    token: str  # the payment method that stands for it in API requests
    does: Does
    decline_code: str = "generic_decline"
    can_be_saved: bool = True  # a card that declines may be saved all the same
    asks_again: bool = True  # also when it was set up for charges without the payer
    expires: tuple[int, int] = (12, 2040)
    currency: str = ""  # the payer's own, when pages are shown in it
    country: str = "US"
    method_id: str = ""  # of one that was saved

    @property
    def last4(self) -> str:
        return self.number[-4:]

    @property
    def asks_to_save(self) -> bool:
        return self.does == "asks"

    def until(self, month: int, year: int) -> "Card":
        return replace(self, expires=(month, year))


CARDS = (
    Card("4242424242424242", "pm_card_visa", "pays"),
    Card("4000000000000002", "pm_card_visa_chargeDeclined", "declines", can_be_saved=False),
    Card(
        "4000000000009995", "pm_card_visa_chargeDeclinedInsufficientFunds", "declines",
        "insufficient_funds", can_be_saved=False,
    ),
    Card("4000000000000341", "pm_card_chargeCustomerFail", "declines"),
    Card(
        "4000002500003155", "pm_card_authenticationRequiredOnSetup", "asks", asks_again=False
    ),
    Card("4000002760003184", "pm_card_authenticationRequired", "asks"),
    Card("4000000000000259", "pm_card_createDispute", "disputes"),
    Card("4000008260000000", "pm_card_gb", "pays", currency="gbp", country="GB"),
)  # fmt: skip

_BY_NUMBER = {card.number: card for card in CARDS}
_BY_TOKEN = {card.token: card for card in CARDS}


def by_number(typed: str) -> Card | None:
    return _BY_NUMBER.get("".join(typed.split()).replace("-", ""))


def by_token(token: str) -> Card | None:
    return _BY_TOKEN.get(token)
