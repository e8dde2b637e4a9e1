"""What members ask, and the practices that must be among the first three, with a slip too."""

import pytest

from portal.core.search import PostgresEngine, Query, WhooshEngine
from portal.core.search.index import SYNONYMS
from portal.core.search.synonyms import from_file
from portal.library import actions, documents
from portal.library.front_matter import parse
from portal.library.models import Practice, PracticeStatus
from portal.library.taxonomy import FOLDER

MEMBER = frozenset({"public", "members"})

JUDGED = """
how to reduce attrition in first 90 days | A37
agent turnover benchmark | A37 A14
call calibration | A10
SLA average speed of answer misleading | A21
chosen on price failure | A06
RFP vision template | A04
vendor scoring sheet | A05
site visit checklist | A27
exit plan knowledge transfer | A38
change control clause | A15
contract wording personnel changes | A01
vendor manager job description | A02
shared goals workshop | A03
repair contract without court | A07
steering committee terms of reference | A16
joint root cause team | A17
client silos | A18
trust survey partnership | A19
night bus Cebu | A33
night differential by country | A35
outsourcing tax excise | A34
chatbot disclosure law | A32
PCI ISO 27001 which certification | A40
data breach what happened | A28
WFH mistakes | A39
share CRM with vendor GDPR | A23
customer repeats information transfer | A22
scripts freedom AHT | A24
time zones escalation rota | A11
recruiter service levels fees | A30
"""
FURTHER = """
parity site managers | A13
set up in Jamaica | A29
how positions are decided recusal | A36
accent training | A12
two masters | A09
recognise outsourced agents | A26
VoC | A25
KPO oversight sampling | A08
provider transform process | A20
technology vendor questions WFM | A31
"""


def table(text):
    pairs = (line.split(" | ") for line in text.strip().splitlines())
    return [(asked, set(refs.split())) for asked, refs in pairs]


def with_a_slip(text):
    """The longest word without its middle letter."""
    longest = max((word for word in text.split() if word.isalpha()), key=len)
    middle = len(longest) // 2
    return text.replace(longest, longest[:middle] + longest[middle + 1 :])


def practices():
    for number, path in enumerate(sorted((FOLDER / "library").rglob("*.md")), 1):
        file = parse(path.stem, path.parent.name, path.read_text("utf-8"))
        practice = Practice(
            id=number, ref=file.front["id"], slug=file.slug, version=1,
            status=PracticeStatus.PUBLISHED,
        )  # fmt: skip
        actions.fill(practice, file.front, file.body)
        yield documents.document(practice, {})


@pytest.fixture(autouse=True)
def empty_tables():
    """None is touched."""


@pytest.fixture(scope="module")
def engine(database_url, tmp_path_factory):
    synonyms = from_file(SYNONYMS)
    if database_url.startswith("sqlite"):
        engine = WhooshEngine(tmp_path_factory.mktemp("judged"), synonyms, time_limit=5)
    else:
        engine = PostgresEngine(database_url, synonyms, time_limit=5, home="judged_queries")
    engine.rebuild(practices(), lambda _done, _of: None)
    yield engine
    if isinstance(engine, PostgresEngine):
        engine.forget()
    engine.close()


def refs(engine, text):
    found = engine.search(Query(text, MEMBER, kinds=frozenset({"practice"})))
    return [hit.stored["ref"] for hit in found.hits]


@pytest.mark.parametrize(("asked", "expected"), table(JUDGED) + table(FURTHER))
def test_what_members_ask_is_answered_among_the_first_three(engine, asked, expected):
    assert expected <= set(refs(engine, asked)[:3])


@pytest.mark.parametrize(("asked", "expected"), table(JUDGED))
def test_and_so_it_is_with_a_slip(engine, asked, expected):
    assert expected <= set(refs(engine, with_a_slip(asked))[:3])


def test_a_slip_a_phrase_and_nonsense(engine):
    slip = engine.search(Query("atrition", MEMBER))
    assert (slip.did_you_mean, slip.hits[0].stored["ref"]) == ("attrition", "A37")
    assert refs(engine, '"living contract"')[0] == "A15"
    nothing = engine.search(Query("zzqx", MEMBER))
    assert (nothing.total, nothing.did_you_mean) == (0, None)
