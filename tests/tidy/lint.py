"""The protos read as one API: buf's standard rules, and a comment on every element (see buf.yaml)."""

import buf
from tree import Tree


def check(tree: Tree):
  if not buf.installed():
    yield buf.MISSING
    return
  for finding in buf.run(tree.root, 'lint', '--config', buf.CONFIG):
    yield f'{finding} 请照这句改;规矩和例外在 tests/tidy/buf.yaml'
