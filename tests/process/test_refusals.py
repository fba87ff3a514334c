#!/usr/bin/python3 -B
"""Bad input over the wire: every refusal has its reason and its sentence, and leaves nothing behind."""

import hashlib
import signal
import ssl
import subprocess
import threading
import unittest

import clerks
import search
import wire
from clerks import Office
from samples import Person
from town import CANGSHAN, CITY, GULOU, ROOT, TAIJIANG, TODAY, TownTest
from until import until

NODE, CITY_NODE = 'n350103', 'n350100'
SERVICES = ('intake', 'routing', 'feedback')
INTAKE, ROUTING, FEEDBACK = (f'shangda.{service}.v1.{service.title()}Service' for service in SERVICES)
ONE_HAND = Person('p0901', '钟一手', '主任', '区政协办公室', '', '中共', ('editor', 'reviewer', 'signer'), '', TAIJIANG)
CAPSULE = {'f2': 1, 'f3': 1, 'f7': 1, 'f12': TODAY}  # Edition, SUBMIT_UP, OPINION, signed on.


class RefusalTest(TownTest):

  LAYOUT = {CITY_NODE: (CITY,), NODE: (TAIJIANG, GULOU)}
  MORE_PEOPLE = (ONE_HAND,)

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.patient = _Patient(cls.town)

  def setUp(self):
    self.county = Office(self.town, TAIJIANG)
    self.city = Office(self.town, CITY)

  def by_hand(self, who, service, method, request, code=TAIJIANG):
    answer, status = self.town.call(self.town.identity(code, who), NODE, service, method, request)
    self.assertIsNone(answer)
    self.assert_sentence(status.message)
    return status

  # Certificates.

  def test_without_a_certificate_nobody_gets_past_the_handshake(self):
    for service in SERVICES:
      self.assert_no_handshake(None, service)

  def test_with_a_certificate_of_another_authority_nobody_gets_past_the_handshake(self):
    folder = self.town.files.folder / 'foreign'
    registrar = self.town.person(TAIJIANG, 'registrar')
    for words in (['init', folder, '--network', 'taijiang.shangda.example'],
                  ['issue', folder, f'spiffe://taijiang.shangda.example/committees/{TAIJIANG}/users/{registrar}',
                   folder / 'somebody']):
      subprocess.run([ROOT / 'deploy' / 'ca', *words], check=True, stdout=subprocess.DEVNULL)
    for service in SERVICES:
      self.assert_no_handshake((folder / 'somebody.crt', folder / 'somebody.key'), service)

  def assert_no_handshake(self, identity, service):
    """The client's half of a TLS 1.3 handshake may be over before the server says no: then the next byte is that."""
    with self.assertRaises((ssl.SSLError, ConnectionError)):
      with wire.connect(self.town.files.addresses[NODE, service], self.town.files.ca, identity, timeout=10) as one:
        if one.recv(1) == b'':
          raise ConnectionError('ended without a word')

  def test_a_good_certificate_of_nobody_in_the_register_may_do_nothing(self):
    folder = self.town.files.folder / 'ca'
    subprocess.run([ROOT / 'deploy' / 'ca', 'issue', folder,
                    f'spiffe://taijiang.shangda.example/committees/{TAIJIANG}/users/p9999', folder / 'p9999'],
                   check=True, stdout=subprocess.DEVNULL)
    identity = (folder / 'p9999.crt', folder / 'p9999.key')
    log = 'shangda.log.v1.LogService'
    for service, method in (('intake', f'{log}/GetLog'), ('intake', f'{log}/Watch'),
                            ('feedback', f'{FEEDBACK}/GetFigures')):
      answer, status = self.town.call(identity, NODE, service, method)
      self.assertEqual((answer, status.code), (None, 'PERMISSION_DENIED'))

  # Shape.

  def test_all_wrong_fields_are_told_at_once_with_their_paths(self):
    error = self.town.refused(
      TAIJIANG, 'registrar', 'report', 'enter', '-',
      *clerks.enter_words(f'name={"长" * 51}:unit=安泰里', received_on='2026-03-03'),
      text=clerks.report('题' * 101, '正文里有\a响铃。', '建议里有\x0b竖跳。'))
    self.assertEqual((error['code'], error['reason']), ('INVALID_ARGUMENT', 'INVALID_FIELDS'))
    self.assertEqual({one['field'] for one in error['violations']},
                     {'draft.text.title', 'draft.text.body.situation', 'draft.text.body.suggestions',
                      'draft.reporters[0].name', 'received_on'})
    for violation in error['violations']:
      self.assert_sentence(violation['description'])

  def test_lengths_are_counted_in_characters(self):
    longest = clerks.report('𠮷' * 100, '𠮷' * 1000, '𠮷' * 500)
    self.county.enter(longest, more=['--dry-run'])
    for text, field in ((clerks.report('𠮷' * 101), 'draft.text.title'),
                        (clerks.report('题', '𠮷' * 1000, '𠮷' * 501), 'draft.text.body')):
      error = self.town.refused(TAIJIANG, 'registrar', 'report', 'enter', '-', *clerks.enter_words(), text=text)
      self.assertEqual([one['field'] for one in error['violations']], [field])

  def test_a_required_part_that_is_missing_is_named(self):
    status = self.by_hand('registrar', 'intake', f'{INTAKE}/EnterReport',
                          clerks.enter_request(TAIJIANG, '', 'missing-1', suggestions=''))
    self.assertEqual((status.code, status.reason), ('INVALID_ARGUMENT', 'INVALID_FIELDS'))
    for field in ('draft.text.title', 'draft.text.body.suggestions'):
      self.assertIn(field.encode(), status.details)

  def test_bytes_that_are_no_utf8_are_an_invalid_argument(self):
    request = clerks.enter_request(TAIJIANG, '题目XY', 'utf8-1').replace(b'XY', b'\xff\xfe')
    self.assertEqual(self.by_hand('registrar', 'intake', f'{INTAKE}/EnterReport', request).code, 'INVALID_ARGUMENT')

  def test_what_is_typed_or_in_a_file_and_no_text_is_an_invalid_argument(self):
    # \udcff stands for the byte ff.
    error = self.town.refused(TAIJIANG, 'registrar', 'report', 'enter', '-',
                              *clerks.enter_words('name=林\udcff:unit=安泰里'), text=clerks.report('题目'))
    self.assertEqual(error['code'], 'INVALID_ARGUMENT')
    self.assert_sentence(error['message'])
    error = self.town.refused(TAIJIANG, 'registrar', 'report', 'enter', '-', *clerks.enter_words(),
                              text=clerks.report('题目XY').encode().replace(b'XY', b'\xff\xff'))
    self.assertEqual(error['code'], 'INVALID_ARGUMENT')
    self.assert_sentence(error['message'])

  def test_a_watch_for_bytes_that_are_no_request_is_an_invalid_argument(self):
    for service, method in (*((service, 'shangda.log.v1.LogService/Watch') for service in SERVICES),
                            ('feedback', f'{FEEDBACK}/WatchStatus')):
      with self.subTest(service=service, method=method):
        status = self.by_hand('registrar', service, method, b'\xff\xff')
        self.assertEqual((status.code, status.reason), ('INVALID_ARGUMENT', 'MALFORMED_REQUEST'))

  def test_gb18030_and_crlf_come_in_as_utf8_and_lf(self):
    text = clerks.report('臺江區的㙍㮾路', '第一段。\n第二段𠮷。', '請儘快。').replace('\n', '\r\n')
    report = self.county.enter(text.encode('gb18030'))
    self.assertEqual(self.county.do('editor', 'report', 'show', report)['text'], {
      'title': '臺江區的㙍㮾路', 'body': {'situation': '第一段。\n第二段𠮷。', 'suggestions': '請儘快。'}})

  def test_a_message_over_the_limit_is_refused_with_the_limit(self):
    error = self.town.refused(TAIJIANG, 'registrar', 'report', 'enter', '-', *clerks.enter_words(),
                              text=clerks.report('太长的来稿', '长' * (3 << 20)))
    self.assertEqual(error['code'], 'RESOURCE_EXHAUSTED')
    self.assert_sentence(error['message'])
    self.assertEqual(error['metadata']['bytes_max'], str(8 << 20))

  def test_a_junk_page_token_is_refused_by_every_list(self):
    parent = f'committees/{TAIJIANG}'
    lists = [('registrar', 'intake', f'{INTAKE}/ListReports', parent)]
    lists += [('editor', 'routing', f'{ROUTING}/List{noun}', parent) for noun in
              ('DeskItems', 'Papers', 'Issues', 'Dispatches', 'Arrivals')]
    lists += [('recorder', 'feedback', f'{FEEDBACK}/List{noun}', parent) for noun in
              ('Adoptions', 'Instructions', 'Tasks')]
    lists += [('editor', service, 'shangda.office.v1.OfficeService/ListEntries', f'{parent}/persons')
              for service in SERVICES]
    for who, service, method, of in lists:
      for token in ('junk', 'committees/350102/reports/2026-000001', '票'):
        with self.subTest(method=method, token=token):
          status = self.by_hand(who, service, method, wire.message(f1=of, f3=token))
          self.assertEqual((status.code, status.reason), ('INVALID_ARGUMENT', 'INVALID_PAGE_TOKEN'))

  def test_a_position_after_the_head_is_out_of_range_with_both_ends(self):
    for service in SERVICES:
      head = self.town.status(TAIJIANG)[service]['log']['head']['position']
      error = self.town.refused(TAIJIANG, 'registrar', 'watch', '--service', service, '--after', '999999')
      self.assertEqual(error['code'], 'OUT_OF_RANGE')
      self.assert_sentence(error['message'])
      self.assertEqual((error['metadata']['floor'], error['metadata']['head']), ('1', head))

  def test_with_no_deadline_a_call_is_answered_all_the_same(self):
    status = self.patient.answer()
    self.assertEqual((status.code, status.reason), ('UNAVAILABLE', 'POSITION_NOT_REACHED'))
    self.assertEqual(status.metadata['wanted'], '999999')
    self.assertIn('position', status.metadata)

  # 涉密不上网.

  def test_a_mark_in_any_free_text_is_refused_and_not_one_byte_of_it_stays(self):
    # The search finds what is kept.
    self.county.enter(clerks.report('看得见的题目kept-marker'))
    folder = self.town.files.folder / 'run'
    self.assertTrue(search.files_with('kept-marker', folder / f'{NODE}-intake'))

    for number, (who, words, text) in enumerate(_every_free_text()):
      marker = f'gone{number:03}marker'
      marked = f'{marker}机密★十年'
      with self.subTest(words=words, text=text):
        words = [str(word).replace('{}', marked) for word in words]
        error = self.town.refused(TAIJIANG, who, *words, text=text.replace('{}', marked))
        self.assertEqual((error['code'], error['reason']), ('INVALID_ARGUMENT', 'CLASSIFIED_MATERIAL'))
        self.assert_sentence(error['message'])
        self.assertNotIn(marker, str(error))
        self.assertEqual(search.files_with(marker, folder), [])
    self.assertEqual(search.files_with('机密★', folder), [])

  def test_a_mark_is_seen_however_it_is_written(self):
    marks = ('绝密★', '机 密 ★ 5年', '秘密☆', '機密★長期', '密级:机密', '机\u200b密★', '机密*10年', '绝密\n★')
    for number, mark in enumerate(marks):
      with self.subTest(mark):
        marker = f'written{number}marker'
        error = self.town.refused(TAIJIANG, 'registrar', 'report', 'enter', '-', *clerks.enter_words(),
                                  text=clerks.report('题目', f'{marker}{mark}'))
        self.assertEqual(error['reason'], 'CLASSIFIED_MATERIAL')
        self.assertEqual(search.files_with(marker, self.town.files.folder / 'run'), [])

  def test_what_is_not_declared_free_of_secrets_is_refused_and_not_kept(self):
    status = self.by_hand('registrar', 'intake', f'{INTAKE}/EnterReport',
                          clerks.enter_request(TAIJIANG, 'undeclaredmarker', 'undeclared-1', not_classified=0))
    self.assertEqual((status.code, status.reason), ('INVALID_ARGUMENT', 'CLASSIFIED_MATERIAL'))
    self.assertEqual(search.files_with('undeclaredmarker', self.town.files.folder / 'run'), [])

  # Request ids and etags.

  def test_a_request_id_gives_the_first_answer_again_and_no_other(self):
    words = ['report', 'enter', '-', *clerks.enter_words(), '--request-id', 'twice-1']
    first = self.town.do(TAIJIANG, 'registrar', *words, text=clerks.report('只录一次'))
    self.assertEqual(self.town.do(TAIJIANG, 'registrar', *words, text=clerks.report('只录一次')), first)
    error = self.town.refused(TAIJIANG, 'registrar', *words, text=clerks.report('换了内容'))
    self.assertEqual((error['code'], error['reason']), ('ALREADY_EXISTS', 'REQUEST_ID_REUSED'))
    self.assert_sentence(error['message'])
    # Another person's request ids are others.
    other = self.town.do(GULOU, 'registrar', *words, text=clerks.report('只录一次'))
    self.assertIn(f'/{GULOU}/', other['name'])

  def test_a_missing_etag_is_invalid_and_a_stale_one_is_told_the_current(self):
    report = self.county.enter(clerks.report('有版本的来稿'))
    etag = self.county.do('registrar', 'report', 'show', report)['etag']
    status = self.by_hand('registrar', 'intake', f'{INTAKE}/RegisterReport', wire.message(f1=report, f3='etag-1'))
    self.assertEqual((status.code, status.reason), ('INVALID_ARGUMENT', 'INVALID_FIELDS'))
    self.assertIn(b'etag', status.details)

    self.county.do('registrar', 'report', 'shelve', report, '--reason', '等等再看', '--etag', etag)
    error = self.town.refused(TAIJIANG, 'registrar', 'report', 'take-up', report, '--etag', etag)
    self.assertEqual((error['code'], error['reason']), ('ABORTED', 'STALE_ETAG'))
    self.assert_sentence(error['message'])
    current = self.county.do('registrar', 'report', 'show', report)['etag']
    self.assertEqual(error['metadata']['etag'], current)
    self.county.do('registrar', 'report', 'take-up', report, '--etag', current)

  # States and hands.

  def test_what_the_state_the_hand_or_the_channel_forbids_has_its_own_reason(self):
    report = self.county.enter(clerks.report('一步一步来'))
    item = self.county.register(report)
    self.assert_precondition('WRONG_STATE', 'registrar', 'report', 'register', report)

    paper = self.county.draft(clerks.paper('一步一步来'), item)
    self.assert_precondition('WRONG_STATE', 'signer', 'paper', 'sign', paper)
    self.county.do(ONE_HAND.id, 'paper', 'put-in', paper)
    self.assert_precondition('SAME_HAND', ONE_HAND.id, 'paper', 'agree', paper)
    self.assert_precondition('REVIEW_INCOMPLETE', 'signer', 'paper', 'sign', paper)
    self.county.do('reviewer', 'paper', 'agree', paper)
    self.assert_precondition('SAME_HAND', ONE_HAND.id, 'paper', 'sign', paper)
    self.county.do('signer', 'paper', 'sign', paper, '--channel', 'shizx')
    self.assert_precondition('CHANNEL_NOT_SIGNED', 'dispatcher', 'dispatch', 'send', paper, '--channel', 'kuaixun')
    self.assert_precondition('NOT_SIGNED_FOR_SERIAL', 'dispatcher', 'issue', 'publish', '--serial', 'sqmy', '--paper',
                             paper)

  def test_a_withdrawal_is_asked_for_and_answered_before_anything_else(self):
    report = self.county.enter(clerks.report('想撤回的来稿'), 'p0001')
    item = self.county.register(report)
    paper = self.county.draft(clerks.paper('用了它的稿'), item)
    self.county.do('editor', 'paper', 'put-in', paper)
    self.county.do('reviewer', 'paper', 'agree', paper)
    grant = ('editor', 'desk', 'settle', item, '--as', 'withdrawn', '--reason', 'reporter-asked')

    self.assertIn('ask-withdrawal', self.assert_precondition('WRONG_STATE', 'p0001', 'report', 'withdraw', report))
    self.assert_precondition('WITHDRAWAL_NOT_ASKED', *grant)
    ask = ('p0001', 'report', 'ask-withdrawal', report, '--reason')
    self.county.do(*ask, '情况有变')
    self.assert_precondition('ALREADY_ASKED', *ask, '情况有变')
    self.assertIn(item, [one['name'] for one in self.county.do('editor', 'desk', 'list',
                                                               '--withdrawal-asked')['desk_items']])
    self.assert_precondition('WITHDRAWAL_UNANSWERED', 'registrar', 'desk', 'settle', item, '--as', 'kept', '--reason',
                             'not-ripe')
    number = item.rsplit('/', 1)[1]
    self.assertIn(number, self.assert_precondition('WITHDRAWAL_UNANSWERED', 'signer', 'paper', 'sign', paper))

    # After a no, which the reporter reads in the timeline, it may ask again.
    done = self.county.do('editor', 'desk', 'decline-withdrawal', item, '--reason', '综合稿已在起草')
    timeline = self.county.do('p0001', 'timeline', report, '--min-position', clerks.spelled(done['position']))
    self.assertEqual(timeline['steps'][-1]['kind'], 'KIND_WITHDRAWAL_DECLINED')
    self.assertEqual(timeline['steps'][-1]['words']['text'], '综合稿已在起草')
    self.county.do('registrar', *ask[1:], '反映人坚持', '--via', 'phone')
    self.county.do(*grant)
    self.assert_precondition('TOO_LATE_TO_WITHDRAW', *ask, '再撤一次')
    self.assert_precondition('SOURCE_NOT_USABLE', 'signer', 'paper', 'sign', paper)
    seen = self.county.do('p0001', 'desk', 'show', item)['withdrawals']
    self.assertEqual([(one['state'], one['reason']['text']) for one in seen],
                     [('STATE_DECLINED', '情况有变'), ('STATE_GRANTED', '反映人坚持')])

  def assert_precondition(self, reason, who, *words):
    """The sentence that was said."""
    error = self.town.refused(TAIJIANG, who, *words)
    self.assertEqual((error['code'], error['reason']), ('FAILED_PRECONDITION', reason))
    self.assert_sentence(error['message'])
    return error['message']

  # Rights.

  def test_who_has_no_right_learns_nothing_of_what_there_is(self):
    things = self.things()
    body = wire.message(f1='甲', f3='乙')
    for who, code, service, method, request in (
        # Without the role.
        ('viewer', TAIJIANG, 'intake', 'GetReport', {'f1': 'report'}),
        ('editor', TAIJIANG, 'intake', 'RegisterReport', {'f1': 'report', 'f2': 'x', 'f3': 'r-1'}),
        ('viewer', TAIJIANG, 'routing', 'GetDeskItem', {'f1': 'item'}),
        ('reporter', TAIJIANG, 'routing', 'GetPaper', {'f1': 'paper'}),
        ('registrar', TAIJIANG, 'routing', 'GetDispatch', {'f1': 'dispatch'}),
        ('registrar', TAIJIANG, 'routing', 'DeclineWithdrawal', {'f1': 'item', 'f2': 'x', 'f3': '因故', 'f4': 'r-9'}),
        ('dispatcher', TAIJIANG, 'routing', 'SignOffPaper', {'f1': 'paper', 'f2': 'x', 'f6': 'r-2'}),
        ('viewer', TAIJIANG, 'feedback', 'GetTimeline', {'f1': 'report'}),
        ('editor', TAIJIANG, 'feedback', 'GetInstruction', {'f1': 'instruction'}),
        ('system', TAIJIANG, 'intake', 'GetReport', {'f1': 'report'}),
        ('security', TAIJIANG, 'routing', 'GetPaper', {'f1': 'paper'}),
        ('audit', TAIJIANG, 'feedback', 'GetTimeline', {'f1': 'report'}),
        # Of another committee.
        ('registrar', GULOU, 'intake', 'GetReport', {'f1': 'report'}),
        ('registrar', GULOU, 'intake', 'RegisterReport', {'f1': 'report', 'f2': 'x', 'f3': 'r-3'}),
        ('editor', GULOU, 'routing', 'GetDeskItem', {'f1': 'item'}),
        ('editor', GULOU, 'routing', 'GetPaper', {'f1': 'paper'}),
        ('dispatcher', GULOU, 'routing', 'GetDispatch', {'f1': 'dispatch'}),
        ('registrar', GULOU, 'feedback', 'GetTimeline', {'f1': 'report'}),
        ('recorder', GULOU, 'feedback', 'GetInstruction', {'f1': 'instruction'}),
        # Not their own.
        ('p0002', TAIJIANG, 'intake', 'GetReport', {'f1': 'report'}),
        ('p0002', TAIJIANG, 'intake', 'WithdrawReport', {'f1': 'report', 'f2': 'x', 'f3': 'r-4'}),
        ('p0002', TAIJIANG, 'intake', 'ResubmitReport',
         {'f1': 'report', 'f2': 'x', 'f3': wire.message(f1='题', f2=body), 'f4': 1, 'f5': 'r-5'}),
        ('p0002', TAIJIANG, 'routing', 'GetDeskItem', {'f1': 'item'}),
        ('p0002', TAIJIANG, 'routing', 'AskWithdrawal', {'f1': 'item', 'f2': 'x', 'f3': '因故', 'f5': 'r-8'}),
        ('p0002', TAIJIANG, 'feedback', 'GetTimeline', {'f1': 'report'}),
        ('p0002', TAIJIANG, 'feedback', 'ConfirmRead', {'f1': 'report', 'f2': wire.message(f3=1), 'f3': 'r-6'}),
        ('handler', TAIJIANG, 'feedback', 'GetTask', {'f1': 'task'}),
        ('handler', TAIJIANG, 'feedback', 'ReplyTask', {'f1': 'task', 'f2': 'x', 'f3': 1, 'f4': '好', 'f5': 'r-7'})):
      with self.subTest(who=who, code=code, method=method):
        name = things[request['f1']]
        there, missing = (
          self.by_hand(who, service, f'shangda.{service}.v1.{service.title()}Service/{method}',
                       wire.message(**{**request, 'f1': one}), code)
          for one in (name, name.rsplit('-', 1)[0] + '-000999'))
        self.assertEqual(there.code, 'PERMISSION_DENIED')
        self.assertEqual(there, missing)

  def test_an_entry_of_another_office_looks_like_one_that_is_not_there(self):
    for service in SERVICES:
      there, missing = (self.by_hand('registrar', service, 'shangda.office.v1.OfficeService/GetEntry',
                                     wire.message(f1=f'committees/{TAIJIANG}/persons/{person}'), code=GULOU)
                        for person in ('p0025', 'p9998'))
      self.assertEqual(there.code, 'PERMISSION_DENIED')
      self.assertEqual(there, missing)

  def test_who_sees_all_of_a_kind_is_told_what_is_missing(self):
    error = self.town.refused(TAIJIANG, 'registrar', 'report', 'show', '2026-000999')
    self.assertEqual(error['code'], 'NOT_FOUND')
    self.assert_sentence(error['message'])

  def things(self):
    """One of each kind, none of which belongs to p0002 or to the handler's unit."""
    report = self.county.enter(clerks.report('别人的来稿'), 'p0001')
    item = self.county.register(report)
    paper = self.county.sign(self.county.draft(clerks.paper('别人的稿'), item), 'kuaixun')
    dispatch = self.county.send(paper, 'kuaixun')
    instruction = self.county.do('recorder', 'instruction', 'record', '--leader', 'p0038', '--external', 'proposal',
                                 '--title', '别人的提案', '--number', 'tian-1', '--date', '2026-01-05', '--on', TODAY,
                                 '--kind', 'action', '--text', '请办。', '--word-of', '区委办', '--word-on',
                                 TODAY)['name']
    unit = self.town.offices[TAIJIANG].units['区教育局']
    task = self.county.do('recorder', 'task', 'assign', '--instruction', instruction, '--lead', unit, '--deadline',
                          '2026-04-01', '--by', '区政府办', '--demand', '请办。')['name']
    return {'report': report, 'item': item, 'paper': paper, 'dispatch': dispatch, 'instruction': instruction,
            'task': task}

  # Deliveries.

  def test_of_a_batch_each_bad_delivery_is_refused_by_itself(self):
    own = f'committees/{TAIJIANG}/dispatches/2026-900001'
    deliveries = {
      'NOT_HOSTED': delivery(own.replace('900001', '900002'), TAIJIANG, '350200'),
      'MAY_NOT_SPEAK_FOR_SENDER': delivery(f'committees/{CANGSHAN}/dispatches/2026-900003', CANGSHAN, CITY),
      'HASH_MISMATCH': delivery(own.replace('900001', '900004'), TAIJIANG, CITY, altered=True),
      'BAD_CAPSULE': delivery(own.replace('900001', '900005'), TAIJIANG, CITY, title=''),
      'CLASSIFIED_MATERIAL': delivery(own.replace('900001', '900006'), TAIJIANG, CITY, title='capsulemarker机密★'),
      '': delivery(own, TAIJIANG, CITY),
    }
    answers = self.deliver(*deliveries.values())
    self.assertEqual([reason_of(answer) for answer in answers], list(deliveries))
    self.assertEqual(search.files_with('capsulemarker', self.town.files.folder / 'run'), [])
    arrivals = [one for one in self.city.all('editor', 'arrival', 'arrivals') if '2026-9000' in one['dispatch']]
    self.assertEqual([one['dispatch'] for one in arrivals], [own])
    # What is known gets its old receipt; the same number with other words does not.
    self.assertEqual(self.deliver(deliveries[''])[0], answers[-1])
    self.assertEqual([reason_of(answer) for answer in self.deliver(delivery(own, TAIJIANG, CITY, title='另一篇'))],
                     ['HASH_CONFLICT'])

  def test_only_a_node_s_routing_delivers(self):
    for identity in (self.town.identity(TAIJIANG, 'dispatcher'), self.town.node_identity(NODE, 'feedback')):
      answer, status = self.town.call(identity, CITY_NODE, 'routing', f'{ROUTING}/DeliverDispatches', wire.message(
        f1=delivery(f'committees/{TAIJIANG}/dispatches/2026-900009', TAIJIANG, CITY)))
      self.assertEqual((answer, status.code), (None, 'PERMISSION_DENIED'))

  def deliver(self, *deliveries):
    answer, status = self.town.call(self.town.node_identity(NODE, 'routing'), CITY_NODE, 'routing',
                                    f'{ROUTING}/DeliverDispatches', wire.message(f1=deliveries))
    self.assertEqual(status.code, 'OK')
    return [value for _, value in wire.fields(answer)]

  def test_the_sender_s_clerk_reads_why_and_sends_again_when_it_is_mended(self):
    network = self.town.files.folder / 'network.textproto'
    good = network.read_text(encoding='utf-8')
    # At the city our node hosts the neighbour alone.
    bad = good.replace(f'  hosts: "{TAIJIANG}"\n', '')
    self.assertNotEqual(bad, good)
    self.addCleanup(self.reload_city, network, good)
    self.reload_city(network, bad)
    item = self.county.register(self.county.enter(clerks.report('上级不认的来稿')))
    paper = self.county.sign(self.county.draft(clerks.paper('上级不认的稿'), item), 'shizx')
    dispatch = self.county.send(paper, 'shizx')

    def refusal():
      return self.county.do('dispatcher', 'dispatch', 'show', dispatch).get('refusal')
    self.assertEqual(until('the dispatch is refused', refusal),
                     {'reason': 'MAY_NOT_SPEAK_FOR_SENDER', 'retry': 'RETRY_FILE'})
    command = self.town.client.command(TAIJIANG, self.town.person(TAIJIANG, 'dispatcher'), 'dispatch', 'show', dispatch)
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    self.assertIn('被拒收', shown)
    reason = next(line for line in shown.splitlines() if 'MAY_NOT_SPEAK_FOR_SENDER' in line)
    self.assertRegex(reason, r'[\u4e00-\u9fff]{4}')

    self.reload_city(network, good)
    self.county.do('dispatcher', 'dispatch', 'retry', dispatch)
    self.county.arrival_of(dispatch)

  def reload_city(self, network, text):
    network.write_text(text, encoding='utf-8')
    count = self.town.service_log(CITY_NODE, 'routing').count('files_taken')
    self.town.signal(CITY_NODE, 'routing', signal.SIGHUP)
    until('the city has the network file',
          lambda: self.town.service_log(CITY_NODE, 'routing').count('files_taken') > count)


