"""The shortest plan: one report goes all the way up and the answer comes all the way down."""

import datetime

import offices
from plan import Dispatch, Informing, Issue, Paper, Plan, Report, Source

_YEAR = 2009


def plan(samples, all_offices):
  """350103 → 350100 → 350000, issued there."""
  days = (datetime.date(_YEAR, 3, 2) + datetime.timedelta(days=days) for days in range(30))
  made = Plan(_YEAR, offices.TAIJIANG)
  sample = samples.reports['001']

  day = next(days)
  report = made.add(Report('report', offices.TAIJIANG, sample, samples.with_role(offices.TAIJIANG, 'registrar')))
  report.add(day, 'enter', received_on=day, via='').add(day, 'register')

  day = next(days)
  paper = made.add(Paper('paper', offices.TAIJIANG, 'opinion', sample.title, text_of(sample),
                         [Source(report=report)], offices.OPINIONS, ['shizx'],
                         offices.CATEGORIES[sample.category]))
  sign(paper, day)
  made.add(Issue('issue', offices.TAIJIANG, offices.OPINIONS, [paper])).add(day, 'publish')
  to_city = made.add(Dispatch('to-city', offices.TAIJIANG, paper,
                              all_offices[offices.TAIJIANG].channels['shizx']))
  to_city.add(day, 'send').add(next(days), 'acknowledge')

  day = next(days)
  city_paper = made.add(Paper('city-paper', offices.CITY, 'opinion', f'台江区:{sample.title}', text_of(sample),
                              [Source(arrival=to_city)], '', ['shengzx']))
  sign(city_paper, day)
  to_province = made.add(Dispatch('to-province', offices.CITY, city_paper,
                                  all_offices[offices.CITY].channels['shengzx']))
  to_province.add(day, 'send').add(next(days), 'acknowledge')

  day = next(days)
  province_paper = made.add(Paper('province-paper', offices.PROVINCE, 'opinion', f'福州市:{sample.title}',
                                  text_of(sample), [Source(arrival=to_province)], offices.OPINIONS))
  sign(province_paper, day)
  made.add(Issue('province-issue', offices.PROVINCE, offices.OPINIONS, [province_paper])).add(day, 'publish')
  made.add(Informing('informing', offices.TAIJIANG, report)).add(next(days), 'inform', how='电话')
  return made


def text_of(sample):
  """A report's text as a paper says it."""
  return '\n'.join(f'{label}\n{text}' for label, text in sample.parts.items())


def sign(paper, day):
  """Drafted, reviewed and signed on one day."""
  for verb in ('draft', 'put-in', 'agree', 'sign'):
    paper.add(day, verb)
