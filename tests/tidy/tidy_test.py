#!/usr/bin/python3 -B
"""Every rule of tests/tidy finds what it is for, says what to do instead, and leaves right code alone.

Each test writes a small tree and runs the program on it, as ctest does on ours.
"""

import pathlib
import shutil
import subprocess
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent

PROTO = '''syntax = "proto3";

// Fruit.
package shangda.fruit.v1;

// One apple.
message Apple {
  // Grams.
  uint32 weight = 1;
}
'''


class TidyTest(unittest.TestCase):

  def setUp(self):
    folder = tempfile.TemporaryDirectory()
    self.addCleanup(folder.cleanup)
    self.root = pathlib.Path(folder.name)

  def write(self, path, text):
    target = self.root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)

  def call(self, *words):
    return subprocess.run([HERE / 'run', '--root', self.root, *words], capture_output=True, text=True,
                          check=False)

  def assert_right(self, rule):
    done = self.call(rule)
    self.assertEqual((done.returncode, done.stdout, done.stderr), (0, f'{rule}: 合格\n', ''))

  def assert_wrong(self, rule, *findings):
    """The rule finds as many things as given, each beginning with its place and holding its words."""
    done = self.call(rule)
    self.assertEqual((done.returncode, done.stderr), (1, ''))
    lines = done.stdout.splitlines()
    self.assertEqual(len(lines), len(findings) + 1, done.stdout)
    self.assertEqual(lines[-1], f'{rule}: {len(findings)} 处要改')
    for line, (place, *words) in zip(lines, findings):
      self.assertTrue(line.startswith(f'{place}: '), line)
      for word in words:
        self.assertIn(word, line)


