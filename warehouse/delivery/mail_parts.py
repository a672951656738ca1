"""A message as the parts of a mail. Knows no server."""

import mimetypes
from collections.abc import Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, localtime

from etl.config.mail_addresses import name_and_address
from warehouse.delivery.message import Message

# No server breaks a line of it, or the signs of one.
_POLICY = SMTP.clone(cte_type="7bit")


def mail_of(sender: str, to: Sequence[str], message: Message) -> EmailMessage:
    """The mail: its text, beside that its html with the images in it, and its files.

    ValueError for an address that is none.
    """
    own = _address(sender)
    mail = EmailMessage(_POLICY)
    mail["Message-ID"] = f"<{message.id}@{own.domain}>"
    mail["Date"] = format_datetime(localtime())
    mail["From"] = own
    mail["To"] = tuple(map(_address, to))
    mail["Subject"] = message.subject
    # Nobody's note of absence is to answer it.
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.text)
    if message.html is not None:
        html = EmailMessage(_POLICY)
        html.set_content(message.html, subtype="html")
        for cid, image in message.images.items():
            html.add_related(image, "image", "png", cid=f"<{cid}>", disposition="inline")
        mail.make_alternative()
        mail.attach(html)
    for name, content in message.files.items():
        main, _, sub = _kind_of(name).partition("/")
        mail.add_attachment(content, main, sub, filename=name)
    return mail


def _address(written: str) -> Address:
    name, address = name_and_address(written)
    return Address(name, addr_spec=address)


def _kind_of(name: str) -> str:
    kind, encoding = mimetypes.guess_type(name)
    return kind if kind and not encoding else "application/octet-stream"
