"""The processor time that processes and their threads have taken."""

import collections
import os
import pathlib

_TICKS = os.sysconf('SC_CLK_TCK')
# Of /proc/…/stat, counted from the state, which is the first behind the name.
_PARENT, _USER, _SYSTEM, _CHILDREN_USER, _CHILDREN_SYSTEM = 1, 11, 12, 13, 14


def seconds(roots):
  """Of the processes and of those they have begun: (process, thread) by name → seconds so far. What a process begun by
  them had taken when it ended is its beginner's thread '(ended)'."""
  taken = collections.Counter()
  for pid in _with_children(roots):
    try:
      process, fields = _stat(f'/proc/{pid}/stat')
      threads = [_stat(file) for file in pathlib.Path(f'/proc/{pid}/task').glob('*/stat')]
    except (FileNotFoundError, ProcessLookupError):
      continue
    taken[process, '(ended)'] += fields[_CHILDREN_USER] + fields[_CHILDREN_SYSTEM]
    for name, fields in threads:
      taken[process, name] += fields[_USER] + fields[_SYSTEM]
  return collections.Counter({key: ticks / _TICKS for key, ticks in taken.items()})


def _with_children(roots):
  parents = {}
  for file in pathlib.Path('/proc').glob('[0-9]*/stat'):
    try:
      parents[int(file.parent.name)] = _stat(file)[1][_PARENT]
    except (FileNotFoundError, ProcessLookupError):
      pass
  found = set(roots)
  while more := {pid for pid, parent in parents.items() if parent in found} - found:
    found |= more
  return found


def _stat(path):
  """Name, and the numbers from the state on, which is 0 here."""
  text = pathlib.Path(path).read_text(encoding='utf-8', errors='replace')
  name = text[text.index('(') + 1:text.rindex(')')]
  return name, [0, *map(int, text[text.rindex(')') + 2:].split()[1:])]
