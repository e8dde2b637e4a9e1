"""Requests in bracket notation, held against the stripe package's own types."""

import pytest
from stripe.params import EventListParams, PaymentIntentCreateParams, RefundCreateParams
from stripe.params.checkout import SessionCreateParams

from portal.demo.sandbox.api import API
from portal.demo.sandbox.currencies import in_words
from portal.demo.sandbox.decode import tree
from portal.demo.sandbox.errors import ApiError
from portal.demo.sandbox.typed import fields_of, typed


def read(pairs, kind):
    return typed(tree(pairs), kind)


def refusal(pairs, kind):
    with pytest.raises(ApiError) as caught:
        read(pairs, kind)
    return caught.value.error


def test_brackets_become_lists_and_hashes_by_the_parameters_type():
    pairs = [
        ("line_items[1][quantity]", "2"), ("line_items[0][quantity]", "1"),
        ("metadata[0]", "zero"), ("expand[]", "a"), ("expand[]", "b"),
    ]  # fmt: skip
    assert read(pairs, SessionCreateParams) == {
        "line_items": [{"quantity": 1}, {"quantity": 2}],
        "metadata": {"0": "zero"},
        "expand": ["a", "b"],
    }


def test_whole_numbers_and_booleans_are_read():
    pairs = [("amount", "5000"), ("currency", "eur"), ("confirm", "true")]
    assert read(pairs, PaymentIntentCreateParams) == {
        "amount": 5000, "currency": "eur", "confirm": True,
    }  # fmt: skip


@pytest.mark.parametrize("wrong", ["12.5", "1_000", "1e3", " 5", "٣", "-", "true", ""])
def test_what_is_no_whole_number_is_refused(wrong):
    pairs = [("amount", wrong), ("currency", "eur")]
    assert refusal(pairs, PaymentIntentCreateParams)["param"] == "amount"


def test_the_first_required_parameter_that_is_missing_is_named():
    error = refusal([("currency", "eur")], PaymentIntentCreateParams)
    assert (error["code"], error["param"]) == ("parameter_missing", "amount")


def test_unknown_parameters_are_named_at_every_depth():
    error = refusal([("x", "1"), ("y[z]", "1")], RefundCreateParams)
    assert error["message"] == "Received unknown parameters: x, y"
    deep = refusal([("line_items[0][price_data][colour]", "1")], SessionCreateParams)
    assert deep["param"] == "line_items[0][price_data][colour]"


def test_a_union_takes_either_shape():
    assert read([("created", "5")], EventListParams) == {"created": 5}
    assert read([("created[gte]", "5")], EventListParams) == {"created": {"gte": 5}}
    assert refusal([("created", "x")], EventListParams)["message"] == "Invalid integer: x"
    assert refusal([("created[on]", "5")], EventListParams)["param"] == "created[on]"
    assert read([("metadata", "")], RefundCreateParams) == {"metadata": ""}


def test_a_choice_is_one_of_those_that_the_package_knows():
    assert read([("reason", "duplicate")], RefundCreateParams) == {"reason": "duplicate"}
    error = refusal([("reason", "whim")], RefundCreateParams)
    assert error["message"].endswith("one of duplicate, fraudulent, requested_by_customer")


@pytest.mark.parametrize(
    "pairs",
    [
        [("charge[0]", "x")], [("expand", "x")], [("expand[a]", "x")], [("metadata[a][b]", "x")],
        [("charge", "a"), ("charge", "b")], [("charge", "a"), ("charge[b]", "c")], [("]", "x")],
        [("a" + "[b]" * 2000, "x")], [("charge", "")], [("charge", "x" * 5001)],
        [(f"metadata[{n}]", "x") for n in range(51)],
    ],
)  # fmt: skip
def test_a_crooked_request_is_refused(pairs):
    assert refusal(pairs, RefundCreateParams)["type"] == "invalid_request_error"


def test_every_parameter_that_the_sandbox_acts_on_is_one_of_the_packages():
    for endpoint in API:
        unknown = endpoint.acts_on - set(fields_of(endpoint.params))
        assert not unknown, f"{endpoint.method} {endpoint.path}: {unknown}"


def test_amounts_are_put_in_words_without_floats():
    assert in_words(120900, "eur") == "EUR 1,209.00"
    assert in_words(5, "usd") == "USD 0.05"
    assert in_words(1209, "jpy") == "JPY 1,209"
    assert in_words(-1234567, "kwd") == "KWD -1,234.567"
