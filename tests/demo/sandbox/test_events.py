"""The list of events, by which a poller repairs what webhooks lost."""

import pytest
import stripe

from tests.demo.sandbox.test_checkout import order


@pytest.fixture
def paid(sandbox, client):
    session = client.v1.checkout.sessions.create(order())
    sandbox.pay(session.url)
    return session


def test_an_event_holds_the_object_as_it_was(client, paid):
    (event,) = client.v1.events.list({"type": "checkout.session.completed"}).data
    assert event.data.object.id == paid.id
    assert event.data.object.payment_status == "paid"
    assert event.api_version == stripe.api_version
    assert client.v1.events.retrieve(event.id).type == event.type


def test_nothing_private_is_shown(client, paid):
    for event in client.v1.events.list().data:
        assert not [name for name in event.data.object.to_dict() if name.startswith("_")]


def test_events_are_filtered_by_kind_and_by_groups_of_kinds(client, paid):
    kinds = {row.type for row in client.v1.events.list({"type": "payment_intent.*"}).data}
    assert kinds == {"payment_intent.created", "payment_intent.succeeded"}
    named = ["charge.succeeded", "checkout.session.completed"]
    assert len(client.v1.events.list({"types": named}).data) == 2
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.events.list({"types": named, "type": "charge.succeeded"})


def test_events_are_filtered_by_time(sandbox, client, paid):
    before = client.v1.events.list().data[0].created
    sandbox.advance(3600)
    client.v1.payment_intents.create({"amount": 5000, "currency": "eur"})
    (late,) = client.v1.events.list({"created": {"gt": before + 60}}).data
    assert late.type == "payment_intent.created"
    assert len(client.v1.events.list({"created": {"lte": before}}).data) == 4


def test_the_list_is_walked_in_both_directions(client, paid):
    whole = [row.id for row in client.v1.events.list().data]
    first = client.v1.events.list({"limit": 3})
    assert [row.id for row in first.data] == whole[:3]
    assert first.has_more
    rest = client.v1.events.list({"limit": 3, "starting_after": whole[2]})
    assert [row.id for row in rest.data] == whole[3:]
    assert not rest.has_more
    newer = client.v1.events.list({"limit": 2, "ending_before": whole[3]})
    assert [row.id for row in newer.data] == whole[1:3]
    walked = [row.id for row in client.v1.events.list({"limit": 1}).auto_paging_iter()]
    assert walked == whole


def test_a_place_in_the_list_that_does_not_exist_is_refused(client):
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.events.list({"starting_after": "evt_nobody"})
    assert caught.value.param == "starting_after"
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.events.list({"limit": 101})


def test_events_whose_webhook_was_lost_can_be_asked_for(sandbox, client):
    sandbox.post_faults(drop=1)
    session = client.v1.checkout.sessions.create(order())
    sandbox.pay(session.url)
    sandbox.wait_until_delivered()
    lost = client.v1.events.list({"delivery_success": False}).data
    assert [row.type for row in lost] == ["payment_intent.created"]
    assert len(client.v1.events.list({"delivery_success": True}).data) == 3


def test_a_refund_is_told_from_beginning_to_end(client, paid):
    (charge,) = client.v1.charges.list().data
    client.v1.refunds.create({"charge": charge.id, "amount": 900, "metadata": {"credit": "C-1"}})
    kinds = [row.type for row in client.v1.events.list({"limit": 3}).data][::-1]
    assert kinds == ["refund.created", "charge.refunded", "refund.updated"]
    (refund,) = client.v1.refunds.list({"charge": charge.id}).data
    changed = client.v1.refunds.update(refund.id, {"metadata": {"credit": "", "note": "n"}})
    assert changed.metadata.to_dict() == {"note": "n"}


def test_an_event_names_the_request_that_caused_it(client):
    key = {"idempotency_key": "att-1"}
    made = client.v1.payment_intents.create({"amount": 5000, "currency": "eur"}, key)
    (event,) = client.v1.events.list().data
    assert event.request.idempotency_key == "att-1"
    assert event.request.id == made.last_response.request_id
