#!/usr/bin/python3 -B
"""Reports travel up and outcomes down over real processes, whichever of them dies on the way."""

import itertools
import pathlib
import signal
import subprocess
import threading
import unittest

import clerks
from clerks import Office
from town import CITY, PROVINCE, TAIJIANG, TownTest
from until import until

SERVICES = ('intake', 'routing', 'feedback')
NODE_OF = {TAIJIANG: 'n350103', CITY: 'n350100', PROVINCE: 'n350000'}
# (who, whom): the steps of a node, and what became of it in every office above.
FOLLOWED = [(f'nodes/{node}/{who}', f'nodes/{node}/{whom}') for node in NODE_OF.values()
            for who, whom in (('routing', 'intake'), ('feedback', 'intake'), ('feedback', 'routing'))
            ] + [(f'nodes/{below}/feedback', f'nodes/{above}/feedback')
                 for below, above in itertools.combinations(NODE_OF.values(), 2)]


def steps(town, report, dispatch=None):
  """body → kinds of what happened there, as the county's timeline tells it; of one dispatch if named. Nothing while
  feedback has not heard of the report."""
  answer = town.ask(TAIJIANG, 'registrar', 'timeline', report)
  if answer.status != 0 and answer.error['reason'] == 'NOT_FOUND':
    return {}
  timeline = answer.json
  return {reach.get('body', ''): [step['kind'].removeprefix('KIND_') for step in reach['steps']]
          for branch in timeline['branches'] if dispatch in (None, branch['dispatch'])
          for reach in branch['reaches']}


def unread_bytes(port):
  """What waits in the connections to a port of this machine; see proc(5)."""
  tables = [pathlib.Path('/proc/net', name).read_text(encoding='ascii') for name in ('tcp', 'tcp6')]
  rows = [line.split() for table in tables for line in table.splitlines()[1:]]
  return sum(int(row[4].split(':')[1], 16) for row in rows if int(row[1].split(':')[1], 16) == port)


def place(event):
  return int(event['header']['position']), event['header']['ordinal']


