"""Tests of what is written as files."""
