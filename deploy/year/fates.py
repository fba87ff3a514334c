"""What becomes of the dispatches: at the city, at the province, and with channels that have no node."""

import bodies
import desk
import offices
import sending
from plan import Dispatch, Paper, Source
from straight import text_of

# The neighbours' parts of the composite of three counties.
_NEIGHBOURS = {offices.GULOU: '102', offices.CANGSHAN: '103'}
_COMPOSITE = '三区委员反映的内河整治问题'

# What the province does with what the city passes on, beside the composite and what it also has directly.
_OF_RELAYED = ('kept', 'not-adopted', 'adopted', 'adopted', 'adopted', 'adopted')


def hear_back(context, own_desk, dispatches):
  """Plans all of it. Answers the city's papers."""
  return _Hearing(context, own_desk, dispatches).plan()


class _Hearing:

  def __init__(self, context, own_desk, dispatches):
    self._context = context
    self._desk = own_desk
    self._dispatches = dispatches
    self._rng = context.rng
    self._days = context.days
    self._city = bodies.Body(offices.CITY, context, range(6, context.days.last, 11))
    self._province = bodies.Body(offices.PROVINCE, context, range(14, context.days.last, 20))

  def plan(self):
    relayed = self._relayed()
    passed_on = {dispatch.paper for dispatch in relayed}
    fates = self._fates(passed_on)
    for dispatch in self._dispatches:
      fate = fates.get(dispatch, 'adopted')
      if not dispatch.channel.body:
        self._record(dispatch, fate)
      elif dispatch.paper not in passed_on:
        (self._city if dispatch.channel.body == offices.CITY else self._province).take(dispatch, fate)
    self._relay(relayed)
    self._city.work_off()
    self._province.work_off()
    return self._city.papers

  def _relayed(self):
    """Dispatches whose papers the city passes on: the rivers, one that the province also has directly, others."""
    titled = [self._desk.papers[name] for name in desk.TITLED]
    to_city = [dispatch for dispatch in self._dispatches if dispatch.channel.body == offices.CITY
               and dispatch.paper.kind == 'opinion' and dispatch.paper not in titled]
    river = next(dispatch for dispatch in to_city if dispatch.paper is self._desk.papers[desk.RIVERS])
    to_city.remove(river)
    both = [dispatch for dispatch in to_city if 'shengzx' in dispatch.paper.channels][:1]
    alone = [dispatch for dispatch in to_city if 'shengzx' not in dispatch.paper.channels]
    count = min(len(alone), self._context.counts.relays - 1 - len(both))
    return [river, *both, *self._rng.sample(alone, count)]

  def _fates(self, passed_on):
    """Of those that are not adopted; what is told of the titled reports and of what is passed on is certain."""
    certain = {*passed_on, *(self._desk.papers[name] for name in desk.TITLED)}
    free = [dispatch for dispatch in self._dispatches
            if not dispatch.channel.body or dispatch.paper not in certain]
    # Silence is only known of bodies; of a channel without a node somebody records what it did.
    silent = self._rng.sample([one for one in free if one.channel.body], self._context.counts.no_word)
    free = [dispatch for dispatch in free if dispatch not in silent]
    self._rng.shuffle(free)
    fates = dict.fromkeys(silent, 'no-word')
    for fate in ('kept', 'not-adopted', 'sent-back'):
      for _ in range(getattr(self._context.counts, fate.replace('-', '_'))):
        fates[free.pop()] = fate
    return fates

  def _relay(self, relayed):
    river, *others = relayed
    neighbours = [self._neighbour(office, name, river) for office, name in _NEIGHBOURS.items()]
    self._pass_on([river, *neighbours], 'adopted', issued=False, title=_COMPOSITE)
    fates = iter(_OF_RELAYED)
    for number, dispatch in enumerate(others):
      is_direct = 'shengzx' in dispatch.paper.channels
      self._pass_on([dispatch], 'adopted' if is_direct else next(fates), issued=number % 2 == 1)

  def _pass_on(self, group, fate, issued, title=''):
    """The city makes one paper of the group for the province; some such papers it issues as well."""
    channel = self._context.offices[offices.CITY].channels['shengzx']
    further = self._city.relay(group, channel, title, issued)
    direct = [dispatch for dispatch in self._dispatches
              if dispatch.paper is group[0].paper and dispatch.channel.body == offices.PROVINCE]
    if direct:
      # The same reports by two ways in one paper: the direct way counts.
      self._province.take_together([*direct, further])
    else:
      self._province.take(further, fate)

  def _neighbour(self, office, name, river):
    """A neighbour's report on the same matter, which goes to the city at the same time."""
    sample = self._context.samples.reports[name]
    signed = self._days.number(river.paper.last)
    report = self._desk.receive(name, sample, signed - 7, office)
    report.add(self._days[signed - 5], 'register')
    paper = Paper(f'paper-{name}', office, 'opinion', sample.title, text_of(sample), [Source(report=report)],
                  channels=['shizx'], category=offices.CATEGORIES[sample.category])
    self._desk.review(self._context.plan.add(paper), signed)
    dispatch = Dispatch(f'{paper.key}-to-shizx', office, paper, self._context.offices[office].channels['shizx'])
    return self._context.plan.add(dispatch).add(paper.last, 'send')

  def _record(self, dispatch, fate):
    """A channel without a node: carried there, and what is heard of it is recorded."""
    rng, to = self._rng, sending.HANDED_TO[dispatch.channel.id]
    dispatch.add(self._days.after(dispatch.last, rng.randint(0, 1)), 'hand-over', to=to, copies=rng.randint(1, 2))
    day = self._days.after(dispatch.last, rng.randint(3, 20))
    if fate == 'adopted' and rng.random() < 0.06:
      dispatch.add(day, 'record', as_='kept', evidence=(f'{to}值班员', day))
      day = self._days.after(day, rng.randint(5, 15))
    merged = fate == 'adopted' and rng.random() < 0.15
    dispatch.add(day, 'record', as_=fate, form='merged' if merged else '',
                 evidence=self._evidence(dispatch.channel.id, fate, day, merged))

  def _evidence(self, channel, fate, day, merged):
    """The printed page (body, number, date), or somebody's word (whom, date)."""
    words = self._context.samples.opinions['evidence_word']
    is_gazette = channel == 'kuaixun'
    if fate != 'adopted':
      return '《快讯》编辑部电话答复' if is_gazette else '市委办信息科来电告知', day
    if self._rng.random() < 0.7:
      number = day.timetuple().tm_yday // 3 + 1
      return ('《臺江快訊》编辑部', f'第{number}期', day) if is_gazette else ('市委办', f'每日要情第{number}期', day)
    return words[2] if is_gazette else words[5] if merged else words[0], day