class NetworkTest(TownTest):

  def setUp(self):
    self.county, self.city, self.province = (Office(self.town, code) for code in (TAIJIANG, CITY, PROVINCE))

  def registered(self, title):
    report = self.county.enter(clerks.report(title))
    return report, self.county.register(report)

  def test_a_report_goes_up_three_levels_and_the_answer_comes_down(self):
    report, item = self.registered('三级都要走到的来稿')
    at_city = self.county.send_up(clerks.paper('区里的稿'), item, 'shizx')
    at_province = self.city.send_up(clerks.paper('市里的稿'), self.city.acknowledge(at_city), 'shengzx')
    paper = self.province.draft(clerks.paper('省里的稿'), self.province.acknowledge(at_province))
    issue = self.province.publish(self.province.sign(paper, serial='sqmy'))
    self.assertEqual(issue, f'committees/{PROVINCE}/issues/sqmy-2026-1')

    until('the answer is with the county', lambda: 'ADOPTED' in steps(self.town, report).get(PROVINCE, []))
    self.assertEqual(steps(self.town, report), {CITY: ['ARRIVED', 'ACKNOWLEDGED', 'ADOPTED'],
                                                PROVINCE: ['ARRIVED', 'ACKNOWLEDGED', 'ADOPTED']})
    timeline = self.town.do(TAIJIANG, 'registrar', 'timeline', report)
    adopted = timeline['branches'][0]['reaches'][1]['steps'][-1]
    self.assertEqual((adopted['serial_title'], adopted['period'], adopted['number']), ('社情民意', 2026, 1))
    self.assertEqual(timeline['branches'][0]['disposition'], 'DISPOSITION_ADOPTED')

  def test_the_county_goes_on_while_the_city_is_away_and_is_heard_once_when_it_is_back(self):
    self.town.kill('n350100', *SERVICES)
    report, item = self.registered('上级不在时写的来稿')
    paper = self.county.sign(self.county.draft(clerks.paper('上级不在时签的稿'), item), 'shizx')
    dispatch = self.county.send(paper, 'shizx')

    def attempted():
      return self.county.do('dispatcher', 'dispatch', 'show', dispatch).get('attempted')
    until('an attempt to deliver is recorded', attempted)
    self.assertEqual(self.county.do('dispatcher', 'dispatch', 'show', dispatch)['state'], 'STATE_PENDING')
    error = self.town.refused(TAIJIANG, 'dispatcher', 'dispatch', 'cancel', dispatch)
    self.assertEqual(error['reason'], 'ALREADY_ATTEMPTED')

    self.town.start('n350100', *SERVICES)
    arrival = self.city.acknowledge(self.county.arrival_of(dispatch))
    self.city.do('editor', 'arrival', 'dispose', arrival, '--as', 'kept')
    until('the outcome is with the county', lambda: 'KEPT' in steps(self.town, report).get(CITY, []))
    self.assertEqual(steps(self.town, report), {CITY: ['ARRIVED', 'ACKNOWLEDGED', 'KEPT']})
    self.assertEqual(self.arrivals_of(dispatch), [arrival])

  def arrivals_of(self, dispatch):
    return [one['name'] for one in self.city.all('editor', 'arrival', 'arrivals') if one['dispatch'] == dispatch]

  def test_who_dies_before_the_receipt_asks_again_and_gets_the_same(self):
    _, item = self.registered('送出去没等到回执的来稿')
    # Something goes first, so that there is a connection.
    self.county.send_up(clerks.paper('先走一步的稿'), item, 'shizx')
    paper = self.county.sign(self.county.draft(clerks.paper('没等到回执的稿'), item), 'shizx')
    self.town.signal('n350100', 'routing', signal.SIGSTOP)
    self.addCleanup(self.town.signal, 'n350100', 'routing', signal.SIGCONT)
    dispatch = self.county.send(paper, 'shizx')
    port = int(self.town.files.addresses['n350100', 'routing'].rsplit(':', 1)[1])
    until('the capsule is at the door of the city', lambda: unread_bytes(port) > len('没等到回执的稿'.encode()))
    self.town.kill('n350103', 'routing')
    self.town.signal('n350100', 'routing', signal.SIGCONT)
    arrivals = until('the city has taken it', lambda: self.arrivals_of(dispatch))
    self.town.start('n350103', 'routing')
    self.assertEqual([self.county.arrival_of(dispatch)], arrivals)
    self.assertEqual(self.arrivals_of(dispatch), arrivals)

  def test_who_asks_while_a_service_restarts_gets_the_answer(self):
    self.town.kill('n350103', 'intake')
    command = self.town.client.command(TAIJIANG, self.town.person(TAIJIANG, 'registrar'), 'report', 'list')
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as client:
      self.assertIn('再试', client.stderr.readline())
      self.town.start('n350103', 'intake')
      self.assertEqual(client.wait(30), 0, client.stderr.read())

  def test_a_restart_keeps_every_position(self):
    self.registered('重启前的来稿')
    before = self.quiet_positions()
    for code, node in NODE_OF.items():
      self.town.kill(node, *SERVICES)
      self.town.start(node, *SERVICES)
    self.assertEqual(self.quiet_positions(), before)

  def quiet_positions(self):
    """process → head, once every follower has it."""
    def followed():
      heads, cursors = {}, {}
      for code, node in NODE_OF.items():
        for service, said in self.town.status(code).items():
          heads[f'nodes/{node}/{service}'] = said['log']['head']
          for cursor in said['log']['cursors']:
            upstream = cursor['upstream']
            followed = upstream if '/' in upstream else f'nodes/{node}/{upstream}'
            cursors[f'nodes/{node}/{service}', followed] = cursor['position']
      return heads if cursors == {(who, whom): heads[whom] for who, whom in FOLLOWED} else None
    return until('everybody has followed everybody', followed)

  def test_what_was_acknowledged_is_there_once_whichever_service_is_killed(self):
    traffic = _Traffic(self.town)
    feeds = {service: self.feed(TAIJIANG, 'registrar', '--service', service, '--after', '0', '--bookmarks')
             for service in SERVICES}
    before = {report['name'] for report in self.county.all('registrar', 'report', 'reports')}
    with traffic:
      for node, service in [(node, service) for node in NODE_OF.values() for service in SERVICES]:
        # Whoever is killed has something under way.
        until('the clerks get on', lambda goal=traffic.done + 3: traffic.done >= goal or traffic.broken, deadline=90)
        self.town.kill(node, service)
        self.town.start(node, service)
    self.assertEqual(traffic.broken, [])

    reports = self.county.all('registrar', 'report', 'reports')
    self.assert_dense(reports)
    mine = {report['name']: report for report in reports if report['name'] not in before}
    self.assertEqual({name: report['text']['title'] for name, report in mine.items()}, traffic.entered)
    self.assertEqual({report['state'] for report in mine.values()}, {'STATE_REGISTERED'})

    self.quiet_positions()
    items = self.county.all('editor', 'desk', 'desk_items')
    self.assertEqual({item['report'] for item in items}, {report['name'] for report in reports})
    self.assert_dense(self.county.all('editor', 'paper', 'papers'))
    for below, above in ((self.county, self.city), (self.city, self.province)):
      sent = [dispatch for dispatch in below.all('dispatcher', 'dispatch', 'dispatches')]
      arrivals = above.all('dispatcher', 'arrival', 'arrivals')
      self.assert_dense(sent)
      self.assert_dense(arrivals)
      self.assertEqual({dispatch['name']: dispatch['receipt']['arrival'] for dispatch in sent},
                       {arrival['dispatch']: arrival['name'] for arrival in arrivals})
      self.assertEqual(len(arrivals), len(sent))
    self.assertGreaterEqual(len(traffic.sent), 3)
    for report, dispatch in traffic.sent.items():
      until(f'the answer to {dispatch} is with the county',
            lambda report=report: steps(self.town, report).get(PROVINCE) == ['ARRIVED'])
      self.assertEqual(steps(self.town, report), {CITY: ['ARRIVED', 'ACKNOWLEDGED', 'ADOPTED'],
                                                  PROVINCE: ['ARRIVED']})
    for code in NODE_OF:
      self.assertEqual([one['log']['parked_count'] for one in self.town.status(code).values()], [0, 0, 0])

    # Who watched all the while has seen all of it once.
    heads = self.quiet_positions()
    for service, feed in feeds.items():
      head = int(heads[f'nodes/{NODE_OF[TAIJIANG]}/{service}']['position'])
      until(f'the feed of {service} is at the head', lambda feed=feed, head=head: feed.scanned >= head, deadline=60)
      log = self.town.records(TAIJIANG, 'registrar', service)
      self.assertEqual([place(event) for event in feed.events], [place(event) for event in log])

  def assert_dense(self, things):
    """Numbers from 1, each once."""
    self.assertEqual([int(one['name'].rsplit('-', 1)[1]) for one in things], list(range(1, len(things) + 1)))


