#!/usr/bin/python3 -B
"""Who may not know does not get to know: searched for in every byte that anybody got."""

import struct
import subprocess
import unittest

import clerks
import search
import wire
from clerks import Office
from samples import Person
from town import CANGSHAN, CITY, GULOU, PROVINCE, TAIJIANG, TODAY, TownTest
from until import until

COUNTIES = (TAIJIANG, GULOU, CANGSHAN)
UPPER = (CITY, PROVINCE)
SERVICES = ('intake', 'routing', 'feedback')
NODE_OF = {PROVINCE: 'n350000', CITY: 'n350100', TAIJIANG: 'n350103', GULOU: 'n350102', CANGSHAN: 'n350104'}
# The neighbours' registers have no leader.
LEADERS = (Person('p0911', '鲍若川', '区长', '鼓楼区人民政府', '', '', (), 'district', GULOU),
           Person('p0912', '樊青野', '区长', '仓山区人民政府', '', '', (), 'district', CANGSHAN))

# What a county wrote and who above may have it; the rest is for itself alone.
IN_THE_CAPSULE = {'papertitle', 'paperbody'}
IN_THE_REPORTER_LINE = {'open', 'openunit', 'openpost'}
SEALED = {'sealed', 'sealedunit', 'sealedpost', 'phone', 'address', 'full'}


class Story:
  """Three counties' reports become one paper of the city, which the province issues.

  Every text of a county holds a mark of its own, mk<code><what>; each county has other numbers.
  """

  def __init__(self, town):
    self.town = town
    self.city, self.province = Office(town, CITY), Office(town, PROVINCE)
    self.marks = {}  # code → what → mark
    self.names = {}  # code → names of its things
    counties = [Office(town, code) for code in COUNTIES]
    arrivals = [self._of_county(number, county) for number, county in enumerate(counties)]
    self._compose(arrivals)
    for county in counties:
      until(f'{county.code} has the whole answer', lambda county=county: self._is_answered(county))

  def mark(self, code, what):
    return self.marks.setdefault(code, {}).setdefault(what, f'mk{code}{what}x')

  def _of_county(self, number, county):
    """The arrival at the city of a county's paper."""
    def mark(what):
      return self.mark(county.code, what)
    aside = [county.enter(clerks.report(mark('aside'), mark('asidewords'))) for _ in range(number)]
    report = county.enter(
      clerks.report(mark('title'), mark('situation'), mark('suggestions')),
      f'{self.town.person(county.code, "reporter")}:disclosure=open',
      f'name={mark("open")}:unit={mark("openunit")}:post={mark("openpost")}:disclosure=open',
      f'name={mark("sealed")}:unit={mark("sealedunit")}:post={mark("sealedpost")}:disclosure=sealed:'
      f'phone={mark("phone")}:address={mark("address")}')
    item = county.register(report)
    paper = county.draft(clerks.paper(mark('papertitle'), mark('paperbody')), item)
    county.do('editor', 'paper', 'put-in', paper)
    county.do('reviewer', 'paper', 'send-back', paper, '--opinion', mark('sentback'))
    issue = county.publish(county.sign(paper, 'shizx', serial='sqmy'))
    dispatch = county.send(paper, 'shizx')
    instruction = self._instruct(county, paper)
    self.names[county.code] = [*aside, report, item, paper, issue, dispatch, instruction]
    arrival = self.city.acknowledge(county.arrival_of(dispatch))
    self.city.do('editor', 'arrival', 'dispose', arrival, '--as', 'supplement', '--opinion', mark('opinion'))
    return arrival

  def _instruct(self, office, paper):
    office.await_feedback()
    leader = next(person.id for person in self.town.offices[office.code].persons if person.leader_level)
    return office.do('recorder', 'instruction', 'record', '--leader', leader, '--paper', paper, '--on', TODAY, '--kind',
                     'affirmed', '--text', self.mark(office.code, 'full'), '--releasable',
                     self.mark(office.code, 'releasable'), '--word-of', self.mark(office.code, 'evidence'),
                     '--word-on', TODAY)['name']

  def _compose(self, arrivals):
    paper = self.city.sign(self.city.draft(clerks.paper('三区共同反映的事', '三区都说到了。'), *arrivals), 'shengzx')
    dispatch = self.city.send(paper, 'shengzx')
    self.names[CITY] = [*arrivals, paper, dispatch, self._instruct(self.city, paper)]
    above = self.province.acknowledge(self.city.arrival_of(dispatch))
    province_paper = self.province.draft(clerks.paper('全省都要留意的事', '省里编发。'), above)
    self.names[PROVINCE] = [above, province_paper,
                            self.province.publish(self.province.sign(province_paper, serial='sqmy'))]

  def _is_answered(self, county):
    dispatch = next(name for name in self.names[county.code] if '/dispatches/' in name)
    timeline = county.do('registrar', 'timeline', dispatch)
    heard = {(reach['body'], step['kind'].removeprefix('KIND_')) for branch in timeline['branches']
             for reach in branch['reaches'] for step in reach['steps']}
    return {(CITY, 'SUPPLEMENT_REQUESTED'), (CITY, 'ADOPTED'), (CITY, 'INSTRUCTED'), (PROVINCE, 'ADOPTED')} <= heard

  def strangers(self, code, whats=None):
    """What nobody of a county may get of the other two: marks, names of people, numbers of things."""
    words = []
    for other in COUNTIES:
      if other != code:
        words += [mark for what, mark in self.marks[other].items() if whats is None or what in whats]
        words += [f'committees/{other}/']
        words += {person.name for person in self.town.offices[other].persons}
    own = {person.name for person in self.town.offices[code].persons}
    return [word for word in words if word not in own]


