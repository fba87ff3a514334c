"""Plays a plan: every step is a command of the client, given by the person whose work it is."""

import pathlib
import tempfile
import threading

import offices
from plan import Dispatch, Issue, Paper
from sync import Sync, spelled


class Player:
  """Knows what the services called everything so far. Safe from several threads."""

  def __init__(self, client, samples, all_offices, deliveries):
    self._client = client
    self._samples = samples
    self._offices = all_offices
    self._deliveries = deliveries
    self._folder = tempfile.TemporaryDirectory()
    self._lock = threading.Lock()
    self._editors = {}
    self.names = {}  # thing → resource name
    self.arrivals = {}  # dispatch → name of the arrival
    self.sync = Sync(client, {office: self.who(office, 'registrar') for office in all_offices})

  def perform(self, act):
    """One step."""
    method = f'_{type(act.thing).__name__.lower()}_{act.step.verb.replace("-", "_")}'
    getattr(self, method)(act.thing, act.step)

  def who(self, office, role):
    return self._samples.with_role(office, role)

  def run(self, office, role, *words):
    """A read by somebody with the role."""
    return self._client.run(office, self.who(office, role), *words)

  def short(self, thing):
    """The name as people type it."""
    return self.names[thing].rsplit('/', 1)[1]

  # One place for all mutations: the answer's position is remembered for reads and followers.

  def _do(self, thing, service, person, *words):
    answer = self._client.run(thing.office, person, *words)
    self.sync.wrote(thing.office, service, answer['position'])
    return answer

  def _intake(self, report, person, *words):
    return self._do(report, 'intake', person, 'report', *words)

  def _routing(self, thing, role, *words):
    return self._do(thing, 'routing', self.who(thing.office, role), *words)

  def _feedback(self, thing, person, *words):
    self.sync.feedback_follows(thing.office)
    return self._do(thing, 'feedback', person, *words)

  def _file(self, text):
    """A file with the text, which stays for as long as this player."""
    with self._lock:
      file = tempfile.NamedTemporaryFile('w', encoding='utf-8', suffix='.txt', dir=self._folder.name, delete=False)
    with file:
      file.write(text)
    return pathlib.Path(file.name)

  # Reports.

  def _report_words(self, report, step):
    sample = report.sample
    file = sample.file
    if step.details.get('unfinished'):
      file = self._file(_unfinished(sample))
    words = [file, '--category', offices.CATEGORIES[sample.category], '--urgency', sample.urgency,
             '--not-classified']
    disclosures = step.details.get('disclosures', {})
    for reporter in sample.reporters:
      disclosure = disclosures.get(reporter)
      words += ['--reporter', reporter + (f':disclosure={disclosure}' if disclosure else '')]
    if report.relates:
      words += ['--relates', f'continues:{self.short(report.relates)}:number=1']
    return words

  def _report_submit(self, report, step):
    answer = self._intake(report, report.author, 'submit', *self._report_words(report, step))
    self.names[report] = answer['name']

  def _report_enter(self, report, step):
    answer = self._intake(report, report.author, 'enter', *self._report_words(report, step),
                          '--received-on', step['received_on'],
                          '--via', step['via'] or report.sample.received_via)
    self.names[report] = answer['name']

  def _registrar_does(self, report, *words):
    return self._intake(report, self.who(report.office, 'registrar'), words[0], self.short(report), *words[1:])

  def _report_register(self, report, _):
    answer = self._registrar_does(report, 'register')
    # The desk has it when routing has heard of it.
    self._client.run(report.office, self._editor(report), 'desk', 'show', self.short(report),
                     '--min-position', spelled(answer['position']))

  def _report_return(self, report, step):
    self._registrar_does(report, 'return', *(word for defect in step['defects'] for word in ('--defect', defect)))

  def _report_resubmit(self, report, _):
    self._intake(report, report.author, 'resubmit', self.short(report), report.sample.file, '--not-classified')

  def _report_decline(self, report, step):
    if report.duplicate_of:
      self._registrar_does(report, 'decline', '--reason', 'duplicate', '--duplicate-of',
                           self.short(report.duplicate_of))
    else:
      self._registrar_does(report, 'decline', '--reason', step['reason'], '--explanation', step['explanation'],
                           '--right-door', step['door'])

  def _report_shelve(self, report, step):
    self._registrar_does(report, 'shelve', '--reason', step['reason'])

  def _report_take_up(self, report, _):
    self._registrar_does(report, 'take-up')

  def _report_withdraw(self, report, _):
    self._intake(report, report.author, 'withdraw', self.short(report))

  def _report_close(self, report, step):
    self._feedback(report, self.who(report.office, 'registrar'), 'report', 'close', self.short(report), '--reason',
                   step['reason'])

  # The desk: an item has its report's number.

  def _report_settle(self, report, step):
    self._routing(report, 'editor', 'desk', 'settle', self.short(report), '--as', step['as_'], '--reason',
                  step['reason'])

  def _report_reopen(self, report, _):
    self._routing(report, 'editor', 'desk', 'reopen', self.short(report))

  # Papers.

  def _editor(self, thing):
    """Editors of an office take turns."""
    with self._lock:
      if thing not in self._editors:
        editors = [person.id for person in self._samples.persons_of(thing.office) if 'editor' in person.roles]
        self._editors[thing] = editors[len(self._editors) % len(editors)]
      return self._editors[thing]

  def _paper_does(self, paper, role, verb, *words):
    person = self._editor(paper) if role == 'editor' else self.who(paper.office, role)
    return self._do(paper, 'routing', person, 'paper', verb, self.short(paper), *words)

  def _paper_draft(self, paper, step):
    words = ['paper', 'draft', '--kind', paper.kind]
    if step.details.get('as_handed_in'):
      words += ['--from-desk', self.short(paper.sources[0].report)]
    else:
      words.append(self._file(_paper_file(paper)))
      for source in paper.sources:
        words += ['--source', self._source(source)]
      if paper.category:
        words += ['--category', paper.category]
    self.names[paper] = self._do(paper, 'routing', self._editor(paper), *words)['name']

  def _source(self, source):
    weight = f':weight={source.weight}' if source.weight > 1 else ''
    if source.own:
      kind, title, unit = source.own
      title = title.replace(':', '\\:')
      return f'own:{kind}:{title}:unit={unit}{weight}'
    if source.report:
      return f'deskitem:{self.short(source.report)}{weight}'
    if source.arrival:
      return f'arrival:{self.arrivals[source.arrival].rsplit("/", 1)[1]}{weight}'
    return f'paper:{self.short(source.paper)}{weight}'

  def _paper_put_in(self, paper, _):
    self._paper_does(paper, 'editor', 'put-in')

  def _paper_send_back(self, paper, step):
    self._paper_does(paper, 'reviewer', 'send-back', '--opinion', step['opinion'])

  def _paper_edit(self, paper, _):
    self._paper_does(paper, 'editor', 'edit', self._file(_paper_file(paper)))

  def _paper_agree(self, paper, step):
    amended = [self._file(_paper_file(paper))] if step.details.get('amend') else []
    self._paper_does(paper, 'reviewer', 'agree', *amended)

  def _paper_sign(self, paper, _):
    words = [word for channel in paper.channels for word in ('--channel', channel)]
    if paper.serial:
      words += ['--serial', paper.serial]
    self._paper_does(paper, 'signer', 'sign', *words)

  def _issue_publish(self, issue, step):
    words = [word for paper in issue.papers for word in ('--paper', self.short(paper))]
    answer = self._routing(issue, 'dispatcher', 'issue', 'publish', '--serial', issue.serial, *words,
                           '--issued-on', step.on)
    self.names[issue] = answer['name']

  # Dispatches, and the arrivals that they become.

  def _dispatch_send(self, dispatch, _):
    answer = self._routing(dispatch, 'dispatcher', 'dispatch', 'send', self.short(dispatch.paper), '--channel',
                           dispatch.channel.id, *(['--copy'] if dispatch.copy else []))
    self.names[dispatch] = answer['name']
    if dispatch.channel.body:
      receipt, record = self._deliveries.await_answer(answer['name'])
      self.arrivals[dispatch] = receipt['arrival']
      self.sync.wrote(dispatch.channel.body, 'routing', receipt['position'])
      self.sync.wrote(dispatch.office, 'routing', {**answer['position'], 'position': record})

  def _dispatch_hand_over(self, dispatch, step):
    self._routing(dispatch, 'dispatcher', 'dispatch', 'hand-over', self.short(dispatch), '--on', step.on,
                  '--to', step['to'], '--copies', step['copies'])

  def _dispatch_cancel(self, dispatch, _):
    self._routing(dispatch, 'dispatcher', 'dispatch', 'cancel', self.short(dispatch))

  def _above(self, dispatch, role, *words):
    body = dispatch.channel.body
    answer = self._client.run(body, self.who(body, role), 'arrival', words[0],
                              self.arrivals[dispatch].rsplit('/', 1)[1], *words[1:])
    self.sync.wrote(body, 'routing', answer['position'])

  def _dispatch_acknowledge(self, dispatch, _):
    self._above(dispatch, 'dispatcher', 'acknowledge')

  def _dispatch_dispose(self, dispatch, step):
    opinion = ['--opinion', step['opinion']] if step['opinion'] else []
    self._above(dispatch, 'editor', 'dispose', '--as', step['as_'], *opinion)

  def _dispatch_record(self, dispatch, step):
    form = ['--form', step['form']] if step.details.get('form') else []
    self._feedback(dispatch, self.who(dispatch.office, 'dispatcher'), 'adoption', 'record', self.short(dispatch),
                   '--as', step['as_'], '--on', step.on, *form, *_evidence(step['evidence']))

  # Instructions, tasks, and telling the reporters.

  def _instruction_record(self, instruction, step):
    sample, about = instruction.sample, instruction.about
    words = ['--leader', instruction.leader, '--kind', sample.kind, '--on', step.on]
    for kind, option in ((Paper, '--paper'), (Issue, '--issue'), (Dispatch, '--dispatch')):
      if isinstance(about, kind):
        words += [option, self.short(about)]
    if '--paper' not in words and '--issue' not in words and '--dispatch' not in words:
      words += ['--external', about.kind, '--title', about.title, '--number', step['number'], '--date', about.date]
    words += ['--text', sample.wording]
    if sample.releasable:
      words += ['--releasable', sample.releasable]
    if step['hold']:
      words.append('--hold')
    answer = self._feedback(instruction, self.who(instruction.office, 'recorder'), 'instruction', 'record',
                            *words, *_evidence(step['evidence']))
    self.names[instruction] = answer['name']

  def _instruction_release(self, instruction, _):
    self._feedback(instruction, self.who(instruction.office, 'recorder'), 'instruction', 'release',
                   self.short(instruction))

  def _recorder_does(self, task, *words):
    return self._feedback(task, self.who(task.office, 'recorder'), 'task', *words)

  def _task_assign(self, task, step):
    helpers = [word for unit in task.helpers for word in ('--with', unit)]
    answer = self._recorder_does(task, 'assign', '--instruction', self.short(task.instruction), '--lead', task.lead,
                                 *helpers, '--deadline', step['deadline'], '--by', step['by'],
                                 '--demand', step['demand'])
    self.names[task] = answer['name']

  def _task_reply(self, task, step):
    self._feedback(task, task.handler, 'task', 'reply', self.short(task), '--result', step['result'],
                   '--text', step['text'])

  def _task_send_back(self, task, step):
    self._recorder_does(task, 'review', self.short(task), '--send-back', step['opinion'])

  def _task_accept(self, task, _):
    self._recorder_does(task, 'review', self.short(task), '--accept')

  def _task_close(self, task, _):
    self._recorder_does(task, 'close', self.short(task))

  def _informing_inform(self, informing, step):
    self._feedback(informing, self.who(informing.office, 'registrar'), 'informed', 'record',
                   self.short(informing.report), '--how', step['how'], '--on', step.on)

  def _informing_read(self, informing, _):
    """The reporter looks, and so knows."""
    self.sync.feedback_follows(informing.office)
    self._client.run(informing.office, informing.report.author, 'timeline', self.short(informing.report), '--confirm')


def _evidence(evidence):
  """(body, number, date) of a document, or (whom, on) of somebody's word."""
  names = ('--document', '--document-number', '--document-date') if len(evidence) == 3 else ('--word-of', '--word-on')
  return [word for pair in zip(names, evidence) for word in pair]


def _paper_file(paper):
  return f'{paper.title}\n【正文】\n{paper.body}\n'


def _unfinished(sample):
  """A report as somebody hands it in too early: what is the matter, and hardly what to do."""
  parts = dict(sample.parts)
  parts['【建议】'] = parts['【建议】'].split('\n')[0][:20]
  parts.pop('【分析】', None)
  return '\n'.join([sample.title, *(f'{label}\n{text}' for label, text in parts.items())]) + '\n'