class _Traffic:
  """Clerks at work on every level, who repeat what was not answered; on leaving they finish what they began."""

  def __init__(self, town):
    self._town = town
    self._ending = threading.Event()
    self._threads = [threading.Thread(target=self._work, args=(clerk,)) for clerk in
                     (self._send, self._send, self._send, self._enter)]
    self._ids = itertools.count(1)
    self.done = 0
    self.entered = {}  # report → title
    self.sent = {}  # report → dispatch
    self.broken = []

  def __enter__(self):
    for thread in self._threads:
      thread.start()
    return self

  def __exit__(self, *error):
    self._ending.set()
    for thread in self._threads:
      thread.join()

  def _work(self, clerk):
    try:
      while not self._ending.is_set():
        clerk()
    except Exception as error:  # Told by the test.
      self.broken.append(error)

  def _insist(self, code, who, *words, text=None):
    done = self._town.insist(code, who, *words, text=text, request_id=f'traffic-{next(self._ids)}')
    self.done += 1
    return done

  def _enter(self):
    title = f'一边停机一边录的第{next(self._ids)}篇'
    name = self._insist(TAIJIANG, 'registrar', 'report', 'enter', '-', *clerks.enter_words(),
                        text=clerks.report(title))['name']
    if name in self.entered:
      raise AssertionError(f'{name} was given twice')
    self.entered[name] = title
    return name, self._insist(TAIJIANG, 'registrar', 'report', 'register', name)['position']

  def _send(self):
    """From the county over the city to the province."""
    report, position = self._enter()
    item = report.replace('/reports/', '/deskitems/')
    self._town.insist(TAIJIANG, 'editor', 'desk', 'show', item, '--min-position', clerks.spelled(position))
    dispatch, arrival = self._pass_on(TAIJIANG, item, 'shizx')
    self._insist(CITY, 'dispatcher', 'arrival', 'acknowledge', arrival)
    self._pass_on(CITY, arrival, 'shengzx')
    self.sent[report] = dispatch

  def _pass_on(self, code, source, channel):
    paper = self._insist(code, 'editor', 'paper', 'draft', '-', '--kind', 'opinion', '--source', clerks.spec(source),
                         text=clerks.paper('一边停机一边写的稿'))['name']
    self._insist(code, 'editor', 'paper', 'put-in', paper)
    self._insist(code, 'reviewer', 'paper', 'agree', paper)
    self._insist(code, 'signer', 'paper', 'sign', paper, '--channel', channel)
    dispatch = self._insist(code, 'dispatcher', 'dispatch', 'send', paper, '--channel', channel)['name']

    def receipt():
      return self._town.insist(code, 'dispatcher', 'dispatch', 'show', dispatch).get('receipt')
    return dispatch, until(f'{dispatch} is delivered', receipt, deadline=90)['arrival']


if __name__ == '__main__':
  unittest.main()
