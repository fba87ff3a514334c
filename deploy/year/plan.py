"""What a plan is made of: things, each with the steps that happen to it and the day of each.

A plan is made before anything is played, and knows everything that the play will do. A thing has a key of the
plan's own; its number is given by the services when it is played.
"""

import dataclasses
import datetime

Date = datetime.date


@dataclasses.dataclass
class Step:
  on: Date
  verb: str
  details: dict = dataclasses.field(default_factory=dict)

  def __getitem__(self, name):
    return self.details[name]


@dataclasses.dataclass(eq=False)
class Thing:
  key: str
  office: str  # Committee code.
  steps: list[Step] = dataclasses.field(default_factory=list, kw_only=True)

  def add(self, on, verb, **details):
    """The next step; never before the one before it."""
    if self.steps:
      on = max(on, self.last)
    self.steps.append(Step(on, verb, details))
    return self

  def step(self, verb):
    """The first step of the verb; None if there is none."""
    return next((step for step in self.steps if step.verb == verb), None)

  @property
  def last(self):
    return self.steps[-1].on

  def needs(self):
    """The things whose steps of the same day come before this one's."""
    return []


@dataclasses.dataclass(eq=False)
class Report(Thing):
  sample: object  # samples.Report
  author: str  # Person id: a reporter who submits, or the clerk who enters.
  submitted: bool = False
  relates: 'Report | None' = None
  duplicate_of: 'Report | None' = None

  def needs(self):
    return [other for other in (self.relates, self.duplicate_of) if other]


@dataclasses.dataclass(frozen=True)
class Source:
  """One of the first three, or own material."""
  report: Report | None = None
  arrival: 'Dispatch | None' = None  # The sender's dispatch that arrived.
  paper: 'Paper | None' = None
  own: tuple[str, str, str] | None = None  # kind, title, unit id
  weight: int = 1


@dataclasses.dataclass(eq=False)
class Paper(Thing):
  kind: str  # opinion, work or special
  title: str
  body: str
  sources: list[Source]
  serial: str = ''
  channels: list[str] = dataclasses.field(default_factory=list)
  category: str = ''

  def needs(self):
    return [source.report or source.arrival or source.paper for source in self.sources if not source.own]

  def arrivals(self):
    """The dispatches from below in it, directly or through earlier papers."""
    for source in self.sources:
      if source.arrival:
        yield source.arrival
      elif source.paper:
        yield from source.paper.arrivals()

  def reports(self):
    """The original reports in it, through papers and arrivals, each once."""
    found = {}
    for source in self.sources:
      if source.report:
        found[source.report] = True
      elif source.arrival:
        found.update(dict.fromkeys(source.arrival.paper.reports()))
      elif source.paper:
        found.update(dict.fromkeys(source.paper.reports()))
    return list(found)

  def own_reports(self):
    return [report for report in self.reports() if report.office == self.office]


@dataclasses.dataclass(eq=False)
class Issue(Thing):
  serial: str
  papers: list[Paper]
  before: 'Issue | None' = None  # The issue whose number comes before.

  def needs(self):
    return [*self.papers, *([self.before] if self.before else [])]


@dataclasses.dataclass(eq=False)
class Dispatch(Thing):
  paper: Paper
  channel: object  # offices.Channel
  copy: bool = False

  def needs(self):
    return [self.paper]


@dataclasses.dataclass(eq=False)
class Instruction(Thing):
  sample: object  # samples.Instruction
  leader: str
  about: object  # Paper, Issue, Dispatch or samples.External

  def needs(self):
    return [self.about] if isinstance(self.about, Thing) else []


@dataclasses.dataclass(eq=False)
class Task(Thing):
  instruction: Instruction
  lead: str  # Unit id.
  handler: str  # Person id.
  helpers: list[str] = dataclasses.field(default_factory=list)

  def needs(self):
    return [self.instruction]


@dataclasses.dataclass(eq=False)
class Informing(Thing):
  """The last word to the reporters of a report, after all that happened."""
  report: Report


@dataclasses.dataclass
class Plan:
  year: int
  office: str  # The one whose year it is.
  things: list[Thing] = dataclasses.field(default_factory=list)

  def add(self, thing):
    self.things.append(thing)
    return thing

  def all(self, kind, office=None):
    return [thing for thing in self.things
            if isinstance(thing, kind) and office in (None, thing.office)]

  def days(self):
    """Every day on which something happens, in order."""
    return sorted({step.on for thing in self.things for step in thing.steps})
