#!/usr/bin/python3 -B
"""A service takes good files, says where bad ones are wrong, and never runs on half of anything."""

import os
import pathlib
import re
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import unittest

import clerks
import rockslog
import wire
from clerks import Office
from town import BINARIES, GULOU, ROOT, TAIJIANG, TownTest
from until import until

NODE = 'n350103'
SERVICES = ('intake', 'routing', 'feedback')
_META = 6  # The column family: default is 0, then log, state, index, text, sealed, meta.


class ConfigTest(TownTest):
  """What --check-config and a start say of files; nothing here ever serves."""

  LAYOUT = {NODE: (TAIJIANG, GULOU)}

  def setUp(self):
    folder = tempfile.TemporaryDirectory(prefix='shangda-')
    self.addCleanup(folder.cleanup)
    self.folder = pathlib.Path(folder.name)
    for name in ('ca', 'network.textproto', 'offices', 'now', 'nodes'):
      source = self.town.files.folder / name
      (shutil.copytree if source.is_dir() else shutil.copy)(source, self.folder / name)

  def file(self, name):
    return self.folder / 'nodes' / NODE / name

  def edit(self, path, old, new):
    """Replaces the first `old`; the number of its line."""
    text = path.read_text(encoding='utf-8')
    self.assertIn(old, text)
    path.write_text(text.replace(old, new, 1), encoding='utf-8')
    return text[:text.index(old)].count('\n') + 1

  def check(self, service='intake'):
    return subprocess.run([BINARIES / f'shangda-{service}', '--config', self.file(f'{service}.textproto'),
                           '--check-config'], capture_output=True, text=True, check=False, timeout=30)

  def assert_bad(self, place, *words, service='intake'):
    """Refused, with one line that says where and what to do."""
    done = self.check(service)
    self.assertEqual((done.returncode, done.stdout), (1, ''), done.stderr)
    line = next((line for line in done.stderr.splitlines() if str(place) in line), None)
    self.assertIsNotNone(line, done.stderr)
    self.assert_sentence(line)
    for word in words:
      self.assertIn(word, line)

  def test_good_files_are_found_good(self):
    for service in SERVICES:
      done = self.check(service)
      self.assertEqual((done.returncode, done.stderr), (0, ''))
      self.assert_sentence(done.stdout)

  def test_an_unknown_field_is_named_with_its_line(self):
    for name, old, new in (('nodes/n350103/intake.textproto', 'network_file:', 'netwerk_file:'),
                           ('network.textproto', '  level:', '  levl:'),
                           ('offices/350103.textproto', '  post:', '  posts:')):
      with self.subTest(name):
        good = (self.folder / name).read_bytes()
        line = self.edit(self.folder / name, old, new)
        self.assert_bad(f'{pathlib.Path(name).name}:{line}', new.strip(' :'))
        (self.folder / name).write_bytes(good)

  def test_a_syntax_error_is_told_with_its_line(self):
    for name in ('nodes/n350103/intake.textproto', 'network.textproto', 'offices/350103.textproto'):
      with self.subTest(name):
        path = self.folder / name
        good = path.read_bytes()
        path.write_bytes(good + b'}\n')
        self.assert_bad(f'{path.name}:{good.count(10) + 1}')
        path.write_bytes(good)

  def test_a_missing_file_is_named(self):
    for name in ('network.textproto', 'offices/350102.textproto', 'ca/ca.crt', 'nodes/n350103/intake.crt',
                 'nodes/n350103/intake.key', 'now', 'nodes/n350103/intake.textproto'):
      with self.subTest(name):
        path = self.folder / name
        path.rename(f'{path}.away')
        self.assert_bad(path.name)
        pathlib.Path(f'{path}.away').rename(path)

  def test_a_node_that_is_not_in_the_network_is_refused(self):
    self.edit(self.file('intake.textproto'), NODE, 'n350199')
    self.assert_bad('network.textproto', 'n350199')

  def test_an_id_given_twice_is_told_with_its_line(self):
    path = self.folder / 'offices' / f'{TAIJIANG}.textproto'
    self.edit(path, 'id: "u02"', 'id: "u01"')
    text = path.read_text(encoding='utf-8')
    second = text[:text.index('id: "u01"', text.index('id: "u01"') + 1)].count('\n') + 1
    line = next(line for line in self.check().stderr.splitlines() if f'{path.name}:' in line)
    # The entry begins a line above its id.
    self.assertIn(int(re.search(rf'{path.name}:(\d+)', line)[1]), (second - 1, second))
    self.assert_bad(path.name, 'units/u01')

  def test_a_channel_to_an_unknown_body_is_told_with_its_line(self):
    path = self.folder / 'offices' / f'{TAIJIANG}.textproto'
    line = self.edit(path, 'body: "350100"', 'body: "359999"')
    self.assert_bad(f'{path.name}:{line}', '359999')

  def test_an_office_that_is_not_hosted_or_has_no_file_is_told(self):
    self.edit(self.file('intake.textproto'), f'office_files: "../../offices/{GULOU}.textproto"\n', '')
    self.assert_bad('network.textproto', GULOU)
    self.edit(self.file('intake.textproto'), f'{TAIJIANG}.textproto"\n',
              f'{TAIJIANG}.textproto"\noffice_files: "../../offices/350100.textproto"\n')
    self.assert_bad('350100.textproto:1', '350100')

  def test_a_certificate_of_another_service_is_refused(self):
    shutil.copy(self.file('routing.crt'), self.file('intake.crt'))
    shutil.copy(self.file('routing.key'), self.file('intake.key'))
    self.assert_bad('intake.crt', f'nodes/{NODE}/routing', f'nodes/{NODE}/intake')

  def test_a_certificate_and_key_that_do_not_belong_together_are_refused(self):
    shutil.copy(self.file('routing.key'), self.file('intake.key'))
    self.assert_bad('intake.key')

  def test_a_certificate_of_another_authority_is_refused(self):
    other_authority(self.folder / 'other', [(f'nodes/{NODE}/intake', self.file('intake'))])
    self.assert_bad('intake.crt')

  def test_a_drill_clock_needs_the_development_authority(self):
    authority = self.folder / 'ca'
    quietly('openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-noenc', '-subj', '/O=Fuzhou/CN=Fuzhou', '-days', '9',
            '-keyout', authority / 'ca.key', '-out', authority / 'ca.crt')
    quietly('openssl', 'req', '-newkey', 'rsa:2048', '-noenc', '-subj', '/CN=intake', '-keyout',
            self.file('intake.key'), '-out', self.folder / 'request', '-addext',
            f'subjectAltName=URI:spiffe://taijiang.shangda.example/nodes/{NODE}/intake')
    quietly('openssl', 'x509', '-req', '-in', self.folder / 'request', '-CA', authority / 'ca.crt', '-CAkey',
            authority / 'ca.key', '-copy_extensions', 'copy', '-days', '9', '-out', self.file('intake.crt'))
    self.assert_bad('intake.textproto', '演练时钟')
    text = self.file('intake.textproto').read_text(encoding='utf-8')
    self.file('intake.textproto').write_text(re.sub(r'clock \{[^}]*\}', '', text), encoding='utf-8')
    done = self.check()
    self.assertEqual((done.returncode, done.stderr), (0, ''))


