"""Which language a visitor is spoken to in."""

from __future__ import annotations

__all__ = ["spoken"]

_CODES = {"nb": "nb", "no": "nb", "nn": "nn", "en": "en"}


def spoken(accepted: str, otherwise: str) -> str:
    """The first language of an ``Accept-Language`` header that there are words for.

    >>> spoken("se,nn;q=0.8,nb;q=0.9,en;q=0.1", "en"), spoken("de", "nb"), spoken("", "en")
    ('nb', 'nb', 'en')
    """
    wanted = []
    for place, part in enumerate(accepted[:500].split(",")):
        name, _, rest = part.strip().partition(";")
        code = _CODES.get(name.strip().lower().partition("-")[0])
        try:
            weight = float(rest.strip().removeprefix("q=")) if rest else 1.0
        except ValueError:
            weight = 0.0
        if code and weight > 0:
            wanted.append((-weight, place, code))
    return min(wanted)[2] if wanted else otherwise