class Listener:
  """Somebody who asks a node for everything that there is; `heard` is all that came back."""

  _LISTS = {'intake': {'reports': 'Reports'},
            'routing': {'deskitems': 'DeskItems', 'papers': 'Papers', 'issues': 'Issues', 'dispatches': 'Dispatches',
                        'arrivals': 'Arrivals'},
            'feedback': {'adoptions': 'Adoptions', 'instructions': 'Instructions', 'tasks': 'Tasks'}}
  _SINGULAR = {'dispatches': 'Dispatch'}
  _ENTRIES = ('persons', 'units', 'channels')

  def __init__(self, town, identity):
    self._town = town
    self._identity = identity
    self.heard = []  # (method and request, bytes)

  def ask_everything(self, node, codes, names):
    """`codes` and `names`: of which committees and things."""
    for service in SERVICES:
      with self._town.connect(self._identity, node, service) as self._line:
        self._ask_log(service, codes)
        self._ask_things(service, codes, names)
        if service == 'feedback':
          self._ask_feedback(codes, names)
    return self

  def ask_logs(self, node, *services):
    for service in services or SERVICES:
      with self._town.connect(self._identity, node, service) as self._line:
        self._ask_log(service, COUNTIES)
    return self

  def _ask(self, method, **fields):
    answer, status = self._line.unary(method, wire.message(**fields))
    said = (answer or b'') + status.message.encode() + status.details
    self.heard.append((f'{method} {fields}', said))
    return answer

  def _ask_log(self, service, codes):
    log = 'shangda.log.v1.LogService'
    answer = self._ask(f'{log}/GetLog')
    self._ask(f'{log}/ListRecords', f2=1000)
    if answer is not None:
      head = dict(wire.fields(dict(wire.fields(answer))[1]))[3]
      self._listen(f'{log}/Watch', head)
      if service == 'feedback':
        for code in codes:
          self._listen('shangda.feedback.v1.FeedbackService/WatchStatus', head, f1=f'committees/{code}')

  def _listen(self, method, head, **fields):
    """A stream up to the head; a bookmark is with it at once."""
    call = self._line.call(method, wire.message(**fields))
    scanned = 0
    while scanned < head and (response := call.next()) is not None:
      self.heard.append((method, response))
      scanned = dict(wire.fields(dict(wire.fields(response))[2])).get(3, 0)
    if scanned < head:
      self.heard.append((method, call.status.message.encode() + call.status.details))
    else:
      call.cancel()

  def _ask_things(self, service, codes, names):
    of = f'shangda.{service}.v1.{service.title()}Service'
    for collection, noun in self._LISTS[service].items():
      for code in codes:
        self._ask(f'{of}/List{noun}', f1=f'committees/{code}')
      for name in names:
        if name.split('/')[2] == collection and collection != 'adoptions':
          self._ask(f'{of}/Get{self._SINGULAR.get(collection, noun[:-1])}', f1=name)
    for code in codes:
      for collection in self._ENTRIES:
        self._ask('shangda.office.v1.OfficeService/ListEntries', f1=f'committees/{code}/{collection}', f2=1000)
    self._ask('shangda.office.v1.OfficeService/ListEntries', f1='network/nodes')
    self._ask('shangda.log.v1.LogService/ReadTexts', f1=[wire.message(f1=name, f2=1) for name in names])

  def _ask_feedback(self, codes, names):
    of = 'shangda.feedback.v1.FeedbackService'
    for name in names:
      self._ask(f'{of}/GetTimeline', f1=name)
    for code in codes:
      for split in range(8):
        self._ask(f'{of}/GetFigures', f1=f'committees/{code}', f2=f'{TODAY[:4]}-01-01', f3=TODAY, f4=split)

  def found(self, words):
    """(what was asked, word) of every word among those that was in an answer."""
    return [(asked, word) for asked, said in self.heard for word in words if word.encode() in said]


