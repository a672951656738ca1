"""Passwords of databases: found where they are given, and never shown or written anywhere."""

import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pyarrow.parquet as pq
import pytest

from etl.config.settings import Settings, load_settings
from etl.errors import ConfigError, SourceError
from tests.etl.extract.conftest import PASSWORD, Loads, Server
from warehouse.cli import main

DWELL = Path(sys.executable).parent / "dwell"
POSTS = 'posts = { user = "author_id", time = "created_at" }'
COLUMNS = "id int primary key, author_id int, created_at timestamp null"


def settings_of(folder: Path, *lines: str) -> Settings:
    """The settings of a source `app` with these lines."""
    config = folder / "dwell.toml"
    text = "\n".join(["[sources.app]", *lines, "[sources.app.tables]", POSTS])
    config.write_text(text, encoding="utf-8")
    return load_settings(folder / "home", config)


def password_of(settings: Settings) -> str | None:
    """The password of the only source's database."""
    database = settings.sources[0].database
    assert database is not None
    return database.password()


GIVEN = [
    pytest.param('"mysql://u@h/d"', 'password_file = "secret"', "of the file", id="a file"),
    pytest.param('"mysql://u@h/d"', 'password_env = "APP_DB"', "of APP_DB", id="a variable"),
    pytest.param('"mysql://u@h/d"', "", "usual", id="the usual variable"),
    pytest.param('"mysql://u:a%40b%2F@h/d"', "", "a@b/", id="the address, quoted"),
    pytest.param('"mysql://u:a@b/c?@h/d"', "", None, id="the address, with a sign that ends it"),
    pytest.param('"mysql://u:a@b/c@h/d"', "", "a@b/c", id="the address, not quoted"),
    pytest.param('"postgres://u@h/d?password=x"', "", "x", id="an option of the address"),
]


@pytest.mark.parametrize(("address", "key", "wanted"), GIVEN)
def test_a_password_is_taken_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str, key: str, wanted: str | None
) -> None:
    (tmp_path / "secret").write_text("of the file\n", encoding="utf-8")
    monkeypatch.setenv("APP_DB", "of APP_DB")
    monkeypatch.setenv("DWELL_APP_PASSWORD", "usual")
    if wanted is None:
        with pytest.raises(ConfigError) as refused:
            settings_of(tmp_path, f"database = {address}", key)
        assert "a@b" not in str(refused.value)
        return
    assert password_of(settings_of(tmp_path, f"database = {address}", key)) == wanted


@pytest.mark.parametrize(
    ("key", "wanted"),
    [
        pytest.param('password_env = "NOT_SET_ANYWHERE"', "NOT_SET_ANYWHERE", id="a variable"),
        pytest.param('password_file = "absent"', "cannot be read", id="a file"),
    ],
)
def test_a_password_that_is_not_where_it_was_said_to_be(
    tmp_path: Path, key: str, wanted: str
) -> None:
    settings = settings_of(tmp_path, 'database = "mysql://u@h/d"', key)
    with pytest.raises(SourceError, match=wanted):
        password_of(settings)


def test_settings_and_sources_print_no_password(tmp_path: Path) -> None:
    for address in (
        "mysql://u:s3cret@h/d",
        "postgresql://u@h/d?password=s3cret&sslpassword=s3cret",
    ):
        settings = settings_of(tmp_path, f'database = "{address}"')
        assert password_of(settings) == "s3cret"
        assert "s3cret" not in repr(settings)


@pytest.mark.parametrize(
    "line",
    [
        pytest.param('database = "mysql://u:s3cret@h/d', id="an address without its last quote"),
        pytest.param("password_env = s3cret", id="a password where a name should be"),
        pytest.param('database = ["mysql://u:s3cret@h/d"]', id="a list"),
        pytest.param(
            'database = "mysql://u@h/d"\npassword_env = ["s3cret"]', id="a list for a name"
        ),
        pytest.param(
            'database = "mysql://u@h/d"\npassword_env = "s3cret!"', id="a password for a variable"
        ),
        pytest.param(
            'database = "mysql://u@h/d"\npassword_file = "mysql://s3cret"', id="a URL for a file"
        ),
        pytest.param('database = "mysql:/u:s3cret@h/d"', id="an address with one slash"),
        pytest.param('path = 1\ndatabase = "mysql://u:s3cret@h:x/d"', id="several faults"),
    ],
)
def test_a_fault_in_the_configuration_tells_no_password(tmp_path: Path, line: str) -> None:
    with pytest.raises(ConfigError) as refused:
        settings_of(tmp_path, line)
    assert "s3cret" not in "".join(traceback.format_exception(refused.value))


