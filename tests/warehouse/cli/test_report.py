"""dwell report: the files it writes, the mail it sends, and what it refuses."""

from __future__ import annotations

import builtins
import email
import email.policy
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest

import warehouse
from tests.warehouse.cli.conftest import Dwell
from tests.warehouse.delivery.servers import free_port, mailbox
from tests.warehouse.small_builds import NOON, session, write_build
from warehouse.filters import Filters, parse_day
from warehouse.metrics import overview

ROWS = [
    session(
        f"u{number % 9}",
        NOON - timedelta(days=number // 3),
        session_id=f"s{number}",
        device_type=("mobile", "desktop")[number % 2],
    )
    for number in range(270)
]
# NOON is Tuesday, 10 March 2026.
MONDAY, SUNDAY = NOON.date() - timedelta(days=8), NOON.date() - timedelta(days=2)
NAME = "dwell-week-2026-W10"
# Where it does not matter what a report says, one of a user is made sooner.
OF_USER = ("report", "--user", "u1")
NAME_OF_USER = f"{NAME}-user-u1"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    write_build(folder, ROWS)
    return folder


@pytest.fixture
def home(dwell: Dwell, built: Path) -> Path:
    """A home that is read, a segment, and the folder for files."""
    Path("dwell.toml").write_text(
        f'home = "{built}"\ndashboard_url = "https://d.example.com/x/"\n'
        '[segments.phones]\ndevice_type = "mobile"\n'
    )
    return built


def files() -> list[str]:
    return sorted(path.name for path in Path("out").iterdir())


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("days", "name", "period"),
    [
        (("--week",), NAME, (MONDAY, SUNDAY)),
        (("--month",), "dwell-month-2026-02", ("2026-02-01", "2026-02-28")),
        (("--days", "3"), "dwell-days-2026-03-07-2026-03-09", ("2026-03-07", "2026-03-09")),
        (
            ("--from", "2026-02-20", "--until", "2026-03-03"),
            "dwell-days-2026-02-20-2026-03-03",
            ("2026-02-20", "2026-03-03"),
        ),
    ],
)
def test_the_days_are_those_asked_for(dwell, built, days, name, period):
    result = dwell("report", *days, "--to", "xlsx", "--output", "out")
    assert (result.code, files()) == (0, [f"{name}.xlsx"])
    start, end = (parse_day(str(day)) for day in period)
    with warehouse.open(built) as wh:
        wanted = overview.totals(wh, Filters(start, end))
    rows = openpyxl.load_workbook(f"out/{name}.xlsx")["Summary"].iter_rows(values_only=True)
    head, first = next(rows), next(rows)
    assert dict(zip(head, first, strict=True))["value"] == wanted["session_count"].item()


def test_all_formats_are_written_to_the_home_and_told(dwell, home):
    result = dwell("report", "--to", "html,pdf,xlsx,mail", "--json")
    paths = [Path(path) for path in result.json["files"]]
    assert [path.suffix for path in paths] == [".html", ".pdf", ".xlsx", ".eml"]
    assert {path.parent for path in paths} == {home / "reports"}
    assert result.json["lead"].startswith("21 sessions, as in the week before (21): within")
    mail = email.message_from_bytes(paths[-1].read_bytes(), policy=email.policy.default)
    assert [part.get_filename() for part in mail.iter_attachments()] == [
        f"{NAME}.pdf",
        f"{NAME}.xlsx",
    ]
    assert "https://d.example.com/x/?from=2026-03-02&amp;to=2026-03-08&amp;build=1" in paths[
        0
    ].read_text(encoding="utf-8")


