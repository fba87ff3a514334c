"""Plans a year of Taijiang's office: who hands in what and when, and everything that comes of it.

A pure function of the seed. Without one it is the year of the published annual summary: 22 issues of 社情民意 and 49
of 政协简报, 167 dispatches over four channels, 149 of them adopted, 17 instructions by the district's leaders. The
split by channel and object is ours.
"""

import dataclasses
import random

import dates
import desk
import fates
import instructions
import offices
import sending
from plan import Informing, Paper, Plan, Report

YEAR = 2009
_HOLIDAYS = (((1, 24), (2, 1)), ((10, 1), (10, 8)))
_SEED = 2009


@dataclasses.dataclass(frozen=True)
class Counts:
  """How much there is of everything."""
  opinion_issues: int  # 期
  papers: int  # 社情民意 that are issued
  specials: int  # 专报: signed and sent, not issued
  briefs: int  # 政协简报, one paper an issue
  pairs: int  # papers made of two reports
  triples: int  # papers made of three
  sent: int  # 条次; what none of the next four holds is adopted
  kept: int
  not_adopted: int
  sent_back: int
  no_word: int
  relays: int  # papers that the city passes on to the province


SUMMARY = Counts(opinion_issues=22, papers=48, specials=4, briefs=49, pairs=8, triples=4, sent=167, kept=6,
                 not_adopted=6, sent_back=2, no_word=4, relays=6)


@dataclasses.dataclass
class Context:
  """What all parts of the planning share."""
  samples: object
  offices: dict
  counts: Counts
  shuffled: bool  # Not in the order of the samples.
  rng: random.Random
  days: dates.Workdays
  plan: Plan


def plan(samples, all_offices, seed=None):
  rng = random.Random(_SEED if seed is None else seed)
  context = Context(samples, all_offices, SUMMARY if seed is None else _varied(rng), seed is not None, rng,
                    dates.Workdays(YEAR, _HOLIDAYS), Plan(YEAR, offices.TAIJIANG))
  own_desk = desk.Desk(context)
  dispatches = sending.send(context, own_desk)
  city_papers = fates.hear_back(context, own_desk, dispatches)
  instructions.instruct(context, own_desk, city_papers)
  _inform(context)
  return context.plan


def _varied(rng):
  issues = rng.randint(12, 20)
  papers = issues + rng.randint(12, 22)
  specials, briefs = rng.randint(2, 5), rng.randint(30, 48)
  return Counts(opinion_issues=issues, papers=papers, specials=specials, briefs=briefs, pairs=rng.randint(3, 7),
                triples=rng.randint(1, 4), sent=papers + specials + rng.randint(40, 100), kept=rng.randint(2, 9),
                not_adopted=rng.randint(2, 9), sent_back=rng.randint(1, 4), no_word=rng.randint(1, 6),
                relays=rng.randint(3, 7))


def _inform(context):
  """Some reporters are told in between; at the end everybody is told everything, or has looked."""
  the_plan, rng, days = context.plan, context.rng, context.days
  used = {report for paper in the_plan.all(Paper) for report in paper.own_reports()}
  used = [report for report in the_plan.all(Report) if report in used]
  for number, report in enumerate(rng.sample(used, 5)):
    day = days.after(report.last, rng.randint(20, 40))
    the_plan.add(Informing(f'told-{number}', report.office, report)).add(day, 'inform', how='电话')
  for report in used:
    informing = the_plan.add(Informing(f'last-word-{report.key}', report.office, report))
    if report.submitted:
      informing.add(days.eve, 'read')
    else:
      informing.add(days.eve, 'inform', how=rng.choice(('电话', '当面', '书面')))
