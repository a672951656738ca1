"""Why a connection failed, in words that hold nothing of what was sent."""

import re
import ssl


def reason_of(error: BaseException) -> str:
    """In a few words: what the system says, or else of what kind the error is."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message})"
    if isinstance(error, ssl.SSLError):
        return f"no TLS with it ({error.reason or 'the connection ended'})"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, OSError) and error.errno is not None and error.strerror:
        return error.strerror
    if by_proxy := re.match(r"Tunnel connection failed: (\d+)", str(error)):
        return f"the proxy answered {by_proxy[1]}"
    if isinstance(error, ConnectionError):
        return "it closed the connection"
    return f"no sound answer ({type(error).__name__})"
