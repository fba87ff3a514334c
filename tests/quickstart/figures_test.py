#!/usr/bin/env python3
"""The figures that follow from a plan: each rule once."""

import datetime
import unittest

import play_modules  # noqa: F401

import figures
import offices
import samples as sample_papers
from plan import Dispatch, Instruction, Issue, Paper, Plan, Report, Source

_DAY = datetime.date(2009, 3, 2)


class FiguresTest(unittest.TestCase):

  def setUp(self):
    self.samples = sample_papers.read()
    self.offices = offices.build(self.samples)
    self.plan = Plan(2009, offices.TAIJIANG)
    self.report = self.plan.add(Report('report', offices.TAIJIANG, self.samples.reports['001'], 'p0025'))
    self.paper = self.make_paper(offices.TAIJIANG, Source(report=self.report))

  def make_paper(self, office, *sources):
    return self.plan.add(Paper(f'paper-{len(self.plan.things)}', office, 'opinion', '标题', '正文', list(sources)))

  def send(self, paper, channel, copy=False):
    dispatch = Dispatch(f'dispatch-{len(self.plan.things)}', paper.office, paper,
                        self.offices[paper.office].channels[channel], copy)
    return self.plan.add(dispatch).add(_DAY, 'send')

  def issue(self, paper):
    return self.plan.add(Issue(f'issue-{len(self.plan.things)}', paper.office, offices.OPINIONS, [paper]))

  def use(self, office, *dispatches):
    """A paper of the office made of what arrived, issued."""
    self.issue(self.make_paper(office, *(Source(arrival=dispatch) for dispatch in dispatches)))

  def relay(self, dispatch):
    return self.send(self.make_paper(offices.CITY, Source(arrival=dispatch)), 'shengzx')

  def planned(self, key):
    return figures.planned(self.plan)[key]

  def test_what_is_not_carried_there_was_given_up_or_is_a_copy_is_not_sent(self):
    self.send(self.paper, 'shiweiban')
    self.send(self.paper, 'kuaixun').add(_DAY, 'cancel')
    self.send(self.paper, 'shizx', copy=True)
    self.assertEqual(self.planned('sent'), 0)

  def test_an_issue_of_the_body_adopts(self):
    self.use(offices.CITY, self.send(self.paper, 'shizx'))
    self.assertEqual((self.planned('adopted'), self.planned('papers_adopted')), (1, 1))

  def test_passing_on_adopts_and_what_happens_above_counts_apart(self):
    further = self.relay(self.send(self.paper, 'shizx'))
    self.assertEqual((self.planned('adopted'), self.planned('adoptions_above')), (1, 0))
    self.use(offices.PROVINCE, further)
    self.assertEqual((self.planned('adopted'), self.planned('adoptions_above')), (1, 1))

  def test_the_direct_way_wins_over_the_relayed(self):
    further = self.relay(self.send(self.paper, 'shizx'))
    self.use(offices.PROVINCE, further, self.send(self.paper, 'shengzx'))
    self.assertEqual((self.planned('adopted'), self.planned('adoptions_above')), (2, 0))

  def test_the_latest_word_counts_and_a_request_for_more_is_none(self):
    dispatch = self.send(self.paper, 'shizx').add(_DAY, 'dispose', as_='supplement-requested')
    self.assertEqual(self.planned('dispositions')['no_word'], 1)
    dispatch.add(_DAY, 'dispose', as_='kept').add(_DAY, 'dispose', as_='not-adopted')
    self.assertEqual(self.planned('dispositions')['not_adopted'], 1)

  def test_what_was_kept_first_may_be_adopted_later(self):
    self.send(self.paper, 'shiweiban').add(_DAY, 'hand-over').add(_DAY, 'record', as_='kept').add(
      _DAY, 'record', as_='adopted')
    self.assertEqual(self.planned('adopted'), 1)

  def test_an_instruction_above_counts_when_it_is_not_held_back(self):
    paper = self.make_paper(offices.CITY, Source(arrival=self.send(self.paper, 'shizx')))
    sample = next(one for one in self.samples.instructions if one.kind == 'action')
    instruction = self.plan.add(Instruction('instruction', offices.CITY, sample, 'p0079', paper))
    instruction.add(_DAY, 'record', hold=True)
    self.assertEqual(self.planned('instructions_above'), 0)
    instruction.add(_DAY, 'release')
    self.assertEqual((self.planned('instructions_above'), self.planned('instructions')), (1, 0))


if __name__ == '__main__':
  unittest.main()
