"""What comes in during the year and what the office makes of it: reports, papers, issues."""

import datetime

import offices
from plan import Issue, Paper, Report, Source
from straight import text_of

# Reports on which the city's leaders wrote: each goes to the city alone in its paper.
TITLED = ('001', '002', '003', '004', '005')
# 台江's part of the composite of three counties.
RIVERS = '101'
# Somebody tells it a second time. An instruction speaks of it, so it is in a paper.
_TWICE_TOLD = '032'

_MATERIALS = {'会议': 'meeting', '学习': 'meeting', '视察': 'inspection', '调研': 'research', '提案工作': 'proposal'}


class Desk:
  """Plans all of it when made."""

  def __init__(self, context):
    self._context = context
    self._samples = context.samples
    self._counts = context.counts
    self._rng = context.rng
    self._days = context.days
    self._plan = context.plan
    self._year = context.plan.year
    self._reports = {}  # sample id → Report
    self.papers = {}  # sample id (of a brief with `brief-`) → Paper
    self.issues = {}  # Paper → Issue
    self._write_opinions()
    self._write_briefs()
    self._leave_aside()

  def review(self, paper, signed, **draft):
    """Drafted, put in, reviewed and signed; some go back to the editor once, some are amended on the way."""
    paper.add(self._days[signed - self._rng.randint(1, 2)], 'draft', **draft).add(paper.last, 'put-in')
    way = self._rng.random()
    if way < 0.1:
      opinion = self._rng.choice(self._samples.opinions['review_opinion'])
      paper.add(self._days[signed - 1], 'send-back', opinion=opinion).add(paper.last, 'edit').add(paper.last, 'put-in')
    paper.add(self._days[signed - self._rng.randint(0, 1)], 'agree', **({'amend': True} if way > 0.92 else {}))
    paper.add(self._days[signed], 'sign')

  def receive(self, key, sample, came, office=offices.TAIJIANG, unfinished=False, via=''):
    """Submitted by a reporter who has a certificate and brings it, entered by the clerk for everybody else."""
    submitted = self._is_brought(sample) and not via
    author = sample.reporters[0] if submitted else self._samples.with_role(office, 'registrar')
    report = self._plan.add(Report(f'report-{key}', office, sample, author, submitted))
    details = {'unfinished': unfinished, 'disclosures': self._disclosures(sample)}
    if submitted:
      report.add(self._days[came], 'submit', **details)
    else:
      report.add(self._days[came + self._rng.randint(0, 1)], 'enter', received_on=self._days[came], via=via, **details)
    self._reports[key] = report
    return report

  def _is_brought(self, sample):
    return 'reporter' in self._samples.person(sample.reporters[0]).roles and sample.received_via == '本人'

  def _disclosures(self, sample):
    return {reporter: self._rng.choice(('open', 'sealed')) for reporter in sample.reporters
            if self._rng.random() < 0.2}

  # 社情民意 and 专报.

  def _write_opinions(self):
    groups = self._groups()
    issued, specials = groups[:self._counts.papers], groups[self._counts.papers:]
    days = self._even_days((2, 5), (12, 4), self._counts.opinion_issues)
    stories = self._stories([name for group in groups for name in group])
    before = None
    for number, members in enumerate(_runs(issued, len(days))):
      papers = [self._write(group, days[number] - self._rng.randint(0, 1), 'opinion', offices.OPINIONS, stories)
                for group in members]
      before = self._issue(f'{offices.OPINIONS}-{number + 1}', offices.OPINIONS, papers, days[number], before)
    for group in specials:
      self._write(group, self._rng.randint(days[0], days[-1]), 'special', '', stories)

  def _even_days(self, first, last, count):
    """Numbers of working days at even distances between two dates (month, day)."""
    first, last = (self._days.number(datetime.date(self._year, *date)) for date in (first, last))
    return [first + round(number * (last - first) / (count - 1)) for number in range(count)]

  def _groups(self):
    """Sample reports by paper, in the order in which they are signed; the last ones are 专报."""
    first = [*TITLED, RIVERS]
    wanted = self._spoken_of('reports') - set(first)
    own = [name for name, sample in self._samples.reports.items() if sample.committee == offices.TAIJIANG]
    free = [name for name in own if name not in wanted and name not in first]
    self._rng.shuffle(free)
    merged = [[free.pop() for _ in range(size)]
              for size in [3] * self._counts.triples + [2] * self._counts.pairs]
    singles = [[name] for name in (*first, *sorted(wanted))]
    total = self._counts.papers + self._counts.specials
    singles += [[free.pop()] for _ in range(total - len(merged) - len(singles))]
    self._unused = free
    issued, specials = singles[:-self._counts.specials] + merged, singles[-self._counts.specials:]
    self._rng.shuffle(issued)
    # The rivers come early enough for the composite to have its time.
    issued.insert(len(issued) // 3, issued.pop(issued.index([RIVERS])))
    return issued + specials

  def _spoken_of(self, folder):
    """Samples of the folder on which somebody gives an instruction."""
    abouts = (sample.about.split('/') for sample in self._samples.instructions)
    return {name for kind, name in abouts if kind == folder}

  def _stories(self, names):
    """What else happens to some of the reports before they are used."""
    names = [name for name in names if name not in (*TITLED, RIVERS, _TWICE_TOLD)]
    chosen = self._rng.sample(names, 8)
    return dict(zip(chosen, ['returned'] * 5 + ['shelved', 'kept', 'continues']))

  def _write(self, names, signed, kind, serial, stories):
    reports = [self._hand_in(name, signed, stories.get(name, '')) for name in names]
    samples = [report.sample for report in reports]
    weights = [self._rng.choice((1, 1, 2)) for _ in names] if len(names) > 1 else [1]
    paper = Paper(f'paper-{"-".join(names)}', offices.TAIJIANG, kind, _title(samples), _body(samples),
                  [Source(report=report, weight=weight) for report, weight in zip(reports, weights)], serial,
                  category=offices.CATEGORIES[samples[0].category])
    as_handed_in = len(names) == 1 and self._rng.random() < 0.6
    self.review(paper, signed, as_handed_in=as_handed_in)
    self.papers.update(dict.fromkeys(names, paper))
    return self._plan.add(paper)

  def _hand_in(self, name, signed, story):
    """The report, registered in time for a paper that is signed on the day."""
    came = signed - (self._rng.randint(11, 14) if story else self._rng.randint(4, 12))
    report = self.receive(name, self._samples.reports[name], came, unfinished=story == 'returned')
    if story == 'returned':
      defects = self._rng.sample(self._samples.opinions['return_defect'], self._rng.randint(1, 2))
      report.add(self._days[came + 1], 'return', defects=defects).add(self._days[came + 4], 'resubmit')
    elif story == 'shelved':
      report.add(self._days[came + 1], 'shelve', reason='等有关部门的办法公布后再看')
      report.add(self._days[came + 5], 'take-up')
    elif story == 'continues':
      report.relates = self._earlier(report)
    report.add(self._days[came + self._rng.randint(1, 2)], 'register')
    if story == 'kept':
      report.add(report.last, 'settle', as_='kept', reason='not-ripe').add(self._days[signed - 3], 'reopen')
    return report

  def _earlier(self, report):
    """One that its author may name: clerks see every report, reporters their own."""
    return next((other for other in self._plan.all(Report, report.office)
                 if other.steps[0].on < report.steps[0].on
                 and (not report.submitted or report.author in other.sample.reporters)), None)

  # 政协简报, from own material.

  def _write_briefs(self):
    spoken_of = self._spoken_of('briefs')
    others = [name for name in self._samples.briefs if name not in spoken_of]
    names = sorted([*spoken_of, *self._rng.sample(others, self._counts.briefs - len(spoken_of))])
    if self._context.shuffled:
      self._rng.shuffle(names)
    units = self._context.offices[offices.TAIJIANG].units
    before = None
    for number, (name, day) in enumerate(zip(names, self._even_days((1, 12), (12, 9), len(names))), start=1):
      brief = self._samples.briefs[name]
      own = (_MATERIALS[brief.material], brief.title, units[brief.unit])
      paper = self._plan.add(Paper(f'brief-{name}', offices.TAIJIANG, 'work', brief.title, brief.body,
                                   [Source(own=own)], offices.BRIEFS))
      self.review(paper, day)
      self.papers[f'brief-{name}'] = paper
      before = self._issue(f'{offices.BRIEFS}-{number}', offices.BRIEFS, [paper], day, before)

  def _issue(self, key, serial, papers, day, before):
    issue = self._plan.add(Issue(key, offices.TAIJIANG, serial, papers, before))
    issue.add(max([self._days[day], *(paper.last for paper in papers)]), 'publish')
    self.issues.update(dict.fromkeys(papers, issue))
    return issue

  # What comes to nothing, each in its own way.

  def _leave_aside(self):
    reasons = self._samples.opinions['decline_reason']
    report, came = self._unused_one()
    report.add(self._days[came + 2], 'decline', reason='copied', explanation=reasons[2],
               door='另写本人了解的情况,仍交区政协')
    report, came = self._unused_one()
    report.add(self._days[came + 2], 'decline', reason='out-of-scope', explanation=reasons[3], door='区信访局')
    report, came = self._unused_one()
    report.add(self._days[came + 2], 'shelve', reason='情况还在变化,先留存')
    report, came = self._unused_one(brought=True)
    report.add(self._days[came + 1], 'withdraw')
    for settled, reason in (('kept', 'not-ripe'), ('declined', 'already-covered'), ('', ''), ('', '')):
      report, came = self._unused_one()
      report.add(self._days[came + 1], 'register')
      if settled:
        report.add(self._days[came + 6], 'settle', as_=settled, reason=reason)
      if settled == 'declined':
        report.add(self._days[came + 8], 'close', reason='同类情况已经反映,不再单独报送')
    known = self._reports[_TWICE_TOLD]
    came = self._days.number(known.last) + 5
    again = self.receive('again', known.sample, came, via='电话')
    again.duplicate_of = known
    again.add(self._days[came + 2], 'decline')

  def _unused_one(self, brought=False):
    """(a report that is in no paper, the number of the day on which it came)."""
    name = next(name for name in self._unused if not brought or self._is_brought(self._samples.reports[name]))
    self._unused.remove(name)
    came = self._rng.randint(10, self._days.last - 40)
    return self.receive(name, self._samples.reports[name], came), came


def _runs(things, count):
  """The things in `count` runs of nearly equal length, in order."""
  return [things[len(things) * number // count:len(things) * (number + 1) // count] for number in range(count)]


def _title(samples):
  return samples[0].title if len(samples) == 1 else f'{samples[0].title}(综合{len(samples)}篇来稿)'


def _body(samples):
  if len(samples) == 1:
    return text_of(samples[0])
  return '\n'.join(f'({number}){sample.title}\n{text_of(sample)}' for number, sample in enumerate(samples, start=1))
