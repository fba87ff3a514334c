"""Who may include and call what: the layers of the design, as tables.

A file is named by its path from the root. A test beside the code belongs to the folder that it tests.
"""

import dataclasses
import re

from tree import Tree


@dataclasses.dataclass
class Ban:
  """Something that only a few places may use, each place with its reason."""
  include: str | None  # A pattern that the included name begins with,
  call: str | None  # or one that is found in code, outside comments and strings.
  instead: str  # What to do instead, for people.
  allowed: dict[str, str]  # Path prefix as a pattern → why it may.


# Where threads, the real clock, chance and the environment enter; everything else is handed them.
OUTSIDE_WORLD = {
  r'common/rpc/': 'gRPC calls from its own threads',
  r'common/clock/': 'the real clock is made here',
  r'common/kv/rocks_': 'RocksDB is called from several threads',
  r'common/kv/memory_store': 'its twin: Views are read on other threads',
  r'common/engine/bytes': 'the real entropy is made here',
  r'services/[^/]+/main\.cc': 'makes the real things and hands them down',
  r'services/console/': 'a program at a terminal, with no state of its own',
  r'tests/': 'tests drive real processes and threads',
}

BANS = [
  Ban(include=r'rocksdb/', call=None,
      instead='存储请用 common/kv/store.h 的接口;直接用 RocksDB 的代码只放在 common/kv/rocks_*',
      allowed={
        r'common/kv/rocks_': 'the one place that wraps it',
        r'tests/': 'crash tests fail the n-th write under it',
      }),
  Ban(include=r'(grpcpp|grpc)/|.*\.grpc\.pb\.h', call=None,
      instead='gRPC 只出现在 common/rpc、services/*/rpc 和 main.cc;别处请用普通的类和回调',
      allowed={
        r'common/rpc/': 'the one place that wraps it',
        r'services/[^/]+/rpc/': 'thin handlers',
        r'services/[^/]+/main\.cc': 'starts the server',
        r'services/console/': 'a client',
        r'tests/': 'clients of real servers',
      }),
  Ban(include=r'(thread|mutex|shared_mutex|condition_variable|future|semaphore|latch|barrier|stop_token)$'
              r'|absl/synchronization/',
      call=None,
      instead='不要自己开线程或加锁:写成由步骤和回调推动的类,线程放在 common/rpc 或 main.cc',
      allowed=OUTSIDE_WORLD),
  Ban(include=None, call=r'\w*[cC]lock::now\b|\babsl::Now\(|\bstd::time\(|\b(gettimeofday|clock_gettime)\(',
      instead='不要自己看钟:时间由命令带来,或者用传入的 common/clock',
      allowed=OUTSIDE_WORLD),
  Ban(include=None, call=r'\brandom_device\b|\babsl::BitGen\b|\b(rand|srand|getrandom|RAND_bytes)\(',
      instead='不要自己取随机数:编号和盐由外层取好传入',
      allowed=OUTSIDE_WORLD),
  Ban(include=None, call=r'\b(secure_)?getenv\(',
      instead='不要读环境变量:设置写进配置文件,由 main.cc 读好传入',
      allowed=OUTSIDE_WORLD),
  Ban(include=None, call=r'\bsleep_(for|until)\(|\b(sleep|usleep|nanosleep)\(|\bSleepFor\(',
      instead='不要睡着等:等条件成立,或者让传入的钟到点回调',
      allowed=OUTSIDE_WORLD),
]

_MESSAGES = r'shangda/.*(?<!\.grpc)\.pb\.h|google/protobuf/.*\.h'
_STANDARD = r'(?!(fstream|filesystem|iostream|random)$)[a-z_0-9]+'
_INCLUDE = re.compile(r'\s*#\s*include\s*[<"]([^>"]+)[>"]')
_QUOTED_ALONE = re.compile(r'\s*#\s*include\s*"(?:\.\.?/.*|[^/"]+)"')
_NOT_CODE = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"', re.DOTALL)


def check(tree: Tree):
  for path in tree.code():
    if path.startswith(('common/', 'services/', 'tests/')):
      yield from _check_includes(tree, path)
      yield from _check_calls(tree, path)


def _check_includes(tree: Tree, path: str):
  for number, line in tree.lines(path):
    if not (match := _INCLUDE.match(line)):
      continue
    name = match[1]
    sentences = [_folders(path, name), _pure(path, name)]
    sentences += [ban.instead for ban in BANS
                  if ban.include and re.match(ban.include, name) and not _allowed(ban, path)]
    if _QUOTED_ALONE.match(line):
      sentences.append('请从仓库根写起,例如 "common/kv/store.h"')
    for sentence in filter(None, sentences):
      yield f'{path}:{number}: 不能包含 {name}:{sentence}'


def _check_calls(tree: Tree, path: str):
  bans = [ban for ban in BANS if ban.call and not _allowed(ban, path)]
  code = _NOT_CODE.sub(lambda match: '\n' * match[0].count('\n'), tree.read(path))
  for number, line in enumerate(code.split('\n'), start=1):
    for ban in bans:
      if match := re.search(ban.call, line):
        yield f'{path}:{number}: 不能用 {match[0].rstrip("(")}:{ban.instead}'


def _allowed(ban: Ban, path: str) -> bool:
  return any(re.match(place, path) for place in ban.allowed)


# Tests of what is common that stand on a service, each with its reason.
TESTS_ON_A_SERVICE = {
  r'common/rpc/testing/': 'the way from a call to the engine is tried over real gRPC, with intake at its end',
}


def _folders(path: str, name: str) -> str | None:
  """Services know nothing of each other, and what is common knows nothing of services."""
  from_folder, to_folder = path.split('/'), name.split('/')
  if to_folder[0] != 'services' or from_folder[0] == 'tests':
    return None
  if any(re.match(place, path) for place in TESTS_ON_A_SERVICE):
    return None
  if from_folder[0] == 'common':
    return 'common 不认识任何服务;请把要共用的挪进 common,或者用接口传入'
  if from_folder[1] != to_folder[1]:
    return '服务之间只通过 proto 来往;请调用对方的接口,或者把要共用的挪进 common'
  return None


def _pure(path: str, name: str) -> str | None:
  """The domain includes messages and std and nothing else. What all three domains ask of offices and people, and do
  about numbers and incidents, is in common/office/office.h, common/numbering/numbering.h and
  common/incident/incident.h, which are held to the same rule. Tests beside the domain drive it through the engine."""
  match = re.match(r'common/domain/|common/(?:office/office|incident/incident)\.|common/numbering/'
                   r'|services/[^/]+/domain/', path)
  if not match or path.endswith(('_test.cc', '/testing.h')):
    return None
  may = [_MESSAGES, _STANDARD, r'common/domain/.*', r'common/office/office\.h', r'common/numbering/numbering\.h',
         r'common/incident/incident\.h', re.escape(match[0]) + '.*']
  if any(re.fullmatch(pattern, name) for pattern in may):
    return None
  return 'domain 里只有规则:只包含生成的消息头、标准库、common/domain 和本文件夹;别的由外层做好传入'
