#!/usr/bin/env python3
"""The order in which a day's steps are performed."""

import concurrent.futures
import datetime
import threading
import unittest

import play_modules  # noqa: F401

import schedule
from plan import Plan, Thing

_DAY = datetime.date(2009, 3, 2)


class Needing(Thing):
  """A thing that needs those it is given."""

  def __init__(self, key, *needed):
    super().__init__(key, '350103')
    self._needed = list(needed)

  def needs(self):
    return self._needed


class ScheduleTest(unittest.TestCase):

  def setUp(self):
    self.pool = concurrent.futures.ThreadPoolExecutor(schedule.WORKERS)
    self.addCleanup(self.pool.shutdown)
    self.done = []

  def run_day(self, *things, perform=None):
    plan = Plan(2009, '350103', list(things))
    schedule.run(schedule.acts_of(plan, _DAY), perform or self.note, self.pool)

  def note(self, act):
    self.done.append((act.thing.key, act.step.verb))

  def test_what_a_thing_needs_comes_first_and_its_own_steps_in_order(self):
    report = Needing('report')
    report.add(_DAY, 'enter').add(_DAY, 'register')
    paper = Needing('paper', report)
    paper.add(_DAY, 'draft').add(_DAY, 'sign')
    self.run_day(paper, report)
    self.assertEqual(self.done, [('report', 'enter'), ('report', 'register'), ('paper', 'draft'), ('paper', 'sign')])

  def test_only_the_days_own_steps_are_performed(self):
    report = Needing('report')
    report.add(_DAY, 'enter').add(_DAY + datetime.timedelta(days=1), 'register')
    self.run_day(report)
    self.assertEqual(self.done, [('report', 'enter')])

  def test_things_that_do_not_need_each_other_run_at_the_same_time(self):
    together = threading.Barrier(schedule.WORKERS, timeout=10)
    things = [Needing(f'{number}').add(_DAY, 'enter') for number in range(schedule.WORKERS)]
    self.run_day(*things, perform=lambda act: together.wait())

  def test_nothing_begins_after_a_failure(self):
    def fail(act):
      self.note(act)
      raise RuntimeError('no')

    report = Needing('report')
    report.add(_DAY, 'enter').add(_DAY, 'register')
    with self.assertRaisesRegex(RuntimeError, 'no'):
      self.run_day(report, perform=fail)
    self.assertEqual(self.done, [('report', 'enter')])

  def test_things_that_wait_for_each_other_are_an_error(self):
    one, other = Needing('one'), Needing('other')
    one._needed, other._needed = [other], [one]
    one.add(_DAY, 'enter')
    other.add(_DAY, 'enter')
    with self.assertRaisesRegex(ValueError, '互相等待'):
      self.run_day(one, other)


if __name__ == '__main__':
  unittest.main()
