"""Which mail domains may stand for a firm: pure checks, no look-up."""

import re

from portal.core.states import Refused

# Anybody can have an address here, or a name below it.
_PUBLIC = """
    gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com ymail.com
    yahoo.co.uk yahoo.co.in yahoo.com.ph rocketmail.com icloud.com me.com mac.com aol.com gmx.com
    gmx.net gmx.de web.de mail.com email.com proton.me protonmail.com pm.me tutanota.com tuta.com
    zoho.com zohomail.com yandex.com yandex.ru mail.ru inbox.ru qq.com 163.com 126.com foxmail.com
    sina.com rediffmail.com fastmail.com hey.com hushmail.com mailinator.com guerrillamail.com
    10minutemail.com yopmail.com temp-mail.org trashmail.com orange.fr free.fr wanadoo.fr
    laposte.net libero.it t-online.de ziggo.nl kpnmail.nl planet.nl hetnet.nl xs4all.nl
    telkomsa.net mweb.co.za vodamail.co.za comcast.net verizon.net att.net btinternet.com sky.com
    naver.com daum.net hanmail.net
"""
MAILBOXES = ("postmaster", "hostmaster", "webmaster", "admin", "administrator")  # of who runs it
SHARED = (
    "github.io", "gitlab.io", "netlify.app", "vercel.app", "herokuapp.com", "pages.dev",
    "web.app", "firebaseapp.com", "wordpress.com", "wixsite.com", "weebly.com", "blogspot.com",
    "azurewebsites.net", "onmicrosoft.com", "amazonaws.com", "cloudfront.net", "myshopify.com",
    "squarespace.com", "webflow.io", "ngrok.io", "duckdns.org", "dyndns.org",
)  # fmt: skip
# Whole endings under which anybody registers a name: not a firm's own.
_ENDINGS = """
    co.uk org.uk ac.uk com.ph net.ph org.ph co.za org.za com.au net.au co.in com.br com.mx com.co
    co.nz com.sg com.my co.jp co.kr com.tr com.jm co.ke
"""
PUBLIC, ENDINGS = frozenset(_PUBLIC.split()), frozenset(_ENDINGS.split())
PLAIN = re.compile(r"(?=.{4,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}\Z")
LOOKS = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("0", "o"), ("1", "l"), ("i", "l"), ("5", "s"))


def domain_of(email: str) -> str:
    return email.rpartition("@")[2].lower()


def skeleton(domain: str) -> str:
    """The same for two domains that a hurried eye takes for one another."""
    for looks, like in LOOKS:
        domain = domain.replace(looks, like)
    return domain.replace("-", "")


def plain_domain(text: str) -> str:
    """The domain of what was typed; raises `Refused` when it cannot stand for one firm."""
    domain = text.strip().lower().removeprefix("https://").removeprefix("http://")
    domain = domain.rpartition("@")[2].partition("/")[0].removeprefix("www.").rstrip(".")
    if not domain.isascii() or any(part.startswith("xn--") for part in domain.split(".")):
        raise Refused(
            "Only domains in the plain letters a to z are taken: others can look like "
            "somebody else’s."
        )
    if not PLAIN.match(domain) or domain in ENDINGS:
        raise Refused("Enter a whole domain, like firm.example")
    if domain in PUBLIC:
        raise Refused(f"Anybody can have an address at {domain}: it does not show who works here.")
    if any(domain == one or domain.endswith(f".{one}") for one in SHARED):
        raise Refused(f"{domain} is shared by many: enter a domain of your own.")
    if skeleton(domain) in {skeleton(one) for one in PUBLIC}:
        raise Refused(f"{domain} looks too much like a public mail service.")
    return domain


def looks_like_another(domain: str, others: set[str]) -> bool:
    """True when `domain` is none of `others` but can be taken for one of them."""
    alike = {skeleton(one) for one in others}
    return domain not in others and skeleton(domain) in alike
