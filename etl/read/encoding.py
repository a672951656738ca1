"""Tells the encoding of a text that is no UTF-8: what spreadsheets and old programs write.

Never decodes a file, and never doubts a text that is UTF-8 but for some broken bytes.
"""

import re

_SAMPLE_BYTES = 1 << 20
_LOOKED_AT_BYTES = 1 << 16
# A letter or two may be anything, and a broken byte of UTF-8 as well.
_FEWEST_BYTES = 8
_FEWEST_ODD_BYTES = 3
# Of how much of a text may be odd, where letters are read in the right encoding.
_MOST_ODD = 0.1
# Differences in how well a text reads as a language, below which encodings fit equally well.
_AS_GOOD = 0.15
# The likelier first, which short texts are taken for where several fit as well. All begin with
# ASCII, and in none a line break or a delimiter is part of a letter.
_ENCODINGS = (
    "cp1252", "cp1251", "cp1250", "cp932", "gb18030", "big5", "euc_kr", "euc_jp", "koi8_r",
    "cp1254", "cp1253", "cp1255", "cp1256", "cp866", "cp850",
)  # fmt: skip
_UTF8_LETTER = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
# What is left of one where a column was too short for it.
_CUT_LETTER = re.compile(rb"[\xe0-\xef][\x80-\xbf]|[\xf0-\xf4][\x80-\xbf]{1,2}")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_ODD_BYTE = re.compile(rb"[\x80-\xff]")
_ODD_LETTER = re.compile(rb"[\x81-\x84\x86-\x90\x98\x9a-\x9f\xc0-\xff]")
_BETWEEN_FIELDS = re.compile(rb'[\x00-\x1f",;:]+')


def encoding_of(data: bytes) -> str | None:
    """The encoding of a text by its first megabyte that is no UTF-8.

    None for UTF-8, also with broken bytes in it, and where nothing can be told.
    """
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        start = error.start
    else:
        return None
    # What stands before it tells of UTF-8 too.
    around = data[max(0, start - _SAMPLE_BYTES) : start + _SAMPLE_BYTES]
    if _CONTROL.search(around):
        return None
    # By chance two letters in another encoding are one of UTF-8, but not half of them.
    others, letters = _UTF8_LETTER.subn(b"", around)
    broken = len(_ODD_BYTE.findall(_CUT_LETTER.sub(b"\xff", others)))
    if 2 * letters >= broken:
        return None
    fields = [field for field in _BETWEEN_FIELDS.split(around) if not field.isascii()]
    if broken < _FEWEST_ODD_BYTES or sum(map(len, fields)) < _FEWEST_BYTES:
        return None
    # Words of ASCII say nothing of the encoding, and much would make little of the rest.
    odd = b"\n".join(dict.fromkeys(fields))[:_LOOKED_AT_BYTES]
    # Of a text without foreign letters, only the signs can be foreign: € £ ° “ ” and the like.
    if not _ODD_LETTER.search(odd):
        return "cp1252"
    # Most files are UTF-8, and do not wait for it.
    from charset_normalizer import from_bytes

    matches = from_bytes(odd, cp_isolation=list(_ENCODINGS), threshold=_MOST_ODD)
    candidates = [candidate for match in matches for candidate in (match, *match.submatch)]
    least = min((candidate.chaos for candidate in candidates), default=0)
    candidates = [c for c in candidates if c.chaos <= least + 0.01]
    most = max((candidate.coherence for candidate in candidates), default=0)
    fitting = {c.encoding for c in candidates if c.coherence >= most - _AS_GOOD}
    return next((encoding for encoding in _ENCODINGS if encoding in fitting), None)