def places(home: Path) -> list[str]:
    """The files below a home that hold the password, in any of its forms."""
    forms = {PASSWORD, quote(PASSWORD, safe=""), PASSWORD.replace("'", "\\'")}
    forms |= {form.replace("\\", "\\\\") for form in forms}
    found = []
    for path in home.rglob("*"):
        if not path.is_file():
            continue
        content = path.read_bytes()
        if path.suffix == ".parquet":
            content += repr(pq.read_schema(path).metadata).encode()
            content += repr(pq.read_table(path).to_pylist()).encode()
        if any(form.encode() in content for form in forms):
            found.append(path.name)
    return found


# What else is wrong while the password is known: (text of dwell.toml, what stands there instead).
FAULTS = {
    "the table is not there": ("posts =", "postz ="),
    "the column is not there": ("author_id", "author"),
    "the database is not there": ("dwell_test", "no_such"),
    "the user is not there": ("dwell_reader", "no_such"),
    "the server is not there": ("127.0.0.1:", "127.0.0.1:1"),
    "the host has no address": ("127.0.0.1", "no.such.host.invalid"),
    "the port is no port": ("127.0.0.1:", "127.0.0.1:x"),
    "the kind is unknown": ("sql://", "sqq://"),
    "the address is none": ("://", ":"),
    "an option is unknown": ("?x=1", "?no_such_option=1"),
    "a key is unknown": ("[sources.app.tables]", 'pasword = "x"\n[sources.app.tables]'),
}
COMMANDS = (
    ["load"], ["load", "--json"], ["load", "--debug"], ["run", "--times", "1", "--json"],
    ["sources"], ["sources", "--json"], ["status"], ["status", "--json", "--debug"],
)  # fmt: skip


def with_password(server: Server, app: Loads, wrong: str, instead: str) -> None:
    """Puts the password into the address, and something wrong into dwell.toml."""
    text = app.config.read_text(encoding="utf-8")
    login = f"{server.reader}:{quote(PASSWORD, safe='')}@"
    option = "?x=1" if wrong == "?x=1" else ""
    text = text.replace(f"{server.reader}@", login)
    text = text.replace(f'{server.name}"', f'{server.name}{option}"')
    assert wrong in text
    app.config.write_text(text.replace(wrong, instead), encoding="utf-8")


def assert_not_told(text: str) -> None:
    """No form of the password, nor its most telling part, is in the text."""
    for form in (PASSWORD, quote(PASSWORD, safe=""), "s3cr"):
        assert form not in text


@pytest.mark.parametrize("fault", FAULTS)
def test_an_error_tells_no_password(
    server: Server,
    loads: Callable[..., Loads],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    fault: str,
) -> None:
    server.table("posts", COLUMNS)
    app = loads(server, POSTS)
    monkeypatch.delenv("DWELL_APP_PASSWORD")
    with_password(server, app, *FAULTS[fault])
    told = ""
    for command in COMMANDS[1:4]:
        try:
            assert main([*command, "--home", str(app.home), "--config", str(app.config)]) > 0
        except ConfigError as error:
            # What --debug lets Python print.
            told += "".join(traceback.format_exception(error))
    said = capfd.readouterr()
    assert_not_told(told + said.out + said.err)
    assert places(app.home) == []


@pytest.mark.parametrize("given", ["in the address", "in a variable", "in a file"])
def test_no_command_shows_or_writes_the_password(
    server: Server,
    loads: Callable[..., Loads],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    given: str,
) -> None:
    server.table("posts", COLUMNS)
    server.run("insert into posts values (1, 7, '2026-03-10 12:00:00'), (2, null, null)")
    file = {"password_file": '"secret"'} if given == "in a file" else {}
    app = loads(server, POSTS, **file)
    if given != "in a variable":
        monkeypatch.delenv("DWELL_APP_PASSWORD")
    if given == "in a file":
        (app.config.parent / "secret").write_text(PASSWORD + "\n", encoding="utf-8")
    if given == "in the address":
        with_password(server, app, "posts", "posts")
    place = ["--home", str(app.home), "--config", str(app.config)]
    done = subprocess.run([DWELL, *COMMANDS[0], *place], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert_not_told(done.stdout + done.stderr)
    # One in a process of its own is enough: the others say what they say in this one too.
    for command in COMMANDS[1:] if given == "in the address" else ():
        capfd.readouterr()
        code = main([*command, *place])
        said = capfd.readouterr()
        assert code == 0, said.err
        assert_not_told(said.out + said.err)
    assert len(app.landed) == 1
    assert places(app.home) == []
