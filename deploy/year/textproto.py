"""Writes protobuf's text format."""


class Word(str):
  """A value that stands without quotes: the name of an enum's value."""


class Writer:
  """A message, field by field. Empty values are left out; a list is a repeated field."""

  def __init__(self, indent=''):
    self._indent = indent
    self._lines = []

  def put(self, **fields):
    for name, value in fields.items():
      for element in value if isinstance(value, list) else [value]:
        if element:
          self._lines.append(f'{self._indent}{name}: {_spelled(element)}')

  def block(self, name, /, **fields):
    inner = Writer(self._indent + '  ')
    inner.put(**fields)
    self._lines.append(f'{self._indent}{name} {{\n{inner.text()}{self._indent}}}')

  def text(self):
    return ''.join(f'{line}\n' for line in self._lines)


def _spelled(value):
  if isinstance(value, bool):
    return 'true'
  if isinstance(value, (Word, int)):
    return str(value)
  escaped = value.replace('\\', '\\\\').replace('"', '\\"').replace('\n', '\\n')
  return f'"{escaped}"'
