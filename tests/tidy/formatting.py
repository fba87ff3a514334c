"""Our C++ is formatted as .clang-format says, by the version that Debian 12 has."""

import concurrent.futures
import re
import shutil
import subprocess

from tree import Tree

_TOOL = 'clang-format-14'
_FIRST_LINE = re.compile(r'^(\S+?):(\d+):\d+: error:', re.MULTILINE)


def check(tree: Tree):
  if not shutil.which(_TOOL):
    yield f'没有 {_TOOL}:请运行 deploy/setup 安装'
    return
  files = tree.code()
  batches = [files[start::8] for start in range(8) if files[start::8]]
  with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
    wrong = {path: line for found in pool.map(lambda batch: _check_batch(tree, batch), batches)
             for path, line in found.items()}
  for path, line in sorted(wrong.items()):
    yield f'{path}:{line}: 格式不对:请运行 {_TOOL} -i {path}'


def _check_batch(tree: Tree, files: list[str]) -> dict[str, str]:
  """The wrong files, each with the first line to change."""
  done = subprocess.run([_TOOL, '--dry-run', '-Werror', '--style=file', *files], cwd=tree.root,
                        capture_output=True, text=True, check=False)
  wrong = {}
  for path, line in _FIRST_LINE.findall(done.stderr):
    wrong.setdefault(path, line)
  if done.returncode and not wrong:
    raise RuntimeError(f'{_TOOL}: {done.stderr}')
  return wrong
