"""Which amounts a card may be charged: whole numbers, minimums, Stripe's decimals."""

from portal.demo.sandbox.errors import refused

# Source: Stripe's pages "Supported currencies" and "Minimum and maximum charge amounts".
_SUPPORTED = """
    aed afn all amd ang aoa ars aud awg azn bam bbd bdt bif bmd bnd bob brl bsd bwp byn bzd cad
    cdf chf clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq gyd
    hkd hnl htg huf idr ils inr isk jmd jpy kes kgs khr kmf krw kyd kzt lak lbp lkr lrd lsl mad mdl
    mga mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd pab pen pgk php pkr pln pyg
    qar ron rsd rub rwf sar sbd scr sek sgd shp sle sos srd std szl thb tjs top try ttd twd tzs uah
    ugx usd uyu uzs vnd vuv wst xaf xcd xof xpf yer zmw bhd jod kwd omr tnd
"""
SUPPORTED = frozenset({*_SUPPORTED.split(), "zar"})  # codespell:ignore zar
_NO_DECIMALS = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf"
ZERO_DECIMAL = frozenset(_NO_DECIMALS.split())
THREE_DECIMAL = frozenset({"bhd", "jod", "kwd", "omr", "tnd"})
WHOLE_UNITS = frozenset({"isk", "ugx"})  # two decimals on the wire, which must be 00
WHOLE_PAYOUTS = WHOLE_UNITS | {"huf", "twd"}  # charged in hundredths, paid out whole
MINIMUM = {
    "aed": 200, "czk": 1500, "dkk": 250, "gbp": 30, "hkd": 400, "huf": 17500, "mxn": 1000,
    "myr": 200, "nok": 300, "pln": 200, "ron": 200, "sek": 300, "thb": 1000,
}  # fmt: skip
MINIMUM_ELSEWHERE = 50
LARGEST = 99_999_999


def digits(currency: str) -> int:
    return 0 if currency in ZERO_DECIMAL else 3 if currency in THREE_DECIMAL else 2


def in_words(amount: int, currency: str) -> str:
    """`EUR 1,209.00`; integers all the way."""
    places = digits(currency)
    whole, part = divmod(abs(amount), 10**places)
    sign = "-" if amount < 0 else ""
    return f"{currency.upper()} {sign}{whole:,}" + (f".{part:0{places}}" if places else "")


def checked_currency(currency: str, param: str) -> str:
    """In lower case, as Stripe keeps it; refuses one that it cannot charge."""
    if currency.lower() not in SUPPORTED:
        raise refused(f"Invalid currency: {currency}", param)
    return currency.lower()


def check_charge(amount: int, currency: str, param: str, what: str = "Amount") -> None:
    """Refuses what a card cannot be charged in this currency."""
    least = MINIMUM.get(currency, MINIMUM_ELSEWHERE)
    if amount < least:
        message = f"{what} must be at least {in_words(least, currency)}"
        raise refused(message, param, "amount_too_small")
    if amount > LARGEST:
        message = f"{what} must be no more than {in_words(LARGEST, currency)}"
        raise refused(message, param, "amount_too_large")
    check_step(amount, currency, param)


def check_step(amount: int, currency: str, param: str) -> None:
    """Refuses a part of what cards take in this currency, in a charge as in a refund."""
    if (currency in THREE_DECIMAL and amount % 10) or (currency in WHOLE_UNITS and amount % 100):
        message = f"Invalid amount for {currency}: its last digits must be 0"
        raise refused(message, param, "invalid_charge_amount_no_decimal_compatible")


def whole_payout(amount: int, currency: str) -> int:
    """As much of `amount` as may be paid out: forints and Taiwan dollars in whole ones only."""
    return amount - amount % 100 if currency in WHOLE_PAYOUTS else amount
