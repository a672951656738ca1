"""The version of the installed package."""


def version() -> str:
    """As in pyproject.toml; "unknown" when Dwell runs without being installed."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return installed("dwell")
    except PackageNotFoundError:
        return "unknown"
