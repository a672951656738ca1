"""What a record of an access log says, as SQL, wherever its server writes it. Never runs it."""

import re
from collections.abc import Sequence

from etl.duck import quoted
from etl.formats.field_map import Derived, Keys
from etl.formats.log_fields import places_of
from etl.formats.log_lines import ADDRESS


class LogEntry:
    """What a record says, by the names of log_fields.py, and by what is worked out of these."""

    def __init__(self, columns: Sequence[str], *, is_w3c: bool) -> None:
        self.places = {
            role: [keys for keys in places if keys[0] in columns]
            for role, places in places_of(columns).items()
        }
        self.all = tuple(dict.fromkeys(k for places in self.places.values() for k in places))
        self.columns = {name: self._first(name) for name in self.places}
        words = self.columns["request"]
        # Where no field has them, the request line does: GET /start HTTP/1.1
        for number, name in enumerate(("method", "path"), start=1):
            if self.places["request"]:
                word = f"nullif(split_part({words}, ' ', {number}), '')"
                word = f"case when contains({words}, ' ') then {word}"
                word += f" else {words} end" if name == "path" else " end"
                self.columns[name] = f"coalesce({self.columns[name]}, {word})"
        self._find_forwarded()
        date, time, agent = (self.columns[name] for name in ("date", "time", "agent"))
        if is_w3c:
            # W3C: the day in a field of its own, both in UTC; no blanks in a field without quotes.
            self.columns["time"] = (
                f"{date} || ' ' || {time} || '+00'" if self.places["date"] else (f"{time} || '+00'")
            )
            decoded = f"decoded(replace({agent}, '+', ' '))"
            self.columns["agent"] = (
                f"case when contains({agent}, ' ') then {agent} else {decoded} end"
            )
        elif not self.places["time"]:
            self.columns["time"] = date
        if self.places["accept_date"]:
            # HAProxy writes its own clock, without an offset.
            local = f"try_strptime({self.columns['accept_date']}, '%d/%b/%Y:%H:%M:%S')"
            self.columns["time"] = f"strftime({local}, '%Y-%m-%d %H:%M:%S')"

    def _find_forwarded(self) -> None:
        """What a line says in passing: addresses, hosts and user agents among other words."""
        said = {name: self.columns[name] for name in ("before", "captured", "forwarded_before")}
        found = [self.columns["forwarded"]]
        for name, start in (("forwarded_before", r'(?:^|[\s",])'), ("captured", r"(?:^|\|)")):
            if self.places[name]:
                pattern = quoted(f"{start}({ADDRESS})")
                found.append(f"nullif(regexp_extract({said[name]}, {pattern}, 1), '')")
        if found[1:]:
            self.columns["forwarded"] = f"coalesce({', '.join(found)})"
        if self.places["captured"]:
            pattern = r"'(?:^|\|)(Mozilla/[^|]*)'"
            agent = f"nullif(regexp_extract({said['captured']}, {pattern}, 1), '')"
            self.columns["agent"] = agent
        if self.places["before"] and not self.places["host"]:
            # A name with dots right before the address is the site's, as in lines with a host.
            pattern = r"'(?:^|\s)([\w-]+(?:\.[\w-]+)*\.[A-Za-z][\w-]*)(?::\d+)?$'"
            host = f"nullif(regexp_extract(trim({said['before']}), {pattern}, 1), '')"
            self.columns["host"] = host

    def _first(self, name: str) -> str:
        """The first place that holds something, null without any. A dash is nothing."""
        texts = [f"nullif({self._text(keys)}, '-')" for keys in self.places[name]]
        return f"coalesce({', '.join([*texts, 'null'])})"

    def _text(self, keys: Keys) -> str:
        text = f"@{self.all.index(keys)}@"
        # Caddy lists the values of a header: the first of them.
        is_header = keys[:2] == ("request", "headers")
        return f"nullif({text} ->> '$[0]', '')" if is_header else text

    def derived(self) -> Derived:
        """A struct of all names."""
        fields = ", ".join(f"'{name}': {sql}" for name, sql in self.columns.items())
        return Derived(re.sub(r"@(\d+)@", r"{\1}", doubled(f"{{{fields}}}")), self.all)


def doubled(sql: str) -> str:
    """SQL as Derived wants it, which tells places in braces: all others are doubled."""
    return sql.replace("{", "{{").replace("}", "}}")
