"""The sample papers of tests/data, as the play reads them."""

import csv
import dataclasses
import pathlib

FOLDER = pathlib.Path(__file__).resolve().parents[2] / 'tests' / 'data'

# Labels of a report's parts, as on the printed form.
_PARTS = ('【情况】', '【分析】', '【建议】')


@dataclasses.dataclass(frozen=True)
class Person:
  id: str
  name: str
  post: str
  unit: str
  sector: str
  party: str
  roles: tuple[str, ...]
  leader_level: str
  committee: str


@dataclasses.dataclass(frozen=True)
class Report:
  id: str  # e.g. "032"
  file: pathlib.Path
  title: str
  parts: dict[str, str]  # label → paragraphs
  committee: str
  category: str
  urgency: str
  received_via: str
  reporters: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Brief:
  id: str
  title: str
  body: str
  material: str
  unit: str


@dataclasses.dataclass(frozen=True)
class External:
  kind: str
  title: str
  number: str
  date: str


@dataclasses.dataclass(frozen=True)
class Instruction:
  number: int  # its row, from 1
  leader: str
  kind: str
  wording: str
  releasable: str
  about: str


@dataclasses.dataclass(frozen=True)
class Reply:
  result: str
  text: str
  about: int  # row of the instruction


@dataclasses.dataclass(frozen=True)
class Samples:
  persons: tuple[Person, ...]
  reports: dict[str, Report]
  briefs: dict[str, Brief]
  externals: tuple[External, ...]
  instructions: tuple[Instruction, ...]
  replies: tuple[Reply, ...]
  opinions: dict[str, tuple[str, ...]]

  def persons_of(self, committee):
    return [person for person in self.persons if person.committee == committee]

  def with_role(self, committee, role):
    """The first person of the committee who holds the role."""
    return next(person.id for person in self.persons_of(committee) if role in person.roles)

  def person(self, person_id):
    return next(person for person in self.persons if person.id == person_id)


def read():
  opinions = {}
  for row in _rows('opinions.tsv'):
    opinions.setdefault(row['kind'], []).append(row['text'])
  return Samples(
    persons=tuple(Person(roles=_list(row.pop('roles')), **row) for row in _rows('people.tsv')),
    reports={row['file']: _report(row) for row in _rows('reports.tsv')},
    briefs={row['file']: _brief(row) for row in _rows('briefs.tsv')},
    externals=tuple(External(**row) for row in _rows('external.tsv')),
    instructions=tuple(Instruction(number=number, **row)
                       for number, row in enumerate(_rows('instructions.tsv'), start=1)),
    replies=tuple(Reply(row['result'], row['text'], int(row['about'].split('/')[1]))
                  for row in _rows('replies.tsv')),
    opinions={kind: tuple(texts) for kind, texts in opinions.items()})


def _rows(name):
  with open(FOLDER / name, encoding='utf-8', newline='') as file:
    yield from csv.DictReader(file, delimiter='\t', quoting=csv.QUOTE_NONE)


def _list(text):
  return tuple(part for part in text.split(',') if part)


def _report(row):
  file = FOLDER / 'reports' / f'{row["file"]}.txt'
  title, *lines = file.read_text(encoding='utf-8').splitlines()
  parts, label = {}, None
  for line in lines:
    if line in _PARTS:
      label = line
    else:
      parts[label] = f'{parts[label]}\n{line}' if label in parts else line
  return Report(row['file'], _in_gb18030(file), title, parts, row['committee'], row['category'],
                row['urgency'], row['received_via'], _list(row['reporters']))


def _in_gb18030(file):
  """The same text as some offices' software writes it, where there is such a file."""
  text = file.read_text(encoding='utf-8')
  for other in sorted((FOLDER / 'reports-gb18030').glob('*.txt')):
    if other.read_bytes().decode('gb18030') == text:
      return other
  return file


def _brief(row):
  title, _, *lines = (FOLDER / 'briefs' / f'{row["file"]}.txt').read_text(encoding='utf-8').splitlines()
  return Brief(row['file'], title, '\n'.join(lines), row['material'], row['unit'])
