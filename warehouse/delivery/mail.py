"""A message as mail, handed over to the server of [smtp]."""

import smtplib
import ssl
from collections.abc import Sequence
from contextlib import suppress
from socket import gethostname

from etl.config.mail_addresses import name_and_address
from etl.config.receivers import Smtp
from etl.errors import ConfigError, DeliveryError, Fault
from warehouse.delivery.cut_off import Clock, cut_off
from warehouse.delivery.mail_parts import mail_of
from warehouse.delivery.message import Message
from warehouse.delivery.reasons import reason_of

_LONGEST_TOLD = 200


def send_mail(smtp: Smtp, to: Sequence[str], message: Message, seconds: float = 60.0) -> None:
    """Hands the message over as one mail to all addresses, within so many seconds.

    DeliveryError when it was not taken: then no address has it, but where the error says so.
    """
    password = _password(smtp)
    content = mail_of(smtp.sender, to, message).as_bytes()
    clock = Clock(seconds)
    client = _client(smtp, seconds)
    with cut_off(lambda: client.sock, clock):
        try:
            _greet(client, smtp, password)
            refused = _hand_over(client, smtp.sender, to, content)
        except smtplib.SMTPRecipientsRefused as error:
            raise _failure(smtp, _of_addresses(error.recipients)) from None
        except smtplib.SMTPAuthenticationError as error:
            # A server may repeat what it was sent, in any code: no word of its own is told.
            told = f"answered {error.smtp_code} to the login: see to user and password of [smtp]"
            raise _failure(smtp, told) from None
        except smtplib.SMTPResponseException as error:
            told = _told(error.smtp_code, error.smtp_error, password)
            raise _failure(smtp, told, _at_fault(error)) from None
        except (OSError, smtplib.SMTPException, ValueError) as error:
            late = f"no answer within {seconds:.0f} s"
            raise _failure(smtp, _reason(error) if clock.left() else late) from None
        finally:
            client.close()
    if refused:
        told = f"{_of_addresses(refused)}. The other addresses have it."
        raise _failure(smtp, told, "message")


def _password(smtp: Smtp) -> str | None:
    if not smtp.user:
        return None
    try:
        password = smtp.password()
    except ConfigError as error:
        raise DeliveryError(str(error)) from None
    if not password:
        msg = (
            "[smtp] has a user, and its password is nowhere. Set DWELL_SMTP_PASSWORD, or name "
            "a place by password_env or password_file."
        )
        raise DeliveryError(msg)
    return password


def _client(smtp: Smtp, seconds: float) -> smtplib.SMTP:
    """Not connected yet. To ask for one's own full name may take as long as names take."""
    name = gethostname() if "." in gethostname() else "[127.0.0.1]"
    client = (
        smtplib.SMTP_SSL(timeout=seconds, local_hostname=name, context=ssl.create_default_context())
        if smtp.security == "tls"
        else smtplib.SMTP(timeout=seconds, local_hostname=name)
    )
    # Certificates are checked for this name, which is taken from a constructor that connects.
    client._host = smtp.host  # type: ignore[attr-defined]
    return client


def _greet(client: smtplib.SMTP, smtp: Smtp, password: str | None) -> None:
    code, said = client.connect(smtp.host, smtp.port)
    if code != 220:
        raise smtplib.SMTPConnectError(code, said)
    if smtp.security == "starttls":
        client.starttls(context=ssl.create_default_context())
    client.ehlo_or_helo_if_needed()
    if smtp.user and password:
        client.login(smtp.user, password)


def _hand_over(
    client: smtplib.SMTP, sender: str, to: Sequence[str], content: bytes
) -> dict[str, tuple[int, bytes]]:
    """The addresses that are refused for good, while others have the mail. Where one is refused
    for now, or all are, nobody gets it: sent again, it would come twice to who had it.
    """
    options = [f"size={len(content)}"] if client.has_extn("size") else []
    code, said = client.mail(name_and_address(sender)[1], options)
    if code == 552:
        raise smtplib.SMTPDataError(code, said)
    if code != 250:
        raise smtplib.SMTPResponseException(code, said)
    refused = {}
    for each in to:
        address = name_and_address(each)[1]
        code, said = client.rcpt(address)
        if code not in (250, 251, 252):
            refused[address] = (code, said)
            if code < 500:
                raise smtplib.SMTPRecipientsRefused({address: (code, said)})
    if len(refused) == len(to):
        raise smtplib.SMTPRecipientsRefused(refused)
    code, said = client.data(content)
    if code != 250:
        raise smtplib.SMTPDataError(code, said)
    # It has the mail: its farewell is not waited for.
    with suppress(OSError, smtplib.SMTPException):
        client.putcmd("QUIT")
    return refused


def _at_fault(error: smtplib.SMTPResponseException) -> Fault:
    """Whom a refusal is about: what is said of the content is about the message."""
    if not isinstance(error, smtplib.SMTPDataError) or error.smtp_code == 421:
        return "receiver"
    return "message" if error.smtp_code >= 500 else "unknown"


def _failure(smtp: Smtp, told: str, at_fault: Fault = "receiver") -> DeliveryError:
    return DeliveryError(f"{smtp.host}: {told}", at_fault)


def _of_addresses(refused: dict[str, tuple[int, bytes]]) -> str:
    return "; ".join(
        f"{address} was refused ({_told(code, said, None)})"
        for address, (code, said) in refused.items()
    )


def _told(code: int, said: bytes | str, password: str | None) -> str:
    """The answer of a server on one line, without the password that it may repeat."""
    text = said if isinstance(said, str) else said.decode("utf-8", "replace")
    text = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    text = text.replace(password, "…") if password else text
    return f"answered {code} {text[:_LONGEST_TOLD]}".rstrip()


def _reason(error: BaseException) -> str:
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return str(error)
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return "it closed the connection"
    return reason_of(error)
