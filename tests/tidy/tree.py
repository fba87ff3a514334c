"""The files of a source tree, as the rules see them."""

import functools
import os
import pathlib
import re

# Made by tools, not by us.
_NOT_OURS = re.compile(r'\.git|node_modules|build|build-.*|\.cache|__pycache__')


class Tree:
  """A source tree. Paths are strings relative to its root, with forward slashes."""

  def __init__(self, root: pathlib.Path):
    self.root = root.resolve()

  @functools.cached_property
  def files(self) -> list[str]:
    """Every file that people write, sorted."""
    found = []
    for folder, names, files in os.walk(self.root):
      names[:] = [name for name in names if not _NOT_OURS.fullmatch(name)]
      found += [os.path.relpath(os.path.join(folder, file), self.root) for file in files]
    return sorted(found)

  def code(self) -> list[str]:
    """The C++ files."""
    return [path for path in self.files if path.endswith(('.cc', '.h'))]

  @functools.cache
  def read(self, path: str) -> str:
    """The text of a file; empty for one that is not UTF-8 text."""
    try:
      return (self.root / path).read_text(encoding='utf-8')
    except UnicodeDecodeError:
      return ''

  def lines(self, path: str):
    """The lines of a file, each with its number from 1."""
    return enumerate(self.read(path).splitlines(), start=1)
