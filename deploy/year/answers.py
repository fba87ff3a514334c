"""What the services answer about the year, and what the recount program finds in their logs."""

import json
import pathlib
import subprocess

import figures
import offices
from plan import Dispatch

_RECOUNT_DEADLINE = 120

# Steps that say what became of a dispatch (MODEL §5).
_WORDS = {'KIND_ADOPTED', 'KIND_KEPT', 'KIND_NOT_ADOPTED', 'KIND_SENT_BACK', 'KIND_RECALLED'}
_OUT = {'STATE_DELIVERED', 'STATE_HANDED_OVER'}


class AnswerError(Exception):
  """An answer cannot be had; the message says why."""


def answered(player, plan):
  """The figures by the services."""
  def ask(*words):
    answer = player.run(plan.office, 'registrar', 'figures', '--year', plan.year, *words)
    return answer, {(figure['kind'].removeprefix('FIGURE_KIND_'), figure.get('value', '')): int(figure['count'])
                    for figure in answer['figures']}

  answer, count = ask()
  _, by_serial = ask('--by', 'serial')
  made = figures.figures(
    sent=count['DISPATCHES', ''], adopted=count['ADOPTED', ''],
    issues={serial: by_serial.get(('ISSUES', serial), 0) for serial in offices.SERIALS},
    instructions=count['INSTRUCTIONS', ''], papers_sent=count['PAPERS', ''],
    papers_adopted=count['PAPERS_ADOPTED', ''], adoptions_above=count['ADOPTIONS_ABOVE', ''],
    dispositions={name: count[name.upper(), ''] for name in figures.DISPOSITIONS},
    instructed_items=count['INSTRUCTED_ITEMS', ''], instructions_above=count['INSTRUCTIONS_ABOVE', ''])
  return {**made, 'adoption_rate': answer['adoption_rate']}


def recounted(network, player, plan, program):
  """The figures by a program that reads all nine logs and shares no code with the services."""
  targets = network.folder / 'logs'
  lines = []
  for hosted in offices.NODES.values():
    office = plan.office if plan.office in hosted else hosted[0]
    certificate, key = network.certificate(office, player.who(office, 'audit'))
    lines += [f'{service}\t{network.address(office, service)}\t{network.ca}\t{certificate}\t{key}\n'
              for service in offices.SERVICES]
  targets.write_text(''.join(lines), encoding='utf-8')
  command = [pathlib.Path(program), '--targets', targets, '--committee', plan.office,
             '--from', f'{plan.year}-01-01', '--to', f'{plan.year}-12-31']
  done = subprocess.run(command, capture_output=True, encoding='utf-8', check=False, timeout=_RECOUNT_DEADLINE)
  if done.returncode != 0:
    raise AnswerError(f'重新计数没有成功:{done.stderr.strip() or done.stdout.strip()}')
  counted = json.loads(done.stdout)
  return {**figures.figures(**counted), 'adoption_rate': counted['adoption_rate']}


def timelines_complete(player, plan, pool):
  """(how many dispatches are told to the end in every timeline that they belong to, what is missing elsewhere)."""
  sent = [dispatch for dispatch in player.run(plan.office, 'dispatcher', 'dispatch', 'list')
          .get('dispatches', []) if dispatch['state'] in _OUT and dispatch['kind'] != 'KIND_COPY']
  expected = _bodies_expected(player, plan)
  homes = {dispatch['name']: _homes(dispatch) for dispatch in sent}
  names = sorted({name for home in homes.values() for name in home})
  timelines = dict(zip(names, pool.map(lambda name: player.run(plan.office, 'registrar', 'timeline', name), names)))
  complete, missing = 0, []
  for dispatch in sent:
    faults = [f'{dispatch["name"]} 在 {home} 的时间线里:{fault}' for home in homes[dispatch['name']]
              for fault in [_fault(timelines[home], dispatch, expected.get(dispatch['name'], set()))] if fault]
    missing += faults
    complete += not faults
  return complete, missing


def _homes(dispatch):
  """The timelines in which a dispatch is told: of the own reports in it, or of its paper."""
  office = dispatch['name'].split('/')[1]
  reports = [leaf['report'] for leaf in dispatch.get('leaves', []) if leaf['report'].split('/')[1] == office]
  return reports or [dispatch['paper']]


def _bodies_expected(player, plan):
  """Every body that a dispatch was sent on to, by the plan."""
  return {player.names[dispatch]: set(_bodies(plan, dispatch))
          for dispatch in plan.all(Dispatch, plan.office) if dispatch in player.names}


def _bodies(plan, dispatch):
  if dispatch.channel.body:
    yield dispatch.channel.body
  for further in plan.all(Dispatch, dispatch.channel.body or None):
    if dispatch.channel.body and dispatch in further.paper.arrivals() and figures.handed_over(further):
      yield from _bodies(plan, further)


def _fault(timeline, dispatch, expected):
  """What the dispatch's branch lacks; None if it is complete."""
  branch = next((branch for branch in timeline['branches'] if branch['dispatch'] == dispatch['name']), None)
  if branch is None:
    return '没有这一条'
  reached = {reach['body'] for reach in branch['reaches'] if reach['body']}
  if not expected <= reached:
    return f'没有 {"、".join(sorted(expected - reached))} 这一级'
  if not branch['reaches']:
    return '没有到达任何地方'
  return next(filter(None, (_fault_of_reach(reach, timeline['read_on']) for reach in branch['reaches'])), None)


def _fault_of_reach(reach, read_on):
  kinds = [step['kind'] for step in reach['steps']]
  words = [step for step in reach['steps'] if step['kind'] in _WORDS]
  if not reach['body']:
    if not words:
      return f'{reach["body_name"]} 没有登记结果'
    return None if all(step['recorded_by'] for step in words) else f'{reach["body_name"]} 的结果没有登记人'
  for kind in ('KIND_ARRIVED', 'KIND_ACKNOWLEDGED'):
    if kind not in kinds:
      return f'{reach["body_name"]} 没有 {kind}'
  if words:
    return None
  silent_since = reach['steps'][0]['on']
  said = reach['no_word'] and (reach['days_without_word'] > 0 or silent_since == read_on)
  return None if said else f'{reach["body_name"]} 既没有结果,也没有写尚无消息几天'
