#!/usr/bin/env python3
"""The plan of the year: what it promises before anything is played."""

import collections
import os
import pathlib
import subprocess
import sys
import unittest

import play_modules  # noqa: F401 (makes the next ones importable)

import figures
import offices
import samples as sample_papers
import schedule
import straight
import year
from plan import Dispatch, Instruction, Paper, Report, Task

SEEDS = range(40)


class PlanTest(unittest.TestCase):

  @classmethod
  def setUpClass(cls):
    cls.samples = sample_papers.read()
    cls.offices = offices.build(cls.samples)
    cls.year = cls.plan()

  @classmethod
  def plan(cls, seed=None):
    return year.plan(cls.samples, cls.offices, seed)

  def test_the_year_without_a_seed_has_the_published_numbers(self):
    planned = figures.planned(self.year)
    self.assertEqual((planned['sent'], planned['adopted'], planned['adoption_rate']), (167, 149, '89.2%'))
    self.assertEqual(planned['issues'], {'社情民意': 22, '政协简报': 49})
    self.assertEqual(planned['instructions'], 17)
    self.assertEqual(sum(planned['dispositions'].values()), 167)

  def test_the_same_seed_plans_the_same_year(self):
    for seed in (None, 7):
      one, other = self.plan(seed), self.plan(seed)
      self.assertEqual([(thing.key, thing.steps) for thing in one.things],
                       [(thing.key, thing.steps) for thing in other.things])

  def test_the_plan_does_not_depend_on_the_process_that_makes_it(self):
    program = ('import play_modules, offices, samples, year; read = samples.read(); '
               'print([(thing.key, thing.steps) for thing in year.plan(read, offices.build(read)).things])')
    plans = [subprocess.run([sys.executable, '-c', program], cwd=pathlib.Path(__file__).parent, check=True,
                            capture_output=True, env={**os.environ, 'PYTHONHASHSEED': seed}).stdout
             for seed in ('1', '2')]
    self.assertEqual(*plans)

  def test_other_seeds_plan_years_with_other_counts(self):
    self.assertGreater(len({figures.planned(self.plan(seed))['sent'] for seed in SEEDS}), len(SEEDS) // 2)

  def test_every_seed_plans_a_year_that_holds_together(self):
    for seed in (None, *SEEDS):
      plan = self.plan(seed)
      planned = figures.planned(plan)
      self.assertEqual(sum(planned['dispositions'].values()), planned['sent'])
      self.assertEqual(planned['dispositions']['adopted'], planned['adopted'])
      for day in plan.days():
        self.assertEqual(day.year, year.YEAR)
        self.assert_can_be_ordered(schedule.acts_of(plan, day))
      for thing in plan.things:
        self.assertTrue(thing.steps, thing.key)
        for needed in thing.needs():
          self.assertLessEqual(needed.steps[0].on, thing.steps[0].on, (seed, thing.key, needed.key))

  def assert_can_be_ordered(self, acts):
    done = set()
    while acts:
      ready = [act for act in acts if done.issuperset(act.after)]
      self.assertTrue(ready, [act.thing.key for act in acts])
      done.update(ready)
      acts = [act for act in acts if act not in done]

  def test_everything_that_happens_in_an_office_happens_in_the_year(self):
    done = collections.Counter((type(thing), step.verb) for thing in self.year.things for step in thing.steps)
    for kind, verbs in {
        Report: ('submit', 'enter', 'return', 'resubmit', 'decline', 'shelve', 'take-up', 'withdraw', 'register',
                 'settle', 'reopen', 'close'),
        Paper: ('draft', 'edit', 'put-in', 'send-back', 'agree', 'sign'),
        Dispatch: ('send', 'hand-over', 'cancel', 'acknowledge', 'dispose', 'record'),
        Instruction: ('record', 'release'),
        Task: ('assign', 'reply', 'accept', 'close')}.items():
      for verb in verbs:
        self.assertGreater(done[kind, verb], 0, (kind.__name__, verb))
    self.assertGreater(done[Report, 'enter'], done[Report, 'submit'])
    self.assertGreaterEqual(done[Report, 'return'], 2)

  def test_papers_go_through_one_two_or_three_channels_and_all_four_are_used(self):
    numbers = collections.Counter()
    for dispatch in self.year.all(Dispatch, offices.TAIJIANG):
      if figures.handed_over(dispatch):
        numbers[dispatch.paper] += 1
    self.assertEqual(set(numbers.values()), {1, 2, 3})
    used = {dispatch.channel.id for dispatch in self.year.all(Dispatch, offices.TAIJIANG)}
    self.assertEqual(used, set(self.offices[offices.TAIJIANG].channels))

  def test_the_province_issues_a_composite_of_three_counties(self):
    counties = {offices.TAIJIANG, offices.GULOU, offices.CANGSHAN}
    composites = [paper for paper in self.year.all(Paper, offices.PROVINCE)
                  if counties == {report.office for report in paper.reports()}]
    self.assertTrue(composites)

  def test_each_titled_report_has_its_instruction_by_a_leader_of_the_city(self):
    about = [report.sample.id for instruction in self.year.all(Instruction, offices.CITY)
             for report in instruction.about.reports()]
    self.assertEqual(sorted(set(about) & {'001', '002', '003', '004', '005'}), ['001', '002', '003', '004', '005'])

  def test_instructions_are_on_papers_issues_dispatches_and_things_outside_and_two_are_only_circulated(self):
    own = self.year.all(Instruction, offices.TAIJIANG)
    self.assertEqual(len([one for one in own if one.sample.kind == 'circulated']), 2)
    kinds = {type(one.about).__name__ for one in own}
    self.assertEqual(kinds, {'Paper', 'Issue', 'Dispatch', 'External'})
    self.assertEqual({one.about.kind for one in own if type(one.about).__name__ == 'External'}, {'提案', '专项建议'})

  def test_each_instruction_that_asks_for_something_has_a_task_that_is_closed(self):
    asking = [one for one in self.year.all(Instruction) if one.sample.kind == 'action']
    tasks = self.year.all(Task)
    self.assertEqual({task.instruction for task in tasks}, set(asking))
    self.assertTrue(all(task.step('close') for task in tasks))

  def test_the_straight_plan_is_one_dispatch_adopted_by_relay(self):
    planned = figures.planned(straight.plan(self.samples, self.offices))
    self.assertEqual((planned['sent'], planned['adopted'], planned['adoptions_above']), (1, 1, 1))


class RateTest(unittest.TestCase):

  def test_the_rate_has_one_decimal_half_up(self):
    self.assertEqual(figures.rate(149, 167), '89.2%')
    self.assertEqual(figures.rate(1, 16), '6.3%')
    self.assertEqual(figures.rate(0, 0), '')


if __name__ == '__main__':
  unittest.main()
