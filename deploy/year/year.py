"""Plans a year of Taijiang's office: who hands in what and when, and everything that comes of it.

A pure function of the seed. Without one it is the year of the published annual summary: 22 issues of 社情民意 and 49
of 政协简报, 167 dispatches over four channels, 149 of them adopted, 17 instructions by the district's leaders. The
split by channel and object is ours.
"""

import dataclasses
import random
import re

import bodies
import dates
import offices
import tasks
from plan import Dispatch, Informing, Instruction, Issue, Paper, Plan, Report, Source
from straight import text_of

YEAR = 2009
_HOLIDAYS = (((1, 24), (2, 1)), ((10, 1), (10, 8)))
_SEED = 2009

# Reports on which the city's leaders wrote: each goes to the city alone in its paper.
_TITLED = ('001', '002', '003', '004', '005')
# 台江's part of the composite of three counties, and the neighbours' parts.
_RIVERS = '101'
_NEIGHBOURS = {offices.GULOU: '102', offices.CANGSHAN: '103'}
# Reports that may be somebody else's second telling; they are spoken of by an instruction, so they are in a paper.
_TWICE_TOLD = '032'

_MATERIALS = {'会议': 'meeting', '学习': 'meeting', '视察': 'inspection', '调研': 'research', '提案工作': 'proposal'}
_HANDED_TO = {'shiweiban': '市委办信息科', 'kuaixun': '《臺江快訊》编辑部'}


@dataclasses.dataclass(frozen=True)
class Counts:
  """How much there is of everything."""
  opinion_issues: int  # 期
  papers: int  # 社情民意 that are issued
  specials: int  # 专报: signed and sent, not issued
  briefs: int  # 政协简报, one paper an issue
  sent: int  # 条次
  kept: int
  not_adopted: int
  sent_back: int
  no_word: int
  pairs: int  # papers made of two reports
  triples: int  # papers made of three
  relays: int  # papers that the city passes on to the province


SUMMARY = Counts(opinion_issues=22, papers=48, specials=4, briefs=49, sent=167, kept=6, not_adopted=6, sent_back=2,
                 no_word=4, pairs=8, triples=4, relays=6)


def plan(samples, all_offices, seed=None):
  rng = random.Random(_SEED if seed is None else seed)
  return _Year(samples, all_offices, rng, SUMMARY if seed is None else _varied(rng), seed is not None).plan()


def _varied(rng):
  issues = rng.randint(12, 20)
  papers = issues + rng.randint(12, 22)
  specials, briefs = rng.randint(2, 5), rng.randint(42, 48)
  return Counts(opinion_issues=issues, papers=papers, specials=specials, briefs=briefs,
                sent=papers + specials + rng.randint(40, 100), kept=rng.randint(2, 9), not_adopted=rng.randint(2, 9),
                sent_back=rng.randint(1, 4), no_word=rng.randint(1, 6), pairs=rng.randint(3, 7),
                triples=rng.randint(1, 4), relays=rng.randint(3, 7))


