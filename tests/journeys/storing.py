"""A hundred scripts stored in every text that people leave in the library, by its own forms."""

import html
import re
from pathlib import Path

from tests.running import PASSWORD

SCRIPTS = Path(__file__).with_name("stored_scripts.txt").read_text("utf-8").splitlines()
LIMITS = {
    "title": 140, "summary": 400, "interest_author": 200, "interest_paid_by": 200,
    "interest_sells": 200, "change_note": 200, "not_again": 2000, "body": 60_000,
}  # fmt: skip
CHOSEN = {
    "kind": "guide", "theme": "quality", "service": "both", "stage": "operations",
    "outcome": "mixed", "evidence": "opinion", "frankness": "anonymised", "visibility": "staff",
}  # fmt: skip
PERIOD = {
    "practice_id": "0", "period_from": "2026-01-01", "period_until": "2026-03-31",
    "asked_kinds": "provider_front", "answer_roles": "roster_manager", "closes_on": "2040-01-01",
    "min_contributors": "5", "max_share_percent": "25", "min_age_months": "3", "band": "5",
    "total_band": "10", "counsel_signed_on": "2026-01-02",
}  # fmt: skip
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010800000000" + "3a7e9b55"
    "0000000a49444154789c63600000000200015d0a2db40000000049454e44ae426082"
)
FILLED = "due-diligence-site-visit"
READ = (
    "we-chose-on-price", FILLED, "the-tax-position-of-outsourced-services", "how-we-decide",
    "certification-on-one-map", "exit-plans-that-keep-customers-served",
    "repairing-a-contract-mid-term", "hand-offs-without-repetition",
)  # fmt: skip


def packed(limit):
    """The scripts in texts of at most `limit` characters, between words that stay harmless."""
    made = [""]
    for one in (script for script in SCRIPTS if len(script) <= limit):
        joined = f"{made[-1]}\n\n{one}" if limit > 400 else f"{made[-1]} {one}"
        if len(joined) > limit:
            made.append(one)
        else:
            made[-1] = joined
    return [one.strip() for one in made]