class AudienceTest(TownTest):
  """What holds wherever the three counties live."""

  MORE_PEOPLE = LEADERS
  # Whoever asks for everything asks often; one that was told QUOTA would have learned nothing of what is hidden.
  MORE_CONFIG = 'limits { calls_per_second: 1000000 calls_burst: 1000000 }\n'

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.story = Story(cls.town)
    cls.all_names = [name for names in cls.story.names.values() for name in names]

  def everybody(self, *codes):
    return [(code, person) for code in codes for person in self.town.people(code)]

  def listener(self, code, person):
    """Somebody who has asked their own node for everything."""
    return Listener(self.town, self.town.identity(code, person)).ask_everything(
      self.node_of(code), (*COUNTIES, CITY), self.all_names)

  def node_of(self, code):
    return next(node for node, codes in self.LAYOUT.items() if code in codes)


class DifferentNodesTest(AudienceTest):

  LAYOUT = {node: (code,) for code, node in NODE_OF.items()}

  def test_the_search_finds_what_is_there(self):
    for code in COUNTIES:
      for what, mark in self.story.marks[code].items():
        self.assertTrue(self.files_with(code, mark), (code, what))
        at_city = self.files_with(CITY, mark)
        self.assertEqual(bool(at_city), what in IN_THE_CAPSULE | IN_THE_REPORTER_LINE | {'opinion'}, (what, at_city))
      self.assertTrue(self.files_with(code, self.story.mark(CITY, 'releasable')))

  def files_with(self, code, word):
    run = self.town.files.folder / 'run'
    return search.files_with(word, *(path for service in SERVICES for path in run.glob(f'{NODE_OF[code]}-{service}*')))

  def test_no_file_of_a_county_holds_anything_of_another_one(self):
    for code in COUNTIES:
      for word in self.story.strangers(code):
        self.assertEqual(self.files_with(code, word), [], word)
      # Nor does a key: committee and year stand in it as numbers.
      for other in COUNTIES:
        key = struct.pack('>QH', int(other), int(TODAY[:4]))
        self.assertEqual(bool(self.files_with(code, key)), other == code, (code, other))

  def test_nobody_of_a_county_gets_anything_of_another_one(self):
    for code, person in self.everybody(*COUNTIES):
      with self.subTest(person):
        self.assertEqual(self.listener(code, person).found(self.story.strangers(code)), [])

  def test_neither_node_nor_people_of_a_county_get_anything_at_the_city_but_their_own(self):
    for code in COUNTIES:
      for identity in (*(self.town.node_identity(NODE_OF[code], service) for service in SERVICES),
                       *(self.town.identity(code, person) for person in self.town.people(code))):
        listener = Listener(self.town, identity).ask_logs(NODE_OF[CITY])
        self.assertEqual(listener.found(self.story.strangers(code)), [], identity)
        # What is made for the county is there for its feedback, and for nobody else.
        is_feedback = identity[0].stem == 'feedback'
        self.assertEqual(bool(listener.found([f'committees/{code}/dispatches/'])), is_feedback, identity)

  def test_a_county_s_node_reads_no_text_that_was_made_for_another_one(self):
    texts = {}  # audience → TextRefs
    with self.town.connect(self.town.identity(CITY, 'audit'), NODE_OF[CITY], 'feedback') as line:
      answer, _ = line.unary('shangda.log.v1.LogService/GetLog')
      head = dict(wire.fields(dict(wire.fields(answer))[1]))[3]
      scanned, watch = 0, line.call('shangda.log.v1.LogService/Watch')
      while scanned < head:
        for number, value in wire.fields(watch.next()):
          if number == 1:
            header = list(wire.fields(dict(wire.fields(value))[1]))
            audience = dict(header).get(7, b'').decode()
            texts.setdefault(audience, []).extend(ref for field, ref in header if field == 8)
          elif number == 2:
            scanned = dict(wire.fields(value)).get(3, 0)
    self.assertTrue(all(texts[code] for code in COUNTIES))
    for code in COUNTIES:
      for audience, refs in texts.items():
        got = b''
        for start in range(0, len(refs), 256):
          answer, _ = self.town.call(self.town.node_identity(NODE_OF[code], 'feedback'), NODE_OF[CITY], 'feedback',
                                     'shangda.log.v1.LogService/ReadTexts', wire.message(f1=refs[start:start + 256]))
          got += answer
        if audience == code:
          self.assertIn(self.story.mark(code, 'opinion').encode(), got)
        else:
          # Every answer is `purged`: nothing else is in it.
          self.assertEqual(got, wire.message(f1=[wire.message(f2=1)] * len(refs)), (code, audience))

  def test_what_is_for_the_county_alone_is_in_no_file_above_it(self):
    for code in COUNTIES:
      for what, mark in self.story.marks[code].items():
        if what not in IN_THE_CAPSULE | IN_THE_REPORTER_LINE | {'opinion'}:
          self.assertEqual(self.files_with(CITY, mark), [], mark)
        if what not in IN_THE_REPORTER_LINE:
          self.assertEqual(self.files_with(PROVINCE, mark), [], mark)
    for code in (*COUNTIES, PROVINCE):
      self.assertEqual(self.files_with(code, self.story.mark(CITY, 'full')), [])

  def test_nobody_above_gets_what_is_sealed_below(self):
    sealed = [mark for code in COUNTIES for what, mark in self.story.marks[code].items() if what in SEALED]
    for code, person in self.everybody(*UPPER):
      with self.subTest(person):
        self.assertEqual(self.listener(code, person).found(sealed), [])
        at_county = Listener(self.town, self.town.identity(code, person)).ask_everything(
          NODE_OF[TAIJIANG], COUNTIES, self.all_names)
        self.assertEqual(at_county.found([*self.story.marks[TAIJIANG].values(), f'committees/{TAIJIANG}/']), [])


