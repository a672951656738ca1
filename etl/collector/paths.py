"""Ids within paths of requests: any text, slashes and breaks of lines too. Knows no route."""

from starlette.convertors import Convertor, register_url_convertor


class _AnyText(Convertor[str]):
    regex = "(?s:.+)"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("any_text", _AnyText())


def with_any_text(path: str) -> str:
    """A path whose {names} stand for any text."""
    return path.replace("}", ":any_text}")
