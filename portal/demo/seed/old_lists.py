"""A list that the membership officer brought in from before the portal, checked and waiting."""

from portal.core.audit import move
from portal.core.sheets import to_csv
from portal.demo.seed.firms import World
from portal.exchange.actions import start
from portal.exchange.models import ImportStatus
from portal.exchange.passing import Pass, batches

HEAD = ("Member no", "Company", "Country", "Registration number", "Website", "Sector")
NEW = (
    ("P-0101", "Tamarind Voice", "Philippines", "PH-90112", "https://tamarind.example", "Sales"),
    ("P-0102", "Baobab Back Office", "South Africa", "ZA-90117", "", "Payroll"),
    ("P-0103", "Mahoe Contact", "JM", "JM-90121", "https://mahoe.example", "Collections"),
    ("P-0104", "Birch Klantenservice", "NL", "1.23457E+11", "", "Telecoms"),
    ("P-0105", "Acacia Support", "Kenia", "KE-90133", "", "Retail"),
)  # fmt: skip


def bring_in(world: World) -> None:
    """Three firms are new, one is known, two rows have a problem; nothing of it is written yet."""
    known = world.firms["Narra Contact Services"]
    rows = [*NEW, ("N-0001", known.name, known.country, known.registration_no,
                   "https://www.narra.example", "Banking")]  # fmt: skip
    body = to_csv(HEAD, rows).encode()
    found = start("firms", "prospects-before-the-portal.csv", body, world.people["membership"])
    for part in batches(found.id):
        for _ in Pass(found).batch(part):
            pass
    move(found, ImportStatus.CHECKED)
