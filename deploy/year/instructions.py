"""Leaders' instructions, and what comes of those that ask for something: assigned, replied, reviewed, closed."""

import datetime
import re

import offices
from plan import Dispatch, Instruction, Task, Thing

# Who leads by the instruction's row, and who helps: units of handlers in the register, departments of the area.
_LEADS = {
  1: ('区建设局办公室', ['区房管局']), 2: ('区建设局办公室', ['区房管局']), 3: ('区建设局办公室', []),
  4: ('区民政局办公室', []), 5: ('区民政局办公室', ['区教育局']), 6: ('区建设局办公室', ['区环保局']),
  7: ('区民政局办公室', ['区商务局', '区卫生局']), 8: ('区建设局办公室', []), 20: ('市公安局交通管理科', []),
  21: ('市民政局办公室', ['市物价局']), 23: ('市民政局办公室', ['市体育局', '市教育局']),
  24: ('市公安局交通管理科', ['市建设局', '市财政局']),
}
_DEMAND = '请按批示要求办理,按期书面答复。'
_BACK = '请写明完成的时间和数量。'
# The one that is first held back from those below.
_HELD = 'reports/003'


def instruct(context, own_desk, city_papers):
  for sample in context.samples.instructions:
    leader = context.samples.person(sample.leader)
    about = _object(context, own_desk, city_papers, sample, leader.committee)
    instruction = context.plan.add(Instruction(f'instruction-{sample.number}', leader.committee, sample, leader.id,
                                               about))
    on = context.days.after(_began(about), context.rng.randint(3, 12))
    instruction.add(on, 'record', hold=sample.about == _HELD, number='' if isinstance(about, Thing) else _id(about),
                    evidence=(_office_of(leader), f'批示抄告单第{sample.number}号', on))
    if sample.about == _HELD:
      instruction.add(context.days.after(on, 8), 'release')
    for reply in context.samples.replies:
      if reply.about == sample.number:
        _handle(context, instruction, reply)


def _object(context, own_desk, city_papers, sample, office):
  """What the leader writes on: a paper, the whole issue, what was sent, or something outside."""
  kind, name = sample.about.split('/')
  if kind == 'external':
    return context.samples.externals[int(name) - 1]
  paper = own_desk.papers[name if kind == 'reports' else f'brief-{name}']
  if office == offices.CITY:
    return next(above for above in city_papers if paper in [dispatch.paper for dispatch in above.arrivals()])
  if paper in own_desk.issues and (kind == 'briefs' or sample.number % 5 == 4):
    return own_desk.issues[paper]
  if sample.number % 5 == 3:
    return next(dispatch for dispatch in context.plan.all(Dispatch, office) if dispatch.paper is paper)
  return paper


def _began(about):
  if isinstance(about, Dispatch):
    return about.step('send').on
  return about.last if isinstance(about, Thing) else datetime.date.fromisoformat(about.date)


def _id(external):
  """台政协提〔2009〕第23号 → tian-2009-23."""
  year, number = re.findall(r'\d+', external.number)
  return f'{"tian" if external.kind == "提案" else "jianyi"}-{year}-{number}'


def _office_of(leader):
  if leader.leader_level == 'city':
    return '市政府办'
  return '区委办' if '区委' in leader.post else '区政府办'


def _handle(context, instruction, reply):
  office, days, rng = context.offices[instruction.office], context.days, context.rng
  lead, helpers = _LEADS[instruction.sample.number]
  handler = next(person.id for person in office.persons if person.unit == lead and 'handler' in person.roles)
  task = context.plan.add(Task(f'task-{instruction.sample.number}', office.code, instruction, office.units[lead],
                               handler, [office.units[helper] for helper in helpers]))
  words = {'result': reply.result, 'text': reply.text}
  day = days.after(instruction.last, 1)
  task.add(day, 'assign', deadline=day + datetime.timedelta(days=60), demand=_DEMAND,
           by=instruction.step('record')['evidence'][0])
  task.add(days.after(day, rng.randint(8, 20)), 'reply', **words)
  if rng.random() < 0.25:
    task.add(days.after(task.last, 1), 'send-back', opinion=_BACK).add(days.after(task.last, 4), 'reply', **words)
  task.add(days.after(task.last, 1), 'accept').add(days.after(task.last, 1), 'close')
