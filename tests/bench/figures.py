"""The figures of the bench: which runs make each, what it is held against, and its goal."""

import dataclasses
import statistics


@dataclasses.dataclass(frozen=True)
class Row:
  """A line of the table. `values` are ratios, or figures themselves where there is nothing to hold them against: one of
  each round."""
  figure: str
  against: str
  goal: float  # None: there is none.
  at_least: bool  # Otherwise: at most.
  values: tuple
  ours: str = ''
  theirs: str = ''
  unit: str = ''

  @property
  def median(self):
    return statistics.median(self.values)

  @property
  def is_met(self):
    if self.goal is None:
      return None
    return self.median >= self.goal if self.at_least else self.median <= self.goal

  def cells(self):
    sign = '≥' if self.at_least else '≤'
    goal = '–' if self.goal is None else f'{sign} {_short(self.goal)}{self.unit}'
    return (self.figure, self.against, goal, f'{_short(self.median)}{self.unit}',
            f'{_short(min(self.values))} – {_short(max(self.values))}', self.ours, self.theirs,
            {None: '–', True: '达到', False: '没有达到'}[self.is_met])


HEADINGS = ('figure', 'against', 'goal', 'median', 'range', 'ours', 'theirs', 'met')


def ratio(figure, against, goal, at_least, rounds, of, to, key, say):
  """`rounds`: for each round side → what its run printed. `say` words a median."""
  values = tuple(one[of][key] / one[to][key] for one in rounds)
  return Row(figure, against, goal, at_least, values, *(say(statistics.median(one[side][key] for one in rounds))
                                                        for side in (of, to)))


def per_second(value):
  return f'{value:,.0f}/s'


def millis(value):
  return f'{value / 1000:.2f} ms'


def micros(value):
  return f'{value:,.0f} µs'


def table(rows):
  """Markdown, so that it can stand in the README as it is."""
  lines = [HEADINGS, ('---',) * len(HEADINGS), *(row.cells() for row in rows)]
  return '\n'.join(f'| {" | ".join(line)} |' for line in lines)


def _short(value):
  return f'{value:.2f}'.rstrip('0').rstrip('.') if value < 100 else f'{value:,.0f}'
