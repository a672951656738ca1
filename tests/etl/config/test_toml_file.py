"""dwell.toml: what is said of a file, a table or a value that is not as it should be."""

from pathlib import Path

import pytest

from etl.config.settings import load_settings
from etl.errors import ConfigError

SHOP = '[sources.shop]\npath = "x.csv"\n'
APP = '[sources.app]\npath = "x.sqlite"\n[sources.app.tables]\n'

# What is wrong → the text of the file, and what has to be said of it.
CASES = {
    "unknown setting": ('timeot = "30 min"', "'timeot' in .*toml. Did you mean 'timeout'?"),
    "unknown key of a source": (f"{SHOP}maps = 1", "'maps' in source 'shop'. Did you mean 'map'"),
    "unknown key of a table": (
        f'{APP}posts = {{ user = "u", tme = "t" }}',
        "'tme' in table 'posts' of source 'app'. Did you mean 'time'?",
    ),
    "sources misspelt": ('[source.shop]\npath = "x"', "Did you mean 'sources'?"),
    "source outside of sources": ('[webshop]\npath = "x"', r"written \[sources.webshop\]"),
    "one name for two sources": (
        f'{SHOP}[sources.web]\npath = "w"\n[sources.shop]\npath = "y"',
        r"toml, line 5: \[sources.shop\] is there twice \(first in line 1\).*another name",
    ),
    "one name, one of them with a note": (
        f'{SHOP}[sources.shop]  # the other\npath = "y"',
        r"line 3: \[sources.shop\] is there twice \(first in line 1\)",
    ),
    "one name in an inline table": (
        '[sources]\nshop = { path = "x" }\nshop = { path = "y" }\n',
        r"line 3: 'shop' is given twice \(first in line 2\). Keep one",
    ),
    "a source as table and as list": (
        f'{SHOP}[[sources.shop]]\npath = "y"',
        r"line 3: \[\[sources.shop\]\] is there twice",
    ),
    "one setting twice": ("top_n = 1\ntop_n = 2\ntimeout = 3", "line 2: 'top_n' is given twice"),
    "no TOML": ("top_n = 1\n\ntimeout = 30 min\n", "line 3 cannot be read as TOML.*timeout = 30"),
    "a value left out": ("timeout = \n", "line 1 cannot be read as TOML.*The line is: timeout ="),
    "an open string": ('top_n = 1\nhome = "data', 'line 2 cannot be read.*home = "data'),
    "sources as a number": ("sources = 3", "'sources' in .* is not a table"),
    "sources as a list": ('[[sources]]\npath = "x"', "'sources' in .* is not a table"),
    "a source as a text": ('[sources]\nshop = "x.csv"', r"\[sources.shop\] is not a table"),
    "path as a number": ("[sources.shop]\npath = 3", "'shop' has path = 3. Wanted: .*csv"),
    "path as a list of numbers": ("[sources.shop]\npath = [3]", r"path = \[3\]. Wanted"),
    "path without a letter": ('[sources.shop]\npath = " "', "path = ' '. Wanted"),
    "path as an empty list": ("[sources.shop]\npath = []", r"path = \[\]. Wanted: a path"),
    "map as a list": (f'{SHOP}map = ["user"]', r"map = \['user'\]. Wanted: .*user = \"uid\""),
    "map as a number": (f"{SHOP}map = 3", "map = 3. Wanted"),
    "map of lists": (f'{SHOP}map = {{ user = ["a", "b"] }}', "map = .*Wanted"),
    "map as a text without roles": (f'{SHOP}map = "user"', "is not ROLE=COLUMN"),
    "format as a number": (f"{SHOP}format = 3", 'format = 3. Wanted: .*format = "events"'),
    "sessions as a boolean": (f"{SHOP}sessions = true", "sessions = True. Wanted"),
    "sessions of no known kind": (f'{SHOP}sessions = "trackr"', "Did you mean 'tracker'?"),
    "time zone as a number": (f"{SHOP}time_zone = 2", "time_zone = 2. Wanted: .*Europe/Berlin"),
    "time zone of no place": (f'{SHOP}time_zone = "Mars"', "time_zone = 'Mars'. Wanted: .*Berlin"),
    "excluded users as a table": (f"{SHOP}exclude_users = {{ a = 1 }}", "exclude_users = .*Wanted"),
    "tables as a list": (f'{SHOP}tables = ["posts"]', "tables = .*Wanted"),
    "table as a text": (f'{APP}posts = "author_id"', "table 'posts' .* is not a table"),
    "table without a time": (f'{APP}posts = {{ user = "u" }}', "names no time column"),
    "column as a number": (f'{APP}posts = {{ user = 1, time = "t" }}', "user = 1. Wanted"),
    "home as a number": ("home = 3", "'home' has the value 3. Wanted: a name"),
    "time zone misspelt": ('time_zone = "Europe/Berlim"', "Did you mean 'Europe/Berlin'"),
    "time zone as a list": ('time_zone = ["UTC"]', "'time_zone' has the value .*Wanted"),
    "duration as a list": ("timeout = [30]", r"'timeout' has the value \[30\]. Wanted: a duration"),
    "number as a boolean": ("top_n = true", "'top_n' has the value True. Wanted: a whole number"),
    "truth as a word": ('show_texts = "yes"', "'show_texts' has the value 'yes'. Wanted: true or"),
    "truth as a number": ("show_texts = 1", "'show_texts' has the value 1. Wanted: true or false"),
    "number with a fraction": ("top_n = 2.5", "'top_n' has the value 2.5"),
    "words as a number": ("ends = 3", "'ends' has the value 3. Wanted: a list of words"),
    "words as a list of numbers": ("ends = [3]", r"'ends' has the value \[3\]"),
}


