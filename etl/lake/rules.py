"""By which rules rows become events, as a number: it grows when the same row gets another id.

1  up to 0.4
2  ids in one spelling, words that say nothing, properties without nulls and the order of keys

What the lake holds keeps its reading. But an export that overlaps rows read by older rules must
find them again: so their ids are worked out by both. Whoever changes what an id is made of leaves
what it was in the folders `sql_1` of etl/normalise and etl/load, which hold just that.
"""

from typing import Final

RULES: Final = 2