class ReloadTest(TownTest):
  """SIGHUP: what is good is taken in, what is bad is refused and the old stays."""

  LAYOUT = {NODE: (TAIJIANG, GULOU)}

  def setUp(self):
    self.county = Office(self.town, TAIJIANG)
    self.office_file = self.town.files.folder / 'offices' / f'{TAIJIANG}.textproto'
    self.good = self.office_file.read_text(encoding='utf-8')

  def reload(self, word, *services):
    """Sends SIGHUP and waits until each has said `word` once more."""
    counts = {service: self.town.service_log(NODE, service).count(word) for service in services}
    for service in services:
      self.town.signal(NODE, service, signal.SIGHUP)
    for service, count in counts.items():
      until(f'{service} says {word}', lambda service=service, count=count:
            self.town.service_log(NODE, service).count(word) > count)

  def block(self, person):
    """The entry of a person."""
    return re.search(rf'persons \{{\n  id: "{person}"\n.*?\n\}}\n', self.good, re.DOTALL)[0]

  def write(self, text):
    self.office_file.write_text(text, encoding='utf-8')

  def restore(self):
    self.write(self.good)
    self.reload('files_taken', *SERVICES)

  def test_a_new_person_may_call_and_one_taken_out_is_refused_at_once_with_open_streams(self):
    editor = self.town.person(TAIJIANG, 'editor')
    self.write(self.good.replace(self.block(editor), ''))
    self.addCleanup(self.restore)
    feed = self.feed(TAIJIANG, editor, '--service', 'routing', '--after', '0')
    connection = self.enterContext(self.town.connect(self.town.identity(TAIJIANG, editor), NODE, 'routing'))
    stream = connection.call('shangda.log.v1.LogService/Watch')
    self.assertIsNotNone(stream.next())
    until('the feed has begun', lambda: feed.events)
    self.county.all(editor, 'desk', 'desk_items')

    self.reload('files_taken', *SERVICES)
    error = self.town.refused(TAIJIANG, editor, 'desk', 'list')
    self.assertEqual((error['code'], error['reason']), ('PERMISSION_DENIED', 'FORBIDDEN'))
    self.assertEqual((stream.status.code, stream.status.reason), ('PERMISSION_DENIED', 'FORBIDDEN'))
    until('the feed has ended', lambda: feed.has_ended)

    self.restore()
    self.county.all(editor, 'desk', 'desk_items')

  def test_a_bad_office_file_is_refused_and_the_old_one_stays(self):
    editor = self.town.person(TAIJIANG, 'editor')
    heads = {service: int(said['log']['head']['position']) for service, said in self.town.status(TAIJIANG).items()}
    self.write(self.good.replace(self.block(editor), '') + 'unknown_field: 1\n')
    self.addCleanup(self.restore)
    self.reload('files_refused', *SERVICES)
    self.assertIn(f'{self.office_file.name}:', self.town.service_log(NODE, 'intake').splitlines()[-1])
    self.county.all(editor, 'desk', 'desk_items')
    # That it was refused is an incident; nothing of it was taken.
    for service, head in heads.items():
      since = self.town.do(TAIJIANG, 'audit', 'log', 'inspect', '--service', service, '--after', head)
      kinds = {event['kind_name'] for record in since.get('records', ()) for event in record.get('events', ())}
      self.assertLessEqual(kinds, {'incident_opened', 'incident_changed'}, service)

  def test_certificates_are_replaced_for_new_connections_and_bad_ones_refused(self):
    certificate = self.town.files.service_file(NODE, 'intake').with_suffix('.crt')
    before = self.served_certificate()
    self.assertEqual(before, der(certificate))
    for file in (certificate, certificate.with_suffix('.key')):
      self.addCleanup(file.write_bytes, file.read_bytes())

    identities = self.town.files.folder / 'ca' / 'again'
    identities.write_text(f'spiffe://taijiang.shangda.example/nodes/{NODE}/intake {certificate.with_suffix("")}\n')
    quietly(ROOT / 'deploy' / 'ca', 'issue-all', self.town.files.folder / 'ca', identities, '--force')
    after = der(certificate)
    self.assertNotEqual(after, before)
    self.reload('files_taken', 'intake')
    until('new connections meet the new certificate', lambda: self.served_certificate() == after)

    other_authority(self.town.files.folder / 'other', [(f'nodes/{NODE}/intake', certificate.with_suffix(''))])
    self.reload('certificates_refused', 'intake')
    self.assert_sentence(self.town.service_log(NODE, 'intake').splitlines()[-1])
    self.assertEqual(self.served_certificate(), after)
    self.county.all('registrar', 'report', 'reports')

  def served_certificate(self):
    with wire.connect(self.town.files.addresses[NODE, 'intake'], self.town.files.ca,
                      self.town.identity(TAIJIANG, 'registrar')) as connection:
      return connection.getpeercert(binary_form=True)


