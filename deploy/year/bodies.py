"""A body above at work: what arrives is acknowledged, and on certain days is decided upon."""

import offices
from plan import Dispatch, Issue, Paper, Source

_OPINIONS = {'not-adopted': 'not_adopted_reason', 'sent-back': 'sent_back_defect',
             'supplement-requested': 'supplement_request'}

# Limits of a paper.
_TITLE, _BODY = 100, 5000


class Body:
  """Collects what it will use; work_off makes papers and issues of it."""

  def __init__(self, office, context, sessions):
    """`sessions`: numbers of the working days on which it decides."""
    self._office = office
    self._context = context
    self._rng = context.rng
    self._days = context.days
    last = context.days.last - 3
    self._sessions = [*(number for number in sessions if number < last), last]
    self._groups = {}  # session → groups of dispatches, each for one paper of its own
    self._signed = {}  # session → papers that were signed for an issue already
    self.papers = []

  def take(self, dispatch, fate):
    """It is acknowledged, and used or not; some of what is used has to wait for it."""
    session = self._acknowledge(dispatch)
    if fate == 'no-word':
      return
    if fate != 'adopted':
      self._dispose(dispatch, session, fate)
      return
    if self._rng.random() < 0.08:
      self._dispose(dispatch, session, self._rng.choice(('kept', 'supplement-requested')))
      session = self._next(session + 1)
    self._groups.setdefault(session, []).append([dispatch])

  def take_together(self, dispatches):
    """All are used in one paper."""
    session = max(self._acknowledge(dispatch) for dispatch in dispatches)
    self._groups.setdefault(session, []).append(list(dispatches))

  def relay(self, dispatches, channel, title, issued):
    """All are used in one paper, which goes on to the next level. Answers the dispatch."""
    session = max(self._acknowledge(dispatch) for dispatch in dispatches)
    paper = self._write(dispatches, session, issued, title, [channel.id])
    if issued:
      self._signed.setdefault(session, []).append(paper)
    dispatch = Dispatch(f'{paper.key}-to-{channel.id}', self._office, paper, channel)
    return self._context.plan.add(dispatch).add(self._days[session], 'send')

  def work_off(self):
    before = {}
    for session in sorted({*self._groups, *self._signed}):
      groups = self._merged(self._groups.get(session, []))
      papers = [*self._signed.get(session, ()), *(self._write(group, session, issued=True) for group in groups)]
      for serial in offices.SERIALS:
        chosen = [paper for paper in papers if paper.serial == serial]
        if chosen:
          issue = Issue(f'{self._office}-{serial}-{session}', self._office, serial, chosen, before.get(serial))
          before[serial] = self._context.plan.add(issue).add(self._days[session], 'publish')

  def _merged(self, groups):
    """Here and there two that came alone become one paper."""
    made = []
    for group in groups:
      fits = made and len(made[-1]) == len(group) == 1 and made[-1][0].paper.kind == group[0].paper.kind
      if fits and self._rng.random() < 0.2:
        made[-1] = [*made[-1], *group]
      else:
        made.append(group)
    return made

  def _acknowledge(self, dispatch):
    """The session that decides about it."""
    dispatch.add(self._days.after(dispatch.last, self._rng.randint(0, 2)), 'acknowledge')
    return self._next(self._days.number(dispatch.last))

  def _next(self, number):
    return next((session for session in self._sessions if session >= number), self._days.last - 1)

  def _dispose(self, dispatch, session, fate):
    texts = self._context.samples.opinions.get(_OPINIONS.get(fate))
    dispatch.add(self._days[session], 'dispose', as_=fate, opinion=self._rng.choice(texts) if texts else '')

  def _write(self, dispatches, session, issued, title='', channels=()):
    kind = 'work' if dispatches[0].paper.kind == 'work' else 'opinion'
    serial = offices.BRIEFS if kind == 'work' else offices.OPINIONS
    title = title or f'下级反映:{dispatches[0].paper.title}'
    body = '\n'.join(dict.fromkeys(dispatch.paper.body for dispatch in dispatches))
    paper = Paper(f'{self._office}-{len(self.papers) + 1}', self._office, kind, title[:_TITLE], body[:_BODY],
                  [Source(arrival=dispatch) for dispatch in dispatches], serial if issued else '', list(channels))
    for verb in ('draft', 'put-in', 'agree', 'sign'):
      paper.add(self._days[session], verb)
    self.papers.append(paper)
    return self._context.plan.add(paper)
