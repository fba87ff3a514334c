"""What comes of an instruction that asks for something: assigned, replied, reviewed, closed."""

import datetime

from plan import Task

# Who leads by the instruction's row, and who helps: handlers of the register, departments of the area.
_LEADS = {
  1: ('区建设局办公室', ['区房管局']), 2: ('区建设局办公室', ['区房管局']), 3: ('区建设局办公室', []),
  4: ('区民政局办公室', []), 5: ('区民政局办公室', ['区教育局']), 6: ('区建设局办公室', ['区环保局']),
  7: ('区民政局办公室', ['区商务局', '区卫生局']), 8: ('区建设局办公室', []),
  20: ('市公安局交通管理科', []), 21: ('市民政局办公室', ['市物价局']), 23: ('市民政局办公室', ['市体育局', '市教育局']),
  24: ('市公安局交通管理科', ['市建设局', '市财政局']),
}
_BACK = '请写明完成的时间和数量。'


def plan(the_plan, samples, office, instruction, reply, days, rng):
  lead, helpers = _LEADS[instruction.sample.number]
  handler = next(person.id for person in samples.persons_of(office.code)
                 if person.unit == lead and 'handler' in person.roles)
  task = the_plan.add(Task(f'task-{instruction.sample.number}', office.code, instruction, office.units[lead], handler,
                           [office.units[helper] for helper in helpers]))
  words = dict(result=reply.result, text=reply.text)
  day = days.after(instruction.last, 1)
  task.add(day, 'assign', deadline=day + datetime.timedelta(days=60), by=instruction.step('record')['evidence'][0],
           demand='请按批示要求办理,按期书面答复。')
  task.add(days.after(day, rng.randint(8, 20)), 'reply', **words)
  if rng.random() < 0.25:
    task.add(days.after(task.last, 1), 'send-back', opinion=_BACK).add(days.after(task.last, 4), 'reply', **words)
  task.add(days.after(task.last, 1), 'accept').add(days.after(task.last, 1), 'close')
