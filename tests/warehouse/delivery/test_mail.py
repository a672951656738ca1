"""Mail: what is in it, what a server's answers mean, and that no password and no second is lost."""

import socket
import time
from base64 import b64encode
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from etl.config.receivers import Smtp
from etl.errors import DeliveryError
from tests.warehouse.delivery.certificate import certificate, server_context
from tests.warehouse.delivery.servers import free_port, mailbox, talker, trickle
from warehouse.delivery.mail import send_mail
from warehouse.delivery.mail_parts import mail_of
from warehouse.delivery.message import Message

# The server says so at each connection; whether a password may go in clear is what is tested.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH:UserWarning")
SECRET = "pass-w0rd"
SENDER = "Dwell Ünïversal <dwell@example.com>"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
MESSAGE = Message(
    "report-2026-w48." + "x" * 100,
    "Woche 48: ü " + "lang " * 40,
    "Erste Zeile\n.\n" + "ü" * 3000 + "\nFrom here on\n",
    html='<p>Wöche</p><img src="cid:days">',
    images={"days": PNG},
    files={"Wöche 48.pdf": b"%PDF" + PNG, "days.csv": b"a,b\n1,2\n", "x.csv.gz": b"\x1f\x8b"},
)


def server(port: int, **more: object) -> Smtp:
    return Smtp(**{"host": "127.0.0.1", "sender": SENDER, "security": "none", "port": port} | more)


def failure(smtp: Smtp, to: tuple[str, ...] = ("ann@example.com",), seconds: float = 5.0):
    with pytest.raises(DeliveryError) as failed:
        send_mail(smtp, to, Message("a-1", "b", "c"), seconds)
    assert SECRET not in str(failed.value)
    return failed.value


def test_all_of_a_message_arrives_and_no_line_is_too_long() -> None:
    to = ("Änn Bee <ann@example.com>", "bob@example.com")
    with mailbox() as box:
        send_mail(server(box.port), to, MESSAGE)
    ((mail,), (received,)) = box.mails, box.to
    assert received == ["ann@example.com", "bob@example.com"]
    assert (mail["Message-ID"], mail["From"], mail["To"], mail["Auto-Submitted"]) == (
        f"<{MESSAGE.id}@example.com>",
        SENDER,
        "Änn Bee <ann@example.com>, bob@example.com",
        "auto-generated",
    )
    assert mail["Subject"] == MESSAGE.subject
    assert abs(mail["Date"].datetime.timestamp() - time.time()) < 60
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().replace("\r\n", "\n") == MESSAGE.text
    assert html.get_content().strip() == MESSAGE.html
    (image,) = [part for part in mail.walk() if part.get_content_type() == "image/png"]
    assert (image["Content-ID"], image.get_content()) == ("<days>", PNG)
    attached = {
        part.get_filename(): (part.get_content_type(), part.get_payload(decode=True))
        for part in mail.iter_attachments()
    }
    assert attached == {
        "Wöche 48.pdf": ("application/pdf", MESSAGE.files["Wöche 48.pdf"]),
        "days.csv": ("text/csv", b"a,b\n1,2\n"),
        "x.csv.gz": ("application/octet-stream", b"\x1f\x8b"),
    }
    written = mail_of(SENDER, to, MESSAGE).as_bytes()
    assert max(map(len, written.split(b"\r\n"))) <= 200
    assert written.isascii()


def test_plain_text_is_one_part() -> None:
    mail = message_from_bytes(
        mail_of("a@b.example", ["c@d.example"], Message("a", "b", "c")).as_bytes(), policy=default
    )
    assert isinstance(mail, EmailMessage)
    assert (mail.get_content_type(), mail.get_content().strip()) == ("text/plain", "c")


def test_a_login_and_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = certificate(tmp_path)
    monkeypatch.setenv("DWELL_SMTP_PASSWORD", SECRET)
    with mailbox(SECRET, server_context(own)) as box:
        smtp = server(box.port, user="dwell", security="starttls")
        assert "certificate is not trusted" in str(failure(smtp))
        assert (box.logins, box.mails) == ([], [])
        monkeypatch.setenv("SSL_CERT_FILE", str(own))
        send_mail(smtp, ["ann@example.com"], MESSAGE)
    assert (box.logins, len(box.mails)) == ([("dwell", SECRET)], 1)