class StoreTest(TownTest):
  """A store that is not as it was left stays shut."""

  LAYOUT = {NODE: (TAIJIANG,)}

  def setUp(self):
    self.county = Office(self.town, TAIJIANG)
    self.county.enter(clerks.report('存储里的来稿'))
    self.store = self.town.data_folder(NODE, 'intake') / 'store'

  def started(self):
    """A start that is to fail: (exit status, what it says)."""
    done = subprocess.run([BINARIES / 'shangda-intake', '--config', self.town.files.service_file(NODE, 'intake')],
                          capture_output=True, text=True, check=False, timeout=10)
    return done.returncode, done.stderr

  def spoil(self, damage):
    """Kills intake, spoils a copy put in the store's place, and sees that it does not open; then the old is back."""
    self.town.kill(NODE, 'intake')
    whole = self.store.with_name('whole')
    shutil.copytree(self.store, whole)
    try:
      damage(self.store / 'rocksdb')
      spoilt = contents(self.store)
      status, said = self.started()
      self.assertEqual(status, 1, said)
      self.assert_sentence(said)
      self.assertNotIn('\n', said.strip())
      with self.assertRaises(OSError):
        socket.create_connection(self.address(), 1)
      self.assertEqual(contents(self.store), spoilt)
      return said
    finally:
      shutil.rmtree(self.store)
      whole.rename(self.store)
      self.town.start(NODE, 'intake')
      self.assertTrue(self.county.all('registrar', 'report', 'reports'))

  def address(self):
    host, port = self.town.files.addresses[NODE, 'intake'].rsplit(':', 1)
    return host, int(port)

  def test_a_shortened_log_stays_shut(self):
    def shorten(rocksdb):
      newest = newest_log(rocksdb)
      os.truncate(newest, newest.stat().st_size // 2)
    self.assertIn('损坏', self.spoil(shorten))

  def test_a_log_with_a_wrong_byte_stays_shut(self):
    def flip(rocksdb):
      newest = newest_log(rocksdb)
      content = bytearray(newest.read_bytes())
      content[len(content) // 2] ^= 1
      newest.write_bytes(content)
    self.assertIn('损坏', self.spoil(flip))

  def test_a_missing_file_keeps_the_store_shut(self):
    self.spoil(lambda rocksdb: newest_log(rocksdb).unlink())
    self.spoil(lambda rocksdb: (rocksdb / 'CURRENT').unlink())
    self.spoil(shutil.rmtree)
    # A restart has put what the log held into table files.
    self.town.end(NODE, 'intake', 15)
    self.town.start(NODE, 'intake')
    self.spoil(lambda rocksdb: next(rocksdb.glob('*.sst')).unlink())

  def test_a_newer_schema_stays_shut(self):
    # The same way with the number that it has anyhow harms nothing: it is the number that counts.
    self.town.kill(NODE, 'intake')
    rockslog.append(newest_log(self.store / 'rocksdb'), _META, b'schema', struct.pack('>I', 1))
    self.town.start(NODE, 'intake')
    self.county.enter(clerks.report('还认得的格式'))
    said = self.spoil(lambda rocksdb: rockslog.append(newest_log(rocksdb), _META, b'schema', struct.pack('>I', 2)))
    self.assertIn('格式版本是 2', said)

  def test_a_directory_in_use_is_not_opened_twice(self):
    status, said = self.started()
    self.assertEqual(status, 1)
    self.assert_sentence(said)
    self.assertIn('另一个进程', said)
    self.assertTrue(self.county.all('registrar', 'report', 'reports'))


def newest_log(rocksdb):
  return max(rocksdb.glob('*.log'), key=lambda path: int(path.stem))


def contents(folder):
  """Relative path → bytes of every file but locks."""
  return {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob('*'))
          if path.is_file() and path.name != 'LOCK'}


def other_authority(folder, identities):
  """Another development authority of the same network signs (path of identity, file prefix)."""
  quietly(ROOT / 'deploy' / 'ca', 'init', folder, '--network', 'taijiang.shangda.example', '--force')
  for path, prefix in identities:
    quietly(ROOT / 'deploy' / 'ca', 'issue', folder, f'spiffe://taijiang.shangda.example/{path}', prefix, '--force')


def der(certificate):
  return subprocess.run(['openssl', 'x509', '-in', certificate, '-outform', 'der'], capture_output=True,
                        check=True).stdout


def quietly(*words):
  subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


if __name__ == '__main__':
  unittest.main()
