"""The key that turns addresses of visitors into pseudonyms. Never holds an address.

An address is one of four thousand million, so a plain hash of it is found by trying them all: the
hash needs a secret. One secret per home keeps a visitor the same over files, days and machines
that share the home. Who deletes the file can never find an address again, and neither can a
visitor be recognised in files loaded afterwards.
"""

import json
import secrets

from etl.durable import write_json
from etl.errors import SourceError
from etl.lake.store import Lake

# The engine's variable that holds the key while a file is loaded.
VARIABLE = "pseudonym_key"
FILE = "pseudonyms.json"


def key_of(lake: Lake) -> str:
    """The lake's key, made when there is none yet. Hold the lock. SourceError if unreadable."""
    path = lake.root / FILE
    if not path.exists():
        write_json(path, {"key": secrets.token_hex(32)})
        path.chmod(0o600)
    try:
        return str(json.loads(path.read_text(encoding="utf-8"))["key"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        msg = (
            f"The key of the pseudonyms in {path} cannot be read: {error}. Restore it from a "
            "backup. Without it the visitors of access logs get new ids: to accept that, delete "
            "the file."
        )
        raise SourceError(msg) from error
