#!/usr/bin/env python3
"""deploy/quickstart: what it does before the play begins."""

import sys
import unittest

import play_modules

sys.path.insert(0, str(play_modules.ROOT / 'tests' / 'deploy'))

from scripts import ScriptTest


class EntryTest(ScriptTest):

  def setUp(self):
    super().setUp()
    self.take('deploy/quickstart')
    self.write_program(self.tree / 'deploy' / 'setup', f'echo setup >>{self.calls}\n')
    self.fake('cmake')
    self.fake('python3')

  def quickstart(self, *words):
    return self.run_script('deploy/quickstart', *words)

  def test_installs_configures_builds_what_it_needs_and_plays(self):
    done = self.quickstart('--check', '--vary', '7')
    self.assertEqual(done.returncode, 0, done.stderr)
    setup, configure, build, play = self.called()
    self.assertEqual(setup, 'setup')
    self.assertEqual(configure, 'cmake --preset release')
    self.assertIn('--build --preset release', build)
    for target in ('shangda-intake', 'shangda-routing', 'shangda-feedback', 'shangda ', 'shangda-recount'):
      self.assertIn(target, build + ' ')
    self.assertTrue(play.endswith('deploy/year/play.py --check --vary 7'), play)

  def test_a_build_that_fails_shows_why_and_nothing_is_played(self):
    self.fake('cmake', 'if [[ $1 == --build ]]; then echo "ledger.cc: error"; exit 1; fi')
    done = self.quickstart('--check')
    self.assertEqual(done.returncode, 1)
    self.assertIn('ledger.cc: error', done.stderr)
    self.assertNotIn('python3', ' '.join(self.called()))

  def test_wrong_words_are_said_before_anything_is_installed(self):
    for words in (['--chek'], ['--vary'], ['--vary', 'x']):
      done = self.quickstart(*words)
      self.assertEqual(done.returncode, 1, words)
      self.assertIn('--help', done.stderr + '--help' * (words == ['--vary', 'x']))
    self.assertEqual(self.called(), [])

  def test_help_reads_like_a_page_with_examples(self):
    done = self.quickstart('--help')
    self.assertEqual(done.returncode, 0)
    self.assertIn('例子', done.stdout)
    self.assertEqual(self.called(), [])


if __name__ == '__main__':
  unittest.main()
