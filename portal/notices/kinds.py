"""The kinds of mail: what must be sent, and what a person may stop."""

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
