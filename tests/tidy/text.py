"""Rules about the text of files: unfinished work, long lines, traces of one developer's machine."""

import re
import unicodedata

from tree import Tree

COLUMNS = 120

# These name the words and paths that they look for.
_RULE_ITSELF = 'tests/tidy/'

_UNFINISHED = {
  r'\b(TODO|FIXME)\b': '做完它,或者删掉这句话;以后要做的事写成任务,不留在代码里',
  r'\bDISABLED_': '让测试通过,或者连同它测的东西一起删掉;不留关掉的测试',
  r'\bGTEST_SKIP\b': '测试不能跳过:需要的东西由 deploy/setup 装好,或者由测试自己造出来',
}

# Prose flows, data is as it came, golden files are written by programs.
_MAY_BE_WIDE = re.compile(
  r'.*\.(md|txt|json|csv|hex|textproto|txtpb|binpb|svg|html)|(.*/)?(data|golden|testdata)/.*|LICENSE')

_MACHINE_PATH = re.compile(r'(?<![\w.$}~*/-])/(home|Users|work|root)/[\w.-]|[A-Za-z]:\\+Users\\')
_RESOLVED = re.compile(r'"resolved"\s*:\s*"http')


def check_words(tree: Tree):
  for path in tree.files:
    if path.startswith(_RULE_ITSELF):
      continue
    for number, line in tree.lines(path):
      for pattern, instead in _UNFINISHED.items():
        if match := re.search(pattern, line):
          yield f'{path}:{number}: 有 {match[0]}:{instead}'


def check_lines(tree: Tree):
  for path in tree.files:
    if _MAY_BE_WIDE.fullmatch(path):
      continue
    for number, line in tree.lines(path):
      if len(line) > COLUMNS // 2 and (columns := _columns(line)) > COLUMNS:
        yield f'{path}:{number}: 这一行宽 {columns} 列:请折到 {COLUMNS} 列以内(一个汉字占两列)'


def check_paths(tree: Tree):
  for path in tree.files:
    if path.startswith(_RULE_ITSELF) and path.endswith('.py'):
      continue
    for number, line in tree.lines(path):
      if match := _MACHINE_PATH.search(line):
        yield (f'{path}:{number}: 写了某台机器上的路径 {match[0]}…:'
               '请用仓库内的相对路径,测试用临时文件夹')
      if path.endswith('package-lock.json') and _RESOLVED.search(line):
        yield (f'{path}:{number}: 锁文件记下了下载地址:'
               '请用 npm install --package-lock-only --omit-lockfile-registry-resolved 重写')


def _columns(line: str) -> int:
  return sum(2 if unicodedata.east_asian_width(char) in 'WF' else 1 for char in line)
