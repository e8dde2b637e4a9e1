"""Invented firms and people of the demo association; any likeness is chance."""

from dataclasses import dataclass

from portal.dues.declaring import metrics_asked
from portal.dues.rules import Book
from portal.members.models import MembershipClass

M = MembershipClass


@dataclass(frozen=True)
class Firm:
    name: str
    country: str
    city: str  # slug of the place
    kind: MembershipClass
    headcount: int
    since: int  # years before this one
    group: str = ""  # of its own when empty
    story: str = ""  # lapsed | arrears:<days> | part | over | credited

    def numbers(self, book: Book) -> dict[str, str]:
        """All its people work in the centre, in full time: what the demo's tariffs ask."""
        return dict.fromkeys(metrics_asked(book, [self.kind]), str(self.headcount))


PAYERS = {  # whose dues somebody else pays: the figures of who funds the body say so
    "Talisay Care": {
        "name": "Visayas Skills Fund (invented)", "country": "PH", "tax_id": "PH799001",
        "address": "7 Demonstration Plaza\nIloilo City", "email": "grants@skills-fund.example",
        "reference": "Skills grant 31",
    },
}  # fmt: skip


def _firms(rows: str) -> tuple[Firm, ...]:
    made = []
    for row in rows.strip().splitlines():
        name, country, city, kind, size, since, *more = (part.strip() for part in row.split("|"))
        group, story = [*more, "", ""][:2]
        made.append(Firm(name, country, city, M(kind), int(size), int(since), group, story))
    return tuple(made)


# name | country | place | class | people | years | group | story
FIRMS = _firms(
    """
    Narra Contact Services | PH | ph-manila | provider_front | 2600 | 4 | Narra Group |
    Narra Back Office | PH | ph-cebu-city | provider_back | 640 | 3 | Narra Group |
    Narra Voice Colombia | CO | co-bogota | provider_front | 310 | 2 | Narra Group |
    Narra Learning | PH | ph-makati | training | 45 | 1 | Narra Group |
    Molave Voice | PH | ph-quezon-city | provider_front | 880 | 4 | |
    Acacia Customer Care | PH | ph-cebu-city | provider_front | 420 | 3 | |
    Kamagong Processes | PH | ph-taguig | provider_back | 210 | 2 | |
    Ipil Recruitment | PH | ph-pasig | recruiter | 38 | 3 | |
    Dapdap Shuttle and Sites | PH | ph-davao-city | facilities_transport | 120 | 2 | | arrears:40
    Talisay Care | PH | ph-iloilo-city | provider_front | 160 | 1 | |
    Banaba Support | PH | ph-bacolod | provider_front | 95 | 2 | |
    Talisay Care Inc. | PH | ph-manila | provider_back | 75 | 0 | |
    Lauan Systems | PH | ph-makati | technology | 60 | 3 | |
    Bakawan Advisory | PH | ph-manila | consultant | 6 | 2 | |
    Banyan Outsourcing | IN | in-bengaluru | provider_front | 1900 | 4 | Banyan Holdings |
    Banyan Analytics | IN | in-bengaluru | technology | 140 | 2 | Banyan Holdings |
    Neem Contact Centres | IN | in-mumbai | provider_front | 730 | 3 | |
    Peepal Processes | IN | in-gurugram | provider_back | 510 | 3 | |
    Sal Finance Services | IN | in-mumbai | provider_back | 230 | 2 | |
    Tamarind Talent | IN | in-gurugram | recruiter | 52 | 2 | |
    Deodar Speech | IN | in-bengaluru | technology | 88 | 1 | | arrears:12
    Amla Training | IN | in-mumbai | training | 22 | 2 | |
    Kadam Trade Press | IN | in-gurugram | supporter | 9 | 3 | |
    Jamun Ventures | IN | in-bengaluru | startup | 14 | 0 | |
    Marula Contact | ZA | za-johannesburg | provider_front | 540 | 3 | |
    Baobab Customer Services | ZA | za-cape-town | provider_front | 470 | 4 | Baobab Group |
    Baobab Collections | ZA | za-durban | provider_front | 130 | 2 | Baobab Group |
    Yellowwood Processing | ZA | za-durban | provider_back | 115 | 2 | | lapsed
    Protea Recruit | ZA | za-johannesburg | recruiter | 26 | 1 | |
    Fynbos Software | ZA | za-cape-town | technology | 41 | 2 | |
    Stinkwood Facilities | ZA | za-johannesburg | facilities_transport | 60 | 3 | |
    Milkwood Advisory | ZA | za-cape-town | consultant | 4 | 1 | | arrears:75
    Alder Response | US | us-tx | provider_front | 650 | 4 | |
    Hickory Helpdesk | US | us-oh | provider_front | 280 | 3 | |
    Sycamore Claims | US | us-il | provider_back | 190 | 2 | |
    Juniper Routing | US | us-ca | technology | 75 | 3 | |
    Dogwood Centre Services | US | us-nc | provider_front | 110 | 2 | | arrears:110
    Mesquite Energy Retail | US | us-tx | client | 900 | 2 | |
    Redbud Calibration | US | us-ny | individual | 1 | 2 | |
    Ceiba Contacto | CO | co-bogota | provider_front | 360 | 3 | |
    Guayacán Servicios | CO | co-medellin | provider_front | 240 | 2 | | part
    Caracolí Talento | CO | co-medellin | recruiter | 19 | 1 | |
    Sauce Formación | CO | co-bogota | training | 17 | 2 | | lapsed
    Mahoe Contact | JM | jm-montego-bay | provider_front | 330 | 3 | |
    Lignum Support | JM | jm-kingston-city | provider_front | 140 | 2 | |
    Ackee Transport | JM | jm-montego-bay | facilities_transport | 44 | 1 | |
    Breadfruit Recruiting | JM | jm-kingston-city | recruiter | 12 | 2 | | lapsed
    Pimento Helpline | JM | jm-montego-bay | provider_front | 85 | 0 | |
    Rowan Contact | GB | uk-glasgow | provider_front | 390 | 4 | |
    Hazel Customer Operations | GB | uk-london | provider_front | 520 | 3 | | over
    Hornbeam Software | GB | uk-london | technology | 130 | 2 | |
    Whitebeam Retail | GB | uk-london | client | 1200 | 1 | |
    University of Elderford | GB | uk-london | academic | 300 | 2 | |
    Maple Line | CA | ca-on-toronto | provider_front | 260 | 3 | |
    Tamarack Support | CA | ca-on-toronto | provider_front | 90 | 2 | | lapsed
    Larch Insurance | CA | ca-on-toronto | client | 700 | 2 | |
    Linden Klantcontact | NL | nl-amsterdam | provider_front | 150 | 4 | |
    Wilg Automatisering | NL | nl-amsterdam | technology | 35 | 2 | | credited
    Meidoorn Werving | NL | nl-amsterdam | recruiter | 15 | 1 | | arrears:20
    City of Elmhaven, economic office | NL | nl-amsterdam | public_body | 12 | 1 | |
    """
)

