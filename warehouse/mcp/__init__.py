"""Answers questions of language models over the Model Context Protocol. Reads, and only reads.

What is imported here needs the extra `mcp`; nothing else of the house imports it at its start.
"""
