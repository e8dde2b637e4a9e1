"""The demo association: its data, the local Stripe sandbox, the mailbox page."""

from portal.demo import mailbox

blueprints = (mailbox.blueprint,)
