"""A real SMTP server in a thread: it keeps what it is given and fails when told to."""

from email import message_from_bytes
from email.policy import default

from aiosmtpd.controller import Controller


class Keeper:
    def __init__(self):
        self.messages, self.answer, self.nobody = [], "250 OK", {}

    async def handle_RCPT(self, _server, _session, envelope, address, _options):
        if address in self.nobody:
            return self.nobody[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope):
        if self.answer.startswith("250"):
            self.messages.append(message_from_bytes(envelope.original_content, policy=default))
        return self.answer


class SmtpServer(Controller):
    def __init__(self, **options):
        self.keeper = Keeper()
        super().__init__(self.keeper, hostname="127.0.0.1", port=0, **options)

    @property
    def messages(self):
        return self.keeper.messages

    def clear(self):
        self.keeper.messages, self.keeper.answer, self.keeper.nobody = [], "250 OK", {}

    def refuse_with(self, answer):
        """`451 try later`, `550 unknown`; `250 OK` makes it well again."""
        self.keeper.answer = answer

    def know_nobody_at(self, address, answer="550 5.1.1 no such user"):
        """Refuse a recipient; a 4 in front makes it a refusal for now."""
        self.keeper.nobody[address] = answer

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_error):
        self.stop()
