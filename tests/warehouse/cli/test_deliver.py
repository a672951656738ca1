"""dwell deliver and what dwell status says of the outbox."""

import json
from pathlib import Path

import pytest

from tests.warehouse.cli.conftest import Dwell
from tests.warehouse.delivery.servers import Answer, free_port, hooks
from warehouse.cli import deliver as deliver_command
from warehouse.delivery.message import Message
from warehouse.delivery.outbox import put

HOME = Path("data")


def configure(text: str) -> None:
    Path("dwell.toml").write_text(text, encoding="utf-8")


def test_what_waits_goes_out_and_nothing_else_does(dwell: Dwell) -> None:
    configure('[receivers.log]\nfile = "log.ndjson"')
    result = dwell("deliver")
    assert (result.code, result.out) == (0, "Nothing waits.\n")
    put(HOME, [(Message("a-1", "b", "c"), ["log"]), (Message("a-2", "b", "c"), ["log"])])
    result = dwell("deliver")
    assert (result.code, result.out) == (0, "2 messages sent, 0 waiting.\n")
    assert len((HOME / "log.ndjson").read_text().splitlines()) == 2
    assert dwell("deliver", "--json").json == {"sent": {}, "problems": {}, "waiting": 0}


def test_what_fails_is_told_by_exit_code_log_and_status(dwell: Dwell) -> None:
    with hooks() as web:
        web.answer = lambda _: Answer(400, body="invalid_payload")
        configure(
            f'[receivers.dead]\nwebhook = "http://127.0.0.1:{free_port()}/s3cret"\n'
            f'[receivers.ops]\nwebhook = "{web.address}/s3cret"'
        )
        put(HOME, [(Message(f"a-{n}", "b", "c"), ["dead", "ops"]) for n in range(2)])
        result = dwell("deliver", "--log", "json")
        assert (result.code, result.out) == (1, "0 messages sent, 2 waiting.\n")
        told = {line["receiver"]: line for line in map(json.loads, result.err.splitlines())}
        assert {line["event"] for line in told.values()} == {"delivery_failed"}
        assert told["ops"]["message"].endswith("answered 400 invalid_payload")
        shown = dwell("status").out.splitlines()
        assert shown[1].startswith("dead: 2 messages waiting since ")
        assert "Connection refused. Next attempt after " in shown[1]
        assert shown[2] == (
            f"ops: 2 messages refused, the last a-1: 127.0.0.1:{web.port}: "
            "answered 400 invalid_payload"
        )
        web.answer = lambda _: Answer()
        outbox = dwell("status", "--json").json["outbox"]
        assert [(each["receiver"], each["id"], each["state"]) for each in outbox] == [
            ("dead", "a-0", "waiting"), ("dead", "a-1", "waiting"),
            ("ops", "a-0", "refused"), ("ops", "a-1", "refused"),
        ]  # fmt: skip
        assert dwell("deliver", "--again", "--json").json["sent"] == {"ops": 2}
    assert "s3cret" not in result.err + str(shown) + str(outbox)


def test_a_receiver_is_tried(dwell: Dwell) -> None:
    with hooks() as web:
        configure(f'[receivers.ops]\nwebhook = "{web.address}/s3cret"')
        result = dwell("deliver", "--test", "ops")
        (post,) = web.taken
        assert result.code == 0
        assert post.body["id"] in result.out
        assert post.body["is_test"] is True
        web.answer = lambda _: Answer(404)
        result = dwell("deliver", "--test", "ops", "--json")
        assert (result.code, result.json["exit_code"]) == (1, 1)
        assert "Mend the address" in result.json["error"]
        assert "s3cret" not in result.out + result.err
    assert not (HOME / "outbox").exists()
    result = dwell("deliver", "--test", "opps")
    assert (result.code, "Did you mean 'ops'?" in result.err) == (2, True)


def test_a_receiver_that_says_nothing_is_not_waited_for(
    dwell: Dwell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliver_command, "_TEST_SECONDS", 0.3)
    with hooks() as web:
        web.answer = lambda _: Answer(after=2)
        configure(f'[receivers.ops]\nwebhook = "{web.address}"')
        result = dwell("deliver", "--test", "ops")
    assert result.code == 1
    assert result.err.startswith("Trying ops, for 0.3 s at most…\n")
    assert "no answer within" in result.err


@pytest.mark.parametrize("command", ["status", "deliver"])
def test_a_damaged_outbox(dwell: Dwell, command: str) -> None:
    configure('[receivers.log]\nfile = "log.ndjson"')
    put(HOME, [(Message("a-1", "b", "c"), ["log"])])
    (HOME / "outbox/outbox.sqlite").write_bytes(b"nothing" * 1000)
    result = dwell(command)
    assert "outbox.sqlite is damaged" in result.out + result.err
    assert result.code == (0 if command == "status" else 1)
