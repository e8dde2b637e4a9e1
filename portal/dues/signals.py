"""What higher features may react to, in the transaction in which it happens."""

from blinker import Signal

# Sent with the invoice when its balance reaches zero: by a payment, or at issue of a zero total.
invoice_settled = Signal()
# Sent with the invoice when money paid something on it, before it is told that it is settled.
money_came = Signal()
# Sent with the invoice when money that paid something on it does not any more.
money_went = Signal()
# Sent with the firm when numbers of it were signed, or checked by staff.
numbers_signed = Signal()
# Sent with the invoice when its payer leaves out the gift on it.
gift_left_out = Signal()
# Sent with an invoice that is shown: who knows more of it answers a sentence, or none.
invoice_shown = Signal()
# Sent with the invoice when a credit note takes it back, or when it is void: then `credit_note`
# is None. `was_owed` says whether something was unpaid on it until then.
invoice_credited = Signal()
