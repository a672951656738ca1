"""Where a command that serves listens, and how that is said."""

import socket

from etl.errors import ConfigError


def listening_on(host: str, port: int) -> socket.socket:
    """A socket that listens there. ConfigError when it cannot."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except (OSError, OverflowError) as error:
        listening.close()
        reason = getattr(error, "strerror", None) or error
        msg = (
            f"Port {port} of {host} cannot be had: {reason}. Give another one with --port, or "
            "an address of this machine with --host."
        )
        raise ConfigError(msg) from None
    listening.listen(2048)
    listening.set_inheritable(True)
    return listening


def address_of(host: str, port: int) -> str:
    """Host and port as an address has them."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
