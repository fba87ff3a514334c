"""What an office does in a day, as the tests tell it; every verb is a command of the client."""

import wire
from town import TODAY
from until import until

_BY_PHONE = 4


def report(title, situation='路灯坏了三天没有人修。', suggestions='请尽快派人修好。'):
  """A report as a clerk types it."""
  return f'{title}\n【情况】\n{situation}\n【建议】\n{suggestions}\n'


def paper(title, body='路灯坏了三天没有人修,请尽快派人修好。'):
  return f'{title}\n【正文】\n{body}\n'


class Office:

  def __init__(self, town, code):
    self.town = town
    self.code = code

  def do(self, who, *words, text=None):
    return self.town.do(self.code, who, *words, text=text)

  def enter(self, text, *reporters, more=()):
    """A report's name."""
    return self.do('registrar', 'report', 'enter', '-', *enter_words(*reporters), *more, text=text)['name']

  def register(self, name):
    """The desk item, once it is on the desk."""
    done = self.do('registrar', 'report', 'register', name)
    item = name.replace('/reports/', '/deskitems/')
    self.do('editor', 'desk', 'show', item, '--min-position', spelled(done['position']))
    return item

  def draft(self, text, *sources):
    """`sources` are names of desk items, arrivals and papers, or specs of own material."""
    words = [word for source in sources for word in ('--source', spec(source))]
    return self.do('editor', 'paper', 'draft', '-', '--kind', 'opinion', *words, text=text)['name']

  def sign(self, name, *channels, serial=''):
    """Put in, reviewed and signed."""
    self.do('editor', 'paper', 'put-in', name)
    self.do('reviewer', 'paper', 'agree', name)
    words = [word for channel in channels for word in ('--channel', channel)]
    self.do('signer', 'paper', 'sign', name, *words, *(['--serial', serial] if serial else []))
    return name

  def publish(self, name, serial='sqmy'):
    return self.do('dispatcher', 'issue', 'publish', '--serial', serial, '--paper', name)['name']

  def send(self, name, channel):
    return self.do('dispatcher', 'dispatch', 'send', name, '--channel', channel)['name']

  def arrival_of(self, dispatch):
    """The arrival above that a dispatch of this office has become."""
    def delivered():
      return self.do('dispatcher', 'dispatch', 'show', dispatch).get('receipt')
    return until(f'{dispatch} is delivered', delivered)['arrival']

  def acknowledge(self, arrival):
    self.do('dispatcher', 'arrival', 'acknowledge', arrival)
    return arrival

  def await_feedback(self):
    """Until feedback has heard all that routing says so far."""
    head = self.town.status(self.code)['routing']['log']['head']
    self.do('registrar', 'figures', '--min-position', spelled(head))

  def send_up(self, text, source, channel):
    """The arrival above of a paper made of one source."""
    return self.arrival_of(self.send(self.sign(self.draft(text, source), channel), channel))

  def all(self, who, noun, field):
    return self.do(who, noun, 'list').get(field, [])


def enter_request(code, title, request_id, situation='路灯坏了三天没有人修。', suggestions='请尽快派人修好。',
                  not_classified=1):
  """An EnterReportRequest by hand."""
  text = wire.message(f1=title, f2=wire.message(f1=situation, f3=suggestions))
  reporter = wire.message(f2='林小满', f4='安泰里社区')
  draft = wire.message(f1=text, f2=reporter, f4='chengjian', f6=not_classified)
  return wire.message(f1=f'committees/{code}', f2=draft, f3=TODAY, f4=_BY_PHONE, f6=request_id)


def enter_words(*reporters, received_on=TODAY):
  """How a report is entered, but for its text."""
  words = [word for reporter in reporters or ('name=林小满:unit=安泰里社区',) for word in ('--reporter', reporter)]
  return ['--category', 'chengjian', '--received-on', received_on, '--via', 'phone', '--not-classified', *words]


def spec(source):
  """A name as `--source` takes it."""
  collections = {'deskitems': 'deskitem', 'arrivals': 'arrival', 'papers': 'paper'}
  parts = source.split('/')
  return f'{collections[parts[2]]}:{source}' if len(parts) == 4 else source


def spelled(position):
  return f'{position["log_id"]}:{position["epoch"]}:{position["position"]}'
