#!/usr/bin/env python3
"""The play itself, with the real programs. Argument: the folder of the binaries."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest

from play_modules import ROOT

BINARIES = pathlib.Path(sys.argv.pop()).resolve()

HEAD = ['sent', 'adopted', 'adoption_rate', 'issues', 'instructions', 'timelines_complete', 'ok']
REST = ['papers_sent', 'papers_adopted', 'adoptions_above', 'dispositions', 'instructed_items', 'instructions_above']
COUNTINGS = ['planned', 'answered', 'recounted']


class PlayTest(unittest.TestCase):

  def setUp(self):
    folder = tempfile.TemporaryDirectory()
    self.addCleanup(folder.cleanup)
    self.folder = pathlib.Path(folder.name) / 'network'

  def command(self, *words):
    return [sys.executable, ROOT / 'deploy' / 'year' / 'play.py', '--binaries', BINARIES, '--directory', self.folder,
            *words]

  def check(self, *words):
    """What the last line says."""
    done = subprocess.run(self.command('--check', *words), capture_output=True, text=True, check=False)
    self.assertEqual(done.returncode, 0, done.stdout[-6000:] + done.stderr[-6000:])
    self.assertIn('演练', done.stdout)
    self.assertIn('年度总结未说明统计口径,这里按条次计', done.stdout)
    self.assertEqual(self.left_running(), [])
    result = json.loads(done.stdout.splitlines()[-1])
    self.assert_well_formed(result)
    return result

  def assert_well_formed(self, result):
    self.assertEqual(list(result), [*HEAD, *REST, *COUNTINGS])
    counted = [key for key in [*HEAD, *REST] if key not in ('timelines_complete', 'ok')]
    for counting in COUNTINGS:
      self.assertEqual(result[counting], {key: result[key] for key in counted}, counting)
      self.assertEqual(list(result[counting]), counted)
    self.assertTrue(result['ok'])
    self.assertEqual(result['timelines_complete'], result['sent'])
    self.assertEqual(sum(result['dispositions'].values()), result['sent'])

  def left_running(self):
    """Command lines of processes that still use the network's folder."""
    found = []
    for process in pathlib.Path('/proc').glob('[0-9]*'):
      try:
        command = (process / 'cmdline').read_bytes().decode(errors='replace')
      except OSError:
        continue
      if str(self.folder) in command and process.name != str(os.getpid()):
        found.append(command)
    return found

  def test_one_report_goes_up_three_levels_and_the_answer_comes_down(self):
    result = self.check('--straight')
    self.assertEqual((result['sent'], result['adopted'], result['adoptions_above']), (1, 1, 1))

  def test_the_year_ends_with_the_published_numbers_three_times_over(self):
    result = self.check()
    self.assertEqual({key: result[key] for key in HEAD}, {
      'sent': 167, 'adopted': 149, 'adoption_rate': '89.2%', 'issues': {'社情民意': 22, '政协简报': 49},
      'instructions': 17, 'timelines_complete': 167, 'ok': True})

  def test_another_year_with_other_numbers_is_right_too(self):
    self.assertNotEqual(self.check('--vary', '7')['sent'], 167)

  def test_the_network_goes_on_until_interrupted_and_then_nothing_is_left(self):
    with subprocess.Popen(self.command('--straight'), stdout=subprocess.PIPE, text=True) as play:
      said = []
      for line in play.stdout:
        said.append(line)
        if 'Ctrl-C' in line:
          break
      self.assertIn('Ctrl-C', said[-1], ''.join(said))
      self.assertEqual(len([command for command in self.left_running() if 'shangda-' in command]), 9)
      play.send_signal(signal.SIGINT)
      self.assertEqual(play.wait(30), 130)
    self.assertEqual(self.left_running(), [])

  def test_a_folder_that_is_not_empty_is_left_alone(self):
    self.folder.mkdir()
    (self.folder / 'mine').write_text('mine')
    done = subprocess.run(self.command('--check', '--straight'), capture_output=True, text=True, check=False)
    self.assertEqual(done.returncode, 1)
    self.assertIn('不是空的', done.stderr)
    self.assertEqual(os.listdir(self.folder), ['mine'])

  def test_a_service_that_does_not_start_is_named(self):
    broken = pathlib.Path(self.folder.parent) / 'bin'
    broken.mkdir()
    for program in BINARIES.iterdir():
      (broken / program.name).symlink_to(program)
    (broken / 'shangda-routing').unlink()
    (broken / 'shangda-routing').symlink_to('/bin/false')
    done = subprocess.run([*self.command('--check', '--straight'), '--binaries', broken], capture_output=True,
                          text=True, check=False)
    self.assertEqual(done.returncode, 1)
    self.assertIn('routing 自己停了', done.stderr)
    self.assertEqual(self.left_running(), [])


if __name__ == '__main__':
  unittest.main()
