"""The kinds of mail: what must be sent, what a person may stop, and how often some come."""

from portal.notices.models import Often

PACES = {
    Often.INSTANT: "At once, within minutes",
    Often.DAILY: "Once a day",
    Often.WEEKLY: "Once a week",
}
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
    "theme_news": "New practices of themes you follow",
    "saved_searches": "New finds of your saved searches",
}
