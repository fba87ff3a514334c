#!/usr/bin/python3 -B
"""A city is backed up at work, verified, lost and restored: what it had numbered since is asked for, and it goes on."""

import os
import pathlib
import threading
import unittest

import clerks
import wire
from clerks import Office
from town import BINARIES, CITY, TAIJIANG, TODAY, TownTest
from until import until

NODE, BELOW = 'n350100', 'n350103'
SERVICES = ('intake', 'routing', 'feedback')
YEAR = TODAY[:4]


class BackupTest(TownTest):

  LAYOUT = {NODE: (CITY,), BELOW: (TAIJIANG,)}

  def setUp(self):
    self.city = Office(self.town, CITY)
    self.county = Office(self.town, TAIJIANG)

  @property
  def configs(self):
    return self.town.files.service_file(NODE, 'intake').parent

  def backups(self):
    return pathlib.Path(self.town.do(CITY, 'system', 'backup', 'list')['directory'])

  def offline(self, command, backup, *words):
    return self.town.ask(CITY, 'system', 'backup', command, '--id', backup, '--configs', self.configs,
                         '--programs', BINARIES, *words)

  def numbered(self):
    return {f'{one["collection"]}-{one["period"]}': one for one in self.town.do(CITY, 'registrar', 'numbering', 'list')
            ['series']}

  def held(self):
    return {name for name, series in self.numbered().items() if series['held']}

  def dispatch(self, name):
    return self.county.do('dispatcher', 'dispatch', 'show', name)

  def send_up(self, title):
    """The dispatch of a report of the county."""
    item = self.county.register(self.county.enter(clerks.report(title)))
    return self.county.send(self.county.sign(self.county.draft(clerks.paper(title), item), 'shizx'), 'shizx')

  def test_what_reads_a_backup_lets_everybody_go_before_it(self):
    for pid in self.town.pids():
      threads = os.listdir(f'/proc/{pid}/task')
      self.assertIn(os.SCHED_IDLE, [os.sched_getscheduler(int(thread)) for thread in threads])

  def test_a_city_is_backed_up_verified_lost_restored_and_goes_on(self):
    arrival = self.city.acknowledge(self.county.arrival_of(self.send_up('备份以前送到的')))
    paper = self.city.sign(self.city.draft(clerks.paper('备份以前签发的'), arrival), serial='sqmy')
    self.assertTrue(self.city.publish(paper).endswith(f'sqmy-{YEAR}-1'))
    self.city.await_feedback()

    with _Load(self.town) as load:
      made = self.town.do(CITY, 'system', 'backup', 'create')
      self.assertTrue(made['whole'])
      later = load.count
      until('more was entered after the backup', lambda: load.count > later)
    self.assertEqual([part['service'] for part in made['parts']], ['feedback', 'routing', 'intake'])
    self._assert_bad_bytes_are_found(made['id'])
    verified = self.offline('verify', made['id'])
    self.assertEqual(verified.json, {'id': made['id'], 'whole': True})
    self.assertIn('都对得上', verified.notes)
    self.assertNotIn('已不保存', verified.notes)

    # What will be lost: it was numbered, printed, and taken from below.
    lost = self.county.arrival_of(self.send_up('备份以后送到的'))
    paper = self.city.sign(self.city.draft(clerks.paper('备份以后签发的'), 'own:meeting:务虚会'), serial='sqmy')
    self.assertTrue(self.city.publish(paper).endswith(f'sqmy-{YEAR}-2'))
    drawn = {name: int(series['last']) for name, series in self.numbered().items()}

    self._restore(made['id'])
    for one in self.town.status(CITY).values():
      self.assertGreater(one['log']['head']['epoch'], 1)
    self._assert_nothing_is_numbered()
    waiting = self.send_up('恢复以后送来的')
    until('the city was asked to take it', lambda: self.dispatch(waiting).get('attempted'))
    self.assertEqual(self.dispatch(waiting)['state'], 'STATE_PENDING')

    self._resume(drawn)
    self.assertEqual(self.held(), set())
    name = self.city.enter(clerks.report('核定以后代录的'))
    self.assertEqual(name, f'committees/{CITY}/reports/{YEAR}-{drawn[f"reports-{YEAR}"] + 1:06}')
    paper = self.city.sign(self.city.draft(clerks.paper('核定以后签发的'), arrival), serial='sqmy')
    self.assertTrue(self.city.publish(paper).endswith(f'sqmy-{YEAR}-3'))
    # The county kept it, and no number was given twice.
    self.assertNotEqual(self.county.arrival_of(waiting), lost)
    self.city.await_feedback()

    again = self.town.do(CITY, 'system', 'backup', 'create', '--id', 'after')
    for part in again['parts']:
      self.assertGreater(part['backup']['manifest']['head']['epoch'], 1)
    self.assertEqual(self.offline('verify', 'after').status, 0)
    self._assert_prune_keeps_the_latest(made['id'])

  def _assert_bad_bytes_are_found(self, backup):
    for service in SERVICES:
      folder = self.backups() / backup / service / 'rocksdb'
      file = max(folder.glob('*.sst'), key=lambda path: path.stat().st_size)
      content = bytearray(file.read_bytes())
      content[len(content) // 2] ^= 1
      # A file of its own: a backup is hard links to what the service has.
      _replace(file, content)
      found = self.offline('verify', backup)
      self.assertNotEqual(found.status, 0)
      self.assertIn(str(file.name), found.notes)
      self.assert_sentence(found.error['message'])
      refused = self.offline('restore', backup, '--to', self.town.files.folder / 'damaged')
      self.assertNotEqual(refused.status, 0)
      self.assertFalse((self.town.files.folder / 'damaged').exists())
      content[len(content) // 2] ^= 1
      _replace(file, content)

  def _restore(self, backup):
    """As an administrator does: into a new directory, to which the service files are pointed."""
    self.town.kill(NODE, *SERVICES)
    to = self.town.files.folder / 'restored'
    restored = self.offline('restore', backup, '--to', to)
    self.assertEqual(restored.status, 0, restored.output + restored.notes)
    self.assertNotEqual(self.offline('restore', backup, '--to', to).status, 0, 'over what is there')
    for service in SERVICES:
      file = self.town.files.service_file(NODE, service)
      lines = [f'data_directory: "{to / service}"' if line.startswith('data_directory') else line
               for line in file.read_text(encoding='utf-8').splitlines()]
      file.write_text('\n'.join(lines) + '\n', encoding='utf-8')
    self.town.start(NODE, *SERVICES)

  def _assert_nothing_is_numbered(self):
    for series in ('reports', 'papers', 'arrivals', 'dispatches', 'issues.sqmy', 'adoptions', 'outcomes', 'tasks'):
      self.assertIn(f'{series}-{YEAR}', self.held())
    refused = self.town.refused(CITY, 'registrar', 'report', 'enter', '-', *clerks.enter_words(),
                                text=clerks.report('核定以前代录的'))
    self.assertEqual(refused['reason'], 'NUMBERING_HELD')
    self.assertTrue(refused['message'].startswith('计数待核'))
    self.assertEqual(self.town.refused(CITY, 'system', 'numbering', 'resume', f'reports-{YEAR}', '--last', '99')
                     ['reason'], 'FORBIDDEN')

  def _resume(self, drawn):
    reports = f'reports-{YEAR}'
    low = self.town.refused(CITY, 'registrar', 'numbering', 'resume', reports, '--last', '0')
    self.assertEqual(low['reason'], 'NUMBER_TOO_LOW')
    self.assert_sentence(low['message'])
    self.town.do(CITY, 'registrar', 'numbering', 'resume', reports, '--last', drawn[reports])
    # What nobody knows on paper; never an issue.
    for who in ('dispatcher', 'recorder'):
      self.town.ask(CITY, who, 'numbering', 'resume', '--all', '--skip', '20')
    issues = self.held()
    self.assertTrue(issues and all(name.startswith('issues.') for name in issues), issues)
    held = self.town.refused(CITY, 'dispatcher', 'issue', 'publish', '--serial', 'sqmy', '--paper',
                             self.city.sign(self.city.draft(clerks.paper('等期号的'), 'own:meeting:务虚会'),
                                            serial='sqmy'))
    self.assertEqual(held['reason'], 'NUMBERING_HELD')
    self.assertTrue(held['message'].startswith('计数待核'))
    for name in issues:
      self.town.do(CITY, 'dispatcher', 'numbering', 'resume', name, '--last', drawn.get(name, 0))
    voids = self.numbered()[reports].get('voids', [])
    self.assertEqual(int(voids[0]['to']), drawn[reports])

  def _assert_prune_keeps_the_latest(self, first):
    self.town.do(CITY, 'system', 'backup', 'prune', '--keep', '1')
    left = [backup['id'] for backup in self.town.do(CITY, 'system', 'backup', 'list')['backups']]
    self.assertEqual(left, ['after'])
    self.assertFalse((self.backups() / first).exists())


class _Load:
  """Reports are entered without end, by hand, by a thread of its own."""

  def __init__(self, town):
    self._town = town
    self._stopping = False
    self.count = 0
    self._thread = threading.Thread(target=self._run, daemon=True)

  def __enter__(self):
    self._thread.start()
    until('the first was entered', lambda: self.count > 0)
    return self

  def __exit__(self, *error):
    self._stopping = True
    self._thread.join()

  def _run(self):
    with self._town.connect(self._town.identity(CITY, 'registrar'), NODE, 'intake') as connection:
      while not self._stopping:
        request = clerks.enter_request(CITY, f'第 {self.count} 件', f'load-{self.count}')
        answer, status = connection.unary('shangda.intake.v1.IntakeService/EnterReport', request)
        if answer is None:
          raise AssertionError(status)
        self.count += 1


def _replace(file, content):
  new = file.with_suffix('.flipped')
  new.write_bytes(content)
  os.replace(new, file)


if __name__ == '__main__':
  unittest.main()
