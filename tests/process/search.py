"""Looks for words in every byte that processes wrote."""

import pathlib


def files_with(needle, *folders):
  """Files below the folders that hold the string as UTF-8, or the bytes."""
  sought = needle.encode() if isinstance(needle, str) else needle
  return [path for folder in folders for path in sorted(pathlib.Path(folder).rglob('*'))
          if path.is_file() and sought in path.read_bytes()]
