"""The five offices of the play as data: what their office files say, made from the samples."""

import dataclasses

NETWORK = 'taijiang.shangda.example'

PROVINCE, CITY, TAIJIANG, GULOU, CANGSHAN = '350000', '350100', '350103', '350102', '350104'

# Which machine each office lives on.
NODES = {
  'n350000': (PROVINCE,),
  'n350100': (CITY,),
  'n350103': (TAIJIANG, GULOU, CANGSHAN),
}
SERVICES = ('intake', 'routing', 'feedback')

# Serials, alike in all five offices: 社情民意 and 政协简报.
OPINIONS, BRIEFS = 'sqmy', 'zxjb'
SERIALS = {OPINIONS: '社情民意', BRIEFS: '政协简报'}

CATEGORIES = {
  '城建': 'chengjian', '教科文卫体': 'jiaokewen', '生态': 'shengtai', '经济': 'jingji', '社保': 'shebao',
  '其他': 'qita',
}

# Departments that handle instructions together with those of the register.
_DEPARTMENTS = {
  TAIJIANG: ('区教育局', '区房管局', '区环保局', '区卫生局', '区商务局'),
  CITY: ('市建设局', '市财政局', '市体育局', '市教育局', '市物价局'),
}

_LEVELS = {'district': 'LEVEL_COUNTY', 'city': 'LEVEL_CITY', 'province': 'LEVEL_PROVINCE'}


@dataclasses.dataclass(frozen=True)
class Channel:
  id: str
  name: str
  body: str = ''  # Committee code of a body with a node.
  within_cppcc: bool = False
  upward: bool = False


@dataclasses.dataclass(frozen=True)
class Office:
  code: str
  name: str
  level: str
  parents: tuple[str, ...]
  direct: tuple[str, ...]
  channels: dict[str, Channel]
  units: dict[str, str]  # name → id
  sectors: dict[str, str]
  parties: dict[str, str]
  persons: tuple


def build(samples):
  """The offices by code."""
  return {code: _office(samples, code) for code in _SHAPES}


def own_level(office, person):
  """The leader belongs to this office's own area."""
  return _LEVELS.get(person.leader_level) == office.level


def leader_level(person):
  return _LEVELS.get(person.leader_level, '')


def node_of(code):
  return next(node for node, hosted in NODES.items() if code in hosted)


_TO_PROVINCE = Channel('shengzx', '省政协', PROVINCE, within_cppcc=True, upward=True)
_TO_CITY = Channel('shizx', '市政协', CITY, within_cppcc=True, upward=True)

# Name, level, parents, direct-report bodies, channels.
_SHAPES = {
  PROVINCE: ('福建省政协', 'LEVEL_PROVINCE', (), (), ()),
  CITY: ('福州市政协', 'LEVEL_CITY', (PROVINCE,), (), (_TO_PROVINCE,)),
  TAIJIANG: ('台江区政协', 'LEVEL_COUNTY', (CITY,), (PROVINCE,), (
    _TO_PROVINCE, _TO_CITY, Channel('shiweiban', '市委辦', upward=True), Channel('kuaixun', '《臺江快訊》'))),
  GULOU: ('鼓楼区政协', 'LEVEL_COUNTY', (CITY,), (), (_TO_CITY,)),
  CANGSHAN: ('仓山区政协', 'LEVEL_COUNTY', (CITY,), (), (_TO_CITY,)),
}


def _office(samples, code):
  name, level, parents, direct, channels = _SHAPES[code]
  persons = tuple(samples.persons_of(code))
  units = [person.unit for person in persons]
  if code == TAIJIANG:
    units += [brief.unit for brief in samples.briefs.values()]
  return Office(code, name, level, parents, direct, {channel.id: channel for channel in channels},
                units=_ids('u', [*units, *_DEPARTMENTS.get(code, ())]),
                sectors=_ids('s', [person.sector for person in persons]),
                parties=_ids('d', [person.party for person in persons]),
                persons=persons)


def _ids(letter, names):
  """Meaningless ids in order of first appearance; an empty name has none."""
  return {name: f'{letter}{number:02}'
          for number, name in enumerate(dict.fromkeys(filter(None, names)), start=1)}