def test_tls_from_the_first_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = certificate(tmp_path)
    heard = []

    def say(connection: socket.socket) -> None:
        with server_context(own).wrap_socket(connection, server_side=True) as tls:
            tls.sendall(b"554 not today\r\n")
            heard.append(tls.recv(100))

    with talker(say) as port:
        smtp = server(port, security="tls")
        assert "certificate is not trusted" in str(failure(smtp))
        monkeypatch.setenv("SSL_CERT_FILE", str(own))
        assert str(failure(smtp)) == "127.0.0.1: answered 554 not today"


def test_a_server_without_tls_gets_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DWELL_SMTP_PASSWORD", SECRET)
    with mailbox(SECRET) as box:
        failed = failure(server(box.port, user="dwell", security="starttls"))
    assert (failed.at_fault, "STARTTLS" in str(failed)) == ("receiver", True)
    assert box.logins == []


def test_passwords_that_are_wrong_or_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    with mailbox("another") as box:
        smtp = server(box.port, user="dwell")
        assert "its password is nowhere" in str(failure(smtp))
        named = server(box.port, user="dwell", password_env="NOT_SET")
        assert "The environment has no NOT_SET" in str(failure(named))
        monkeypatch.setenv("DWELL_SMTP_PASSWORD", SECRET)
        failed = failure(smtp)
    assert (failed.at_fault, "answered 535" in str(failed)) == ("receiver", True)
    assert box.mails == []


@pytest.mark.parametrize(
    ("answer", "at_fault"),
    [("552 too large", "message"), ("554 spam", "message"), ("451 later", "unknown"),
     ("421 closing", "receiver")],
)  # fmt: skip
def test_what_is_said_to_the_content(answer: str, at_fault: str) -> None:
    with mailbox() as box:
        box.after_data = lambda _: answer
        failed = failure(server(box.port))
    assert (failed.at_fault, str(failed)) == (at_fault, f"127.0.0.1: answered {answer}")


@pytest.mark.parametrize(
    ("answers", "at_fault", "got"),
    [
        pytest.param({"ann": "550 who", "bob": "250 OK"}, "message", 1, id="one for good"),
        pytest.param({"ann": "550 who", "bob": "550 who"}, "receiver", 0, id="all for good"),
        pytest.param({"ann": "250 OK", "bob": "451 later"}, "receiver", 0, id="one for now"),
    ],
)
def test_addresses_that_are_refused(answers: dict[str, str], at_fault: str, got: int) -> None:
    to = ("ann@example.com", "bob@example.com")
    with mailbox() as box:
        box.after_rcpt = lambda address: answers[address.partition("@")[0]]
        failed = failure(server(box.port), to)
    assert (failed.at_fault, len(box.mails)) == (at_fault, got)
    refused = [name for name, answer in answers.items() if answer != "250 OK"]
    assert all(f"{name}@example.com was refused" in str(failed) for name in refused)
    assert ("The other addresses have it" in str(failed)) == bool(got)


def _forms(secret: str) -> str:
    """What of a login holds the password: as it is, and in base64 behind texts of any length."""
    logins = (f"{name}{secret}".encode() for name in ("", "\0u\0", "\0us\0", "\0dwell\0"))
    return " ".join([secret, *(b64encode(login).decode() for login in logins)])


@pytest.mark.parametrize(("mechanism", "code"), [("PLAIN", 535), ("LOGIN", 454)])
def test_a_password_that_a_server_repeats_is_not_told(
    mechanism: str, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DWELL_SMTP_PASSWORD", SECRET)

    def say(connection: socket.socket) -> None:
        connection.sendall(b"220 hello\r\n")
        connection.recv(1000)
        connection.sendall(f"250-me\r\n250 AUTH {mechanism}\r\n".encode())
        connection.recv(1000)
        connection.sendall(f"{code} wrong: {_forms(SECRET)} \x1b[31m\r\n".encode())
        connection.recv(1000)

    with talker(say) as port:
        failed = str(failure(server(port, user="dwell")))
    told = f"answered {code} to the login: see to user and password of [smtp]"
    assert failed == f"127.0.0.1: {told}"


def test_nobody_is_there() -> None:
    failed = failure(server(free_port()))
    assert (failed.at_fault, "Connection refused" in str(failed)) == ("receiver", True)


@pytest.mark.parametrize(
    ("begin", "security"),
    [(b"", "none"), (b"220 hello\r\n250-", "none"), (b"", "tls"), (b"220-a\r\n220-", "starttls")],
)
def test_who_speaks_slowly_is_cut_off(begin: bytes, security: str) -> None:
    with talker(trickle(begin)) as port:
        started = time.monotonic()
        failed = failure(server(port, security=security), seconds=0.6)
        assert time.monotonic() - started < 1.2
    assert failed.at_fault == "receiver"
