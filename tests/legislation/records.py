"""Small records in the shape of each source, made by hand."""

import json


def as_bytes(record):
    return json.dumps(record).encode()


def openstates(identifier="HB 12", actions=(), place="us/state:wy", session="2026", **facts):
    """A bulk file; `actions` are (day or instant, chamber, words, *classes), the oldest first."""
    rows = [
        {
            "date": date,
            "organization_id": f'~{{"classification": "{body}"}}',
            "description": words,
            "classification": list(classes),
            "related_entities": [],
        }
        for date, body, words, *classes in actions
    ]
    record = {
        "legislative_session": session,
        "identifier": identifier,
        "title": "Quiet hours for agents",
        "from_organization": '~{"classification": "lower"}',
        "classification": ["bill"],
        "actions": rows[::-1],
        "sponsorships": [],
        "related_bills": [],
        "versions": [],
        "jurisdiction": {
            "id": f"ocd-jurisdiction/country:{place}/government",
            "division_id": f"ocd-division/country:{place}",
        },
        "_processing": {"logs_latest_update": "2026-02-01T10:00:00Z"},
    }
    return record | facts


def openstates_vote(identifier="HB 12", session="2026", **facts):
    return {
        "motion_text": "Third reading 2-1",
        "result": "pass",
        "bill_identifier": identifier,
        "legislative_session": session,
        "start_date": "2026-02-11T19:00:00+00:00",
        "organization": '~{"classification": "lower"}',
        "counts": [{"option": "yes", "value": 2}, {"option": "no", "value": 1}],
        "votes": [
            {"option": "yes", "voter_name": "Brown"},
            {"option": "yes", "voter_name": "G"},
            {"option": "yes", "voter_name": "Ide"},
            {"option": "no", "voter_name": "Yin"},
        ],
    } | facts


def legiscan(number="HB9", status=1, events=(), **facts):
    session = {
        "session_name": "2025 Regular Session",
        "sine_die": facts.pop("sine_die", 0),
        "prefile": 0,
    }
    bill = {
        "bill_id": facts.pop("bill_id", 77),
        "state": "GA",
        "session": session,
        "bill_number": number,
        "title": "Call recording",
        "status": status,
        "bill_type": "B",
        "body": "H",
        "status_date": "2025-02-01",
        "committee": [],
        "sasts": [],
        "sponsors": [],
        "history": [{"date": "2025-02-01", "action": "House Hopper", "chamber": "H"}],
        "progress": [{"date": "2025-02-01", "event": one} for one in events],
    }
    return {"bill": bill | facts}


def congress(number="12", status="REFERRED", **facts):
    return {
        "bill_type": "hr",
        "number": number,
        "congress": "116",
        "introduced_at": "2019-03-01",
        "official_title": "To require that agents say where they are.",
        "short_title": None,
        "status": status,
        "status_at": "2019-03-01",
        "updated_at": "2020-12-01T00:00:00Z",
        "sponsor": {"name": "Doe, Ana", "bioguide_id": "D1", "state": "TX", "district": "2"},
        "cosponsors": [],
        "related_bills": [],
        "subjects": [],
        "titles": [],
        "actions": [
            {
                "acted_at": "2019-03-01",
                "text": "Introduced in House",
                "type": "action",
                "action_code": "Intro-H",
                "references": [],
            }
        ],
    } | facts


def billstatus(number="12", extra="", begin=""):
    return f"""<?xml version="1.0"?>{begin}<billStatus><bill>
<type>HR</type><number>{number}</number><congress>116</congress>
<title>Agents say where they are</title>
<introducedDate>2019-03-01</introducedDate><updateDate>2020-11-01</updateDate>
<actions><item><actionDate>2019-03-01</actionDate><text>Introduced in House</text>
<type>IntroReferral</type><actionCode>Intro-H</actionCode></item></actions>{extra}
</bill></billStatus>""".encode()


def legistar(file="Int 0007-2024", status=(3, "Committee"), history=(), **facts):
    rows = [
        {"ID": n, "Date": date, "Action": words, "ActionID": 1, "BodyName": "City Council"}
        for n, (date, words) in enumerate(history, 1)
    ]
    return {
        "ID": 500,
        "GUID": "G-1",
        "File": file,
        "Name": "Waiting times",
        "Title": "A Local Law",
        "TypeName": "Introduction",
        "StatusID": status[0],
        "StatusName": status[1],
        "BodyName": "Committee on Labor",
        "IntroDate": "2024-02-08T00:00:00Z",
        "Version": "*",
        "Sponsors": [
            {"ID": 0, "Slug": "", "FullName": ""},
            {"ID": 9, "Slug": "ana-doe", "FullName": "Ana Doe"},
        ],
        "History": rows,
        "Attachments": [],
        "LastModified": "2024-02-09T10:00:00Z",
        "PassedDate": "0001-01-01T00:00:00Z",
    } | facts


def uk(abbreviation="2R", house="Commons", **facts):
    return {
        "billId": 4001,
        "shortTitle": "Telephone Services Bill",
        "originatingHouse": "Commons",
        "currentHouse": house,
        "lastUpdate": "2026-02-13T16:10:30.8498233",
        "currentStage": {"description": "A stage", "abbreviation": abbreviation, "house": house},
        "billUrl": "https://bills.example/4001",
    } | facts
