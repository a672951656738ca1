"""One message to one receiver, by its way."""

from etl.config.receivers import Receiver
from etl.config.settings import Settings
from etl.errors import ConfigError, DeliveryError
from warehouse.delivery.appended_file import append
from warehouse.delivery.mail import send_mail
from warehouse.delivery.message import Message
from warehouse.delivery.webhook import post


def send(
    settings: Settings,
    receiver: Receiver,
    message: Message,
    seconds: float,
    *,
    is_repeat: bool = False,
) -> None:
    """Sends the message within so many seconds. DeliveryError when the receiver does not have it.

    `is_repeat`: it may have it already, as a process was killed while it sent.
    """
    if receiver.file:
        append(settings.home / receiver.file, message, is_repeat=is_repeat)
    elif receiver.mail and settings.smtp:
        send_mail(settings.smtp, receiver.mail, message, seconds)
    else:
        try:
            address = receiver.address()
        except ConfigError as error:
            raise DeliveryError(str(error)) from None
        post(address, message, receiver.style, seconds)
