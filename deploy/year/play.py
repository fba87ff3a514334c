#!/usr/bin/env python3
"""Starts a network of nine services on this machine and plays a year through the client. See deploy/quickstart."""

import argparse
import concurrent.futures
import contextlib
import json
import pathlib
import shutil
import signal
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.stdout.reconfigure(encoding='utf-8')
sys.stderr.reconfigure(encoding='utf-8')

import answers
import client as clients
import feeds
import figures
import network as networks
import offices
import player as players
import plan as plans
import processes
import samples as sample_papers
import schedule
import straight
import sync
import year


class NotRight(Exception):
  """The play came to its end, but not everything in the result is right. The result says what."""


_ROOT = pathlib.Path(__file__).resolve().parents[2]
_FAILURES = (answers.AnswerError, clients.ClientError, feeds.FeedError, processes.ProcessError, sync.SyncError)
_OFFICES_THAT_SEND = (offices.TAIJIANG, offices.GULOU, offices.CANGSHAN, offices.CITY)


def main():
  arguments = _arguments()
  signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
  samples = sample_papers.read()
  all_offices = offices.build(samples)
  if arguments.straight:
    plan = straight.plan(samples, all_offices)
  else:
    plan = year.plan(samples, all_offices, arguments.vary)
  try:
    with _folder(arguments.directory) as folder:
      _run(arguments, folder, samples, all_offices, plan)
    return 0
  except NotRight:
    return 1
  except _FAILURES as failure:
    print(f'\n没有成功:{failure}', file=sys.stderr)
    return 1
  except KeyboardInterrupt:
    print('\n已停止。')
    return 130


def _arguments():
  parser = argparse.ArgumentParser(description='在本机起一个演练网络,演完一年。')
  parser.add_argument('--check', action='store_true', help='演完就停,最后一行打印一个 JSON 对象')
  which = parser.add_mutually_exclusive_group()
  which.add_argument('--straight', action='store_true', help='只演一篇来稿:区 → 市 → 省,结果回到区')
  which.add_argument('--vary', metavar='种子', type=int, help='换一年演:数目和次序都不同')
  parser.add_argument('--directory', metavar='目录', help='网络的文件放在这里(须为空);默认用临时目录')
  parser.add_argument('--binaries', metavar='目录', default=_ROOT / 'build' / 'bin', help=argparse.SUPPRESS)
  return parser.parse_args()


@contextlib.contextmanager
def _folder(directory):
  """The folder asked for, or one that is gone afterwards unless something failed."""
  if directory:
    folder = pathlib.Path(directory)
    if folder.exists() and any(folder.iterdir()):
      raise processes.ProcessError(f'{folder} 不是空的。请换一个目录,或者先清空它。')
    yield folder
    return
  folder = pathlib.Path(tempfile.mkdtemp(prefix='shangda-'))
  try:
    yield folder
  except BaseException as error:
    if isinstance(error, (NotRight, *_FAILURES)):
      print(f'\n网络的文件和日志留在 {folder},可供查看。', file=sys.stderr)
    else:
      shutil.rmtree(folder, ignore_errors=True)
    raise
  shutil.rmtree(folder, ignore_errors=True)


def _run(arguments, folder, samples, all_offices, plan):
  binaries = pathlib.Path(arguments.binaries).resolve()
  begun = time.monotonic()
  print(f'建网络:省 350000、市 350100、区县 350103 350102 350104,放在 {folder}')
  network = networks.Network(folder, all_offices, plan.days()[0])
  with processes.Processes(network, binaries) as running:
    print(f'九个服务都已开始服务(三个节点,双向证书,演练时钟),用时 {time.monotonic() - begun:.0f} 秒')
    client = clients.Client(binaries / 'shangda', network)
    watchers = {office: samples.with_role(office, 'dispatcher') for office in _OFFICES_THAT_SEND}
    with concurrent.futures.ThreadPoolExecutor(schedule.WORKERS) as pool:
      with feeds.Deliveries(client, watchers) as deliveries:
        player = players.Player(client, samples, all_offices, deliveries)
        _play(network, player, plan, pool, running)
        player.sync.everything_has_come_down()
      result, missing = _result(network, player, plan, pool, binaries)
    _tell(plan, result, missing)
    print(f'演练共用 {client.calls} 条命令,{time.monotonic() - begun:.0f} 秒。')
    if not arguments.check:
      _where_to_look(network, client, player, plan)
      print('\n网络还在运行,按 Ctrl-C 结束。', flush=True)
      while True:
        running.check()
        time.sleep(1)
  if arguments.check:
    print(json.dumps(result, ensure_ascii=False, separators=(',', ':')), flush=True)
  if not result['ok']:
    raise NotRight


