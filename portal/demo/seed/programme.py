"""Twenty-four invented events around today, on days on which people work."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from portal.core import working_days


@dataclass(frozen=True)
class Planned:
    title: str
    kind: str
    days: int  # from today
    hour: str  # on the wall, in the zone
    hours: int  # on each of its days
    zone: str
    place: str
    form: str
    venue: str
    seats: int
    member: int  # minor units
    other: int
    people: int  # how many register
    summary: str
    points: str
    story: str = ""
    lasts: int = 1  # days

    def first_day(self, today: date) -> date:
        """The first day from the one planned on which all its days are working days."""
        day = working_days.on_or_after(today + timedelta(days=self.days))
        while not all(
            working_days.is_working_day(day + timedelta(days=n)) for n in range(self.lasts)
        ):
            day = working_days.on_or_after(day + timedelta(days=1))
        return day

    def times(self, today: date) -> tuple[datetime, datetime]:
        """From when until when, on the wall of its zone."""
        starts = datetime.combine(self.first_day(today), time.fromisoformat(self.hour))
        return starts, starts + timedelta(days=self.lasts - 1, hours=self.hours)


def _planned(rows: str) -> tuple[Planned, ...]:
    made = []
    for row in rows.strip().splitlines():
        p = [part.strip() for part in row.split("|")]
        hours, _, lasts = p[4].partition(" on ")
        made.append(
            Planned(
                p[0], p[1], int(p[2]), p[3], int(hours), p[5], p[6], p[7], p[8], int(p[9]),
                int(p[10]) * 100, int(p[11]) * 100, int(p[12]), p[13], p[14],
                p[15] if len(p) > 15 else "", int(lasts or 1),
            )
        )  # fmt: skip
    return tuple(made)


# title | kind | days | hour | hours (on days) | zone | place | form | venue | seats | member | other | people | summary | points | story
PLANNED = _planned(
    """
    Annual meeting and conference | conference | -300 | 09:00 | 8 | Europe/Amsterdam | nl-amsterdam | in_person | Hall of the Weavers | 80 | 250 | 400 | 24 | Two hundred questions from members, and a day to answer them. | Opening;What failed last year, told by those who did it;Working groups;Evening on the canal
    First calls in a new country | webinar | -240 | 15:00 | 1 | Asia/Manila | ph-manila | online | | 100 | 0 | 0 | 18 | Three firms that entered a new country tell whom they called first, and whom they should have. | Registration and advice;Night transport;Questions
    Calibration in one afternoon | training | -200 | 14:00 | 3 | Asia/Kolkata | in-bengaluru | in_person | Banyan training floor | 20 | 90 | 150 | 9 | Score ten calls together, argue, and go home with a sheet that two people fill in alike. | Ten calls;Where we differed;A sheet for your own site
    Visit: a night shift in Cebu | site_visit | -160 | 22:00 | 5 | Asia/Manila | ph-cebu-city | in_person | Acacia Customer Care | 12 | 0 | 0 | 10 | See a floor at two in the morning, and ride home with the last van. | Safety note;The floor;Team leaders;The way home
    What the tariff pays for | forum | -130 | 16:00 | 2 | Europe/Amsterdam | nl-amsterdam | hybrid | Hall of the Weavers | 60 | 0 | 0 | 14 | The treasurer opens the books and takes every question. | Income;What it bought;Next year
    Attrition in the first ninety days | roundtable | -95 | 10:00 | 2 | Africa/Johannesburg | za-johannesburg | in_person | Marula Contact, room 4 | 16 | 0 | 0 | 11 | Under the Chatham House rule: why people leave before they have begun. | Figures without names;What we tried;What we stopped
    Bots that say they are bots | webinar | -70 | 11:00 | 1 | Europe/London | uk-london | online | | 120 | 0 | 40 | 16 | What the duty to disclose means for scripts, voices and hand-offs. | The rule;Words that work;Questions
    New members, meet your hosts | newcomer_intro | -45 | 09:00 | 1 | America/Bogota | co-bogota | online | | 30 | 0 | 0 | 8 | Each newcomer is paired with a member who remembers the first year. | Who is who;Pairs;First steps
    Recruiters and providers at one table | forum | -30 | 13:00 | 4 | Asia/Manila | ph-makati | in_person | Ayala Learning Rooms | 40 | 60 | 100 | 15 | Service levels between recruiters and providers that both can sign. | Fees and fills;Leavers;A draft agreement
    Members’ social in Kingston | social | -12 | 18:00 | 3 | America/Jamaica | jm-kingston-city | in_person | The Verandah | 50 | 0 | 0 | 12 | No slides, no badges, good food. | Arrive;Eat;Talk
    Work from home in a special economic zone | webinar | 6 | 09:00 | 1 | America/Jamaica | jm-kingston-city | online | | 200 | 0 | 0 | 21 | What the thirty per cent rule allows, and how members prove it. | The rule;Equipment;Audit;Questions
    Night transport: what Cebu and Quezon City learned | roundtable | 9 | 15:00 | 2 | Asia/Manila | ph-makati | hybrid | Molave Voice, Makati | 24 | 0 | 25 | 14 | Two cities, three ways home, and what to ask a council for. | What was adopted and what runs;Costs for each trip;Asking a city
    Last-seat roundtable: pricing by resolved contact | roundtable | 16 | 10:00 | 2 | Europe/London | uk-london | in_person | Hazel Customer Operations, room 2 | 12 | 0 | 0 | 11 | Twelve people, one question: what is a resolved contact worth? | Three models;A worked year;What clients say | last
    Quality monitoring with a smaller team | training | 20 | 14:00 | 3 | Asia/Kolkata | in-mumbai | in_person | Neem Contact Centres | 8 | 90 | 150 | 11 | How to listen to fewer contacts and learn more from each. | Choosing contacts;Coaching;A plan for Monday | full
    Bogotá: the labor reform on the floor | forum | 23 | 08:30 | 3 | America/Bogota | co-bogota | hybrid | Ceiba Contacto | 45 | 0 | 30 | 13 | Night surcharges, contracts and apprentices: what the reform changed from one roster to the next. | The law as it stands;Three rosters;Questions to the ministry
    Visit: a claims floor in Chicago | site_visit | 30 | 09:00 | 6 | America/Chicago | us-il | in_person | Sycamore Claims | 14 | 0 | 0 | 7 | Back-office work seen from the desk: queues, checks and the people who do them. | Safety note;Intake;Second reading;Team leaders
    Writing to a legislator so that it is read | training | 37 | 15:00 | 2 | Europe/Amsterdam | nl-amsterdam | online | | 40 | 30 | 60 | 9 | One page, one request, one figure that can be checked. | What is read;What is not;Your letter
    Johannesburg meets: the new wage floor | forum | 44 | 10:00 | 2 | Africa/Johannesburg | za-johannesburg | in_person | Marula Contact, hall | 60 | 0 | 20 | 10 | The yearly change of the minimum wage, and how to plan for it. | The figure;Rosters;What the association says
    Annual meeting and conference | conference | 57 | 09:30 | 8 on 2 | Asia/Manila | ph-manila | in_person | Manila Riverside Centre | 250 | 250 | 400 | 30 | Two days with everybody: failures first, decisions second, dinner third. | Opening and accounts;Eight failures;Elections;Working groups;Dinner
    Landing in the Philippines | webinar | 64 | 09:00 | 1 | America/New_York | ph | online | | 150 | 0 | 0 | 9 | The landing kit, page by page, with three members who used it. | Legal forms;Sites;First calls
    Accessible service in practice | training | 72 | 13:00 | 3 | Europe/London | uk-glasgow | hybrid | Rowan Contact | 25 | 60 | 110 | 6 | Relay calls, plain words and patience: what the accessibility rules ask of a floor. | The rules;Listening;Changing a script
    Exit plans, tested live | training | 86 | 14:00 | 3 | Africa/Johannesburg | za-cape-town | in_person | Baobab Customer Services | 18 | 75 | 120 | 5 | Bring your exit plan; leave with a list of what did not work. | Export an article;Find the phone number;Close an account
    Visit: home agents in Ohio | site_visit | 93 | 10:00 | 4 | America/New_York | us-oh | in_person | Hickory Helpdesk | 10 | 0 | 0 | 0 | A support team that meets twice a year, and how it stays one. | Morning call;Coaching at a distance;Security at home | cancelled
    A school week for team leaders | training | 150 | 09:00 | 7 on 5 | Asia/Manila | ph-cebu-city | in_person | Acacia Customer Care | 30 | 180 | 280 | 4 | Five days in which nobody sits behind a queue. | Listening;Rosters;Hard talks;Figures;Your own plan
    """
)
