"""What was once frozen keeps its meaning: old clients, stored records and other offices still read it.

The frozen protos are a descriptor image under golden/. It grows only by `tests/tidy/run --freeze`.
"""

import buf
from tree import Tree

GOLDEN = 'tests/tidy/golden/protos.binpb'
_AGAIN = '请改回去,另加新字段或新消息;从没有发布过的才可以用 tests/tidy/run --freeze 重新定底本'


def check(tree: Tree):
  if not buf.installed():
    yield buf.MISSING
  elif not (tree.root / GOLDEN).exists():
    yield f'{GOLDEN}: 没有这份 proto 的底本:请运行 tests/tidy/run --freeze 定下来,并提交它'
  else:
    for finding in _differences(tree):
      yield f'{finding} {_AGAIN}'


def freeze(tree: Tree) -> int:
  """Makes the present protos the golden ones and says what that breaks. Returns an exit status."""
  if not buf.installed():
    print(buf.MISSING)
    return 1
  golden = tree.root / GOLDEN
  first = not golden.exists()
  broken = [] if first else _differences(tree)
  golden.parent.mkdir(parents=True, exist_ok=True)
  failed = buf.run(tree.root, 'build', '--config', buf.CONFIG, '--exclude-source-info',
                   '--output', golden)
  if failed:
    print('\n'.join(failed + ['proto 编译不过,底本没有改:请先改好上面的错误']))
    return 1
  for finding in broken:
    print(finding)
  compared = '这是第一份' if first else f'与旧底本不兼容的有 {len(broken)} 处'
  print(f'proto 的底本已定下: {GOLDEN}({compared})。请连同 proto 一起提交。')
  return 0


def _differences(tree: Tree) -> list[str]:
  return buf.run(tree.root, 'breaking', '--config', buf.CONFIG, '--against', tree.root / GOLDEN)
