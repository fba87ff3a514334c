#!/usr/bin/env python3
"""deploy/examples: every file of every level is what the programs read. Argument: the folder of the binaries."""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from play_modules import ROOT

BINARIES = pathlib.Path(sys.argv.pop()).resolve()
NETWORK = 'taijiang.example'
LEVELS = ('county', 'city', 'province')
SERVICES = ('intake', 'routing', 'feedback')


class ExamplesTest(unittest.TestCase):

  @classmethod
  def setUpClass(cls):
    folder = tempfile.TemporaryDirectory()
    cls.addClassCleanup(folder.cleanup)
    cls.examples = pathlib.Path(folder.name) / 'examples'
    shutil.copytree(ROOT / 'deploy' / 'examples', cls.examples)
    cls.sign(pathlib.Path(folder.name) / 'ca')

  @classmethod
  def sign(cls, authority):
    """The certificates that the examples name."""
    lines = [f'spiffe://{NETWORK}/nodes/{level}/{service} {cls.examples / level / "tls" / service}'
             for level in LEVELS for service in SERVICES]
    for level in LEVELS:
      profile = cls.read(level, 'profile')
      person = profile['certificate_file'].removeprefix('tls/').removesuffix('.crt')
      lines.append(f'spiffe://{NETWORK}/committees/{profile["committee"]}/users/{person} '
                   f'{cls.examples / level / "tls" / person}')
    for words in (['init', authority, '--network', NETWORK], ['issue-all', authority, '/dev/stdin']):
      subprocess.run([ROOT / 'deploy' / 'ca', *words], input='\n'.join(lines), text=True, check=True,
                     capture_output=True)
    for level in LEVELS:
      shutil.copy(authority / 'ca.crt', cls.examples / level / 'tls')

  @classmethod
  def read(cls, level, name):
    """A file's fields of the top level."""
    lines = (cls.examples / level / f'{name}.textproto').read_text(encoding='utf-8').splitlines()
    fields = (line.split(': ', 1) for line in lines if ': ' in line and line[0].isalpha())
    return {field: value.strip('"') for field, value in fields}

  def test_every_service_file_of_every_level_passes_its_check(self):
    for level in LEVELS:
      for service in SERVICES:
        with self.subTest(level=level, service=service):
          done = self.check(level, service)
          self.assertEqual(done.returncode, 0, done.stderr)
          self.assertIn('配置无误', done.stdout)

  def check(self, level, service):
    return subprocess.run([BINARIES / f'shangda-{service}', '--config',
                           self.examples / level / f'{service}.textproto', '--check-config'],
                          capture_output=True, text=True, check=False)

  def test_every_profile_is_one_that_the_client_reads(self):
    for level in LEVELS:
      with self.subTest(level=level):
        profile = self.examples / level / 'profile.textproto'
        # The number is looked at when profile and certificate are read, and before anybody is asked.
        done = subprocess.run([BINARIES / 'shangda', '--profile', profile, 'report', 'show', 'x'],
                              capture_output=True, text=True, check=False)
        self.assertIn('看不懂编号', done.stderr)

  def test_a_mistake_in_an_example_is_named_with_file_and_line(self):
    service_file = self.examples / 'city' / 'feedback.textproto'
    right = service_file.read_text(encoding='utf-8')
    self.addCleanup(service_file.write_text, right, encoding='utf-8')
    service_file.write_text(right + 'netwrk_file: "x"\n', encoding='utf-8')
    done = self.check('city', 'feedback')
    self.assertEqual(done.returncode, 1)
    self.assertIn(f'feedback.textproto:{len(right.splitlines()) + 1}', done.stderr)


if __name__ == '__main__':
  unittest.main()
