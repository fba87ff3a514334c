#!/usr/bin/env python3
"""The drill clock, and the text format that the network's configuration is written in."""

import datetime
import pathlib
import tempfile
import unittest

import play_modules  # noqa: F401

import network
import textproto


class DrillClockTest(unittest.TestCase):

  def setUp(self):
    folder = tempfile.TemporaryDirectory()
    self.addCleanup(folder.cleanup)
    self.file = pathlib.Path(folder.name) / 'now'
    self.clock = network.DrillClock(self.file, datetime.date(2009, 3, 2))

  def said(self):
    return self.file.read_text(encoding='utf-8')

  def test_a_day_begins_at_nine_in_china_and_ends_at_six(self):
    self.assertEqual(self.said(), '2009-03-02T09:00:00+08:00\n')
    self.clock.end()
    self.assertEqual(self.said(), '2009-03-02T18:00:00+08:00\n')

  def test_a_tick_is_later_and_of_the_same_day(self):
    before = self.said()
    self.clock.tick()
    self.assertGreater(self.said(), before)
    for _ in range(5000):
      self.clock.tick()
    self.assertLess(self.said(), '2009-03-02T18:00:00+08:00\n')


class TextProtoTest(unittest.TestCase):

  def test_fields_lists_enums_flags_and_messages_are_spelled_and_empty_ones_left_out(self):
    file = textproto.Writer()
    file.put(id='p1', number=3, roles=[textproto.Word('ROLE_A'), textproto.Word('ROLE_B')], upward=True, within=False,
             post='')
    file.block('persons', name='林"楫\\川\n')
    self.assertEqual(file.text(), 'id: "p1"\nnumber: 3\nroles: ROLE_A\nroles: ROLE_B\nupward: true\n'
                                  'persons {\n  name: "林\\"楫\\\\川\\n"\n}\n')


if __name__ == '__main__':
  unittest.main()
