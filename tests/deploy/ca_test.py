#!/usr/bin/python3 -B
"""deploy/ca makes certificates that TLS accepts for what they are meant for, and for nothing else.

Each test runs the program as a person would and lets openssl judge the result.
"""

import pathlib
import stat
import subprocess
import tempfile
import unittest

CA = pathlib.Path(__file__).resolve().parents[2] / 'deploy/ca'
NODE = 'spiffe://taijiang.example/nodes/350103/routing'
USER = 'spiffe://taijiang.example/committees/350103/users/p0017'


class CaTest(unittest.TestCase):

  def setUp(self):
    folder = tempfile.TemporaryDirectory()
    self.addCleanup(folder.cleanup)
    self.folder = pathlib.Path(folder.name)

  def call(self, *words):
    return subprocess.run([CA, *map(str, words)], cwd=self.folder, capture_output=True, text=True,
                          check=False)

  def succeed(self, *words):
    done = self.call(*words)
    self.assertEqual(done.returncode, 0, done.stderr)
    return done.stdout

  def refuse(self, *words):
    """Returns the sentence that the program refuses with."""
    done = self.call(*words)
    self.assertEqual(done.returncode, 1, done.stdout)
    return done.stderr

  def init(self):
    self.succeed('init', 'ca', '--network', 'taijiang.example')

  def show(self, certificate, *what):
    return subprocess.run(['openssl', 'x509', '-in', certificate, '-noout', '-nameopt', 'utf8', *what],
                          cwd=self.folder, capture_output=True, text=True, check=True).stdout

  def verifies(self, certificate, *conditions):
    done = subprocess.run(['openssl', 'verify', '-CAfile', 'ca/ca.crt', *conditions, certificate],
                          cwd=self.folder, capture_output=True, text=True, check=False)
    return done.returncode == 0

  def test_a_service_is_server_on_its_own_machine_and_client(self):
    self.init()
    self.succeed('issue', 'ca', NODE, 'node/routing')
    self.assertTrue(self.verifies('node/routing.crt', '-purpose', 'sslserver', '-verify_hostname', 'localhost'))
    self.assertTrue(self.verifies('node/routing.crt', '-purpose', 'sslserver', '-verify_ip', '127.0.0.1'))
    self.assertTrue(self.verifies('node/routing.crt', '-purpose', 'sslclient'))

  def test_a_service_is_reached_under_every_host_given(self):
    self.init()
    self.succeed('issue', 'ca', NODE, 'routing', '--host', 'routing.example', '--host', '10.3.0.8')
    self.assertTrue(self.verifies('routing.crt', '-verify_hostname', 'routing.example'))
    self.assertTrue(self.verifies('routing.crt', '-verify_ip', '10.3.0.8'))
    self.assertFalse(self.verifies('routing.crt', '-verify_hostname', 'other.example'))

  def test_a_person_is_only_a_client(self):
    self.init()
    self.succeed('issue', 'ca', USER, 'p0017')
    self.assertTrue(self.verifies('p0017.crt', '-purpose', 'sslclient'))
    self.assertFalse(self.verifies('p0017.crt', '-purpose', 'sslserver'))

  def test_the_identity_is_the_only_uri(self):
    self.init()
    for identity in (NODE, USER):
      self.succeed('issue', 'ca', identity, 'one', '--force')
      names = self.show('one.crt', '-ext', 'subjectAltName')
      self.assertEqual(names.count('URI:'), 1)
      self.assertIn(f'URI:{identity}', names)

  def test_every_certificate_says_that_it_is_for_development(self):
    self.init()
    self.succeed('issue', 'ca', USER, 'p0017')
    self.assertIn('O=Shangda Development', self.show('ca/ca.crt', '-subject'))
    self.assertIn('CN=上达开发CA taijiang.example', self.show('ca/ca.crt', '-subject'))
    self.assertIn('O=Shangda Development', self.show('p0017.crt', '-issuer'))

  def test_keys_are_readable_by_their_owner_alone(self):
    self.init()
    self.succeed('issue', 'ca', USER, 'p0017')
    for key in ('ca/ca.key', 'p0017.key'):
      self.assertEqual(stat.S_IMODE((self.folder / key).stat().st_mode), 0o600)

  def test_a_certificate_is_valid_for_the_days_asked(self):
    self.init()
    self.succeed('issue', 'ca', USER, 'p0017', '--days', '20')
    self.show('p0017.crt', '-checkend', str(19 * 86400))
    with self.assertRaises(subprocess.CalledProcessError):
      self.show('p0017.crt', '-checkend', str(20 * 86400 + 1))
    self.assertIn('天数', self.refuse('issue', 'ca', USER, 'other', '--days', '0'))
    self.assertIn('天数', self.refuse('issue', 'ca', USER, 'other', '--days', '3651'))

  def test_nothing_is_overwritten_without_force(self):
    self.init()
    self.succeed('issue', 'ca', USER, 'p0017')
    before = (self.folder / 'p0017.crt').read_text()
    self.assertIn('--force', self.refuse('issue', 'ca', USER, 'p0017'))
    self.assertIn('--force', self.refuse('init', 'ca', '--network', 'taijiang.example'))
    self.assertEqual((self.folder / 'p0017.crt').read_text(), before)
    self.succeed('issue', 'ca', USER, 'p0017', '--force')
    self.assertNotEqual((self.folder / 'p0017.crt').read_text(), before)

  def test_an_identity_of_another_network_or_of_no_known_kind_is_refused(self):
    self.init()
    for identity in ('spiffe://other.example/nodes/350103/routing', NODE + '/more', NODE.upper(), 'p0017',
                     'spiffe://taijiang.example/committees/3501/users/p0017', NODE + ',DNS:other.example'):
      self.assertIn('身份', self.refuse('issue', 'ca', identity, 'wrong'))
    self.assertFalse((self.folder / 'wrong.crt').exists())

  def test_a_person_has_no_host(self):
    self.init()
    self.assertIn('--host', self.refuse('issue', 'ca', USER, 'p0017', '--host', 'localhost'))

  def test_a_list_is_issued_whole_or_not_at_all(self):
    self.init()
    wrong, right = self.folder / 'wrong', self.folder / 'right'
    wrong.write_text(f'{NODE} a\nspiffe://other.example/nodes/350103/routing b\n')
    right.write_text(f'# the node\n{NODE} a\n\n{USER} people/b\n')
    self.assertIn('other.example', self.refuse('issue-all', 'ca', wrong))
    self.assertFalse((self.folder / 'a.crt').exists())
    self.assertIn('2 张', self.succeed('issue-all', 'ca', right))
    self.assertTrue(self.verifies('a.crt') and self.verifies('people/b.crt'))

  def test_without_an_authority_the_sentence_says_how_to_make_one(self):
    self.assertIn('deploy/ca init', self.refuse('issue', 'ca', USER, 'p0017'))

  def test_help_shows_an_example_of_every_command(self):
    text = self.succeed('--help')
    for command in ('init', 'issue', 'issue-all'):
      self.assertIn(f'deploy/ca {command} ', text)


if __name__ == '__main__':
  unittest.main()
