#!/usr/bin/python3 -B
"""The country is whole: as many committees as the standard has divisions, each under its own."""

import collections
import unittest

import divisions


class DivisionsTest(unittest.TestCase):

  def setUp(self):
    self.committees = {committee.code: committee for committee in divisions.committees()}

  def test_there_are_as_many_as_divisions(self):
    self.assertEqual(collections.Counter(committee.level for committee in self.committees.values()),
                     {'NATION': 1, 'PROVINCE': 31, 'CITY': 333, 'COUNTY': 2846})

  def test_everybody_is_under_a_body_of_a_higher_level(self):
    above = {'COUNTY': {'CITY', 'PROVINCE'}, 'CITY': {'PROVINCE'}, 'PROVINCE': {'NATION'}}
    for committee in self.committees.values():
      if committee.code != divisions.NATION:
        self.assertIn(self.committees[committee.parent].level, above[committee.level], committee)
      if committee.direct:
        self.assertEqual(self.committees[committee.direct].level, 'PROVINCE', committee)

  def test_counties_of_municipalities_and_provinces_are_right_under_them(self):
    for county, province in (('110101', '110000'), ('500230', '500000'), ('419001', '410000'), ('659012', '650000')):
      self.assertEqual((self.committees[county].parent, self.committees[county].direct), (province, ''))

  def test_a_county_of_a_city_may_go_past_it(self):
    self.assertEqual(self.committees['350103'],
                     divisions.Committee('350103', '台江区政协', 'COUNTY', '350100', '350000'))

  def test_a_city_may_have_no_county(self):
    for city in ('441900', '442000', '460400', '620200'):
      self.assertEqual(self.committees[city].level, 'CITY')
      self.assertFalse([one for one in self.committees.values() if one.parent == city])


if __name__ == '__main__':
  unittest.main()