class LayersTest(TidyTest):

  def assert_includes(self, path, allowed=(), forbidden=()):
    """In a file at this path, these includes are allowed and those are not; each as written, <> or ""."""
    self.write(path, ''.join(f'#include {name}\n' for name in allowed))
    self.assert_right('layers')
    for name in forbidden:
      self.write(path, f'#include {name}\n')
      self.assert_wrong('layers', (f'{path}:1', name[1:-1]))
    (self.root / path).unlink()

  def test_the_domain_includes_messages_and_std_and_nothing_else(self):
    self.assert_includes(
      'services/intake/domain/decide.cc',
      allowed=['<vector>', '"shangda/intake/v1/intake.pb.h"', '"google/protobuf/timestamp.pb.h"',
               '"common/domain/date.h"', '"services/intake/domain/state.h"'],
      forbidden=['"common/kv/store.h"', '"absl/status/status.h"', '"google/rpc/status.pb.h"', '"gtest/gtest.h"',
                 '"services/intake/store/keys.h"', '<fstream>', '<openssl/sha.h>'])
    self.assert_includes('common/domain/date.h', allowed=['<chrono>', '"common/domain/name.h"'],
                         forbidden=['"common/text/text.h"'])

  def test_a_test_of_the_domain_drives_it_through_the_engine(self):
    for path in ['services/intake/domain/decide_test.cc', 'services/intake/domain/testing.h']:
      self.assert_includes(path, allowed=['"gtest/gtest.h"', '"common/engine/testing/harness.h"'])

  def test_what_the_domains_share_of_offices_is_as_pure_as_they_are(self):
    self.assert_includes('services/intake/domain/decide.cc', allowed=['"common/office/office.h"'],
                         forbidden=['"common/office/keys.h"'])
    self.assert_includes('common/office/office.cc', allowed=['"common/domain/names.h"'],
                         forbidden=['"common/kv/key.h"'])

  def test_what_the_domains_share_of_incidents_is_as_pure_as_they_are(self):
    self.assert_includes('services/intake/domain/decide.cc', allowed=['"common/incident/incident.h"'],
                         forbidden=['"common/incident/overseer.h"'])
    self.assert_includes('common/incident/incident.cc', allowed=['"common/domain/names.h"'],
                         forbidden=['"common/engine/engine.h"'])

  def test_services_know_nothing_of_each_other(self):
    self.assert_includes('services/routing/rpc/desk.cc', allowed=['"services/routing/store/keys.h"'],
                         forbidden=['"services/intake/store/keys.h"'])
    self.assert_includes('services/console/main.cc', allowed=['"common/rpc/channel.h"'],
                         forbidden=['"services/intake/store/keys.h"'])

  def test_common_knows_no_service_but_a_test_of_the_whole_does(self):
    self.assert_includes('common/engine/engine.h', forbidden=['"services/intake/store/keys.h"'])
    self.assert_includes('tests/simulation/world.cc', allowed=['"services/intake/store/keys.h"'])

  def test_rocksdb_is_wrapped_in_one_place(self):
    self.assert_includes('common/kv/rocks_store.cc', allowed=['<rocksdb/db.h>'])
    self.assert_includes('common/kv/memory_store.cc', forbidden=['<rocksdb/db.h>'])
    self.assert_includes('services/intake/main.cc', forbidden=['"rocksdb/db.h"'])

  def test_grpc_stays_in_the_shell(self):
    for path in ('common/rpc/unary.h', 'services/intake/rpc/reports.cc', 'services/intake/main.cc'):
      self.assert_includes(path, allowed=['<grpcpp/grpcpp.h>', '"shangda/intake/v1/intake.grpc.pb.h"'])
    self.assert_includes('common/watch/watch.cc',
                         forbidden=['<grpcpp/grpcpp.h>', '"shangda/log/v1/log.grpc.pb.h"'])
    self.assert_includes('services/intake/domain/decide.cc', allowed=['"shangda/log/v1/log.pb.h"'])

  def test_an_include_is_written_from_the_root(self):
    self.assert_includes('common/kv/store.cc', forbidden=['"store.h"', '"../kv/store.h"'])

  def test_threads_and_locks_stay_in_the_shell(self):
    self.assert_includes('common/rpc/pool.cc', allowed=['<thread>', '<mutex>'])
    self.assert_includes('common/engine/engine.cc', allowed=['<atomic>'],
                         forbidden=['<thread>', '<mutex>', '<condition_variable>', '<future>',
                                    '"absl/synchronization/mutex.h"'])

  def test_clock_chance_environment_and_sleep_are_handed_in(self):
    code = ('auto a = std::chrono::steady_clock::now();\n'
            'std::random_device b;\n'
            'auto c = getenv("HOME");\n'
            'std::this_thread::sleep_for(d);\n')
    for path in ('common/clock/system.cc', 'services/intake/main.cc', 'tests/process/kill_test.cc'):
      self.write(path, code)
    self.assert_right('layers')
    self.write('common/link/link.cc', code)
    self.assert_wrong('layers',
                      ('common/link/link.cc:1', 'steady_clock::now', 'common/clock'),
                      ('common/link/link.cc:2', 'random_device', '传入'),
                      ('common/link/link.cc:3', 'getenv', '配置文件'),
                      ('common/link/link.cc:4', 'sleep_for', '回调'))

  def test_comments_and_strings_are_not_code(self):
    self.write('common/link/link.cc',
               '// Never calls steady_clock::now().\n'
               '/* Nor\n sleep_for(x). */\n'
               'const char* kSentence = "no \\" getenv(x) // here";\n'
               'const char* kMore = R"(rand())";\n')
    self.assert_right('layers')

  def test_code_after_comments_is_found_at_its_line(self):
    self.write('common/link/link.cc', '/* a\n b */\nconst char* s = "//"; int x = rand();\n')
    self.assert_wrong('layers', ('common/link/link.cc:3', 'rand'))


class SourcesTest(TidyTest):

  def test_a_file_that_no_list_names_is_found(self):
    self.write('CMakeLists.txt', 'add_subdirectory(common)\n')
    self.write('common/CMakeLists.txt', 'add_library(x a.cc deep/b.cc  # c.cc\n  ${CMAKE_SOURCE_DIR}/common/d.cc)\n')
    for name in ('a.cc', 'deep/b.cc', 'd.cc'):
      self.write(f'common/{name}', '')
    self.assert_right('sources')
    self.write('common/c.cc', '')
    self.assert_wrong('sources', ('common/c.cc', 'CMakeLists.txt', '删掉'))

  def test_a_list_that_the_root_does_not_reach_does_not_count(self):
    self.write('CMakeLists.txt', '# add_subdirectory(common)\n')
    self.write('common/CMakeLists.txt', 'add_library(x a.cc)\n')
    self.write('common/a.cc', '')
    self.assert_wrong('sources', ('common/a.cc', 'add_subdirectory'))


