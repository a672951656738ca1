"""One secret of each of twelve kinds, whole and in the spellings in which it may come along."""

from urllib.parse import quote

SECRETS = {
    "email": "jane.roe@example.com",
    "phone": "+49 30 90182311",
    "card": "4012888888881881",
    "iban": "DE89370400440532013000",
    "ssn": "219-09-9999",
    "ip": "203.0.113.77",
    "jwt": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJqYW5lIn0.dozjgNryP4J3jVmNHl0w5N",
    "aws_key": "AKIAIOSFODNN7EXAMPLE",
    "token": "ghp_0123456789abcdefghijABCDEFGHIJ012345",
    "bearer": "Bearer 9f86d081884c7d659a2feaa0",
    "password": "password=tr0ub4dor-and-3",
    "private_key": "-----BEGIN PRIVATE KEY-----MIIBVQIBADANBgkq-----END PRIVATE KEY-----",
}
# What of it must be found nowhere.
CORES = {
    **SECRETS,
    "phone": "90182311",
    "bearer": "9f86d081884c7d659a2feaa0",
    "password": "tr0ub4dor-and-3",
    "private_key": "MIIBVQIBADANBgkq",
}


def spellings(kind: str) -> dict[str, str]:
    """How a secret may be written: as it is, in an address, as escapes of JSON, within JSON."""
    secret = SECRETS[kind]
    return {
        "plain": f"seen {secret} here",
        "address": f"/a?q={quote(secret, safe='=')}&b=1",
        "escaped": "".join(f"\\u{ord(c):04x}" if c in "@:/" else c for c in secret),
    }
