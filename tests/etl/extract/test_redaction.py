"""What is never stored of a live table is not landed either: every byte of the home is searched."""

from collections.abc import Callable

import pyarrow.parquet as pq
import pytest

from tests.etl.extract.conftest import Loads, Server
from tests.etl.load.test_redaction import KEY, found_in
from tests.etl.privacy.secrets import CORES, SECRETS

COLUMNS = (
    "id int primary key, author_id varchar(60), created_at timestamp null, card bigint, "
    "email varchar(200), nick varchar(60), body text, customer_id int"
)
POSTS = 'posts = { user = "author_id", time = "created_at" }'
RULES = """
[redact]
pseudonymise = ["user_id"]
patterns = "all"
urls = "drop query"
texts = "length"
properties = { email = "drop", nick = "hash" }
"""


def cut_loads(server: Server, loads: Callable[..., Loads], rules: str = RULES) -> Loads:
    """Loads of a table with personal rows, by rules."""
    server.table("posts", COLUMNS)
    for number, text in enumerate(SECRETS.values()):
        day = f"2026-03-10 12:{number:02}:00"
        server.run(
            f"insert into posts values ({number}, 'adaname', '{day}', 4012888888881881, "
            f"'{text}', 'nickname', 'see {text} at https://a.example/?q=adaname', 77)"
        )
    server.run("insert into posts values (90, 'null', '2026-03-10 13:00:00', 1, '', '', '', 1)")
    app = loads(server, POSTS)
    app.config.write_text(app.config.read_text() + rules)
    return app


def test_a_live_table_is_cut_before_it_is_landed(
    server: Server, loads: Callable[..., Loads], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DWELL_PSEUDONYM_KEY", KEY)
    app = cut_loads(server, loads)
    (outcome,) = app()
    assert (outcome.rows_loaded, outcome.rows_rejected) == (len(SECRETS), 1)
    secrets = CORES | {"user": "adaname", "nick": "nickname"}
    assert found_in(app.home, secrets) == set()
    (path,) = app.landed
    rows = pq.read_table(path).to_pylist()
    assert "email" not in rows[0]
    assert rows[0]["nick_hash"].startswith("p_")
    assert rows[0]["body"] == "see [email] at https://a.example/"
    assert [row["card"] for row in rows] == [None] * len(SECRETS) + [1]
    # Who is nobody there stays nobody.
    assert rows[-1]["author_id"] == "null"
    users = {row["user_id"] for row in app.events()}
    assert users == {rows[0]["author_id"]}
    assert rows[0]["customer_id"].startswith("p_")


def test_a_table_whose_rules_cut_nothing_is_landed_as_it_is(
    postgres: Server, loads: Callable[..., Loads]
) -> None:
    app = cut_loads(postgres, loads, "")
    app()
    assert {name for name, _ in found_in(app.home, CORES)} == set(CORES)


def test_a_personal_id_without_a_key_is_not_landed(
    postgres: Server, loads: Callable[..., Loads], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DWELL_PSEUDONYM_KEY", raising=False)
    app = cut_loads(postgres, loads, '\n[redact]\npatterns = ["email"]\n')
    postgres.run("update posts set author_id = 'jane.roe@example.com' where id = 1")
    (outcome,) = app()
    assert "Give a key" in (outcome.message or "")
    assert app.landed == []
    assert found_in(app.home, {"email": "jane.roe"}) == set()
