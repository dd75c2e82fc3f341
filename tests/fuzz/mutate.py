"""True bytes made untrue: cut, doubled, flipped, and sprinkled with what breaks readers."""

from __future__ import annotations

import random

__all__ = ["TOKENS", "mutated"]

TOKENS = (
    *(b";", b"\t", b",", b"\n", b"\r", b'"', b"'", b"\x00", b"\xff", b"\xef\xbb\xbf", b"\xff\xfe"),
    *(b":", b".", b"..", b"*", b"<5", b"-", b"\xe2\x88\x92", b"\xc2\xa0", b"\xe2\x80\xaf", b"NaN"),
    *(b"1e999", b"9" * 40, b"-1", b"1.250", b"0,5", b"9999", b"K3001", b"F03", b"0102", b"2100"),
    *(b"Prosent", b"Personer", b"Halden", b"Her\xf8y", b"2016", b"1066", b"20266", b"999A", b"105"),
    *(b"null", b"true", b"{}", b"[]", b"[[", b'{"a":', b'"value":', b'"status":', b'"index":'),
    *(b"code", b"year", b"persons", b"stage", b"indicator", b"Enhet", b"Antall", b"region"),
    *(b"=", b"[", b"]", b"{", b"}", b"#", b"\\u0000", b"\xed\xa0\x80", "å".encode(), "٣".encode()),
)


def mutated(seed: bytes, rng: random.Random) -> bytes:
    """Some bytes with one to eight changes."""
    raw = bytearray(seed)
    for _ in range(rng.randint(1, 8)):
        at = rng.randrange(len(raw) + 1)
        length = rng.choice((1, 1, 2, 4, 16, 64, 400))
        kind = rng.randrange(7)
        if kind == 0:
            del raw[at : at + length]
        elif kind == 1:
            raw[at:at] = raw[at : at + length]
        elif kind == 2 and at < len(raw):
            raw[at] = rng.randrange(256)
        elif kind == 3:
            raw[at : at + rng.choice((0, 1, 4))] = rng.choice(TOKENS)
        elif kind == 4:
            other = rng.randrange(len(raw) + 1)
            raw[at:at] = raw[other : other + length]
        elif kind == 5:
            del raw[at:]
        else:
            marks = [place for place, byte in enumerate(raw) if byte in b';,\t\n":']
            if marks:
                place = rng.choice(marks) + 1
                raw[place : place + rng.choice((0, 1, 2, 4))] = rng.choice(TOKENS)
    return bytes(raw[:400_000])