def written(folder: Path, content: str | bytes) -> Path:
    """A dwell.toml of the content."""
    file = folder / "dwell.toml"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


@pytest.mark.parametrize(("text", "said"), CASES.values(), ids=CASES)
def test_what_is_wrong_is_said_with_what_was_wanted(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=f"(?s){said}"):
        load_settings(config=written(tmp_path, text))


@pytest.mark.parametrize("text", ["", "\n", "# nothing yet\n", "\ufeff"], ids=repr)
def test_an_empty_file_means_the_defaults(tmp_path: Path, text: str) -> None:
    settings = load_settings("h", written(tmp_path, text))
    assert (settings.top_n, settings.sources) == (10, ())


def test_a_folder_is_no_configuration(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"is a folder. Wanted: .* --config .*dwell.toml"):
        load_settings("h", tmp_path)


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    # Its first page cannot be read, not even by root.
    unreadable = Path("/proc/self/mem")
    if not unreadable.exists():
        pytest.skip("needs /proc")
    (tmp_path / "dwell.toml").symlink_to(unreadable)
    with pytest.raises(ConfigError, match=r"dwell.toml cannot be read: .*Mend its permissions"):
        load_settings("h", tmp_path / "dwell.toml")


def test_a_file_in_another_encoding_names_the_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"line 2: this is no UTF-8 text"):
        load_settings("h", written(tmp_path, b"top_n = 3\n# caf\xe9\n"))


@pytest.mark.parametrize(
    ("text", "map", "excluded"),
    [
        ("map = { user = 1, time = 3 }", {"user": "1", "time": "3"}, ()),
        ('map = "user=uid,time=ts"', {"user": "uid", "time": "ts"}, ()),
        ("exclude_users = -1", {}, ("-1",)),
        ('exclude_users = [-1, "bot"]', {}, ("-1", "bot")),
    ],
)
def test_columns_and_users_may_be_numbers(
    tmp_path: Path, text: str, map: dict[str, str], excluded: tuple[str, ...]
) -> None:
    (source,) = load_settings("h", written(tmp_path, SHOP + text)).sources
    assert (source.map, source.exclude_users) == (map, excluded)


def test_a_variable_set_to_nothing_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("DWELL_HOME", "DWELL_TIMEOUT", "DWELL_TOP_N", "DWELL_ENDS"):
        monkeypatch.setenv(name, "")
    settings = load_settings()
    assert (settings.home, settings.top_n, settings.ends) == (Path("data"), 10, ())
