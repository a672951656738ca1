"""The files of a report, and the message that it is as a mail. Never reads the warehouse."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from etl.durable import sync_folder
from etl.errors import DwellError, disk_full
from warehouse.delivery.mail_parts import mail_of
from warehouse.delivery.message import Message
from warehouse.reports.html import html_of
from warehouse.reports.mail import CHART, mail_html
from warehouse.reports.pdf import has_typst, pdf_of, png_of
from warehouse.reports.shapes import Report
from warehouse.reports.text import text_of
from warehouse.reports.xlsx import xlsx_of

# What a report is written as; a mail is told by message_of.
WRITERS: Mapping[str, Callable[[Report], bytes]] = {"html": html_of, "pdf": pdf_of, "xlsx": xlsx_of}
FORMATS = (*WRITERS, "mail")
# Of these a mail has the file, where it is asked for as well; of HTML it is one itself.
ATTACHED = ("pdf", "xlsx")
# Longer, an id of a message may not be.
_LONGEST_NAME = 80


def message_of(report: Report, attached: Mapping[str, bytes]) -> Message:
    """The report as a message, with these files. Of the same period, filters, user and build it
    has the same id, so that it is sent once.
    """
    has_picture = report.chart is not None and has_typst()
    build = report.facts["Build"]
    told = f"{report.name}\n{report.identity}\n{build}"
    return Message(
        id=f"{report.name.lower()[:_LONGEST_NAME]}-b{build}-{sha256(told.encode()).hexdigest()[:8]}",
        subject=report.subject,
        text=text_of(report),
        facts={
            "report": report.name,
            "days": report.days,
            "lead": report.lead,
            "numbers": {number.name: number.value for number in report.numbers},
            "doubts": list(report.doubts),
            "link": report.link,
            "build": int(build),
        },
        html=mail_html(report, has_picture=has_picture),
        images={CHART: png_of(report.chart)} if report.chart and has_picture else {},
        files={f"{report.name}.{form}": content for form, content in attached.items()},
    )


def eml_of(message: Message, sender: str) -> bytes:
    """The mail as a file, which programs for mail open."""
    return mail_of(sender, [sender], message).as_bytes()


def write_file(folder: Path, name: str, content: bytes) -> Path:
    """Writes a file that is the one of before or the whole new one. DwellError where it cannot."""
    path = folder / name
    temporary = folder / f".{name}.tmp"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
        temporary.replace(path)
        sync_folder(folder)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        told = disk_full(error, folder) or f"it cannot be written ({error.strerror})."
        msg = f"{path} was not written: {told} Give another folder by --output."
        raise DwellError(msg) from error
    return path
