"""Checksums of what the lake writes, by which a file that has changed since is told."""

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import xxhash

from etl.file_hash import file_hash
from etl.lake.records import Transaction

_KEY = "checksum"


def with_checksums(transaction: Transaction, staged: Path | None) -> Transaction:
    """The transaction, whose new files wait in the staged folder, with their checksums."""
    if staged is None:
        return transaction
    files = [
        file._replace(checksum=file_hash(staged / file.name))
        if (staged / file.name).is_file()
        else file
        for file in transaction.files
    ]
    return replace(transaction, files=files)


def signed(content: Mapping[str, Any]) -> dict[str, Any]:
    """The content of a record, and its checksum."""
    return {**content, _KEY: _checksum_of_content(content)}


def refuse_changed(content: Mapping[str, Any], unsigned: Collection[str]) -> None:
    """ValueError when a record is not as it was signed.

    unsigned  the keys that one of before there were checksums has
    """
    if content.keys() == set(unsigned):
        return
    rest = {name: value for name, value in content.items() if name != _KEY}
    if content.get(_KEY) != _checksum_of_content(rest):
        msg = "it is not as it was written"
        raise ValueError(msg)


def _checksum_of_content(content: Mapping[str, Any]) -> str:
    return xxhash.xxh3_64(json.dumps(content, sort_keys=True).encode()).hexdigest()
