"""The working days of the play's year."""

import bisect
import datetime


class Workdays:
  """Days by number, from 0: Mondays to Fridays outside the two long holidays. The last is New Year's Eve."""

  def __init__(self, year, holidays):
    """`holidays`: pairs of (month, day), first and last."""
    closed = [(datetime.date(year, *first), datetime.date(year, *last)) for first, last in holidays]
    days = (datetime.date(year, 1, 5) + datetime.timedelta(days=number) for number in range(366))
    self._days = [day for day in days if day.year == year and day.weekday() < 5
                  and not any(first <= day <= last for first, last in closed)]
    self.last = len(self._days) - 1

  def __getitem__(self, number):
    """The day of the number; numbers beyond the year are its last day but one, which all work has to meet."""
    return self._days[max(0, min(number, self.last - 1))]

  @property
  def eve(self):
    return self._days[self.last]

  def number(self, day):
    """Of the day, or of the next working day."""
    return bisect.bisect_left(self._days, day)

  def after(self, day, count):
    """`count` working days later."""
    return self[self.number(day) + count]
