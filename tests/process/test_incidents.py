#!/usr/bin/python3 -B
"""What does not work is the first thing that an administrator reads, until it works or a person has let it go."""

import signal
import subprocess
import unittest

import clerks
from clerks import Office
from town import CITY, GULOU, TAIJIANG, TownTest
from until import until

NODE, CITY_NODE = 'n350103', 'n350100'
SERVICES = ('intake', 'routing', 'feedback')


class IncidentTest(TownTest):

  LAYOUT = {CITY_NODE: (CITY,), NODE: (TAIJIANG, GULOU)}
  # A minute is too long for a test, and a quarter of an hour more so.
  MORE_CONFIG = ('oversight {\n  look_seconds: 1\n  facts_wait_seconds: 1\n  link_silent_seconds: 1\n'
                 '  delivery_failing_seconds: 1\n}\n')

  def setUp(self):
    self.county = Office(self.town, TAIJIANG)

  def incidents(self, *words, code=TAIJIANG, who='system'):
    """id → incident, of the services that answer."""
    answer = self.town.ask(code, who, 'incident', 'list', *words)
    return {f'{service["service"]}/{one["name"].rsplit("/", 1)[1]}': one
            for service in answer.json['services'] for one in service.get('incidents', [])}

  def one(self, kind, **fields):
    """Id of the only unresolved incident of a kind; None if there is none yet."""
    found = [id for id, one in self.incidents().items()
             if one['kind'] == kind and all(one.get(key) == value for key, value in fields.items())]
    self.assertLessEqual(len(found), 1, kind)
    return found[0] if found else None

  def say(self, *words):
    """What the client prints for people."""
    command = self.town.client.command(TAIJIANG, self.town.person(TAIJIANG, 'system'), *words)
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60).stdout

  def until_all_is_well(self):
    until('nothing is wrong any more', lambda: not self.incidents(), deadline=90)

  def test_a_parent_that_is_away_is_said_first_and_no_more_when_it_is_back(self):
    self.until_all_is_well()
    item = self.county.register(self.county.enter(clerks.report('上级不在时的来稿')))
    paper = self.county.sign(self.county.draft(clerks.paper('上级不在时的稿'), item), 'shizx')
    self.town.kill(CITY_NODE, *SERVICES)
    dispatch = self.county.send(paper, 'shizx')

    stale = until('the silence is an incident', lambda: self.one('KIND_LINK_STALE'))
    failing = until('the delivery is an incident', lambda: self.one('KIND_DELIVERY_FAILING'))
    self.assertEqual((stale.split('/')[0], failing.split('/')[0]), ('feedback', 'routing'))
    one = self.county.do('system', 'incident', 'show', failing)
    self.assertEqual((one['subject'], one['committee'], one['items']), (f'nodes/{CITY_NODE}', TAIJIANG, [dispatch]))
    self.assertGreaterEqual(self.county.do('system', 'incident', 'show', stale)['attempts'], 1)

    # The first lines of the first page: what, why, since when, and the command that helps.
    lines = self.say('status').splitlines()
    self.assertTrue(lines[0].startswith('【演练】'), lines[0])
    self.assertEqual(lines[1], '有 2 条告警没有解除:')
    page = '\n'.join(lines)
    self.assertIn(f'shangda incident retry {failing}', page)
    self.assertIn('福州市政协', page)
    self.assertLess(page.index(failing), page.index('intake    127.0.0.1'))
    # Not to somebody who is no administrator, and of the neighbour's things nothing to the neighbour.
    self.assertEqual(self.town.refused(TAIJIANG, 'registrar', 'incident', 'show', failing)['code'], 'PERMISSION_DENIED')
    self.assertEqual({one['kind'] for one in self.incidents(code=GULOU, who='audit').values()}, {'KIND_LINK_STALE'})

    # Somebody takes it on, and does not want to wait.
    self.county.do('system', 'incident', 'acknowledge', stale, '--until', '2026-03-08', '--note', '市里机房检修')
    shown = self.county.do('system', 'incident', 'show', stale)
    self.assertEqual((shown['state'], shown['note'], shown['owner']),
                     ('STATE_ACKNOWLEDGED', '市里机房检修',
                      f'committees/{TAIJIANG}/users/{self.town.person(TAIJIANG, "system")}'))
    error = self.town.refused(TAIJIANG, 'system', 'incident', 'resolve', failing, '--note', '好了')
    self.assertEqual(error['reason'], 'ENDS_BY_ITSELF')
    self.assert_sentence(error['message'])
    self.county.do('system', 'incident', 'retry', failing)

    self.town.launch(CITY_NODE, *SERVICES)
    until('the city serves', lambda: all(self.town.serves(CITY_NODE, service) for service in SERVICES))
    self.county.do('system', 'incident', 'retry', stale)
    self.county.arrival_of(dispatch)
    self.until_all_is_well()
    over = self.incidents('--all')
    self.assertEqual({over[id]['state'] for id in (stale, failing)}, {'STATE_RESOLVED'})
    self.assertIn('没有未解除的告警', self.say('status'))

  def test_a_fact_that_waits_is_let_go_of_and_what_waits_with_it_is_taken(self):
    self.until_all_is_well()
    # Feedback hears of the paper and its issue before it hears of the report.
    self.town.kill(NODE, 'feedback')
    item = self.county.register(self.county.enter(clerks.report('等着的来稿')))
    paper = self.county.sign(self.county.draft(clerks.paper('等着的稿'), item), serial='sqmy')
    issue = self.county.publish(paper)
    self.town.kill(NODE, 'intake')
    self.town.launch(NODE, 'feedback')
    until('feedback serves', lambda: self.town.serves(NODE, 'feedback'))

    def parked():
      self.town.files.clock.tick()
      return self.one('KIND_FACT_PARKED')
    waiting = until('what waits is an incident', parked, deadline=90)
    facts = until('all of it waits', lambda: (found := self.county.do('system', 'incident', 'show', waiting)['facts'])
                  and any(one['subject'] == issue for one in found) and found)
    self.assertEqual([int(one['sequence']) for one in facts], sorted(int(one['sequence']) for one in facts))
    page = self.say('incident', 'show', waiting)
    self.assertIn('没有收下的消息', page)
    last = next(one for one in facts if one['subject'] == issue)
    self.assertIn(f'  {last["sequence"]}  「编发」', page)
    for code, who in ((GULOU, 'audit'),):
      self.assertNotIn(waiting, self.incidents(code=code, who=who))

    self.town.refused(TAIJIANG, 'audit', 'incident', 'drop-fact', waiting, '--fact', last['sequence'], '--reason', '试')
    self.county.do('system', 'incident', 'drop-fact', waiting, '--fact', last['sequence'], '--reason', '这一期已经作废')
    self.assertNotIn(issue, [one['subject'] for one in
                             self.county.do('system', 'incident', 'show', waiting).get('facts', [])])
    self.town.start(NODE, 'intake')
    self.until_all_is_well()
    self.assertEqual([one['log']['parked_count'] for one in self.town.status(TAIJIANG).values()], [0, 0, 0])
    dropped = self.county.do('audit', 'incident', 'dropped', '--service', 'feedback')['facts']
    self.assertEqual([(one['fact']['subject'], one['reason']) for one in dropped], [(issue, '这一期已经作废')])

  def reload(self, node, network, text):
    """Lets the routing of a node read another network file; waits until it has."""
    network.write_text(text, encoding='utf-8')
    count = self.town.service_log(node, 'routing').count('files_taken')
    self.town.signal(node, 'routing', signal.SIGHUP)
    until(f'{node} has the network file', lambda: self.town.service_log(node, 'routing').count('files_taken') > count)

  def test_what_was_refused_for_want_of_a_file_goes_again_when_files_are_read(self):
    self.until_all_is_well()
    network = self.town.files.folder / 'network.textproto'
    good = network.read_text(encoding='utf-8')
    # At the city our node hosts the neighbour alone.
    self.addCleanup(self.reload, CITY_NODE, network, good)
    self.reload(CITY_NODE, network, good.replace(f'  hosts: "{TAIJIANG}"\n', ''))
    network.write_text(good, encoding='utf-8')
    item = self.county.register(self.county.enter(clerks.report('上级文件旧了的来稿')))
    dispatch = self.county.send(self.county.sign(self.county.draft(clerks.paper('上级文件旧了的稿'), item), 'shizx'),
                                'shizx')
    refused = until('the refusal is an incident', lambda: self.one('KIND_DELIVERY_FAILING'))
    shown = self.county.do('system', 'incident', 'show', refused)
    self.assertEqual((shown['subject'], shown['reason'], shown['items']),
                     (f'committees/{CITY}', 'REFUSED_FOR_A_FILE', [dispatch]))
    self.reload(CITY_NODE, network, good)
    self.assertEqual(self.county.do('dispatcher', 'dispatch', 'show', dispatch)['state'], 'STATE_REFUSED')
    self.reload(NODE, network, good)
    self.county.arrival_of(dispatch)
    self.until_all_is_well()

  def test_a_file_that_was_refused_is_said_until_a_good_one_is_taken(self):
    self.until_all_is_well()
    network = self.town.files.folder / 'network.textproto'
    good = network.read_text(encoding='utf-8')
    self.addCleanup(network.write_text, good, encoding='utf-8')
    network.write_text(good + 'nonsense: 1\n', encoding='utf-8')
    self.town.signal(NODE, 'routing', signal.SIGHUP)
    refused = until('the refusal is an incident', lambda: self.one('KIND_CONFIG_REFUSED', subject='files'))
    self.assertIn('shangda-routing --config', self.say('incident', 'show', refused))
    network.write_text(good, encoding='utf-8')
    self.town.signal(NODE, 'routing', signal.SIGHUP)
    self.until_all_is_well()


if __name__ == '__main__':
  unittest.main()
