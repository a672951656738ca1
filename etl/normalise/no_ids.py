"""What is around a text that nobody sees, and numbers that are no id. Looks at no text itself."""

# Blanks, and signs that are not seen (Unicode's Z, Cc and Cf), as first and last sign of each run.
_RUNS = (
    *("\x00 ", "\x7f\xa0", "\xad\xad", "\u0600\u0605", "\u061c\u061c", "\u06dd\u06dd"),
    *("\u070f\u070f", "\u0890\u0891", "\u08e2\u08e2", "\u1680\u1680", "\u180e\u180e"),
    *("\u2000\u200f", "\u2028\u202f", "\u205f\u2064", "\u2066\u206f", "\u3000\u3000"),
    *("\ufeff\ufeff", "\ufff9\ufffb", "\U000110bd\U000110bd", "\U000110cd\U000110cd"),
    *("\U00013430\U0001343f", "\U0001bca0\U0001bca3", "\U0001d173\U0001d17a"),
    *("\U000e0001\U000e0001", "\U000e0020\U000e007f"),
)
BLANKS = "".join(chr(code) for run in _RUNS for code in range(ord(run[0]), ord(run[1]) + 1))
ZEROS = (
    *("0" * count for count in range(1, 33)),
    *("0.0", "0.00", "00000000-0000-0000-0000-000000000000"),
)
