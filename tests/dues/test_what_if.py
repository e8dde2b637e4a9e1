"""What a tariff would bring: over all declarations, quickly, and with nothing written."""

import csv
import io
import random
import time
from datetime import date

import pytest

from portal.dues.increases import last_increase
from portal.dues.what_if import Member, income, what_if
from portal.members.models import MembershipClass
from tests import tables
from tests.dues.books import KSF, book, flat, make_tariff
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
