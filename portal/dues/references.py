"""Names of documents: numbers, and the reference that a bank can check."""


def number(series: str, year: int, sequence: int) -> str:
    """`LH-2026-000012`."""
    return f"{series}-{year}-{sequence:06}"


def rf_reference(text: str) -> str:
    """The creditor reference of ISO 11649: `RF`, two check digits modulo 97, the text."""
    body = "".join(letter for letter in text.upper() if letter.isascii() and letter.isalnum())
    digits = "".join(str(int(letter, 36)) for letter in f"{body}RF00")
    return f"RF{98 - int(digits) % 97:02}{body}"


def in_fours(text: str) -> str:
    """`RF93 2027 0001 23`: as people read it aloud."""
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))
