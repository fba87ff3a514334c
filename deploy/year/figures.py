"""The figures of one office's year, from the plan alone; and how all three countings are compared."""

import offices
from plan import Dispatch, Instruction, Issue, Paper

# In the order in which they are printed.
KEYS = ('sent', 'adopted', 'adoption_rate', 'issues', 'instructions', 'papers_sent', 'papers_adopted',
        'adoptions_above', 'dispositions', 'instructed_items', 'instructions_above')

DISPOSITIONS = ('adopted', 'kept', 'not_adopted', 'sent_back', 'recalled', 'no_word')


def figures(**counts):
  """The figures with everything that nobody counted as 0, in order, and the rate."""
  made = {**counts, 'adoption_rate': rate(counts['adopted'], counts['sent'])}
  made['issues'] = {title: made['issues'].get(serial, 0) for serial, title in offices.SERIALS.items()}
  made['dispositions'] = {name: made['dispositions'].get(name, 0) for name in DISPOSITIONS}
  return {key: made[key] for key in KEYS}


def rate(part, whole):
  """Percent with one decimal, half up."""
  if not whole:
    return ''
  tenths = (2000 * part + whole) // (2 * whole)
  return f'{tenths // 10}.{tenths % 10}%'


def planned(plan):
  folded = _Fold(plan)
  sent = folded.sent()
  fates = [(dispatch, folded.disposition(dispatch)) for dispatch in sent]
  adopted = [dispatch for dispatch, fate in fates if fate == 'adopted']
  dispositions = {}
  for _, fate in fates:
    dispositions[fate] = dispositions.get(fate, 0) + 1
  issues = {}
  for issue in plan.all(Issue, plan.office):
    issues[issue.serial] = issues.get(issue.serial, 0) + 1
  own = [instruction for instruction in plan.all(Instruction, plan.office) if counts(instruction)]
  return figures(
    sent=len(sent), adopted=len(adopted), issues=issues, instructions=len(own),
    papers_sent=len({dispatch.paper for dispatch in sent}),
    papers_adopted=len({dispatch.paper for dispatch in adopted}),
    adoptions_above=len(folded.adoptions_above()), dispositions=dispositions,
    instructed_items=len({instruction.about for instruction in own}),
    instructions_above=len(folded.instructions_above()))


def counts(instruction):
  return instruction.sample.kind != 'circulated'


def handed_over(dispatch):
  """It left, in whatever way, and is one of those that count."""
  if dispatch.copy or dispatch.step('cancel'):
    return False
  return bool(dispatch.channel.body or dispatch.step('hand-over'))


class _Fold:
  """What follows from the plan's steps, for the plan's office."""

  def __init__(self, plan):
    self._plan = plan
    self._issues = {}  # paper → issues
    self._dispatches = {}  # paper → dispatches
    self._papers = {}  # dispatch → papers of the receiver that have it among their sources
    for issue in plan.all(Issue):
      for paper in issue.papers:
        self._issues.setdefault(paper, []).append(issue)
    for dispatch in plan.all(Dispatch):
      self._dispatches.setdefault(dispatch.paper, []).append(dispatch)
    for paper in plan.all(Paper):
      for dispatch in dict.fromkeys(paper.arrivals()):
        self._papers.setdefault(dispatch, []).append(paper)

  def sent(self):
    return [dispatch for dispatch in self._plan.all(Dispatch, self._plan.office) if handed_over(dispatch)]

  def disposition(self, dispatch):
    """By the channel addressed: an adoption, else the latest word, else none."""
    words = [step['as_'] for step in dispatch.steps if step.verb in ('dispose', 'record')]
    if self._uses(dispatch) or 'adopted' in words:
      return 'adopted'
    words = [word for word in words if word != 'supplement-requested']
    return words[-1].replace('-', '_') if words else 'no_word'

  def _uses(self, dispatch):
    """How the body addressed used it: issues, and dispatches further up."""
    return [use for paper in self._papers.get(dispatch, ())
            for use in [*self._issues.get(paper, ()), *self._relays(paper)]]

  def _relays(self, paper):
    return [dispatch for dispatch in self._dispatches.get(paper, ())
            if dispatch.channel.upward and handed_over(dispatch)]

  def adoptions_above(self):
    """(body, use, original): once by however many ways, and not if it also came there directly."""
    directly, relayed = set(), set()
    for dispatch in self.sent():
      originals = dispatch.paper.own_reports() or [dispatch.paper]
      for original in originals:
        directly.update((dispatch.channel.body, use, original) for use in self._uses(dispatch))
        relayed.update((body, use, original) for body, use in self._above(dispatch))
    return relayed - directly

  def _above(self, dispatch):
    for paper in self._papers.get(dispatch, ()):
      for further in self._relays(paper):
        yield from ((further.channel.body, use) for use in self._uses(further))
        yield from self._above(further)

  def instructions_above(self):
    """Those of bodies above that concern one of the office's dispatches and were not held back."""
    return [instruction for instruction in self._plan.all(Instruction)
            if instruction.office != self._plan.office and counts(instruction)
            and (not instruction.step('record').details.get('hold') or instruction.step('release'))
            and any(self._reaches_down(paper) for paper in self._papers_of(instruction.about))]

  def _papers_of(self, about):
    if isinstance(about, Issue):
      return about.papers
    if isinstance(about, Dispatch):
      return [about.paper]
    return [about] if isinstance(about, Paper) else []

  def _reaches_down(self, paper):
    return any(dispatch.office == self._plan.office or self._reaches_down(dispatch.paper)
               for dispatch in paper.arrivals())
