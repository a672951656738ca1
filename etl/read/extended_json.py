"""MongoDB's extended JSON wraps values: {"$oid": "…"}, {"$date": {"$numberLong": "…"}}."""

_NUMBER = (
    r'\{\s*"\$number(?:Long|Int|Double)"\s*:\s*"(-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)"\s*\}'
)
_VALUE = r'\{\s*"\$(?:oid|date|numberDecimal|uuid)"\s*:\s*("(?:[^"\\]|\\.)*"|-?[0-9.]+)\s*\}'


def unwrapped(text: str) -> str:
    """SQL that takes extended JSON's wrappings off, the inner ones first."""
    numbers = f"regexp_replace({text}, '{_NUMBER}', '\\1', 'g')"
    values = f"regexp_replace({numbers}, '{_VALUE}', '\\1', 'g')"
    return f"case when regexp_matches({text}, '\\{{\\s*\"\\$') then {values} else {text} end"
