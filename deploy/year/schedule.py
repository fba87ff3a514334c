"""The order of a plan's steps: day by day, and within a day what needs something comes after it."""

import concurrent.futures
import dataclasses

WORKERS = 4


@dataclasses.dataclass(eq=False)
class Act:
  """One step of one thing."""
  thing: object
  step: object
  after: list = dataclasses.field(default_factory=list)  # Acts of the same day.


def acts_of(plan, day):
  """The day's acts in the order of the plan, each with those that come before it."""
  acts, of_thing = [], {}
  for thing in plan.things:
    for step in thing.steps:
      if step.on == day:
        act = Act(thing, step)
        acts.append(act)
        of_thing.setdefault(thing, []).append(act)
  for act in acts:
    own = of_thing[act.thing]
    act.after = own[:own.index(act)]
    for needed in act.thing.needs():
      act.after += of_thing.get(needed, [])
  return acts


def run(acts, perform, pool):
  """Performs all of them, several at a time. The first failure is raised when what runs has ended."""
  waiting = {act: set(act.after) for act in acts}
  running = {}

  def begin():
    for act in [act for act, after in waiting.items() if not after]:
      del waiting[act]
      running[pool.submit(perform, act)] = act

  begin()
  while running:
    done, _ = concurrent.futures.wait(running, return_when=concurrent.futures.FIRST_COMPLETED)
    for future in done:
      act = running.pop(future)
      if future.exception():
        concurrent.futures.wait(running)
        raise future.exception()
      for after in waiting.values():
        after.discard(act)
    begin()
  if waiting:
    raise ValueError('这一天的步骤互相等待:' + '、'.join(act.thing.key for act in waiting))
