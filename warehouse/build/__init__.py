"""The making of builds: the lake becomes the tables of one file."""

from warehouse.build.publish import build
from warehouse.build_files import Build

__all__ = ["Build", "build"]