class TextTest(TidyTest):

  def test_unfinished_work_is_found(self):
    self.write('common/a.cc', '// TODO: later\n// FIXME\nTEST(A, DISABLED_B) {}\n  GTEST_SKIP();\n')
    self.write('build/b.cc', '// TODO in what a build made\n')
    self.assert_wrong('words', ('common/a.cc:1', 'TODO', '任务'), ('common/a.cc:2', 'FIXME'),
                      ('common/a.cc:3', 'DISABLED_', '删掉'), ('common/a.cc:4', 'GTEST_SKIP', 'deploy/setup'))

  def test_a_line_is_measured_in_columns(self):
    self.write('common/a.cc', f'// {"x" * 117}\n// {"字" * 58}\n')
    self.write('README.md', 'x' * 500)
    self.write('tests/data/a.txt', 'x' * 500)
    self.assert_right('lines')
    self.write('common/a.cc', f'// {"x" * 118}\n// {"字" * 59}\n')
    self.assert_wrong('lines', ('common/a.cc:1', '121 列', '120 列'), ('common/a.cc:2', '121 列'))

  def test_a_path_of_somebodys_machine_is_found(self):
    self.write('common/a.cc', '// see docs/home/page and $HOME/work/x and https://shangda.example/work/x\n')
    self.assert_right('paths')
    self.write('common/a.cc', 'open("/home/li/data");\nopen("C:\\\\Users\\\\li");\ncd /work/shangda\n')
    self.assert_wrong('paths', ('common/a.cc:1', '/home/l', '相对路径'), ('common/a.cc:2', 'Users'),
                      ('common/a.cc:3', '/work/s'))

  def test_a_lock_file_names_no_download_address(self):
    self.write('web/package-lock.json', '{"version": "1.0.0"}\n')
    self.assert_right('paths')
    self.write('web/package-lock.json', '{\n"resolved": "https://packages.example/x.tgz"}\n')
    self.assert_wrong('paths', ('web/package-lock.json:2', '--omit-lockfile-registry-resolved'))


class FormatTest(TidyTest):

  def test_a_file_formatted_otherwise_is_found(self):
    shutil.copy(HERE.parents[1] / '.clang-format', self.root)
    self.write('common/a.cc', 'int Add(int a, int b) {\n  return a + b;\n}\n')
    self.assert_right('format')
    self.write('common/b.cc', 'int x;\nint   y;\n')
    self.assert_wrong('format', ('common/b.cc:2', 'clang-format-14 -i common/b.cc'))


class ProtoTest(TidyTest):

  PATH = 'proto/shangda/fruit/v1/fruit.proto'

  def setUp(self):
    super().setUp()
    self.write(self.PATH, PROTO)

  def test_protos_in_our_style_pass(self):
    self.assert_right('proto-lint')

  def test_every_element_has_a_comment(self):
    self.write(self.PATH, PROTO.replace('  // Grams.\n', ''))
    self.assert_wrong('proto-lint', (f'{self.PATH}:8:3', 'comment'))

  def test_names_follow_the_standard_style(self):
    self.write(self.PATH, PROTO.replace('weight', 'weightGrams'))
    self.assert_wrong('proto-lint', (f'{self.PATH}:9:10', 'lower_snake_case'))

  def test_without_a_golden_image_the_sentence_says_how_to_make_one(self):
    self.assert_wrong('proto-breaking', ('tests/tidy/golden/protos.binpb', '--freeze'))

  def test_what_is_frozen_may_grow_but_not_change(self):
    self.assertEqual(self.call('--freeze').returncode, 0)
    self.write(self.PATH, PROTO.replace('weight = 1;', 'weight = 1;\n  // Its colour.\n  string colour = 2;'))
    self.assert_right('proto-breaking')
    self.write(self.PATH, PROTO.replace('uint32', 'string'))
    self.assert_wrong('proto-breaking', (f'{self.PATH}:9:3', 'uint32', '请改回去', '--freeze'))

  def test_freezing_a_change_names_what_it_breaks_and_settles_it(self):
    self.call('--freeze')
    self.write(self.PATH, PROTO.replace('uint32', 'string'))
    done = self.call('--freeze')
    self.assertEqual(done.returncode, 0)
    self.assertIn(f'{self.PATH}:9:3', done.stdout)
    self.assert_right('proto-breaking')

  def test_protos_that_do_not_compile_are_not_frozen(self):
    self.write(self.PATH, PROTO.replace('uint32', 'colour'))
    self.assertEqual(self.call('--freeze').returncode, 1)
    self.assertFalse((self.root / 'tests/tidy/golden/protos.binpb').exists())


class ProgramTest(TidyTest):

  def test_an_unknown_rule_is_an_error_that_lists_the_known_ones(self):
    done = self.call('layer')
    self.assertEqual(done.returncode, 2)
    self.assertIn('layers', done.stderr)


if __name__ == '__main__':
  unittest.main()
