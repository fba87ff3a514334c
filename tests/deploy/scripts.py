"""Runs a shell script of ours in a world of made-up programs, so that its decisions can be tested."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Harmless programs that scripts may really use.
_REAL = ['bash', 'cat', 'cmp', 'cp', 'dirname', 'env', 'grep', 'mkdir', 'mktemp', 'rm', 'sed', 'tail', 'tee']


class ScriptTest(unittest.TestCase):
  """A copy of the tree's scripts, and a PATH that holds _REAL and what fake() adds."""

  def setUp(self):
    folder = tempfile.TemporaryDirectory()
    self.addCleanup(folder.cleanup)
    self.tree = pathlib.Path(folder.name) / 'tree'
    self.calls = pathlib.Path(folder.name) / 'calls'
    self._programs = pathlib.Path(folder.name) / 'bin'
    self._programs.mkdir()
    for name in _REAL:
      (self._programs / name).symlink_to(shutil.which(name))

  def take(self, path):
    """Copies a file of the repository into the tree."""
    target = self.tree / path
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / path, target)

  def fake(self, name, script='true'):
    """Makes a program that notes its call in `calls` and then runs the script."""
    self.write_program(self._programs / name, f'echo "{name} $*" >>{self.calls}\n{script}\n')

  def write_program(self, path, script):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'#!/bin/bash\n{script}')
    path.chmod(0o755)

  def run_script(self, *words):
    return subprocess.run([str(self.tree / words[0]), *words[1:]], capture_output=True, text=True,
                          check=False, env={'PATH': str(self._programs), 'LANG': 'C.UTF-8',
                                            'TMPDIR': os.path.dirname(self.calls)})

  def called(self):
    """The calls of fake programs, in order."""
    return self.calls.read_text().splitlines() if self.calls.exists() else []
