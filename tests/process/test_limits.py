#!/usr/bin/python3 -B
"""Limits hold: whoever asks for more than there is hears why and when to come back, others go on, nothing is lost."""

import collections
import contextlib
import os
import resource
import select
import socket
import ssl
import unittest

import clerks
import wire
from clerks import Office
from town import TAIJIANG, TownTest
from until import until

NODE = 'n350103'
LOG = 'shangda.log.v1.LogService'
INTAKE = 'shangda.intake.v1.IntakeService'
LIMITS = {
  'intake': 'queue_commands_max: 1 connections_waiting_max: 50',
  'routing': 'calls_per_second: 5 calls_burst: 10',
  'feedback': 'streams_max: 8 streams_per_principal_max: 5 call_seconds_max: 1 page_rows_max: 3',
}
MANY = 40
STRANGERS = 3000
MIB = 1 << 20


class LimitsTest(TownTest):

  LAYOUT = {NODE: (TAIJIANG,)}

  @classmethod
  def prepare(cls, town):
    for service, limits in LIMITS.items():
      town.configure(NODE, service, f'limits {{ {limits} }}')

  def setUp(self):
    self.county = Office(self.town, TAIJIANG)

  def connect(self, who, service):
    connection = self.town.connect(self.town.identity(TAIJIANG, who), NODE, service)
    self.addCleanup(connection.close)
    return connection

  def load(self, who, service):
    """What a service says that it carries: {field: value}, and its refusals by reason."""
    said = self.town.status(TAIJIANG, who)[service]['log'].get('load', {})
    return said, {one['reason']: int(one['count']) for one in said.get('refused', [])}

  def assert_refused(self, status, reason, limit=None):
    self.assertEqual((status.code, status.reason), ('RESOURCE_EXHAUSTED', reason))
    self.assert_sentence(status.message)
    self.assertGreater(status.retry_seconds, 0)
    if limit:
      self.assertEqual(status.metadata['limit'], limit)

  def test_a_full_queue_says_so_and_who_asks_again_is_served_once(self):
    before = len(self.county.all('registrar', 'report', 'reports'))
    open_requests = {f'many-{i}': clerks.enter_request(TAIJIANG, f'一起来的第{i}篇', f'many-{i}') for i in range(MANY)}
    refused, names = [], {}

    def served():
      connection = self.connect('registrar', 'intake')
      calls = {one: connection.call(f'{INTAKE}/EnterReport', request) for one, request in open_requests.items()}
      for one, call in calls.items():
        answer = call.next()
        if answer is not None:
          names[one] = dict(wire.fields(answer))[1].decode()
          del open_requests[one]
        else:
          refused.append(call.status)
      return not open_requests
    until('everybody was served', served)
    self.assertTrue(refused)
    for status in refused:
      self.assert_refused(status, 'OVERLOADED')
      self.assertEqual(status.metadata['queue_commands_max'], '1')
    # They are not to come back together.
    self.assertGreater(len({status.retry_seconds for status in refused}), len(refused) // 10)
    reports = self.county.all('registrar', 'report', 'reports')
    self.assertEqual(sorted(names.values()), sorted(report['name'] for report in reports[before:]))
    self.assertEqual(self.load('registrar', 'intake')[1]['OVERLOADED'], len(refused))
    # The operators' log says it, and is not flooded.
    self.assertLessEqual(self.town.service_log(NODE, 'intake').count('reason=OVERLOADED'), 2)

  def test_who_asks_too_often_waits_and_nobody_else_does(self):
    connection = self.connect('editor', 'routing')
    statuses = [connection.unary(f'{LOG}/GetLog')[1] for _ in range(100)]
    refused = [status for status in statuses if status.code != 'OK']
    self.assertGreaterEqual(len(statuses) - len(refused), 10)
    self.assertTrue(refused)
    for status in refused:
      self.assert_refused(status, 'QUOTA', 'calls_per_second')
    self.assertEqual(self.connect('reviewer', 'routing').unary(f'{LOG}/GetLog')[1].code, 'OK')
    # The client waits as it is told, says so, and succeeds.
    answer = self.town.ask(TAIJIANG, 'editor', 'desk', 'list')
    self.assertEqual(answer.status, 0, answer.notes)
    self.assertIn('再试', answer.notes)
    self.assertGreaterEqual(self.load('reviewer', 'routing')[1]['QUOTA'], len(refused))
    log = self.town.service_log(NODE, 'routing')
    self.assertIn(f'reason=QUOTA count=1 last=committees/{TAIJIANG}/users/{self.town.person(TAIJIANG, "editor")}', log)
    self.assertLessEqual(log.count('reason=QUOTA'), 2)

  def test_streams_are_so_many_for_one_and_so_many_in_all(self):
    # The node's own followers have none here: nobody follows feedback.
    of_one = self.connect('audit', 'feedback')
    streams = self.watch(of_one, 6, 'QUOTA', 'streams_per_principal_max')
    others = self.connect('viewer', 'feedback')
    self.watch(others, 4, 'OVERLOADED', 'streams_max')
    self.assertEqual(self.load('registrar', 'feedback')[0]['streams'], 8)

    # What was closed is free again, and who only went away has closed it.
    streams[0].cancel()
    until('there is room for one', lambda: self.load('registrar', 'feedback')[0]['streams'] == 7)
    self.assertIsNotNone(of_one.call(f'{LOG}/Watch').next())
    others.close()
    until('three more are gone', lambda: self.load('registrar', 'feedback')[0]['streams'] == 5)

  def watch(self, connection, count, reason, limit):
    """Begins so many watches, of which one is refused, whichever; the others."""
    calls = [connection.call(f'{LOG}/Watch') for _ in range(count)]
    streams = [call for call in calls if call.next() is not None]
    refused, = (call for call in calls if call not in streams)
    self.assert_refused(refused.status, reason, limit)
    return streams

  def test_a_call_is_clamped_to_what_the_service_file_says(self):
    log_id = self.town.status(TAIJIANG)['feedback']['log']['head']['log_id']
    request = wire.message(f1=f'committees/{TAIJIANG}', f4=wire.message(f1=log_id, f2=1, f3=999999))
    # Without a deadline; the connection itself gives up after forty seconds.
    _, status = self.connect('editor', 'feedback').unary('shangda.feedback.v1.FeedbackService/ListAdoptions', request)
    self.assertEqual((status.code, status.reason), ('UNAVAILABLE', 'POSITION_NOT_REACHED'))
    self.assertEqual(status.metadata['wanted'], '999999')

  def test_threads_interrupt_nobody_when_they_are_woken(self):
    for pid in self.town.pids():
      for thread in os.listdir(f'/proc/{pid}/task'):
        # One may have ended meanwhile.
        with contextlib.suppress(ProcessLookupError):
          self.assertIn(os.sched_getscheduler(int(thread)), (os.SCHED_BATCH, os.SCHED_IDLE))

  def test_a_page_is_cut_to_what_there_is_on_one(self):
    connection = self.connect('registrar', 'feedback')
    for asked, given in ((0, 3), (1, 1), (1001, 3), (2**31 - 1, 3)):
      request = wire.message(f1=f'committees/{TAIJIANG}/persons', f2=asked)
      answer, status = connection.unary('shangda.office.v1.OfficeService/ListEntries', request)
      self.assertEqual(status.code, 'OK')
      self.assertEqual(sum(number == 1 for number, _ in wire.fields(answer)), given)

  def test_what_is_too_large_is_refused_with_what_to_do(self):
    connection = self.connect('registrar', 'intake')
    for size in (8 * MIB, 15 * MIB):
      request = clerks.enter_request(TAIJIANG, '太长的来稿', 'too-large', situation='长' * (size // 3))
      answer, status = connection.unary(f'{INTAKE}/EnterReport', request)
      self.assertIsNone(answer)
      self.assertEqual((status.code, status.reason), ('RESOURCE_EXHAUSTED', 'MESSAGE_TOO_LARGE'))
      self.assert_sentence(status.message)
      self.assertEqual(status.retry_seconds, 0)
    # Far beyond it nobody reads as far as that; the connection stays good.
    request = clerks.enter_request(TAIJIANG, '太长的来稿', 'too-large', situation='长' * (17 * MIB // 3))
    self.assertEqual(connection.unary(f'{INTAKE}/EnterReport', request)[1].code, 'RESOURCE_EXHAUSTED')
    self.assertEqual(connection.unary(f'{LOG}/GetLog')[1].code, 'OK')

  def test_thousands_who_never_speak_keep_nobody_out(self):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
    inside = self.connect('audit', 'intake')
    watch = inside.call(f'{LOG}/Watch')
    self.assertIsNotNone(watch.next())
    host, port = self.town.files.addresses[NODE, 'intake'].rsplit(':', 1)
    with contextlib.ExitStack() as strangers:
      kinds = collections.Counter()
      for i in range(min(STRANGERS, hard - 200)):
        stranger = strangers.enter_context(socket.create_connection((host, int(port)), 40))
        # Silence, half a hello, or another language.
        say = (b'', b'\x16\x03\x01\x02\x00\x01', b'GET / HTTP/1.1\r\n\r\n')[i % 3]
        with contextlib.suppress(OSError):
          stranger.sendall(say)
          kinds[say] += 1
        if i % 500 == 499:
          # A newcomer is let in, a clerk's work is done, and those inside stay there.
          self.assertTrue(self.town.serves(NODE, 'intake'))
          self.county.enter(clerks.report(f'门口挤着{i}个人时录的'))
          self.assertIsNotNone(watch.next())
      self.assertGreater(self.load('registrar', 'intake')[1]['HANDSHAKE'], kinds[b''] // 2)
    self.assertLessEqual(self.town.service_log(NODE, 'intake').count('reason=HANDSHAKE'), 3)

  def test_who_never_ends_a_handshake_is_sent_away(self):
    """It asks for TLS and says nothing more: `handshake_seconds_max`."""
    with self.restarted('intake', 'limits { handshake_seconds_max: 1 }'):
      host, port = self.town.files.addresses[NODE, 'intake'].rsplit(':', 1)
      with socket.create_connection((host, int(port)), 40) as stranger:
        stranger.sendall(client_hello())
        self.assertTrue(stranger.recv(1))
        # All that the server says, and the end of it.
        while select.select([stranger], [], [], 40)[0] and stranger.recv(65536):
          pass
        self.assertEqual(stranger.recv(1), b'')

  @contextlib.contextmanager
  def restarted(self, service, more):
    file = self.town.files.service_file(NODE, service)
    text = file.read_text(encoding='utf-8')
    self.assertEqual(self.town.end(NODE, service, 20), 0)
    file.write_text(text[:text.index('limits')] + more, encoding='utf-8')
    self.town.start(NODE, service)
    yield
    self.assertEqual(self.town.end(NODE, service, 20), 0)
    file.write_text(text, encoding='utf-8')
    self.town.start(NODE, service)


def client_hello():
  """The first bytes of a TLS client."""
  incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
  context = ssl.create_default_context()
  context.check_hostname = False
  with contextlib.suppress(ssl.SSLWantReadError):
    context.wrap_bio(incoming, outgoing).do_handshake()
  return outgoing.read()


if __name__ == '__main__':
  unittest.main()