@pytest.mark.usefixtures("home")
def test_segments_conditions_and_users_have_files_of_their_own(dwell, built):
    asked = ("--output", "out", "--json")
    one = dwell("report", "--segment", "phones", *asked).json
    both = dwell("report", "--segment", "phones", "--where", "browser!=a/b", *asked).json
    user = dwell("report", "--user", "u1", *asked).json
    assert one["facts"]["Filters"] == "segment phones; sessions of bots left out"
    with warehouse.open(built) as wh:
        phones = overview.totals(wh, Filters(MONDAY, SUNDAY, {"device_type": "mobile"}))
    assert one["numbers"]["session_count"] == phones["session_count"].item()
    assert one["report"] == f"{NAME}-phones"
    assert both["report"].startswith(f"{NAME}-phones-browser-a-b-")
    assert user["report"] == f"{NAME}-user-u1"
    assert user["numbers"]["total_sessions"] > 0
    assert len(files()) == 3
    links = Path(f"out/{NAME}-phones.html").read_text(encoding="utf-8")
    assert "segment=phones" in links


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--week", "2026-W60"), "is no week"),
        (("--month", "11"), "is no month"),
        (("--week", "--days", "3"), "--week and --days both say which days"),
        (("--from", "2026-03-01"), "--from and --until go together"),
        (("--from", "2026-03-09", "--until", "2026-03-01"), "after its end"),
        (("--to", "docx"), "Unknown format 'docx'"),
        (("--to", ","), "--to names no format"),
        (("--receiver", "boss"), "Add mail to --to"),
        (("--to", "mail", "--receiver", "boss"), "Unknown receiver 'boss'"),
        (("--segment", "nobody"), "nobody"),
        (("--days", "0"), "0"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_anything_is_written(dwell, arguments, told):
    result = dwell("report", *arguments, "--output", "out")
    assert result.code == 2
    assert told in result.err
    assert not Path("out").exists()


def test_the_folder_of_a_home_of_its_own_is_refused(dwell, home):
    result = dwell("report", "--output", f"{home}/lake/x")
    assert result.code == 2
    assert "lake is the home's own" in result.err
    assert not (home / "lake" / "x").exists()


@pytest.fixture
def without_typst(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where `make pdf` was not run."""
    real = builtins.__import__

    def imported(name, *others, **more):
        if name == "typst":
            raise ImportError(name)
        return real(name, *others, **more)

    monkeypatch.setattr(builtins, "__import__", imported)


@pytest.mark.usefixtures("home", "without_typst")
def test_without_typst_all_but_the_pdf_is_written(dwell):
    result = dwell(*OF_USER, "--to", "html,pdf,mail", "--output", "out")
    assert (result.code, files()) == (1, [f"{NAME_OF_USER}.eml", f"{NAME_OF_USER}.html"])
    assert "make pdf" in result.err
    # The line becomes bars.
    mail = email.message_from_bytes(
        Path(f"out/{NAME_OF_USER}.eml").read_bytes(), policy=email.policy.default
    )
    body = mail.get_body(("html",)).get_content()
    assert "cid:" not in body
    assert "Mon 2 Mar 2026" in body


@pytest.mark.usefixtures("home", "without_typst")
def test_a_pdf_alone_without_typst_is_a_sentence(dwell):
    result = dwell("report", "--to", "pdf", "--output", "out")
    assert result.code == 2
    assert result.err.count("\n") == 1
    assert "make pdf" in result.err


@pytest.fixture
def home_with_mail(dwell: Dwell, tmp_path: Path):
    """A home of one's own whose dwell.toml names a server and a receiver."""

    def made(port: int) -> Path:
        write_build(tmp_path / "home", ROWS)
        Path("dwell.toml").write_text(
            f'home = "home"\n[smtp]\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\n'
            'sender = "Dwell <dwell@example.com>"\n'
            '[receivers.boss]\nmail = ["boss@example.com"]\n[receivers.log]\nfile = "log.ndjson"\n'
        )
        return tmp_path / "home"

    return made


def test_a_report_is_sent_once_and_again_when_asked(dwell, home_with_mail):
    send = (*OF_USER, "--to", "xlsx,mail", "--receiver", "boss", "--receiver", "log")
    with mailbox() as box:
        home = home_with_mail(box.port)
        first = dwell(*send)
        assert (first.code, len(box.mails), box.to) == (0, 1, [["boss@example.com"]])
        assert "sent to" in first.out
        again = dwell(*send)
        assert (again.code, len(box.mails)) == (0, 1)
        assert "--again" in again.out
        assert dwell(*send, "--again").code == 0
        assert len(box.mails) == 2
        assert dwell(*send, "--week", "2026-W09").code == 0
        assert len(box.mails) == 3
    assert box.mails[0]["Subject"] == "u1, Week 10: 2 sessions"
    (attached,) = box.mails[0].iter_attachments()
    assert attached.get_filename() == f"{NAME_OF_USER}.xlsx"
    assert len((home / "log.ndjson").read_text().splitlines()) == 3


def test_a_mail_that_cannot_be_sent_waits(dwell, home_with_mail):
    port = free_port()
    home_with_mail(port)
    result = dwell(*OF_USER, "--to", "html,mail", "--receiver", "boss", "--output", "out")
    assert (result.code, files()) == (1, [f"{NAME_OF_USER}.html"])
    assert "boss: " in result.err
    assert "outbox" in result.err


@pytest.mark.usefixtures("home")
def test_a_folder_that_cannot_be_written_is_told(dwell):
    Path("out").write_text("a file")
    result = dwell(*OF_USER, "--output", "out")
    assert result.code == 1
    assert "was not written" in result.err
    assert Path("out").read_text() == "a file"


@pytest.mark.usefixtures("home")
def test_a_file_of_before_is_replaced_whole(dwell):
    path = Path(f"out/{NAME_OF_USER}.html")
    path.parent.mkdir()
    path.write_text("old")
    assert dwell(*OF_USER, "--output", "out").code == 0
    assert path.read_text(encoding="utf-8").endswith("</html>\n")
    assert files() == [path.name]
