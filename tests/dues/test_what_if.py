"""What a tariff would bring: over all declarations, quickly, and with nothing written."""

import csv
import io
import random
import time
from datetime import date

import pytest

from portal.dues.increases import last_increase
from portal.dues.queries.group_prices import group_facts
from portal.dues.what_if import NO_BAND, Band, Member, income, what_if
from portal.members.models import CorporateGroup, MembershipClass
from tests import tables
from tests.dues.books import KSF, book, flat, make_invoice, make_tariff
from tests.dues.test_declarations import declare
from tests.dues.test_tariffs import make_draft
from tests.make import make_firm, make_membership, make_person

ON = date(2027, 1, 1)
NBSP = "\N{NO-BREAK SPACE}"


def member(n, fte=None, group=None, kind="provider_front", headcount=None):
    declared = {} if fte is None else {"contact_centre_fte": str(fte)}
    group = n if group is None else group
    return Member(n, f"Firm {n}", kind, declared, headcount, group, f"Group {group}")


def raised(percent, **facts):
    bands = [[low, high, minor * (100 + percent) // 100] for low, high, minor in KSF]
    return book(book()["rules"][0] | {"bands": bands}, **facts)


def test_each_firm_pays_a_whole_year_before_and_after():
    members = [member(1, 20), member(2, 60), member(3, headcount=300)]
    found = what_if(book(), raised(10), members, ON)
    assert found.before.fees == (120900, 241800, 362700)
    assert found.after.fees == (132990, 265980, 398970)
    assert [row.difference for row in found.rows] == [36270, 24180, 12090]
    assert found.count("more") == 3


def test_who_pays_less_who_the_same_and_who_has_no_price():
    cheaper = book(book()["rules"][0] | {"bands": [[1, 25, 100000], [26, 50, 181600]]})
    members = [member(1, 20), member(2, 30), member(3, 60), member(4), member(5, kind="client")]
    found = what_if(book(), cheaper, members, ON)
    assert [found.count(one) for one in ("less", "same", "more", "none")] == [1, 1, 0, 3]
    reasons = {row.member.id: row.why for row in found.rows}
    assert "no band" in reasons[3]
    assert "is missing" in reasons[4]
    assert "no price for client" in reasons[5]
    assert found.after.total == 100000 + 181600  # nothing is guessed


def test_without_a_tariff_before_nobody_is_called_a_winner():
    found = what_if(None, book(), [member(1, 20)], ON)
    assert (found.before, found.count("none")) == (None, 1)


def test_the_cap_is_taken_over_groups_and_its_cost_is_told():
    fees = [1_200_000, *[362_700] * 4, *[302_500] * 3, *[241_800] * 4, *[181_600] * 4,
            *[120_900] * 5]  # fmt: skip
    kinds = [one.value for one in MembershipClass]
    members = [member(n, n, kind=kinds[0]) for n in range(1, len(fees) + 1)]
    bands = [[n, n, minor] for n, minor in enumerate(fees, 1)]
    rule = book()["rules"][0] | {"bands": bands}
    found = income(book(rule, cap="1/10"), members, ON)
    assert found.groups[0].is_clipped
    assert sum(one.is_clipped for one in found.groups) == 1
    assert found.groups[0].charged * 10 <= found.total
    assert found.gap == sum(fees) - found.total


def test_the_firms_of_a_clipped_group_share_the_cap():
    members = [
        member(1, 300, group=1),
        member(2, 60, group=1),
        *(member(n, 20) for n in range(3, 13)),
    ]
    found = income(book(cap="1/5"), members, ON)
    assert found.groups[0].table == 362700 + 241800
    assert found.fees[0] + found.fees[1] == found.groups[0].charged < found.groups[0].table
    assert found.groups[0].charged * 5 <= found.total


def test_too_few_groups_for_the_cap_are_told_and_nobody_is_clipped():
    found = income(book(cap="1/10"), [member(n, 20) for n in range(5)], ON)
    assert "smallest share that works is 1/5" in found.trouble
    assert found.total == 5 * 120900


def test_a_group_pays_one_fee_by_its_sum_or_a_share_for_each_affiliate():
    members = [member(1, 60, group=7), member(2, 120, group=7), member(3, 20)]
    assert income(book(), members, ON).fees == (241800, 241800, 120900)
    one_fee = book(group={"kind": "aggregate"})
    assert income(one_fee, members, ON).fees == (302500, 0, 120900)
    share = book(group={"kind": "affiliate_share", "percent": "50"})
    assert income(share, members, ON).fees == (241800, 120900, 120900)


def test_the_page_compares_with_today_and_writes_nothing(browser, at):
    at(2026, 6, 1)
    browser.sign_in(make_person("finance"))
    make_tariff()
    for name, fte in (("Kapok", "20"), ("Birch", "60")):
        firm = make_firm(name=name)
        make_membership(firm)
        declare(firm, fte)
    make_membership(make_firm(name="Silent"))
    draft = make_draft(raised(10, cap="9/10"))
    before = tables.keep()
    page = browser.get(f"/staff/dues/tariffs/draft/{draft.id}/what-if")
    assert f"EUR{NBSP}3,989.70" in page
    assert "beside tariff 2026" in page
    assert "No group pays more than 9/10" in page
    assert page.index("Birch") < page.index("Kapok") < page.index("Silent")
    body = browser.get(f"/staff/dues/tariffs/draft/{draft.id}/what-if.csv")
    rows = list(csv.reader(io.StringIO(body)))
    assert rows[1][:1] + rows[1][4:7] == ["Birch", "2418.00", "2659.80", "241.80"]
    assert "missing" in rows[3][7]
    assert tables.changed(before, tables.keep()) == set()


def test_with_no_member_the_page_says_so(browser):
    browser.sign_in(make_person("finance"))
    page = browser.get(f"/staff/dues/tariffs/adopted/{make_tariff().id}/what-if")
    assert "No member has a membership in force" in page


def test_the_page_asks_the_same_of_the_database_at_any_size(browser, statements):
    browser.sign_in(make_person("finance"))
    url = f"/staff/dues/tariffs/adopted/{make_tariff().id}/what-if"
    counts = []
    for more in (3, 10):
        for _ in range(more):
            firm = make_firm()
            make_membership(firm)
            declare(firm, "60")
        statements.clear()
        browser.get(url)
        counts.append(len(statements))
    assert counts[0] == counts[1]


@pytest.mark.slow  # ten thousand firms, each with a size of its own
def test_ten_thousand_firms_are_reckoned_in_five_seconds():
    rng = random.Random(7)
    now = book(*book()["rules"], flat(52300, "consultant"))
    graded = {"kind": "graduated", "classes": ["provider_front"], "metric": "contact_centre_fte",
              "tiers": [[0, 50, 4000], [50, 500, 3000], [500, None, 1000]]}  # fmt: skip
    then = book(graded, flat(60000, "consultant"), cap="1/100")
    members = [
        member(n, f"{n}.{rng.randint(0, 9999):04}", group=rng.randint(1, 8000),
               kind=rng.choice(["provider_front", "provider_front", "consultant"]))
        for n in range(1, 10_001)
    ]  # fmt: skip
    start = time.process_time()
    found = what_if(now, then, members, ON)
    assert time.process_time() - start < 5
    assert len(found.rows) == 10_000
    assert found.count("none") == 0


def test_the_last_increase_is_read_from_two_tariffs():
    first, second = (date(2026, 1, 1), book()), (date(2027, 1, 1), raised(3))
    found = last_increase([(date(2028, 1, 1), raised(3)), second, first])
    assert found.on == date(2027, 1, 1)
    assert found.words in {"by 3.0 %", "by 2.9 % to 3.0 %"}
    assert last_increase([first]) is None
    assert last_increase([first, (date(2025, 1, 1), book())]) is None


def test_each_firm_stands_in_the_band_that_decides_its_price_then():
    members = [
        member(1, 20), member(2, "25.4"), member(3, 60), member(4, 300), member(5),
        member(6, kind="consultant"),
    ]  # fmt: skip
    then = book(*raised(10)["rules"], flat(500, "consultant"))
    found = what_if(book(), then, members, ON)
    bands = {row.member.id: row.band for row in found.rows}
    fte = "contact_centre_fte"
    assert bands[1] == bands[2] == Band(fte, "1", "25"), "25.4 counts as 25"
    assert (bands[3], bands[4]) == (Band(fte, "51", "125"), Band(fte, "251", None))
    assert bands[5] == bands[6] == NO_BAND


def test_a_group_with_one_fee_stands_in_the_band_of_its_sum():
    members = [member(1, 40, group=1), member(2, 30, group=1)]
    found = what_if(None, book(group={"kind": "aggregate"}), members, ON)
    assert {row.member.id: row.band.lower for row in found.rows}[1] == "51"


def test_the_page_and_the_file_say_who_pays_what_by_band(browser, at):
    at(2026, 6, 1)
    browser.sign_in(make_person("finance"))
    make_tariff()
    for fte in ("20", "10", "60"):
        firm = make_firm()
        make_membership(firm)
        declare(firm, fte)
    make_membership(make_firm(name="Silent"))
    draft = make_draft(raised(10))
    page = browser.get(f"/staff/dues/tariffs/draft/{draft.id}/what-if")
    table = page[page.index(">By band<") :]
    low, mid = "Band 1 to 25, contact centre FTE", "Band 51 to 125, contact centre FTE"
    assert page.count("Dues of a year by band, in EUR") == 1
    assert table.index(low) < table.index(mid) < table.index("By no band")
    row = table[table.index(low) : table.index(mid)]
    assert row.index("2,418.00") < row.index("2,659.80"), "two firms now, and then"
    rows = list(csv.DictReader(io.StringIO(
        browser.get(f"/staff/dues/tariffs/draft/{draft.id}/what-if.csv")
    )))  # fmt: skip
    assert sorted(one["band"] for one in rows) == sorted([low, low, mid, "By no band"])


def test_a_tariff_is_reckoned_over_those_who_pay_in_its_currency(browser, at):
    at(2026, 6, 1)
    browser.sign_in(make_person("finance"))
    euro = make_tariff()
    dollar = make_tariff(book=book(currency="USD"), currency="USD", code="2026-USD")
    firms = [make_firm(name="Euro Firm"), make_firm(name="Dollar Firm")]
    for firm in firms:
        make_membership(firm)
        declare(firm, "20")
    both = browser.get(f"/staff/dues/tariffs/adopted/{dollar.id}/what-if")
    assert "Euro Firm" in both, "nobody pays in dollars yet: over all"
    assert "as none pays in USD yet" in both
    make_invoice(firms[1], currency="USD")
    page = browser.get(f"/staff/dues/tariffs/adopted/{euro.id}/what-if")
    assert "Euro Firm" in page
    assert "Dollar Firm" not in page
    assert f'/tariffs/adopted/{dollar.id}/what-if">in USD, tariff 2026-USD' in page
    page = browser.get(f"/staff/dues/tariffs/adopted/{dollar.id}/what-if")
    assert "Dollar Firm" in page
    assert "Euro Firm" not in page


def test_a_group_is_priced_with_those_of_it_that_pay_in_the_tariffs_currency(at):
    at(2026, 6, 1)
    group = CorporateGroup(name="Oriole")
    euro, rupee, other = (make_firm(group=group, headcount=300) for _each in range(3))
    for firm, currency in ((euro, "EUR"), (rupee, "INR"), (other, "EUR")):
        make_membership(firm)
        make_invoice(firm, currency=currency)
    tariff = make_tariff(book=book(cap_minor=400000) | {"cap": "10"})
    asked = tariff, euro, MembershipClass.PROVIDER_FRONT, {"contact_centre_fte": "300"}, ON
    assert group_facts(*asked)["cap"] == 200000, "of two that pay in euro"
    make_invoice(other, currency="INR")
    assert "cap" not in group_facts(*asked), "alone in its currency"