class _Patient(threading.Thread):
  """A read without a deadline for a position that never comes, begun early and asked for late: it is answered
  within the half minute to which it is clamped, before this side stops listening."""

  def __init__(self, town):
    super().__init__(daemon=True)
    self._town = town
    self.start()

  def run(self):
    log_id = self._town.status(TAIJIANG)['intake']['log']['head']['log_id']
    request = wire.message(f1=f'committees/{TAIJIANG}', f5=wire.message(f1=log_id, f2=1, f3=999999))
    _, self._status = self._town.call(self._town.identity(TAIJIANG, 'registrar'), NODE, 'intake',
                                      f'{INTAKE}/ListReports', request)

  def answer(self):
    self.join()
    return self._status


def delivery(dispatch, sender, receiver, title='手工投递的稿', altered=False):
  """A Delivery with a capsule of few words."""
  leaf = wire.message(f1=f'committees/{sender}/reports/2026-900001', f2=1)
  capsule = wire.message(f1=dispatch, f4=sender, f5=receiver, f6=f'committees/{sender}/papers/2026-900001',
                         f8=wire.message(f1=title, f2='手工投递的正文'), f15=leaf, **CAPSULE)
  digest = hashlib.sha256(capsule).digest()
  return wire.message(f1=dispatch, f2=1, f3=digest, f4=capsule.replace('正文'.encode(), '歪文'.encode())
                      if altered else capsule)


