#!/usr/bin/python3 -B
"""A city is put back from an older copy: both neighbours find out, what can be mended is, the rest is named."""

import collections
import json
import shutil
import subprocess
import unittest

import clerks
from clerks import Office
from town import BINARIES, CITY, PROVINCE, TAIJIANG, TODAY, TownTest
from until import until

SERVICES = ('intake', 'routing', 'feedback')
NODE = 'n350100'


class RestoreTest(TownTest):

  def setUp(self):
    self.county, self.city, self.province = (Office(self.town, code) for code in (TAIJIANG, CITY, PROVINCE))

  # What happens.

  def send_up(self, title):
    """(dispatch, arrival at the city)."""
    item = self.county.register(self.county.enter(clerks.report(title)))
    paper = self.county.sign(self.county.draft(clerks.paper(title), item), 'shizx')
    dispatch = self.county.send(paper, 'shizx')
    return dispatch, self.county.arrival_of(dispatch)

  def adopt(self, arrival):
    paper = self.city.sign(self.city.draft(clerks.paper('市里编发的稿'), arrival), serial='sqmy')
    self.city.publish(paper)

  def stop_city(self):
    for service in SERVICES:
      self.assertEqual(self.town.end(NODE, service, 30), 0)

  def copy_city(self, folder):
    for service in SERVICES:
      shutil.copytree(self.town.data_folder(NODE, service), folder / service)

  def put_city_back(self, folder):
    for service in SERVICES:
      data = self.town.data_folder(NODE, service)
      shutil.rmtree(data)
      shutil.copytree(folder / service, data)
      subprocess.run([BINARIES / 'shangda-start-epoch', data], check=True, capture_output=True)

  # What is seen.

  def steps(self, dispatch):
    """Kinds of what the city did with a dispatch, as the county tells it."""
    self.county.await_feedback()
    timeline = self.town.do(TAIJIANG, 'registrar', 'timeline', dispatch)
    return [step['kind'].removeprefix('KIND_') for branch in timeline['branches'] for reach in branch['reaches']
            if reach.get('body') == CITY for step in reach['steps']]

  def links(self, code, verb='verify'):
    """(flow, neighbour) → link."""
    answer = self.town.ask(code, 'system', 'link', verb)
    return {(link['flow'].removeprefix('FLOW_'), link['neighbour']): link for link in answer.json.get('links', [])}

  def await_agreement(self, code, *lines):
    def agree():
      links = self.links(code)
      return all(line in links and 'differs_since' not in links[line] and not links[line].get('trouble')
                 for line in lines)
    until(f'the lines of {code} agree: {lines}', agree, deadline=90)

  def subjects(self, code, service, kind):
    return [event['header']['subject'] for event in self.town.records(code, 'audit', service)
            if event['header']['kind_name'] == kind]

  def figures(self, code):
    answer = self.town.do(code, 'registrar', 'figures', '--year', TODAY[:4])
    return {figure['kind'].removeprefix('FIGURE_KIND_'): int(figure['count'])
            for figure in answer['figures'] if not figure.get('value')}

  def recounted(self, code):
    targets = self.town.files.folder / 'logs'
    lines = []
    for hosted in self.LAYOUT.values():
      certificate, key = self.town.identity(hosted[0], 'audit')
      lines += ['\t'.join(map(str, (service, self.town.files.address(hosted[0], service), self.town.files.ca,
                                    certificate, key))) + '\n' for service in SERVICES]
    targets.write_text(''.join(lines), encoding='utf-8')
    done = subprocess.run([BINARIES / 'shangda-recount', '--targets', targets, '--committee', code,
                           '--from', f'{TODAY[:4]}-01-01', '--to', f'{TODAY[:4]}-12-31'],
                          check=True, capture_output=True, encoding='utf-8', timeout=60)
    return json.loads(done.stdout)

  def test_a_city_that_was_put_back_is_caught_up_with_and_what_is_gone_is_named(self):
    # The county delivers, the city adopts.
    first, first_arrival = self.send_up('备份以前送的')
    self.adopt(self.city.acknowledge(first_arrival))
    until('the county has heard of the adoption', lambda: 'ADOPTED' in self.steps(first))
    self.city.await_feedback()
    backup = self.town.files.folder / 'backup'
    self.stop_city()
    self.copy_city(backup)
    self.town.start(NODE, *SERVICES)

    # What happens from here on the city will not know.
    second, second_arrival = self.send_up('备份以后送的第一件')
    third, _ = self.send_up('备份以后送的第二件')
    self.city.acknowledge(second_arrival)
    until('the county has heard of the receipt', lambda: 'ACKNOWLEDGED' in self.steps(second))
    until('the county has heard of the third', lambda: 'ARRIVED' in self.steps(third))
    item = self.city.register(self.city.enter(clerks.report('市里自己的来稿')))
    relayed = self.city.send(self.city.sign(self.city.draft(clerks.paper('送到省里的'), item), 'shengzx'), 'shengzx')
    at_province = self.city.arrival_of(relayed)
    self.await_agreement(TAIJIANG, ('DELIVERIES', CITY), ('OUTCOMES', CITY))
    told = {dispatch: self.steps(dispatch) for dispatch in (first, second, third)}

    self.stop_city()
    self.put_city_back(backup)
    self.town.start(NODE, *SERVICES)

    # The county finds out, and delivers once more what was lost.
    self.await_agreement(TAIJIANG, ('DELIVERIES', CITY), ('OUTCOMES', CITY))
    self.assertEqual(self.subjects(TAIJIANG, 'routing', 'dispatch_owed_again'), [second, third])
    self.assertEqual(self.subjects(TAIJIANG, 'routing', 'dispatch_receipt_renewed'), [second, third])
    arrivals = {arrival['name']: arrival['dispatch'] for arrival in self.city.all('editor', 'arrival', 'arrivals')}
    self.assertEqual(sorted(arrivals.values()), [first, second, third], 'each of them once')
    for dispatch in (first, second, third):
      row = self.county.do('dispatcher', 'dispatch', 'show', dispatch)
      self.assertEqual(row['state'], 'STATE_DELIVERED')
      self.assertEqual(arrivals[row['receipt']['arrival']], dispatch)

    # What the city had told and no longer knows is named at both ends, and stays told.
    gone = self.subjects(TAIJIANG, 'feedback', 'outcome_gone')
    self.assertIn(second, gone)
    self.assertNotIn(first, gone)
    self.assertEqual(sorted(self.subjects(CITY, 'feedback', 'outcome_lost')), sorted(gone))
    for dispatch, kinds in told.items():
      self.assertFalse(collections.Counter(kinds) - collections.Counter(self.steps(dispatch)), dispatch)

    # What the city had sent and no longer knows is named at both ends.
    self.await_agreement(CITY, ('DELIVERIES', PROVINCE), ('OUTCOMES', PROVINCE))
    self.assertEqual(self.subjects(CITY, 'routing', 'dispatch_gone'), [relayed])
    self.assertEqual(self.subjects(PROVINCE, 'routing', 'arrival_sender_lost'), [at_province])
    lost = self.province.do('editor', 'arrival', 'show', at_province)
    self.assertEqual(lost['sender_lost_on'], TODAY)
    # And the county's office sees how far it was heard.
    below = self.links(CITY, 'status')['OUTCOMES', TAIJIANG]
    self.assertGreater(int(below['heard']['position']), 0)

    # The city goes on where it stands, and is heard.
    again = self.county.do('dispatcher', 'dispatch', 'show', second)['receipt']['arrival']
    self.adopt(self.city.acknowledge(again))
    until('the county has heard of the second adoption', lambda: 'ADOPTED' in self.steps(second))
    self.await_agreement(TAIJIANG, ('DELIVERIES', CITY), ('OUTCOMES', CITY))
    self.county.await_feedback()

    # Nothing was counted twice.
    counted = self.recounted(TAIJIANG)
    figures = self.figures(TAIJIANG)
    self.assertEqual((figures['DISPATCHES'], figures['ADOPTED'], figures['NO_WORD']), (3, 2, 1))
    self.assertEqual(figures['DISPATCHES'], counted['sent'])
    self.assertEqual(figures['ADOPTED'], counted['adopted'])

    # One that starts again goes on from there: nothing is found a second time.
    for service in ('routing', 'feedback'):
      self.town.kill('n350103', service)
      self.town.start('n350103', service)
    self.await_agreement(TAIJIANG, ('DELIVERIES', CITY), ('OUTCOMES', CITY))
    self.assertEqual(self.subjects(TAIJIANG, 'routing', 'dispatch_owed_again'), [second, third])
    self.assertEqual(set(self.subjects(TAIJIANG, 'feedback', 'outcome_gone')), set(gone))


if __name__ == '__main__':
  unittest.main()
