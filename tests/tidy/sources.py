"""Every source file is built: named in a CMakeLists.txt that the root one reaches."""

import posixpath
import re

from tree import Tree

_COMMENT = re.compile(r'#.*')
_WORD = re.compile(r'[^\s()"]+')
_SUBDIRECTORY = re.compile(r'\badd_subdirectory\s*\(\s*"?([^\s")]+)')


def check(tree: Tree):
  named = _named_sources(tree, '')
  for path in tree.code():
    if path.endswith('.cc') and path.startswith(('common/', 'services/', 'tests/')) and path not in named:
      yield (f'{path}: 没有编译到它:请写进所在文件夹的 CMakeLists.txt(并由上级 add_subdirectory),'
             '不用了就删掉')


def _named_sources(tree: Tree, folder: str) -> set[str]:
  """The .cc files that the CMakeLists.txt of a folder and of those below it name."""
  listing = posixpath.join(folder, 'CMakeLists.txt')
  if listing not in tree.files:
    return set()
  commands = _COMMENT.sub('', tree.read(listing))
  named = {_resolve(folder, word) for word in _WORD.findall(commands) if word.endswith('.cc')}
  for below in _SUBDIRECTORY.findall(commands):
    named |= _named_sources(tree, _resolve(folder, below))
  return named


def _resolve(folder: str, word: str) -> str:
  for root in ('${CMAKE_SOURCE_DIR}/', '${PROJECT_SOURCE_DIR}/'):
    if word.startswith(root):
      return posixpath.normpath(word.removeprefix(root))
  return posixpath.normpath(posixpath.join(folder, word.removeprefix('${CMAKE_CURRENT_SOURCE_DIR}/')))
