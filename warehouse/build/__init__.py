"""The making of builds: the lake becomes the tables of one file."""

from warehouse.build.publish import Build, build

__all__ = ["Build", "build"]
