"""Live feeds of offices' routing: what became of dispatches that the link carries by itself."""

import json
import subprocess
import threading

_DEADLINE = 60


class FeedError(Exception):
  """What was waited for did not come; the message says what."""


class Deliveries:
  """Watches the dispatches of some offices; on leaving the feeds end."""

  def __init__(self, client, watchers):
    """`watchers`: person by office, somebody who may watch its routing."""
    self._client = client
    self._watchers = watchers
    self._answers = {}  # dispatch → event
    self._news = threading.Condition()
    self._feeds = []

  def __enter__(self):
    for office, person in self._watchers.items():
      feed = self._client.feed(office, person, 'watch', '--service', 'routing', '--after', '0',
                               '--kind', 'dispatch_delivered', '--kind', 'dispatch_refused')
      self._feeds.append(feed)
      threading.Thread(target=self._read, args=(feed,), daemon=True).start()
    return self

  def __exit__(self, *error):
    for feed in self._feeds:
      feed.terminate()
      try:
        feed.wait(5)
      except subprocess.TimeoutExpired:
        feed.kill()
        feed.wait()

  def _read(self, feed):
    for line in feed.stdout:
      event = json.loads(line)
      with self._news:
        self._answers[event['header']['subject']] = event
        self._news.notify_all()

  def await_answer(self, dispatch):
    """(what the receiver answered, the number of the record in which the sender noted it)."""
    with self._news:
      if not self._news.wait_for(lambda: dispatch in self._answers, _DEADLINE):
        raise FeedError(f'等了 {_DEADLINE} 秒,报送 {dispatch} 还没有送达对方。请看两边 routing 的日志。')
      event = self._answers[dispatch]
    if 'dispatch_refused' in event:
      raise FeedError(f'报送 {dispatch} 被对方拒收:{event["dispatch_refused"]["refusal"]}')
    return event['dispatch_delivered']['receipt'], event['header']['position']