class OneNodeTest(AudienceTest):

  LAYOUT = {'n350000': (PROVINCE,), 'n350100': (CITY,), 'n350103': COUNTIES}

  def test_nobody_of_a_county_gets_anything_of_another_one(self):
    for code, person in self.everybody(*COUNTIES):
      with self.subTest(person, roles=self.town.named(person).roles):
        found = self.listener(code, person).found(self.story.strangers(code))
        self.assertEqual(found[:5], [], f'{len(found)} in all')

  def test_the_client_prints_nothing_of_another_county(self):
    for who in ('registrar', 'viewer', 'audit'):
      said = self.printed(TAIJIANG, who)
      for word in self.story.strangers(TAIJIANG):
        self.assertNotIn(word, said, who)

  def printed(self, code, who):
    """Everything that the client prints to somebody, for people and for programs."""
    printed = ''
    commands = [[noun, 'list'] for noun in ('report', 'desk', 'paper', 'issue', 'dispatch', 'arrival', 'adoption',
                                            'instruction', 'task')]
    commands += [['timeline', name] for name in self.story.names[code] if name.split('/')[2] in
                 ('reports', 'papers', 'dispatches')]
    commands += [['office', 'list', 'persons'], ['figures', '--by', 'unit'], ['status']]
    commands += [[*words, '--service', service] for service in SERVICES
                 for words in (['log', 'inspect', '--limit', '1000'], ['watch', '--after', '0', '--until-head'])]
    for words in commands:
      for as_json in (True, False):
        done = subprocess.run(self.town.client.command(code, self.town.person(code, who), *words, json_output=as_json),
                              capture_output=True, encoding='utf-8', check=False, stdin=subprocess.DEVNULL, timeout=60)
        printed += done.stdout + done.stderr
    return printed

  def test_a_viewer_gets_no_text_and_no_reporter(self):
    for code in COUNTIES:
      listener = self.listener(code, self.town.person(code, 'viewer'))
      self.assertTrue(listener.found([f'committees/{code}/reports/']))
      self.assertEqual(listener.found(self.story.marks[code].values()), [])

  def test_no_record_shows_a_text(self):
    marks = [mark for marks in self.story.marks.values() for mark in marks.values()]
    for code, person in self.everybody(*COUNTIES, *UPPER):
      if {'audit', 'system', 'security'} & set(self.town.named(person).roles):
        self.assertEqual(self.listener(code, person).found(marks), [], person)

  def test_who_may_read_what_is_sealed_does(self):
    def heard(who, *whats):
      return self.listener(TAIJIANG, self.town.person(TAIJIANG, who)).found(
        [self.story.mark(TAIJIANG, what) for what in whats])
    self.assertTrue(heard('recorder', 'full'))
    self.assertTrue(heard('registrar', 'phone'))
    self.assertTrue(heard('registrar', 'sealed'))
    for who in ('editor', 'reviewer', 'signer', 'dispatcher', 'recorder'):
      self.assertEqual(heard(who, 'phone', 'address'), [], who)
    for who in ('registrar', 'editor', 'reviewer', 'signer', 'dispatcher', 'handler'):
      self.assertEqual(heard(who, 'full'), [], who)

  def test_what_waits_for_a_neighbour_s_thing_is_shown_to_the_neighbour_alone(self):
    node = self.node_of(GULOU)
    neighbour, city = Office(self.town, GULOU), Office(self.town, CITY)
    item = neighbour.register(neighbour.enter(clerks.report('等着的来稿')))
    paper = neighbour.sign(neighbour.draft(clerks.paper('等着的稿'), item), 'shizx')
    # Feedback hears of the arrival before it hears of the dispatch.
    self.town.kill(node, 'feedback')
    dispatch = neighbour.send(paper, 'shizx')
    city.acknowledge(neighbour.arrival_of(dispatch))
    self.town.kill(node, 'routing')
    self.addCleanup(lambda: self.town.start(node, 'routing'))
    self.town.start(node, 'feedback')

    def parked():
      with self.town.connect(self.town.identity(GULOU, 'audit'), node, 'feedback') as line:
        return dispatch.encode() in line.unary('shangda.log.v1.LogService/GetLog')[0]
    until('a fact waits for the dispatch', parked)
    for who in ('audit', 'system', 'registrar'):
      listener = Listener(self.town, self.town.identity(TAIJIANG, who)).ask_logs(node, 'feedback')
      self.assertEqual(listener.found([dispatch]), [], who)


if __name__ == '__main__':
  unittest.main()
