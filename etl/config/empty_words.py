"""The words by which programs say that they know nothing. Never reads a row.

They stand where a value was missing: in ids, where they would make one user of strangers, and in
dimensions, where they would be a value among others.
"""

# They are known in any case of letters, but for those of two capitals: R writes NA, and `na` is
# somebody. A source may have words of its own instead (`empty_words` in dwell.toml).
EMPTY_WORDS = (
    *("null", "none", "nil", "NaN", "undefined", "n/a", "#n/a", r"\n", "-", "--"),
    *("(null)", "(none)", "(nil)", "(undefined)", "(not set)", "(not provided)", "(empty)"),
    *("<null>", "<nil>", "<none>", "<undefined>", "<not set>", "<na>", "NaT"),
    *("[null]", "[object Object]", "[object Undefined]", "[object Null]", "{}", "[]"),
    *('""', "''", '"null"', "'null'"),
    *("$null$", "NA", "unknown", "(unknown)", "<unknown>", "[unknown]"),
    # What a spreadsheet shows where a formula fails.
    *("#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#ERROR!", "#SPILL!", "#CALC!"),
)
