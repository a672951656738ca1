"""Receivers and the server of mail: what is read, what is refused, and that no secret is shown."""

from pathlib import Path

import pytest

from etl.config.mail_addresses import name_and_address
from etl.config.settings import Settings, load_settings
from etl.config.webhook_address import webhook_address
from etl.errors import ConfigError

SECRET = "T0-s3cret-B0"
SERVER = '[smtp]\nhost = "mail.example.com"\nsender = "Dwell <dwell@example.com>"\n'


def settings_of(folder: Path, text: str) -> Settings:
    file = folder / "dwell.toml"
    file.write_text(text, encoding="utf-8")
    return load_settings(folder, file)


def test_ways_are_read(tmp_path: Path) -> None:
    settings = settings_of(
        tmp_path,
        f"""
        {SERVER}
        [receivers.ops]
        webhook = "https://hooks.example.com/services/{SECRET}?x=1"
        style = "slack"
        [receivers.boss]
        mail = ["Ann <ann@example.com>", "bob@example.com"]
        [receivers.log]
        file = "alerts.ndjson"
        """,
    )
    ops, boss, log = settings.receivers
    assert [(each.name, each.way) for each in settings.receivers] == [
        ("ops", "webhook"),
        ("boss", "mail"),
        ("log", "file"),
    ]
    assert (ops.style, boss.mail, log.file) == (
        "slack",
        ("Ann <ann@example.com>", "bob@example.com"),
        Path("alerts.ndjson"),
    )
    address = ops.address()
    assert (address.host, address.port, address.shown, address.target) == (
        "hooks.example.com",
        443,
        "hooks.example.com",
        f"/services/{SECRET}?x=1",
    )
    assert settings.smtp
    assert (settings.smtp.port, settings.smtp.security) == (587, "starttls")
    for shown in (repr(settings), repr(address)):
        assert SECRET not in shown


def test_a_file_without_them_has_none(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, "")
    assert (settings.receivers, settings.smtp) == ((), None)
    assert "receivers" not in settings.shaping_history()


@pytest.mark.parametrize(
    ("security", "port"), [("starttls", 587), ("tls", 465), ("none", 25)], ids=str
)
def test_the_port_is_the_usual_one(tmp_path: Path, security: str, port: int) -> None:
    smtp = settings_of(tmp_path, f'{SERVER}security = "{security}"').smtp
    assert smtp
    assert smtp.port == port


