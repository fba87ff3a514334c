"""Calls buf, the proto checker that deploy/setup installs beside this file."""

import os
import pathlib
import platform
import re
import subprocess
import tempfile

_HERE = pathlib.Path(__file__).resolve().parent
_PROCESSOR = {'x86_64': 'x64'}.get(platform.machine(), platform.machine())
_BUF = _HERE / f'node_modules/@bufbuild/buf-linux-{_PROCESSOR}/bin/buf'
_PLACE = re.compile(r'^(\S+:\d+:\d+):')
CONFIG = _HERE / 'buf.yaml'

MISSING = '没有 proto 检查工具:请运行 deploy/setup 安装'


def installed() -> bool:
  return _BUF.exists()


def run(root: pathlib.Path, *arguments) -> list[str]:
  """Runs buf on the protos of a tree. Returns its findings, each with its place; none: all is well."""
  with tempfile.TemporaryDirectory() as cache:
    environment = os.environ | {'BUF_CACHE_DIR': cache}
    done = subprocess.run([_BUF, *map(str, arguments)], cwd=root / 'proto', env=environment,
                          capture_output=True, text=True, check=False)
  findings = (done.stdout + done.stderr).strip().splitlines()
  if done.returncode and not findings:
    raise RuntimeError(f'buf ended with status {done.returncode} and said nothing')
  return [_PLACE.sub(r'proto/\1: ', finding) for finding in findings] if done.returncode else []
