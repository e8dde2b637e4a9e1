"""The association's own facts: one row."""

from sqlalchemy import JSON, BigInteger, CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Currency, Key, Model


class Association(Model):
    __tablename__ = "association"
    __table_args__ = (CheckConstraint("id = 1", "only_one"),)

    id: Mapped[Key]
    name: Mapped[str]
    tagline: Mapped[str]  # what it is, in one sentence
    address: Mapped[str]
    country: Mapped[str] = mapped_column(String(2))  # ISO 3166-1
    tax_id: Mapped[str]
    bank_name: Mapped[str]
    iban: Mapped[str]
    bic: Mapped[str]
    zone: Mapped[str]  # IANA; business days are days here
    currency: Mapped[Currency]
    invoice_series: Mapped[str]
    credit_series: Mapped[str]
    due_days: Mapped[int] = mapped_column(default=30)
    decision_days: Mapped[int] = mapped_column(default=15)  # working days to decide on a firm
    interest_percent: Mapped[str] = mapped_column(default="0")  # a year, on what is late; 0: none
    books_alone: Mapped[bool] = mapped_column(default=False)  # bank lines that are certain
    may_void: Mapped[bool] = mapped_column(default=False)  # where the law allows it
    approval_above_minor: Mapped[int | None] = mapped_column(BigInteger)  # two people above it
    # Years after which a claim may be time-barred, by the payer's country; the law is not in code.
    barred_after: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    retention: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)  # where it was changed
    checks_links: Mapped[bool] = mapped_column(default=False)  # of practices, over the internet
    contact_name: Mapped[str]
    contact_email: Mapped[str]
    is_demo: Mapped[bool] = mapped_column(default=False)