class _Year:

  def __init__(self, samples, all_offices, rng, counts, shuffled):
    self._samples = samples
    self._offices = all_offices
    self._rng = rng
    self._counts = counts
    self._shuffled = shuffled
    self._days = dates.Workdays(YEAR, _HOLIDAYS)
    self._plan = Plan(YEAR, offices.TAIJIANG)
    self._office = all_offices[offices.TAIJIANG]
    self._registrar = samples.with_role(offices.TAIJIANG, 'registrar')
    self._papers = {}  # sample id → Paper
    self._reports = {}  # sample id → Report
    self._issues = {}  # Paper → Issue

  def plan(self):
    self._write_opinions()
    self._write_briefs()
    self._leave_aside()
    dispatches = self._send()
    self._hear_back(dispatches)
    self._instruct()
    self._inform()
    return self._plan

  # What comes in and is made into papers.

  def _write_opinions(self):
    groups = self._groups()
    issued = groups[:self._counts.papers]
    # Issues at even distances from February to the first days of December.
    first, last = self._days.number(_day(2, 5)), self._days.number(_day(12, 4))
    count = self._counts.opinion_issues
    issue_days = [first + round(number * (last - first) / max(1, count - 1)) for number in range(count)]
    stories = self._stories([sample for group in groups for sample in group])
    before = None
    for number, members in enumerate(_shares(issued, count)):
      papers = [self._write(group, issue_days[number] - self._rng.randint(0, 1), 'opinion', offices.OPINIONS, stories)
                for group in members]
      before = self._issue(f'sqmy-{number + 1}', offices.OPINIONS, papers, issue_days[number], before)
    for group in groups[self._counts.papers:]:
      self._write(group, self._rng.randint(first, last), 'special', '', stories)

  def _groups(self):
    """Sample reports by paper, in the order in which they are signed; the last ones are 专报."""
    wanted = {sample.about.split('/')[1] for sample in self._samples.instructions
              if sample.about.startswith('reports/')} | {_RIVERS, *_TITLED}
    own = [name for name, sample in self._samples.reports.items() if sample.committee == offices.TAIJIANG]
    free = self._rng.sample([name for name in own if name not in wanted], len(own) - len(wanted))
    sizes = [3] * self._counts.triples + [2] * self._counts.pairs
    merged = [[free.pop() for _ in range(size)] for size in sizes]
    total = self._counts.papers + self._counts.specials
    singles = [[name] for name in sorted(wanted)] + [[free.pop()] for _ in range(total - len(merged) - len(wanted))]
    self._unused = free
    specials = singles[-self._counts.specials:]
    issued = singles[:-self._counts.specials] + merged
    self._rng.shuffle(issued)
    # The rivers come first half of the year, so that the composite has its time.
    river = issued.index([_RIVERS])
    issued.insert(len(issued) // 3, issued.pop(river))
    return issued + specials

  def _stories(self, names):
    """What else happens to some of the reports before they are used."""
    names = [name for name in names if name not in (*_TITLED, _RIVERS, _TWICE_TOLD)]
    chosen = iter(self._rng.sample(names, 8))
    stories = {next(chosen): 'returned' for _ in range(5)}
    return {**stories, next(chosen): 'shelved', next(chosen): 'kept', next(chosen): 'continues'}

  def _write(self, names, signed, kind, serial, stories):
    reports = [self._hand_in(name, signed, stories.get(name, '')) for name in names]
    samples = [self._samples.reports[name] for name in names]
    paper = Paper(f'paper-{"-".join(names)}', offices.TAIJIANG, kind, _title(samples), _body(samples),
                  [Source(report=report, weight=self._rng.choice((1, 1, 2)) if len(names) > 1 else 1)
                   for report in reports], serial, category=offices.CATEGORIES[samples[0].category])
    as_handed_in = len(names) == 1 and self._rng.random() < 0.6
    self._review(paper, signed, {'as_handed_in': True} if as_handed_in else {})
    for name in names:
      self._papers[name] = paper
    return self._plan.add(paper)

  def _review(self, paper, signed, draft):
    """Drafted, put in, reviewed and signed; some go back to the editor once, some are amended on the way."""
    paper.add(self._days[signed - self._rng.randint(1, 2)], 'draft', **draft).add(paper.last, 'put-in')
    way = self._rng.random()
    if way < 0.1:
      opinion = self._rng.choice(self._samples.opinions['review_opinion'])
      paper.add(self._days[signed - 1], 'send-back', opinion=opinion).add(paper.last, 'edit').add(paper.last, 'put-in')
    paper.add(self._days[signed - self._rng.randint(0, 1)], 'agree', **({'amend': True} if way > 0.92 else {}))
    paper.add(self._days[signed], 'sign')

  def _hand_in(self, name, signed, story):
    """The report, registered in time for a paper that is signed on the day."""
    sample = self._samples.reports[name]
    came = signed - self._rng.randint(11, 14) if story else signed - self._rng.randint(4, 12)
    report = self._receive(name, sample, came, unfinished=story == 'returned')
    if story == 'returned':
      defects = self._rng.sample(self._samples.opinions['return_defect'], self._rng.randint(1, 2))
      report.add(self._days[came + 1], 'return', defects=defects).add(self._days[came + 4], 'resubmit')
    elif story == 'shelved':
      report.add(self._days[came + 1], 'shelve', reason='等有关部门的办法公布后再看').add(self._days[came + 5], 'take-up')
    elif story == 'continues':
      report.relates = next(other for other in self._plan.all(Report, offices.TAIJIANG)
                            if other is not report and other.steps[0].on < report.steps[0].on
                            and self._may_see(report, other))
    report.add(self._days[came + self._rng.randint(1, 2)], 'register')
    if story == 'kept':
      report.add(report.last, 'settle', as_='kept', reason='not-ripe').add(self._days[signed - 3], 'reopen')
    return report

  def _may_see(self, report, other):
    """Clerks see every report, reporters their own."""
    return not report.submitted or report.author in other.sample.reporters

  def _receive(self, key, sample, came, unfinished=False, office=offices.TAIJIANG, via=None):
    """Submitted by a reporter who has a certificate and brings it, entered by the clerk for everybody else."""
    first = self._samples.person(sample.reporters[0])
    submitted = 'reporter' in first.roles and sample.received_via == '本人' and not via
    author = first.id if submitted else self._samples.with_role(office, 'registrar')
    report = self._plan.add(Report(f'report-{key}', office, sample, author, submitted))
    details = {'unfinished': unfinished, 'disclosures': self._disclosures(sample)}
    if submitted:
      report.add(self._days[came], 'submit', **details)
    else:
      entered = self._days[came + self._rng.randint(0, 1)]
      report.add(entered, 'enter', received_on=self._days[came], **details, **({'via': via} if via else {}))
    self._reports[key] = report
    return report

  def _disclosures(self, sample):
    return {reporter: self._rng.choice(('open', 'sealed')) for reporter in sample.reporters
            if self._rng.random() < 0.2}

  def _write_briefs(self):
    spoken_of = {sample.about.split('/')[1] for sample in self._samples.instructions
                 if sample.about.startswith('briefs/')}
    others = [name for name in self._samples.briefs if name not in spoken_of]
    names = sorted([*spoken_of, *self._rng.sample(others, self._counts.briefs - len(spoken_of))])
    if self._shuffled:
      self._rng.shuffle(names)
    first, last = self._days.number(_day(1, 12)), self._days.number(_day(12, 9))
    before = None
    for number, name in enumerate(names):
      brief = self._samples.briefs[name]
      day = first + round(number * (last - first) / (len(names) - 1))
      own = (_MATERIALS[brief.material], brief.title, self._office.units[brief.unit])
      paper = self._plan.add(Paper(f'brief-{name}', offices.TAIJIANG, 'work', brief.title, brief.body,
                                   [Source(own=own)], offices.BRIEFS))
      self._review(paper, day, {})
      self._papers[f'brief-{name}'] = paper
      before = self._issue(f'zxjb-{number + 1}', offices.BRIEFS, [paper], day, before)

  def _issue(self, key, serial, papers, day, before):
    issue = self._plan.add(Issue(key, offices.TAIJIANG, serial, papers, before))
    issue.add(max([self._days[day], *(paper.last for paper in papers)]), 'publish')
    self._issues.update(dict.fromkeys(papers, issue))
    return issue

  def _leave_aside(self):
    """Reports that come to nothing, each in its own way."""
    names = iter(self._unused)
    copied, petition, *_ = [self._samples.opinions['decline_reason'][row] for row in (2, 3)]

    def next_one(submitted=None):
      name = next(name for name in names if submitted is None or self._is_brought(name) == submitted)
      came = self._rng.randint(10, self._days.last - 40)
      return self._receive(name, self._samples.reports[name], came), came

    report, came = next_one()
    report.add(self._days[came + 2], 'decline', reason='copied', explanation=copied, door='另写本人了解的情况,仍交区政协')
    report, came = next_one()
    report.add(self._days[came + 2], 'decline', reason='out-of-scope', explanation=petition, door='区信访局')
    report, came = next_one()
    report.add(self._days[came + 2], 'shelve', reason='情况还在变化,先留存')
    report, came = next_one(submitted=True)
    report.add(self._days[came + 1], 'withdraw')
    for settled, reason in (('kept', 'not-ripe'), ('declined', 'already-covered'), ('', ''), ('', '')):
      report, came = next_one()
      report.add(self._days[came + 1], 'register')
      if settled:
        report.add(self._days[came + 6], 'settle', as_=settled, reason=reason)
      if settled == 'declined':
        report.add(self._days[came + 8], 'close', reason='同类情况已经反映,不再单独报送')
    twice = self._reports[_TWICE_TOLD]
    came = self._days.number(twice.last) + 5
    report = self._receive('again', twice.sample, came, via='电话')
    report.duplicate_of = twice
    report.add(self._days[came + 2], 'decline')

  def _is_brought(self, name):
    sample = self._samples.reports[name]
    return 'reporter' in self._samples.person(sample.reporters[0]).roles and sample.received_via == '本人'

  # What goes out.

  def _send(self):
    """Every dispatch; each paper's channels are those of its dispatches."""
    opinions = list(dict.fromkeys(paper for name, paper in self._papers.items() if paper.kind != 'work'))
    briefs = [paper for paper in self._papers.values() if paper.kind == 'work']
    slots = [paper for paper in opinions for _ in range(2)] + [paper for paper in briefs for _ in range(2)]
    numbers = dict.fromkeys(opinions, 1)
    for paper in self._rng.sample(slots, self._counts.sent - len(opinions)):
      numbers[paper] = numbers.get(paper, 0) + 1
    to_city = {self._papers[name] for name in (*_TITLED, _RIVERS)}
    dispatches = []
    for paper, count in numbers.items():
      weights = {'shizx': 5, 'shengzx': 3, 'shiweiban': 4, 'kuaixun': 4} if paper.kind != 'work' else {
        'kuaixun': 6, 'shiweiban': 3, 'shizx': 3}
      paper.channels = self._choose(weights, count, ['shizx'] if paper in to_city else [])
      dispatches += [self._dispatch(paper, channel) for channel in paper.channels]
    # One copy, which counts nowhere, and one that is given up before it is handed over.
    for paper, verb in zip(self._without('shiweiban', briefs), ('copy', 'cancel')):
      paper.channels.append('shiweiban')
      extra = self._dispatch(paper, 'shiweiban', copy=verb == 'copy')
      if verb == 'cancel':
        extra.add(extra.last, 'cancel')
      else:
        extra.add(extra.last, 'hand-over', to=_HANDED_TO['shiweiban'], copies=1)
    return dispatches

  def _without(self, channel, papers):
    found = [paper for paper in papers if channel not in paper.channels]
    return self._rng.sample(found, 2)

  def _choose(self, weights, count, chosen):
    weights = {channel: weight for channel, weight in weights.items() if channel not in chosen}
    while len(chosen) < count:
      channel = self._rng.choices(list(weights), list(weights.values()))[0]
      del weights[channel]
      chosen = [*chosen, channel]
    return chosen

  def _dispatch(self, paper, channel, copy=False):
    dispatch = self._plan.add(Dispatch(f'{paper.key}-to-{channel}', offices.TAIJIANG, paper,
                                       self._office.channels[channel], copy))
    out = self._issues[paper].last if paper in self._issues else paper.last
    return dispatch.add(self._days.after(out, self._rng.randint(0, 1)), 'send')

  # What becomes of it.

  def _hear_back(self, dispatches):
    city = bodies.Body(offices.CITY, self._samples, self._plan, self._rng, self._days,
                       [6 + 11 * number for number in range(30)])
    province = bodies.Body(offices.PROVINCE, self._samples, self._plan, self._rng, self._days,
                           [14 + 20 * number for number in range(20)])
    relayed = self._relayed(dispatches)
    fates = self._fates(dispatches, relayed)
    for dispatch in dispatches:
      fate = fates.get(dispatch, 'adopted')
      if dispatch.channel.body == offices.CITY:
        if dispatch not in relayed:
          city.take(dispatch, fate)
      elif dispatch.channel.body == offices.PROVINCE:
        if not any(dispatch.paper is one.paper for one in relayed):
          province.take(dispatch, fate)
      else:
        self._record(dispatch, fate)
    self._relay(relayed, dispatches, city, province)
    city.work_off()
    province.work_off()
    self._city_papers = city.papers

  def _relayed(self, dispatches):
    """Dispatches whose papers the city passes on: the rivers, one that the province also has directly, others."""
    to_city = [dispatch for dispatch in dispatches
               if dispatch.channel.body == offices.CITY and dispatch.paper.kind == 'opinion'
               and dispatch.paper not in [self._papers[name] for name in _TITLED]]
    river = next(dispatch for dispatch in to_city if dispatch.paper is self._papers[_RIVERS])
    others = [dispatch for dispatch in to_city if dispatch is not river]
    both = [dispatch for dispatch in others if 'shengzx' in dispatch.paper.channels]
    only = [dispatch for dispatch in others if 'shengzx' not in dispatch.paper.channels]
    chosen = self._rng.sample(both, min(1, len(both)))
    return [river, *chosen, *self._rng.sample(only, min(len(only), self._counts.relays - 1 - len(chosen)))]

  def _fates(self, dispatches, relayed):
    """The fates of those that are not adopted."""
    settled = {self._papers[name] for name in _TITLED}
    free = [dispatch for dispatch in dispatches if dispatch not in relayed
            and not (dispatch.channel.body and (dispatch.paper in settled
                                                or any(dispatch.paper is one.paper for one in relayed)))]
    with_node = [dispatch for dispatch in free if dispatch.channel.body]
    fates = dict.fromkeys(self._rng.sample(with_node, self._counts.no_word), 'no-word')
    free = iter(self._rng.sample([dispatch for dispatch in free if dispatch not in fates], len(free) - len(fates)))
    for fate in ('kept', 'not-adopted', 'sent-back'):
      fates.update({next(free): fate for _ in range(getattr(self._counts, fate.replace('-', '_')))})
    return fates

  def _relay(self, relayed, dispatches, city, province):
    channel = self._offices[offices.CITY].channels['shengzx']
    river, *others = relayed
    fates = iter(('adopted', 'kept', 'not-adopted', 'adopted', 'adopted', 'adopted'))
    composite = [river, *(self._neighbour(office, name, river) for office, name in _NEIGHBOURS.items())]
    self._pass_on(composite, channel, city, province, '三区委员反映的内河整治问题', dispatches, issued=False)
    for number, dispatch in enumerate(others):
      also_direct = 'shengzx' in dispatch.paper.channels
      self._pass_on([dispatch], channel, city, province, '', dispatches, issued=number % 2 == 1,
                    fate='adopted' if also_direct else next(fates))

  def _pass_on(self, group, channel, city, province, title, dispatches, issued, fate='adopted'):
    further = city.relay(group, channel, title, issued)
    direct = [dispatch for dispatch in dispatches
              if dispatch.paper is group[0].paper and dispatch.channel.body == offices.PROVINCE]
    if direct and fate == 'adopted':
      # The same reports by two ways in one paper: the direct way counts.
      province.take_together([*direct, further])
    else:
      province.take(further, fate)

  def _neighbour(self, office, name, river):
    """A neighbour's report on the same matter, which goes to the city at the same time."""
    sample = self._samples.reports[name]
    signed = self._days.number(river.paper.last)
    report = self._receive(name, sample, signed - 7, office=office)
    report.add(self._days[signed - 5], 'register')
    paper = self._plan.add(Paper(f'paper-{name}', office, 'opinion', sample.title, text_of(sample),
                                 [Source(report=report)], '', ['shizx'], offices.CATEGORIES[sample.category]))
    self._review(paper, signed, {})
    dispatch = Dispatch(f'{paper.key}-to-shizx', office, paper, self._offices[office].channels['shizx'])
    return self._plan.add(dispatch).add(paper.last, 'send')

  def _record(self, dispatch, fate):
    """A channel without a node: carried there, and what is heard of it is recorded."""
    rng, channel = self._rng, dispatch.channel
    dispatch.add(self._days.after(dispatch.last, rng.randint(0, 1)), 'hand-over', to=_HANDED_TO[channel.id],
                 copies=rng.randint(1, 2))
    day = self._days.after(dispatch.last, rng.randint(3, 20))
    if fate == 'adopted' and rng.random() < 0.06:
      dispatch.add(day, 'record', as_='kept', evidence=(f'{_HANDED_TO[channel.id]}值班员', day))
      day = self._days.after(day, rng.randint(5, 15))
    merged = fate == 'adopted' and rng.random() < 0.15
    dispatch.add(day, 'record', as_=fate, evidence=self._evidence(channel, fate, day, merged),
                 **({'form': 'merged'} if merged else {}))

  def _evidence(self, channel, fate, day, merged):
    said = self._samples.opinions['evidence_word']
    if fate == 'adopted' and self._rng.random() < 0.7:
      number = day.timetuple().tm_yday // 3 + 1
      if channel.id == 'kuaixun':
        return '《臺江快訊》编辑部', f'《臺江快訊》第{number}期', day
      return '市委办', f'每日要情第{number}期', day
    if channel.id == 'kuaixun':
      return (said[2] if fate == 'adopted' else '《快讯》编辑部电话答复'), day
    if fate == 'adopted':
      return said[5] if merged else said[0], day
    return '市委办信息科来电告知', day

  # Instructions and the last word.

  def _instruct(self):
    for sample in self._samples.instructions:
      leader = self._samples.person(sample.leader)
      instruction = Instruction(f'instruction-{sample.number}', leader.committee, sample, leader.id,
                                self._object(sample, leader.committee))
      self._plan.add(instruction)
      about = instruction.about
      began = about.last if not hasattr(about, 'date') else _iso(about.date)
      if isinstance(about, Dispatch):
        began = about.step('send').on
      on = self._days.after(began, self._rng.randint(3, 12))
      held = sample.about == 'reports/003'
      instruction.add(on, 'record', evidence=(_office_of(leader), f'批示抄告单第{sample.number}号', on),
                      **({'hold': True} if held else {}),
                      **({'number': _id(about)} if hasattr(about, 'date') else {}))
      if held:
        instruction.add(self._days.after(on, 8), 'release')
      reply = next((reply for reply in self._samples.replies if reply.about == sample.number), None)
      if reply:
        tasks.plan(self._plan, self._samples, self._offices[leader.committee], instruction, reply, self._days, self._rng)

  def _object(self, sample, office):
    kind, name = sample.about.split('/')
    if kind == 'external':
      return self._samples.externals[int(name) - 1]
    paper = self._papers[name if kind == 'reports' else f'brief-{name}']
    if office == offices.CITY:
      return next(above for above in self._city_papers if paper in [one.paper for one in above.arrivals()])
    if kind == 'briefs':
      return self._issues[paper]
    dispatches = [one for one in self._plan.all(Dispatch, office) if one.paper is paper and not one.copy]
    # Leaders write on the paper, on the whole issue, or on what was sent.
    if sample.number % 5 == 4 and paper in self._issues:
      return self._issues[paper]
    return dispatches[0] if sample.number % 5 == 3 else paper

  def _inform(self):
    """Some are told in between; at the end everybody is told everything, or has looked."""
    used = [report for report in self._plan.all(Report) if report.step('register') and self._is_in_a_paper(report)]
    for number, report in enumerate(self._rng.sample(used, 5)):
      day = self._days.after(report.last, self._rng.randint(20, 40))
      self._plan.add(Informing(f'told-{number}', report.office, report)).add(day, 'inform', how='电话')
    for report in used:
      informing = self._plan.add(Informing(f'last-word-{report.key}', report.office, report))
      if report.submitted:
        informing.add(self._days.eve, 'read')
      else:
        informing.add(self._days.eve, 'inform', how=self._rng.choice(('电话', '当面', '书面')))

  def _is_in_a_paper(self, report):
    return any(report in paper.own_reports() for paper in self._plan.all(Paper, report.office))


def _day(month, day):
  return _iso(f'{YEAR}-{month:02}-{day:02}')


def _iso(text):
  return dates.datetime.date.fromisoformat(text)


def _shares(things, count):
  """The things in `count` runs of nearly equal length, in order."""
  return [things[len(things) * number // count:len(things) * (number + 1) // count] for number in range(count)]


def _title(samples):
  if len(samples) == 1:
    return samples[0].title
  return f'{samples[0].title}(综合{len(samples)}篇来稿)'


def _body(samples):
  if len(samples) == 1:
    return text_of(samples[0])
  return '\n'.join(f'({number}){sample.title}\n{text_of(sample)}' for number, sample in enumerate(samples, start=1))


def _id(external):
  """提 23 of 2009 → tian-2009-23."""
  year, number = re.findall(r'\d+', external.number)
  return f'{"tian" if external.kind == "提案" else "jianyi"}-{year}-{number}'


def _office_of(leader):
  if '区委' in leader.post + leader.unit or '中共' in leader.unit:
    return '区委办'
  return '市政府办' if leader.leader_level == 'city' else '区政府办'
