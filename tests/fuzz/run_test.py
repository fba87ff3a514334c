#!/usr/bin/python3 -B
"""tests/fuzz/run builds what it runs, says what came of it, and shows how to see a finding again."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'deploy'))

from scripts import ScriptTest  # pylint: disable=wrong-import-position

_QUIET = '''echo "#9 INITED cov: 100 ft: 200 corp: 3/9b"
echo "#500 pulse  cov: 120 ft: 260 corp: 4/9b"
echo "stat::number_of_executed_units: 6000"
'''
_FINDS = _QUIET + '''for word; do [[ $word == -artifact_prefix=* ]] && found=${word#*=}crash-1; done
echo boom >"$found"
echo "artifact_prefix='x'; Test unit written to $found"
exit 77
'''


class RunTest(ScriptTest):

  def setUp(self):
    super().setUp()
    self.take('tests/fuzz/run')
    self.write_program(self.tree / 'deploy/setup', f'echo setup >>{self.calls}\n')
    self.fake('cmake')
    for name, script in (('quiet', _QUIET), ('finds', _FINDS)):
      (self.tree / 'tests/fuzz/corpus' / name).mkdir(parents=True)
      program = self.tree / f'build-fuzz/fuzz/fuzz_{name}'
      program.parent.mkdir(parents=True, exist_ok=True)
      self.write_program(program, f'echo "{name} $*" >>{self.calls}\n{script}')

  def test_builds_and_runs_those_named_for_as_long_as_asked(self):
    done = self.run_script('tests/fuzz/run', '--seconds', '20', 'quiet')
    self.assertEqual(done.returncode, 0, done.stderr)
    setup, configure, build, run = self.called()
    self.assertEqual((setup, configure), ('setup', 'cmake --preset fuzz'))
    self.assertTrue(build.startswith('cmake --build') and build.endswith('--target fuzz_quiet'), build)
    self.assertTrue(run.startswith('quiet -max_total_time=20 '), run)

  def test_the_table_tells_executions_and_new_coverage(self):
    done = self.run_script('tests/fuzz/run', '--seconds', '20', 'quiet')
    self.assertEqual(done.stdout.splitlines()[-1].split(), ['quiet', '6000', '300', '120', '+20', '+0', '无'])

  def test_a_finding_is_kept_with_the_command_that_shows_it(self):
    done = self.run_script('tests/fuzz/run', '--seconds', '1')
    self.assertEqual(done.returncode, 1)
    self.assertIn('重演: build-fuzz/fuzz/fuzz_finds build-fuzz/found/finds/crash-1', done.stdout)
    self.assertTrue((self.tree / 'build-fuzz/found/finds/crash-1').exists())
    # The others were run all the same.
    self.assertEqual(len([call for call in self.called() if call.startswith(('quiet', 'finds'))]), 2)

  def test_the_words_of_a_fuzzer_are_its_dictionary(self):
    words = self.tree / 'tests/fuzz/words/quiet.txt'
    words.parent.mkdir()
    words.write_text('机\n"\n')
    self.run_script('tests/fuzz/run', 'quiet')
    self.assertIn('-dict=', self.called()[-1])
    self.assertEqual((self.tree / 'build-fuzz/words/quiet').read_text(), '"\\xe6\\x9c\\xba"\n"\\x22"\n')

  def test_a_name_that_is_none_is_a_wrong_call(self):
    done = self.run_script('tests/fuzz/run', 'nothing')
    self.assertEqual(done.returncode, 2)
    self.assertIn('finds quiet', done.stderr)
    self.assertEqual(self.called(), [])


if __name__ == '__main__':
  unittest.main()