def _play(network, player, plan, pool, running):
  days = plan.days()
  total = sum(len(thing.steps) for thing in plan.things)
  print(f'演练:{days[0]} 到 {days[-1]},共 {total} 步', flush=True)
  progress = _Progress(total)

  def perform(act):
    player.perform(act)
    network.clock.tick()

  for day in days:
    network.clock.begin(day)
    running.check()
    acts = schedule.acts_of(plan, day)
    if any(isinstance(act.thing, plans.Informing) for act in acts):
      # Whoever is told is told everything.
      player.sync.everything_has_come_down()
    schedule.run(acts, perform, pool)
    progress.add(len(acts), day)
  network.clock.end()


class _Progress:
  """How far it is, with the time left: on one line of a terminal, else a line now and then."""

  def __init__(self, total):
    self._total = total
    self._done = 0
    self._begun = time.monotonic()
    self._last_told = -100
    self._terminal = sys.stdout.isatty()

  def add(self, count, day):
    self._done += count
    percent = 100 * self._done // self._total
    ended = self._done == self._total
    if percent - self._last_told < (1 if self._terminal else 20) and not ended:
      return
    self._last_told = percent
    left = (time.monotonic() - self._begun) * (self._total - self._done) / self._done
    line = f'  {percent:3}%  {day}  ' + (f'约剩 {left:.0f} 秒' if not ended else '演完      ')
    print(f'\r{line}' if self._terminal else line, end='\n' if ended or not self._terminal else '', flush=True)


def _result(network, player, plan, pool, binaries):
  """The object of the last line, and what the timelines lack."""
  planned = figures.planned(plan)
  answered = answers.answered(player, plan)
  recounted = answers.recounted(network, player, plan, binaries / 'shangda-recount')
  complete, missing = answers.timelines_complete(player, plan, pool)
  ok = planned == answered == recounted and complete == planned['sent']
  head = {key: answered[key] for key in ('sent', 'adopted', 'adoption_rate', 'issues', 'instructions')}
  return {**head, 'timelines_complete': complete, 'ok': ok, **answered,
          'planned': planned, 'answered': answered, 'recounted': recounted}, missing


def _tell(plan, result, missing):
  print(f'\n{plan.year} 年台江区政协(演练;人名、单位、来稿都是虚构的):')
  issues = ','.join(f'《{title}》{count} 期' for title, count in result['issues'].items())
  print(f'  编发:{issues}')
  print(f'  报送 {result["sent"]} 条次({result["papers_sent"]} 条),采用 {result["adopted"]} 条次'
        f'({result["papers_adopted"]} 条),采用率 {result["adoption_rate"]}')
  words = result['dispositions']
  print(f'  留存 {words["kept"]},不采用 {words["not_adopted"]},退稿 {words["sent_back"]},'
        f'撤稿 {words["recalled"]},尚无消息 {words["no_word"]} 条次;转报后上级采用 {result["adoptions_above"]} 篇')
  print(f'  本级领导批示 {result["instructions"]} 次({result["instructed_items"]} 件),'
        f'上级批示 {result["instructions_above"]} 次')
  print(f'  {result["timelines_complete"]} 条次在时间线里逐级查得到结果')
  print('  年度总结未说明统计口径,这里按条次计。')
  for key in figures.KEYS:
    counted = [result[way][key] for way in ('planned', 'answered', 'recounted')]
    if counted.count(counted[0]) != 3:
      print(f'  对不上:{key} 计划 {counted[0]},服务答 {counted[1]},从日志重新数 {counted[2]}')
  for line in missing[:20]:
    print(f'  时间线不全:{line}')
  if result['ok']:
    print('  计划、服务的回答、从九份日志重新数出的三套数字一致。')


def _where_to_look(network, client, player, plan):
  example = next(thing.report for thing in plan.all(plans.Informing, plan.office))
  print('\n接着可以看(在另一个终端):')
  for office, role, *words in (
      (plan.office, 'registrar', 'timeline', player.short(example)),
      (plan.office, 'viewer', 'figures', '--year', str(plan.year), '--by', 'channel'),
      (plan.office, 'viewer', 'watch', '--status', '--after', '0'),
      (offices.CITY, 'editor', 'arrival', 'list'),
      (offices.PROVINCE, 'audit', 'log', 'inspect', '--service', 'routing')):
    print('  ' + client.spelled(client.command(office, player.who(office, role), *words)))
  print(f'每个人的配置文件在 {network.folder}/people,服务的日志在 {network.folder}/run。')


if __name__ == '__main__':
  sys.exit(main())
