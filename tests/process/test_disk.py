#!/usr/bin/python3 -B
"""A disk that others fill: refused with a reason, read all the while, and written again when there is room."""

import itertools
import os
import subprocess
import sys
import unittest

import clerks
import wire
from clerks import Office
from town import BINARIES, TAIJIANG, TownTest
from until import until

NODE = 'n350103'
_MIB = 1 << 20
DISK, LOW, ENOUGH = 64 * _MIB, 24 * _MIB, 32 * _MIB
RECOVERY_SECONDS = 30


class DiskTest(TownTest):

  LAYOUT = {NODE: (TAIJIANG,)}
  numbers = itertools.count(1)

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.data = cls.town.data_folder(NODE, 'intake')
    cls.town.end(NODE, 'intake', 15)
    kept = cls.data.with_name('data.kept')
    cls.data.rename(kept)
    cls.data.mkdir()
    mounted = subprocess.run(['mount', '-t', 'tmpfs', '-o', f'size={DISK}', 'tmpfs', cls.data], capture_output=True,
                             text=True, check=False)
    if mounted.returncode != 0:
      reason = f'a small disk cannot be mounted here: {mounted.stderr.strip()}'
      print(f'not run: {reason}', file=sys.stderr)
      raise unittest.SkipTest(reason)
    cls.addClassCleanup(cls._unmount)
    subprocess.run(['cp', '-a', f'{kept}/.', cls.data], check=True)
    with open(cls.town.files.service_file(NODE, 'intake'), 'a', encoding='utf-8') as file:
      file.write(f'limits {{ disk_low_bytes: {LOW} disk_enough_bytes: {ENOUGH} }}\n')
    cls.town.start(NODE, 'intake')

  @classmethod
  def _unmount(cls):
    cls.town.end(NODE, 'intake', 15)
    subprocess.run(['umount', cls.data], check=True)

  def setUp(self):
    self.others = self.data / 'others'
    self.addCleanup(self.others.unlink, missing_ok=True)
    self.entered = {}

  def free(self):
    disk = os.statvfs(self.data)
    return disk.f_bavail * disk.f_frsize

  def leave(self, size):
    """Others take all of the disk but so many bytes."""
    with open(self.others, 'wb') as file:
      os.posix_fallocate(file.fileno(), 0, self.free() - size)

  def enter(self, request_id=''):
    """One report by hand: how the call ended. What was acknowledged is kept."""
    request_id = request_id or f'disk-{next(self.numbers)}'
    request = clerks.enter_request(TAIJIANG, f'{request_id} 的来稿', request_id)
    answer, status = self.town.call(self.town.identity(TAIJIANG, 'registrar'), NODE, 'intake',
                                    'shangda.intake.v1.IntakeService/EnterReport', request)
    if answer is not None:
      self.entered[request_id] = dict(wire.fields(answer))[1].decode()
    return request_id, status

  def refused_for_the_disk(self):
    request_id, status = self.enter()
    return (request_id, status) if status.reason == 'DISK_LOW' else None

  def assert_all_there(self):
    listed = {report['name'] for report in Office(self.town, TAIJIANG).all('registrar', 'report', 'reports')}
    self.assertLessEqual(set(self.entered.values()), listed)
    for request_id, name in self.entered.items():
      self.enter(request_id)
      self.assertEqual(self.entered[request_id], name)

  def test_below_the_low_mark_it_is_read_only_and_comes_back_by_itself(self):
    feed = self.feed(TAIJIANG, 'audit', '--service', 'intake', '--after', '0', '--bookmarks')
    self.assertEqual(self.enter()[1].code, 'OK')
    self.leave(LOW - _MIB)
    request_id, status = until('commands are refused for the disk', self.refused_for_the_disk)
    self.assertEqual(status.code, 'RESOURCE_EXHAUSTED')
    self.assert_sentence(status.message)
    self.assert_all_there()
    self.assertFalse(feed.has_ended)

    # Between the marks nothing changes.
    self.leave(ENOUGH - _MIB)
    self.assertIsNotNone(self.refused_for_the_disk())
    self.others.unlink()
    until('the same request is taken', lambda: self.enter(request_id)[1].code == 'OK', deadline=RECOVERY_SECONDS)
    self.assert_all_there()
    self.assertFalse(feed.has_ended)

  def test_a_full_disk_loses_nothing_also_when_the_process_dies_on_it(self):
    self.assertEqual(self.enter()[1].code, 'OK')
    self.leave(0)
    until('commands are refused for the disk', self.refused_for_the_disk)
    self.assert_all_there()

    self.town.kill(NODE, 'intake')
    done = subprocess.run([BINARIES / 'shangda-intake', '--config', self.town.files.service_file(NODE, 'intake')],
                          capture_output=True, text=True, check=False, timeout=60)
    self.assertEqual(done.returncode, 1, done.stderr)
    self.assert_sentence(done.stderr.splitlines()[0])
    self.others.unlink()
    self.town.start(NODE, 'intake')
    self.assert_all_there()
    until('commands are taken again', lambda: self.enter()[1].code == 'OK', deadline=RECOVERY_SECONDS)


if __name__ == '__main__':
  unittest.main()