@pytest.mark.parametrize(
    "line",
    [
        pytest.param('webhook_env = "OPS_WEBHOOK"', id="a variable"),
        pytest.param('webhook_file = "secrets/ops"', id="a file beside dwell.toml"),
    ],
)
def test_the_address_may_lie_elsewhere(
    tmp_path: Path, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver = settings_of(tmp_path, f"[receivers.ops]\n{line}").receivers[0]
    with pytest.raises(ConfigError, match=r"webhook_(env|file) of \[receivers.ops\] names"):
        receiver.address()
    written = f"https://hooks.example.com/{SECRET}"
    monkeypatch.setenv("OPS_WEBHOOK", written)
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/ops").write_text(f"{written}\n", encoding="utf-8")
    assert receiver.address().target == f"/{SECRET}"


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        ("", None),
        ('password_env = "OWN"', "own"),
        ('password_file = "secret"', "of the file"),
    ],
    ids=["the usual variable", "a variable", "a file"],
)
def test_the_password_of_the_server(
    tmp_path: Path, lines: str, wanted: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret").write_text("of the file\n", encoding="utf-8")
    monkeypatch.setenv("OWN", "own")
    smtp = settings_of(tmp_path, SERVER + lines).smtp
    assert smtp
    assert smtp.password() == wanted
    monkeypatch.setenv("DWELL_SMTP_PASSWORD", "usual")
    assert smtp.password() == (wanted or "usual")


OPS = "[receivers.ops]\n"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        pytest.param("receivers = 3", "'receivers' in .+ is not a table", id="a number"),
        pytest.param("[receivers]\nops = 3", r"\[receivers.ops\] is not a table", id="one of it"),
        pytest.param(OPS, "says no way to reach it. Write one of webhook,", id="no way"),
        pytest.param(OPS + "style = 'slack'", "says no way", id="a style alone"),
        pytest.param(
            OPS + "file = 'a'\nmail = 'a@b.example'", "has mail and file. Keep one", id="two ways"
        ),
        pytest.param(
            OPS + f"webhook = 'https://h.example/{SECRET}'\nwebhook_env = 'A'",
            "has webhook and webhook_env. Keep one",
            id="two places",
        ),
        pytest.param(
            OPS + f"webhok = 'https://h.example/{SECRET}'",
            "Unknown key 'webhok' in .+ Did you mean 'webhook'",
            id="a slip",
        ),
        pytest.param(
            OPS + f"webhook_env = 'https://h.example/{SECRET}'",
            "the name of a variable",
            id="the secret for the name of a variable",
        ),
        pytest.param(
            OPS + f"webhook_file = 'https://h.example/{SECRET}'",
            "the path of a file",
            id="the secret for the path of a file",
        ),
        pytest.param(OPS + f"webhook = ['{SECRET}']", "webhook = …", id="a list"),
        pytest.param(OPS + f"webhook = 'h.example/{SECRET}'", "no address", id="no scheme"),
        pytest.param(OPS + f"webhook = 'ftp://h.example/{SECRET}'", "no address", id="ftp"),
        pytest.param(OPS + f"webhook = 'https:///{SECRET}'", "no address", id="no host"),
        pytest.param(OPS + f"webhook = 'https://h:x/{SECRET}'", "no address", id="a wrong port"),
        pytest.param(OPS + f"webhook = 'https://h/ {SECRET}'", "no address", id="a blank"),
        pytest.param(
            OPS + f'webhook = "https://h/{SECRET}\\r\\nX: y"', "no address", id="a line break"
        ),
        pytest.param(OPS + f"webhook = 'https://h/ü{SECRET}'", "no address", id="beyond ASCII"),
        pytest.param(
            OPS + f"webhook = 'http://h.example/{SECRET}'",
            "is http:// to h.example: .+ insecure = true",
            id="in clear",
        ),
        pytest.param(
            OPS + f"webhook = 'https://h.example/{SECRET}'\nstyle = 'slak'",
            "style = 'slak'. Wanted: \"json\" or \"slack\". Did you mean 'slack'",
            id="a style that is none",
        ),
        pytest.param(OPS + "file = 'a'\nstyle = 'slack'", "for webhooks alone", id="styled file"),
        pytest.param(
            OPS + "file = 'a'\ninsecure = true", "for webhooks alone", id="an insecure file"
        ),
        *(
            pytest.param(OPS + f"file = '{own}'", "has file = .+ is the home's own", id=own)
            for own in ("alerts.json", "dwell.toml", "lake/x", "outbox/a.ndjson", ".lock")
        ),
        pytest.param(OPS + "mail = 'ann@example.com'", r"no server is named. Write \[smtp\]",
                     id="mail without a server"),
        *(
            pytest.param(SERVER + OPS + f"mail = {wrong}", "Wanted: addresses of mail", id=wrong)
            for wrong in (
                "[]", "'ann'", "'ann@'", "'ann@example.com, bob@example.com'",
                '"ann@example.com\\nBcc: eve@example.com"', "'Ann <ann@example.com> x'",
                "'ä@example.com'", "['a@b.example', 3]", "'a b@example.com'",
            )
        ),
        pytest.param("smtp = 3", "'smtp' in .+ is not a table", id="smtp as a number"),
        pytest.param("[smtp]\nhost = 'h'", r"has no sender. Write", id="no sender"),
        pytest.param("[smtp]\nsender = 'a@b.example'", r"has no host. Write", id="no host of it"),
        pytest.param(SERVER + "port = 0", "the number of a port", id="port 0"),
        pytest.param(SERVER + "port = '25'", "the number of a port", id="a port in words"),
        pytest.param(SERVER + "security = 'ssl'", "starttls", id="an unknown security"),
        pytest.param(
            SERVER + f"password = '{SECRET}'", "Unknown key 'password'", id="a password in the file"
        ),
        pytest.param(
            SERVER + "password_env = 'A'\npassword_file = 'b'", "Keep one", id="two passwords"
        ),
        pytest.param(
            SERVER + "user = 'u'\nsecurity = 'none'",
            "its password would go to mail.example.com",
            id="a password in clear",
        ),
        pytest.param(
            SERVER.replace("mail.example.com", "https://mail"), "the name of a host", id="a URL"
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said_without_the_secret(
    tmp_path: Path, written: str, said: str
) -> None:
    with pytest.raises(ConfigError, match=said) as refused:
        settings_of(tmp_path, written)
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(OPS + "webhook = 'http://127.0.0.1:80/x'", id="this machine"),
        pytest.param(OPS + "webhook = 'http://[::1]/x'", id="this machine by IPv6"),
        pytest.param(OPS + "webhook = 'http://ntfy/x'\ninsecure = true", id="an own network"),
        pytest.param(
            SERVER.replace("mail.example.com", "localhost") + "user = 'u'\nsecurity = 'none'",
            id="mail of this machine",
        ),
        pytest.param(
            SERVER + "user = 'u'\nsecurity = 'none'\ninsecure = true", id="mail of an own network"
        ),
        pytest.param(SERVER + "security = 'none'", id="mail without a password"),
    ],
)
def test_what_goes_in_clear_on_purpose(tmp_path: Path, written: str) -> None:
    settings_of(tmp_path, written)


def test_an_address_with_a_login_shows_neither() -> None:
    address = webhook_address(f"https://u:{SECRET}%40@h.example:8443/x#part", "webhook")
    assert (address.shown, address.port, address.login, address.target) == (
        "h.example:8443",
        8443,
        f"u:{SECRET}@",
        "/x",
    )
    assert SECRET not in repr(address)


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ("a@b.example", ("", "a@b.example")),
        ('"Ünï, Co" <a.b+c@b.example>', ("Ünï, Co", "a.b+c@b.example")),
        ("Ann Bee <a@localhost>", ("Ann Bee", "a@localhost")),
    ],
)
def test_addresses_of_mail(written: str, parts: tuple[str, str]) -> None:
    assert name_and_address(written) == parts