GIVEN = {
    "PH": "Marisol Paolo Rosa Jun Liza Ramon Carmela Nestor Grace Edwin Tess Arnel".split(),
    "IN": "Asha Ravi Meera Arjun Lakshmi Sanjay Divya Kiran Nisha Vikram Anita Rahul".split(),
    "ZA": "Thandi Sipho Lerato Johan Nomsa Pieter Zanele Themba Anika Bongani Naledi Kobus".split(),
    "US": "Dana Marcus Ellen Tyrone Beth Carlos Joan Victor Paula Reggie Nora Hank".split(),
    "CO": "Camila Andrés Paola Hernán Lucía Diego Valeria Óscar Marta Felipe Juana Iván".split(),
    "JM": "Keisha Omar Shanice Devon Marcia Winston Tanya Errol Alecia Garfield Nadine Leroy".split(),
    "GB": "Fiona Graham Priya Owen Hilary Callum Joanne Idris Morag Nigel Sunita Rhys".split(),
    "CA": "Claire Mathieu Sandra Devin Isabelle Wei Heather Luc Amrit Gordon Nadia Pierre".split(),
    "NL": "Anneke Joost Marieke Sander Fatima Pieter Ilse Bram Noor Henk Saskia Wim".split(),
}
FAMILY = {
    "PH": "Tan-Reyes Lim Villanueva Cruz Santos Dizon Ocampo Magsaysay Bautista Soriano".split(),
    "IN": "Iyer Kulkarni Bose Menon Chawla Reddy Joshi Nair Saxena Pillai".split(),
    "ZA": "Dlamini Botha Mokoena Naidoo Khumalo Steyn Maseko Adams Ndlovu Venter".split(),
    "US": "Harlow Whitfield Ortega Jensen Coleman Brandt Sutter Mays Keller Dunne".split(),
    "CO": "Restrepo Quintero Salazar Ospina Cardona Mejía Arango Duque Rincón Vargas".split(),
    "JM": "Campbell Grant Morrison Wright Bailey Clarke Reid Lewin Stewart Blake".split(),
    "GB": "Ashworth McAllister Pritchard Okafor Lindsay Barlow Sethi Hughes Fenwick Doyle".split(),
    "CA": "Tremblay Nguyen MacLeod Singh Bouchard Fraser Chan Gagnon Reimer Patel".split(),
    "NL": "Lindqvist Bakker Visser Aydin Mulder Hoekstra Jansen Smit Dekker Postma".split(),
}
