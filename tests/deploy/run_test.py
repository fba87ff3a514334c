#!/usr/bin/python3 -B
"""tests/run goes through its stages in order, stops at the first that fails, and counts truly."""

import unittest

from scripts import ScriptTest

_CTEST = "echo '{passed}% tests passed, {failed} tests failed out of {all}'; exit {status}"


class RunTest(ScriptTest):

  def setUp(self):
    super().setUp()
    self.take('tests/run')
    self.write_program(self.tree / 'deploy/setup', f'echo setup >>{self.calls}\n')
    self.fake('cmake')
    self.fake('ctest', _CTEST.format(passed=100, failed=0, all=7, status=0))

  def test_installs_configures_builds_and_tests_in_this_order(self):
    done = self.run_script('tests/run')
    self.assertEqual(done.returncode, 0, done.stderr)
    self.assertEqual(self.called(), [
      'setup', 'cmake --preset release', 'cmake --build --preset release -j 2',
      'ctest --preset release -j 2 --no-tests=error'])

  def test_ends_with_how_many_passed_and_failed(self):
    self.assertEqual(self.run_script('tests/run').stdout.splitlines()[-2:], [
      '100% tests passed, 0 tests failed out of 7', '7 passed, 0 failed'])

  def test_fails_when_a_test_fails(self):
    self.fake('ctest', _CTEST.format(passed=71, failed=2, all=7, status=8))
    done = self.run_script('tests/run')
    self.assertEqual(done.returncode, 8)
    self.assertEqual(done.stdout.splitlines()[-1], '5 passed, 2 failed')

  def test_fails_when_no_test_ran(self):
    self.fake('ctest', 'echo "No tests were found!!!"; exit 8')
    done = self.run_script('tests/run', '-R', 'nothing')
    self.assertEqual(done.returncode, 8)
    self.assertEqual(done.stdout.splitlines()[-1], '0 passed, 0 failed')

  def test_a_failed_stage_ends_the_run_and_is_named(self):
    self.fake('cmake', '[[ $1 != --build ]]')
    done = self.run_script('tests/run')
    self.assertEqual(done.returncode, 1)
    self.assertIn('「构建」没有成功', done.stderr)
    self.assertNotIn('ctest', ' '.join(self.called()))

  def test_sanitize_chooses_the_preset_and_all_else_goes_to_ctest(self):
    self.run_script('tests/run', '-L', 'unit', '--sanitize')
    self.assertEqual(self.called()[-1], 'ctest --preset sanitize -j 2 --no-tests=error -L unit')


if __name__ == '__main__':
  unittest.main()