class Writer:
    """Somebody who sends forms as the browser would, without drawing the pages between."""

    def __init__(self, context, account):
        self.asks = context.request
        self.send("/sign-in", email=f"{account}@demo.example", password=PASSWORD)

    def read(self, url):
        return self.asks.get(url).text()

    def send(self, url, at="", **fields):
        """The address that the form leads to; `at` where it is sent elsewhere than its page."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.read(url))[1]
        told = fields | {"csrf_token": token}
        got = self.asks.post(at or url, multipart=told, max_redirects=0)
        assert got.status == 303, got.text()[:3000]
        return got.headers["location"]

    def found(self, url, pattern, beside=()):
        """The addresses of this kind on a page, each once, in its order; known ones left out."""
        links = re.findall(f'href="({pattern})"', self.read(url))
        return [one for one in dict.fromkeys(links) if one not in beside]


def practices(editor):
    texts, titles = {name: packed(limit) for name, limit in LIMITS.items()}, packed(120)
    pages = ["/staff/library/?q=alert"]
    for turn in range(max(map(len, texts.values()))):
        written = {name: found[turn % len(found)] for name, found in texts.items()}
        written["summary"] = written["summary"].ljust(40, ".")
        if turn:
            written["body"] = "Words."
        there = editor.send("/staff/library/new", slug=f"inert-{turn}", **CHOSEN, **written)
        file = {"name": "<svg onload=alert(1)>.png", "mimeType": "text/html", "buffer": PIXEL}
        editor.send(f"{there}/files", title=titles[turn % len(titles)], file=file)
        pages += [there, f"/library/inert-{turn}"]
        if not turn:
            pages += [f"{there}/edit", f"{there}/files"]
            for text in packed(2000):
                editor.send(there, f"{there}/comment", text=text)
    return pages


def proposals(member, editor):
    """All in one are open, the others declined in words of the same kind."""
    listed = ("/staff/library/proposals", r"/staff/library/proposals/\d+")
    many = "\n\n".join(SCRIPTS)
    known = editor.found(*listed)
    told = {"happened": many, "numbers": packed(4000)[0], "not_again": packed(2000)[0]}
    shorts = packed(60)
    for turn, title in enumerate(packed(140)):
        name = shorts[turn % len(shorts)]
        told |= {"outcome": "mixed", "naming": "anonymised", "pseudonym": name}
        member.send("/library/proposals/new", kind="case", title=title, **told)
        told["happened"] = "A first line and a second one, and no more of it."
    for title in packed(140)[:3]:
        member.send(f"/library/{READ[0]}/experience", title=title, **(told | {"happened": many}))
    pages = editor.found(*listed, beside=known)
    reasons = packed(1000)
    for turn, page in enumerate(pages[1:]):
        editor.send(f"{page}/decline", reason=reasons[turn % len(reasons)])
    return [listed[0], f"{pages[0]}/decline", *pages]


def remarks(member, editor):
    listed = ("/staff/library/remarks", r"/staff/library/remarks/\d+")
    known = editor.found(*listed)
    for slug, text in zip(READ, packed(2000), strict=False):
        member.send(f"/library/{slug}/report", kind="error", text=text)
        member.send(f"/library/{slug}/question", text=text)
    for slug, text in zip(READ, packed(1000), strict=False):
        member.send(f"/library/{slug}/vote", useful="no", text=text)
    return ["/staff/library/votes", *editor.found(*listed, beside=known)]


def reading_lists(member):
    """Their names and what they are for; notes of one are on it, and on its shared page."""
    abouts, lists = packed(500), []
    for turn, title in enumerate(packed(120)):
        told = {"title": title, "about": abouts[turn % len(abouts)], "committee": "0"}
        lists.append(member.send("/reading-lists/", **told))
    first = lists[0]
    number = first.rpartition("/")[2]
    for slug, note in zip(READ, packed(500), strict=True):
        member.send(f"/library/{slug}/keep", list=number)
        [*_, entry] = member.found(first, rf"{first}/entries/\d+")
        member.send(entry, note=note)
    member.send(first, f"{first}/share")
    [shared] = member.found(first, r"/reading-lists/shared/[\w-]+")
    return ["/reading-lists/", *lists[:3], entry, f"/library/{READ[0]}/keep"], [shared]


def checklists(member):
    """One is filled with them, note by note; the others only have them as their names."""
    runs = [member.send(f"/library/{FILLED}/checklist", title=one) for one in packed(120)]
    marks = re.findall(r'name="(\w+)-seen" value="([^"]*)"', member.read(runs[0]))
    said = {}
    for turn, (key, mark) in enumerate(marks):
        note = "\n".join(SCRIPTS[turn :: len(marks)])
        said |= {f"{key}-seen": html.unescape(mark), f"{key}-answer": "no", f"{key}-note": note}
    member.send(runs[0], **said)
    return ["/firm/checklists/", f"/library/{FILLED}/checklist", *runs[:3]]


def surveys(editor):
    """Open, where no other asks the same: members read them, and answer."""
    texts = {
        "title": packed(140), "intro": packed(4000), "metric": packed(200), "unit": packed(30),
        "weight_name": packed(40),
    }  # fmt: skip
    places, pages, numbers = packed(60), [], []
    for turn in range(len(packed(140))):
        told = {name: found[turn % len(found)] for name, found in texts.items()}
        told |= {"site_types": places[turn % len(places)], "regions": places[-turn - 1]}
        told["counsel_name"] = packed(100)[turn % len(packed(100))]
        pages.append(editor.send("/staff/library/benchmarks/new", **PERIOD, **told))
        if turn < len(texts["metric"]):
            editor.send(pages[-1], to="open")
            numbers.append(pages[-1].rpartition("/")[2])
    shown = [f"/library/benchmarks/{one}" for one in numbers]
    pages.append(f"{pages[-1]}/edit")
    return pages, ["/library/benchmarks", *shown, *(f"{one}/answer" for one in shown)]
