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

  def binaries_but(self, name, script):
    """A folder with the real programs, one of which is made up."""
    folder = self.folder.parent / 'bin'
    folder.mkdir()
    for program in BINARIES.iterdir():
      if program.name != name:
        (folder / program.name).symlink_to(program)
    (folder / name).write_text(f'#!/bin/sh\n{script}\n')
    (folder / name).chmod(0o755)
    return folder

  def play_with(self, binaries):
    return subprocess.run([*self.command('--check', '--straight'), '--binaries', binaries], capture_output=True,
                          text=True, check=False)

  def test_a_service_that_does_not_start_is_named(self):
    done = self.play_with(self.binaries_but('shangda-routing', 'exit 1'))
    self.assertEqual(done.returncode, 1)
    self.assertIn('routing 自己停了', done.stderr)
    self.assertEqual(self.left_running(), [])

  def test_a_count_that_differs_is_said_and_the_result_is_not_right(self):
    wrong = {'sent': 2, 'adopted': 1, 'adoption_rate': '50.0%', 'issues': {'sqmy': 1}, 'instructions': 0,
             'papers_sent': 1, 'papers_adopted': 1, 'adoptions_above': 1, 'dispositions': {'adopted': 1, 'no_word': 1},
             'instructed_items': 0, 'instructions_above': 0}
    done = self.play_with(self.binaries_but('shangda-recount', f"echo '{json.dumps(wrong)}'"))
    self.assertEqual(done.returncode, 1)
    self.assertIn('对不上:sent 计划 1,服务答 1,从日志重新数 2', done.stdout)
    self.assertFalse(json.loads(done.stdout.splitlines()[-1])['ok'])


if __name__ == '__main__':
  unittest.main()
