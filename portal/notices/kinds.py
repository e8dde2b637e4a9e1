"""The kinds of mail: what must be sent, what a person may stop, and how often it may come."""

import enum

# Not a choice: money, safety, and what a person asked for themselves.
MUST = {
    "invoices": "Invoices, receipts and credit notes",
    "safety": "Passwords, addresses, the second factor",
    "invitations": "Invitations and answers to your applications",
    "registrations": "Seats and changes of events you are registered for",
}
MAY_STOP = {
    "bill_alerts": "Changes of bills you follow",
    "practice_news": "New versions of practices you follow",
    "saved_searches": "New finds of your saved searches",
}


class Pace(enum.StrEnum):
    INSTANT = "instant"
    DAILY = "daily"
    WEEKLY = "weekly"


PACES = {
    Pace.INSTANT: "At once, a mail for each bill",
    Pace.DAILY: "Once a day, all in one mail",
    Pace.WEEKLY: "Once a week, all in one mail",
}
