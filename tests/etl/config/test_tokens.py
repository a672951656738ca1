"""Tokens of dwell.toml: what is read, what is refused, and that no secret is shown."""

from hashlib import sha256
from pathlib import Path

import pytest

from etl.config.settings import Settings, load_settings
from etl.config.tokens import digest_of, digests
from etl.errors import ConfigError

SECRET = "Tk-0123456789abcdefghijkl"
ANN = '[tokens.ann]\ntoken_env = "ANN"\nroles = ["analyst"]\n'


def settings_of(folder: Path, text: str) -> Settings:
    """The settings of such a dwell.toml."""
    file = folder / "dwell.toml"
    file.write_text(text, encoding="utf-8")
    return load_settings(folder, file)


def test_each_place_of_a_secret_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANN", f"{SECRET}-a")
    (tmp_path / "bob").write_text(f"{SECRET}-b\n")
    (tmp_path / "bob").chmod(0o600)
    settings = settings_of(
        tmp_path,
        f"""
        {ANN}
        [tokens.bob]
        token_file = "bob"
        roles = "operator"
        [tokens.eve-2]
        token_sha256 = "{sha256(f"{SECRET}-e".encode()).hexdigest().upper()}"
        roles = ["viewer"]
        """,
    )
    found = digests(settings.tokens)
    assert {digest: token.name for digest, token in found.items()} == {
        digest_of(f"{SECRET}-{letter}".encode()): name
        for letter, name in (("a", "ann"), ("b", "bob"), ("e", "eve-2"))
    }
    assert [sorted(token.roles) for token in settings.tokens] == [
        ["analyst", "viewer"],
        ["operator", "viewer"],
        ["viewer"],
    ]
    assert "tokens" not in settings.shaping_history()
    assert SECRET not in repr(settings)
    assert settings_of(tmp_path, "").tokens == ()


WRONG = {
    "no table at all": ("tokens = 1", "Write [tokens.NAME]"),
    "no table": (f'[tokens]\nann = "{SECRET}"', "[tokens.ann] is not a table"),
    "the secret itself": (f'[tokens.ann]\ntoken = "{SECRET}"\nroles = "viewer"', "Did you mean"),
    "the secret as a variable": (
        f'[tokens.ann]\ntoken_env = "{SECRET}"\nroles = "viewer"',
        "Wanted: the name of a variable",
    ),
    "the secret as a hash": (
        f'[tokens.ann]\ntoken_sha256 = "{SECRET}"\nroles = "viewer"',
        "64 hexadecimal digits",
    ),
    "no place": ('[tokens.ann]\nroles = "viewer"', "does not say where its secret is"),
    "two places": (f'{ANN}token_file = "x"', "has token_env and token_file"),
    "no roles": ('[tokens.ann]\ntoken_env = "ANN"', "has no roles"),
    "empty roles": ('[tokens.ann]\ntoken_env = "ANN"\nroles = []', "viewer, analyst, operator"),
    "an unknown role": ('[tokens.ann]\ntoken_env = "ANN"\nroles = ["root"]', "viewer, analyst"),
    "a name with a blank": ('[tokens."a b"]\ntoken_env = "ANN"\nroles = "viewer"', "'a b'"),
    "a name beyond ASCII": ('[tokens."ü"]\ntoken_env = "ANN"\nroles = "viewer"', "'ü'"),
    "two names in capitals": (
        f'{ANN}[tokens.bob]\ntoken_env = "BOB"\nroles = "viewer"\n'
        '[tokens.Ann]\ntoken_env = "ANN_2"\nroles = "viewer"',
        "[tokens.ann] and [tokens.Ann] differ in capitals alone",
    ),
    "an unknown scope": (f'{ANN}scope = "team_a"', "There is no [access.NAME] yet"),
    "an operator of a scope": (
        '[tokens.ann]\ntoken_env = "ANN"\nroles = ["operator"]\nscope = "a"',
        "the health of the data is of all rows",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_does_not_fit_is_told_in_words(tmp_path: Path, case: str) -> None:
    text, told = WRONG[case]
    with pytest.raises(ConfigError) as error:
        settings_of(tmp_path, text)
    assert told in str(error.value)
    assert SECRET not in str(error.value)


WEAK = {
    "empty": ("", "The environment has no ANN"),
    "short": (SECRET[:23], "can be guessed. Wanted: 24 signs or more"),
    "one letter": ("a" * 64, "can be guessed"),
    "a blank": (f"{SECRET} {SECRET}", "no client may send"),
    "beyond ASCII": (f"{SECRET}ü", "no client may send"),
    "a line break": (f"{SECRET}\n", "no client may send"),
}


@pytest.mark.parametrize("case", WEAK)
def test_what_can_be_guessed_or_not_be_sent_is_refused_when_it_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    secret, told = WEAK[case]
    monkeypatch.setenv("ANN", secret)
    with pytest.raises(ConfigError) as error:
        digests(settings_of(tmp_path, ANN).tokens)
    assert told in str(error.value)
    assert SECRET[:23] not in str(error.value)


@pytest.mark.parametrize("place", ['token_env = "ANN"', "token_sha256"])
def test_two_names_have_no_one_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.setenv("ANN", SECRET)
    if place == "token_sha256":
        place = f'token_sha256 = "{sha256(SECRET.encode()).hexdigest()}"'
    settings = settings_of(tmp_path, f'{ANN}[tokens.bob]\n{place}\nroles = "viewer"\n')
    with pytest.raises(ConfigError, match=r"\[tokens.ann\] and \[tokens.bob\] have the same"):
        digests(settings.tokens)


@pytest.mark.parametrize(
    ("mode", "told"), [(0o644, "has mode 644"), (0o620, "has mode 620"), (None, "cannot be read")]
)
def test_a_file_that_others_may_read_is_refused(
    tmp_path: Path, mode: int | None, told: str
) -> None:
    if mode is not None:
        (tmp_path / "ann").write_text(SECRET)
        (tmp_path / "ann").chmod(mode)
    settings = settings_of(tmp_path, '[tokens.ann]\ntoken_file = "ann"\nroles = "viewer"\n')
    with pytest.raises(ConfigError, match=told) as error:
        digests(settings.tokens)
    assert SECRET not in str(error.value)
