"""Formats in which rows leave Cairn. Pure: from rows, which are mappings, to text or bytes."""
