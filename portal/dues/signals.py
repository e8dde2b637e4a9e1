"""What higher features may react to, in the transaction in which it happens."""

from blinker import Signal

# Sent with the invoice when its balance reaches zero: by a payment, or at issue of a zero total.
invoice_settled = Signal()
# Sent with the invoice when a credit note takes it back, or when it is void: then `credit_note`
# is None. `was_owed` says whether something was unpaid on it until then.
invoice_credited = Signal()
