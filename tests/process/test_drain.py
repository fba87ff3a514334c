#!/usr/bin/python3 -B
"""SIGTERM with open streams, fifty and a thousand: nothing is cut off, and everybody goes on where they were."""

import threading
import time
import unittest

import clerks
import wire
from clerks import Office
from town import TAIJIANG, TownTest
from until import until

NODE = 'n350103'
DRAIN_SECONDS = 10
CLIENTS = 20
RAW = 30
LINES = 10
STREAMS_A_LINE = 100


class Stream:
  """A watch by hand, read by a thread of its own: what came, and how it ended."""

  def __init__(self, town, after=0):
    self._connection = town.connect(town.identity(TAIJIANG, 'audit'), NODE, 'intake')
    # WatchRequest.after, a LogPosition without log and epoch.
    self._call = self._connection.call('shangda.log.v1.LogService/Watch', wire.message(f1=wire.message(f3=after)))
    self.events = []  # (position, ordinal)
    self.scanned = after
    self.status = None
    self._thread = threading.Thread(target=self._read, daemon=True)
    self._thread.start()

  def _read(self):
    for response in self._call:
      for number, value in wire.fields(response):
        if number == 1:
          header = dict(wire.fields(dict(wire.fields(value))[1]))
          self.events.append((header[1], header[2]))
        elif number == 2:
          self.scanned = dict(wire.fields(value)).get(3, 0)
    self.status = self._call.status

  def close(self):
    self._connection.interrupt()
    self._thread.join()
    self._connection.close()


class Line:
  """Many watches on one connection, all read by one thread."""

  def __init__(self, town, streams):
    self._connection = town.connect(town.identity(TAIJIANG, 'audit'), NODE, 'intake')
    self.calls = [self._connection.call('shangda.log.v1.LogService/Watch') for _ in range(streams)]
    self.scanned = [0] * streams
    self._thread = threading.Thread(target=self._read, daemon=True)
    self._thread.start()

  def _read(self):
    # To the end: the server asks whether somebody is still there before it hangs up.
    while not self._connection.is_lost:
      self._connection.take()
      for number, call in enumerate(self.calls):
        for response in call.messages:
          self.scanned[number] = dict(wire.fields(dict(wire.fields(response))[2]))[3]

  @property
  def has_ended(self):
    return all(call.has_ended for call in self.calls)

  def close(self):
    self._connection.interrupt()
    self._thread.join()
    self._connection.close()


