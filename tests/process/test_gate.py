#!/usr/bin/python3 -B
"""Faults on the wire between a county and its city, and between a clerk and the node: nothing is lost, nothing is there
twice, what was altered on its way never gets in, and everything goes on by itself when the fault is over."""

import contextlib
import itertools
import os
import random
import unittest

import clerks
import offices
from clerks import Office
from gate import FAIR, Gate, Weather
from town import CITY, TAIJIANG, TownTest
from until import until

COUNTY_NODE, CITY_NODE = 'n350103', 'n350100'
# A bookmark every second; dead is who misses three.
LINKS = 'links { bookmark_seconds: 1 silence_seconds: 3 retry_seconds_max: 2 }'
SEED = int(os.environ.get('SHANGDA_SEED') or random.randrange(2**32))
# A document is delivered and its arrival known below.
PATIENCE = 180


class GateTest(TownTest):

  LAYOUT = {CITY_NODE: (CITY,), COUNTY_NODE: (TAIJIANG,)}

  @classmethod
  def prepare(cls, town):
    print(f'SHANGDA_SEED={SEED}')
    seeds = itertools.count(SEED)

    def gate(service, node):
      return cls.enterClassContext(Gate(town.files.addresses[node, service], next(seeds)))
    cls.routing, cls.feedback = (gate(service, CITY_NODE) for service in ('routing', 'feedback'))
    cls.desk = gate('feedback', COUNTY_NODE)
    cls.gates = (cls.routing, cls.feedback)

    # The county finds its city behind the gates; the city finds itself where it is.
    network = (town.files.folder / 'network.textproto').read_text(encoding='utf-8')
    for one in cls.gates:
      network = network.replace(f'"{one.target}"', f'"{one.address}"')
    (town.files.folder / 'gated.textproto').write_text(network, encoding='utf-8')
    for node, service in town.files.processes():
      town.configure(node, service, LINKS)
      if node == COUNTY_NODE:
        _replace(town.files.service_file(node, service), 'network.textproto', 'gated.textproto')
    # So does the auditor, who watches.
    profile = town.files.profile(TAIJIANG, town.person(TAIJIANG, 'audit'))
    _replace(profile, cls.desk.target, cls.desk.address)
    with open(profile, 'a', encoding='utf-8') as file:
      file.write('silence_seconds: 3\n')

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.county, cls.city = (Office(cls.town, code) for code in (TAIJIANG, CITY))
    cls.report = cls.county.enter(clerks.report('路上要受苦的来稿'))
    cls.item = cls.county.register(cls.report)
    cls.sent = {}  # Dispatch → title.

  def tearDown(self):
    for one in (*self.gates, self.desk):
      one.weather(FAIR)
      one.shut(False)

  @staticmethod
  def restore(*gates):
    """The line is good again; who waits for the end of a record whose length was altered need not wait in vain."""
    for one in gates:
      one.weather(FAIR)
      one.cut()

  def signed(self, title):
    return self.county.sign(self.county.draft(clerks.paper(title), self.item), 'shizx')

  def send(self, paper, title):
    dispatch = self.county.send(paper, 'shizx')
    self.sent[dispatch] = title
    return dispatch

  def assert_all_is_well(self, *dispatches):
    """They are above, once and as they were sent, and it is known below."""
    for dispatch in dispatches:
      until(f'the arrival of {dispatch} is known below', lambda dispatch=dispatch: self.steps(dispatch), PATIENCE)
      until(f'the receipt of {dispatch} is there', lambda dispatch=dispatch: self.county.do(
        'dispatcher', 'dispatch', 'show', dispatch).get('receipt'), PATIENCE)
    arrivals = self.city.all('dispatcher', 'arrival', 'arrivals')
    self.assertEqual({one['dispatch']: one['capsule']['text']['title'] for one in arrivals}, self.sent)
    self.assertEqual(len(arrivals), len(self.sent))
    for dispatch in self.sent:
      self.assertEqual(self.steps(dispatch), ['ARRIVED'])
    for code in (TAIJIANG, CITY):
      self.assertEqual([one['log']['parked_count'] for one in self.town.status(code).values()], [0, 0, 0])

  def steps(self, dispatch):
    """What has happened to it above, as the county knows."""
    timeline = self.town.do(TAIJIANG, 'registrar', 'timeline', self.report)
    return [step['kind'].removeprefix('KIND_') for branch in timeline['branches'] if branch['dispatch'] == dispatch
            for reach in branch['reaches'] for step in reach['steps']]

  @contextlib.contextmanager
  def fault(self, title):
    """A document is sent before, and one while it goes on; `(send the second)` is for the body of the with."""
    papers = [self.signed(f'{title}之前的稿'), self.signed(f'{title}的时候的稿')]
    sent = [self.send(papers[0], f'{title}之前的稿')]
    yield lambda: sent.append(self.send(papers[1], f'{title}的时候的稿'))
    self.assertEqual(len(sent), 2)
    self.assert_all_is_well(*sent)

  def test_late_bytes_in_pieces(self):
    with self.fault('慢') as send:
      for one in self.gates:
        one.weather(Weather(delay_most=0.05, piece=100))
      send()

  def test_single_bytes(self):
    with self.fault('碎') as send:
      for one in self.gates:
        one.cut()  # So that a handshake comes in single bytes, too.
        one.weather(Weather(piece=1))
      send()

  def test_cuts_at_any_byte(self):
    with self.fault('断') as send:
      chance = random.Random(SEED)
      for one in self.gates:
        one.weather(Weather(delay_most=0.02, piece=chance.randint(20, 400)))
      send()
      for _ in range(4):
        came = self.feedback.came
        for one in self.gates:
          one.cut()
        # Who delivers comes only if something is left to deliver.
        until('the follower comes again', lambda came=came: self.feedback.came > came, PATIENCE)

  def test_a_line_that_is_away(self):
    with self.fault('没线路') as send:
      for one in self.gates:
        one.shut()
        one.cut()
      send()
      came = [one.came for one in self.gates]
      until('both try in vain', lambda: all(one.came > before for one, before in zip(self.gates, came)), PATIENCE)
      for one in self.gates:
        one.shut(False)

  def test_altered_bytes_never_get_in(self):
    with self.fault('改') as send:
      flipped = [one.flipped for one in self.gates]
      for one in self.gates:
        one.weather(Weather(flip_every=2_000))
      send()
      until('bits were turned over on both lines',
            lambda: all(one.flipped > before for one, before in zip(self.gates, flipped)), PATIENCE)
      self.restore(*self.gates)

  def test_a_peer_that_looks_alive_and_is_dead(self):
    self.half_open('不通', up=True, down=True)
    # Those above do not keep the watches of a county that is not there any more.
    until('one watch of the county is left above',
          lambda: self.town.status(CITY)['feedback']['log']['load'].get('streams') == 1, PATIENCE)

  def test_a_peer_that_hears_nothing(self):
    self.half_open('上不去', up=True, down=False)

  def test_a_peer_that_is_not_heard(self):
    self.half_open('下不来', up=False, down=True)

  def half_open(self, title, up, down):
    with self.fault(title) as send:
      until('there is something to spoil', lambda: all(one.open for one in self.gates), PATIENCE)
      before = [(one, one.came) for one in self.gates]
      for one in self.gates:
        one.half_open(up, down)
      send()
      for one, came in before:
        until('it was found dead and begun anew', lambda one=one, came=came: one.came > came, PATIENCE)
    self.assertTrue(all(one.swallowed for one in self.gates))

  def test_a_clerk_who_watches_sees_everything_once(self):
    # WatchStatus and Watch are one thing behind the door; feedback's log grows with every report.
    feed = self.feed(TAIJIANG, 'audit', '--service', 'feedback', '--after', '0', '--bookmarks')

    def grown():
      self.county.register(self.county.enter(clerks.report('有人在看的来稿')))
      head = int(self.town.status(TAIJIANG)['feedback']['log']['head']['position'])
      until('the watcher is at the head', lambda: feed.scanned >= head, PATIENCE)
    grown()
    for spoil in (lambda: self.desk.half_open(up=False), self.desk.half_open, self.desk.cut):
      came = self.desk.came
      spoil()
      until('the watcher has come again', lambda came=came: self.desk.came > came, PATIENCE)
      grown()
    self.desk.weather(Weather(piece=1))
    grown()
    self.desk.weather(Weather(flip_every=1_000))
    until('bits were turned over', lambda: self.desk.flipped, PATIENCE)
    self.restore(self.desk)
    grown()
    log = [_place(event) for event in self.town.records(TAIJIANG, 'registrar', 'feedback')]
    self.assertEqual([_place(event) for event in feed.events], log)


def _place(event):
  return int(event['header']['position']), event['header']['ordinal']


def _replace(path, old, new):
  text = path.read_text(encoding='utf-8')
  if old not in text:
    raise AssertionError(f'{path} has no {old}')
  path.write_text(text.replace(old, new), encoding='utf-8')


if __name__ == '__main__':
  unittest.main()
