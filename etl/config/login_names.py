"""Names of logins and groups, and when two of them are one."""


def folded(name: str) -> str:
    """A name of a login or a group, of which capitals do not count.

    Letters that only look like others stay what they are: str.casefold makes one of the Kelvin
    sign and k, and of the long s and s, so that who chooses a name could take that of another.
    """
    return "".join(
        small if (small := letter.lower()).upper() == letter else letter for letter in name
    )
