"""Which papers go through which channels, and when they leave."""

import desk
import offices
from plan import Dispatch

HANDED_TO = {'shiweiban': '市委办信息科', 'kuaixun': '《臺江快訊》编辑部'}

# How often a channel is chosen.
_OPINIONS_GO = {'shizx': 5, 'shengzx': 3, 'shiweiban': 4, 'kuaixun': 4}
_BRIEFS_GO = {'kuaixun': 6, 'shiweiban': 3, 'shizx': 3}

_OPINIONS_MORE, _BRIEFS_MOST = 2, 2


def send(context, own_desk):
  """Every dispatch that counts. Opinions go through one to three channels, briefs through none to two."""
  papers = list(dict.fromkeys(own_desk.papers.values()))
  opinions = [paper for paper in papers if paper.kind != 'work']
  briefs = [paper for paper in papers if paper.kind == 'work']
  more = [paper for paper in opinions for _ in range(_OPINIONS_MORE)] + [
    paper for paper in briefs for _ in range(_BRIEFS_MOST)]
  numbers = dict.fromkeys(opinions, 1)
  for paper in context.rng.sample(more, context.counts.sent - len(opinions)):
    numbers[paper] = numbers.get(paper, 0) + 1
  to_city = {own_desk.papers[name] for name in (*desk.TITLED, desk.RIVERS)}
  dispatches = []
  for paper, count in numbers.items():
    paper.channels = _choose(context.rng, _BRIEFS_GO if paper.kind == 'work' else _OPINIONS_GO, count,
                             ['shizx'] if paper in to_city else [])
    dispatches += [_dispatch(context, own_desk, paper, channel) for channel in paper.channels]
  _send_what_does_not_count(context, own_desk, briefs)
  return dispatches


def _choose(rng, weights, count, chosen):
  """`count` channels, those already chosen among them."""
  while len(chosen) < count:
    left = {channel: weight for channel, weight in weights.items() if channel not in chosen}
    chosen = [*chosen, rng.choices(list(left), list(left.values()))[0]]
  return chosen


def _send_what_does_not_count(context, own_desk, briefs):
  """One copy, and one that is given up before it is handed over."""
  copied, given_up = context.rng.sample([brief for brief in briefs if 'shiweiban' not in brief.channels], 2)
  for paper in (copied, given_up):
    paper.channels.append('shiweiban')
    dispatch = _dispatch(context, own_desk, paper, 'shiweiban', copy=paper is copied)
    if paper is copied:
      dispatch.add(dispatch.last, 'hand-over', to=HANDED_TO['shiweiban'], copies=1)
    else:
      dispatch.add(dispatch.last, 'cancel')


def _dispatch(context, own_desk, paper, channel, copy=False):
  dispatch = Dispatch(f'{paper.key}-to-{channel}', offices.TAIJIANG, paper,
                      context.offices[offices.TAIJIANG].channels[channel], copy)
  out = own_desk.issues[paper].last if paper in own_desk.issues else paper.last
  return context.plan.add(dispatch).add(context.days.after(out, context.rng.randint(0, 1)), 'send')