def reason_of(answer):
  """The reason of a refusal; empty for a receipt."""
  content = dict(wire.fields(answer))
  return dict(wire.fields(content[2]))[1].decode() if 2 in content else ''


def _every_free_text():
  """(who, words of the client, standard input) with {} for the marked text, for every free text that there is."""
  report, paper = clerks.report('题'), clerks.paper('题')
  to = ['--etag', 'x']
  enter = ['report', 'enter', '-', *clerks.enter_words()]
  for text in (clerks.report('{}'), clerks.report('题', '{}'), clerks.report('题', suggestions='{}'),
               report.replace('【建议】', '【分析】\n{}\n【建议】')):
    yield 'registrar', enter, text
  for reporter in ('name={}:unit=安泰里', 'name=林小满:unit={}', 'name=林小满:unit=安泰里:post={}',
                   'name=林小满:unit=安泰里:phone={}', 'name=林小满:unit=安泰里:address={}'):
    yield 'registrar', ['report', 'enter', '-', *clerks.enter_words(reporter)], report
  yield 'reporter', ['report', 'submit', '-', '--category', 'chengjian', '--not-classified'], clerks.report('{}')
  name = '2026-000001'
  yield 'registrar', ['report', 'return', name, '--defect', '好的', '--defect', '{}', *to], ''
  yield 'registrar', ['report', 'resubmit', name, '-', '--not-classified', *to], clerks.report('题', '{}')
  for option in ('--explanation', '--right-door'):
    yield 'registrar', ['report', 'decline', name, '--reason', 'out-of-scope', option, '{}', *to], ''
  yield 'registrar', ['report', 'shelve', name, '--reason', '{}', *to], ''
  yield 'registrar', ['report', 'close', name, '--reason', '{}'], ''
  yield 'registrar', ['informed', 'record', name, '--how', '{}', '--on', TODAY], ''

  draft = ['paper', 'draft', '-', '--kind', 'work', '--source']
  for text in (clerks.paper('{}'), clerks.paper('题', '{}')):
    yield 'editor', [*draft, 'own:meeting:例会'], text
    yield 'editor', ['paper', 'edit', name, '-', *to], text
    yield 'reviewer', ['paper', 'agree', name, '-', *to], text
  yield 'editor', [*draft, 'own:meeting:{}'], paper
  yield 'editor', ['paper', 'edit', name, '-', '--source', 'own:meeting:{}', *to], paper
  yield 'reviewer', ['paper', 'send-back', name, '--opinion', '{}', *to], ''
  yield 'dispatcher', ['dispatch', 'hand-over', name, '--on', TODAY, '--to', '{}', *to], ''
  yield 'editor', ['arrival', 'dispose', name, '--as', 'kept', '--opinion', '{}', *to], ''

  adoption = ['adoption', 'record', name, '--as', 'adopted', '--on', TODAY]
  instruction = ['instruction', 'record', '--leader', 'p0038', '--on', TODAY, '--kind', 'noted']
  on_paper = [*instruction, '--paper', name]
  word = ['--word-of', '区委办', '--word-on', TODAY]
  for start, who in ((adoption, 'dispatcher'), ([*on_paper, '--text', '阅'], 'recorder')):
    yield who, [*start, '--document', '{}', '--document-number', '1', '--document-date', TODAY], ''
    yield who, [*start, '--document', '区委办', '--document-number', '{}', '--document-date', TODAY], ''
    yield who, [*start, '--word-of', '{}', '--word-on', TODAY], ''
  yield 'recorder', [*on_paper, '--text', '{}', *word], ''
  yield 'recorder', [*on_paper, '--text', '阅', '--releasable', '{}', *word], ''
  yield 'recorder', [*instruction, '--external', 'other', '--title', '{}', '--number', 'a-1', '--date', TODAY, '--text',
                     '阅', *word], ''
  assign = ['task', 'assign', '--instruction', name, '--lead', 'u01', '--deadline', '2026-04-01']
  yield 'recorder', [*assign, '--by', '{}', '--demand', '请办'], ''
  yield 'recorder', [*assign, '--by', '区政府办', '--demand', '{}'], ''
  yield 'handler', ['task', 'reply', name, '--result', 'implemented', '--text', '{}', *to], ''
  yield 'recorder', ['task', 'review', name, '--send-back', '{}', *to], ''


if __name__ == '__main__':
  unittest.main()