class DrainTest(TownTest):

  LAYOUT = {NODE: (TAIJIANG,)}

  def setUp(self):
    self.county = Office(self.town, TAIJIANG)

  def head(self):
    return int(self.town.status(TAIJIANG)['intake']['log']['head']['position'])

  def stream(self, after=0):
    stream = Stream(self.town, after)
    self.addCleanup(stream.close)
    return stream

  def log(self):
    return [(int(event['header']['position']), event['header']['ordinal'])
            for event in self.town.records(TAIJIANG, 'audit', 'intake')]

  def test_fifty_streams_end_with_a_resume_position_in_time_and_go_on_without_gap_or_double(self):
    self.county.enter(clerks.report('停机之前的来稿'))
    streams = [self.stream() for _ in range(RAW)]
    feeds = [self.feed(TAIJIANG, 'audit', '--service', 'intake', '--after', '0', '--bookmarks')
             for _ in range(CLIENTS)]
    head = self.head()
    until('every stream is at the head', lambda: all(one.scanned == head for one in [*streams, *feeds]))

    began = time.monotonic()
    status = self.town.end(NODE, 'intake', DRAIN_SECONDS)
    self.assertEqual(status, 0)
    self.assertLess(time.monotonic() - began, DRAIN_SECONDS)
    until('every stream was told how it ended', lambda: all(one.status for one in streams))
    for stream in streams:
      self.assertEqual((stream.status.code, stream.status.reason), ('UNAVAILABLE', 'DRAINING'))
      self.assert_sentence(stream.status.message)
      self.assertEqual(stream.scanned, head)

    self.town.start(NODE, 'intake')
    self.county.enter(clerks.report('停机之后的来稿'))
    head = self.head()
    resumed = [self.stream(after=stream.scanned) for stream in streams]
    until('every stream is at the head again', lambda: all(one.scanned == head for one in [*resumed, *feeds]))
    whole = self.log()
    for before, after in zip(streams, resumed):
      self.assertEqual(before.events + after.events, whole)
    for feed in feeds:
      self.assertEqual([(int(event['header']['position']), event['header']['ordinal']) for event in feed.events],
                       whole)

  def test_a_thousand_streams_end_with_a_resume_position_and_the_service_by_itself(self):
    self.county.enter(clerks.report('千人在看的来稿'))
    head = self.head()
    lines = [Line(self.town, STREAMS_A_LINE) for _ in range(LINES)]
    for line in lines:
      self.addCleanup(line.close)
    until('every stream is at the head', lambda: all(scanned == head for line in lines for scanned in line.scanned))
    load = self.town.status(TAIJIANG)['intake']['log']['load']
    self.assertGreaterEqual(load['streams'], LINES * STREAMS_A_LINE)

    began = time.monotonic()
    self.assertEqual(self.town.end(NODE, 'intake', 60), 0)
    print(f'{LINES * STREAMS_A_LINE} streams: stopped after {time.monotonic() - began:.2f} s')
    until('every stream was told how it ended', lambda: all(line.has_ended for line in lines))
    for line in lines:
      for call, scanned in zip(line.calls, line.scanned):
        self.assertEqual((call.status.code, call.status.reason), ('UNAVAILABLE', 'DRAINING'))
        self.assertEqual(scanned, head)
    self.town.start(NODE, 'intake')

  def test_what_comes_while_it_drains_is_done_once_later(self):
    before = len(self.county.all('registrar', 'report', 'reports'))
    # Commands without end, by hand, so that some of them come while it drains.
    writers = [_Writer(self.town, number) for number in range(4)]
    until('every writer was answered', lambda: all(writer.names for writer in writers))
    self.assertEqual(self.town.end(NODE, 'intake', DRAIN_SECONDS), 0)
    for writer in writers:
      writer.join()
      # Told so, cut off, or not let in any more.
      self.assertIn(writer.status.code, ('UNAVAILABLE', 'CANCELLED'))
    self.town.start(NODE, 'intake')
    for writer in writers:
      name = writer.again()
      self.assertEqual(writer.again(), name)
      writer.names.append(name)
    reports = self.county.all('registrar', 'report', 'reports')
    self.assertEqual(sorted(name for writer in writers for name in writer.names),
                     sorted(report['name'] for report in reports[before:]))


class _Writer(threading.Thread):
  """Enters reports by hand until the service says no."""

  def __init__(self, town, number):
    super().__init__(daemon=True)
    self._town = town
    self._number = number
    self.names = []
    self.status = None
    self.start()

  def run(self):
    while self._enter():
      pass

  def _enter(self):
    request_id = f'writer-{self._number}-{len(self.names)}'
    self._request = clerks.enter_request(TAIJIANG, f'{request_id} 的来稿', request_id)
    try:
      answer, self.status = self._send()
    except OSError:
      self.status = wire.Status('UNAVAILABLE', 'nobody listens')
      return False
    if answer is not None:
      self.names.append(_name(answer))
    return answer is not None

  def _send(self):
    return self._town.call(self._town.identity(TAIJIANG, 'registrar'), NODE, 'intake',
                           'shangda.intake.v1.IntakeService/EnterReport', self._request)

  def again(self):
    """The same request once more; its answer's name."""
    answer, status = self._send()
    if answer is None:
      raise AssertionError(status)
    return _name(answer)


def _name(committed):
  return dict(wire.fields(committed))[1].decode()


if __name__ == '__main__':
  unittest.main()
