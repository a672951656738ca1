"""Hosts: which of them are this machine."""

from ipaddress import IPv6Address, ip_address


def is_loopback(address: str) -> bool:
    """Whether the address is of this machine alone; `localhost` is one."""
    if address == "localhost":
        return True
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return (mapped or parsed).is_loopback
