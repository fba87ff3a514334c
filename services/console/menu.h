// The command line: groups of commands, each with a page like a manual's, and Chinese words for
// what is wrong with what was typed. Parsing only chooses an action; nothing is done before it is
// whole.
#pragma once

#include <absl/status/statusor.h>

#include <CLI/CLI.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/console/words.h"

namespace shangda::console {

class Session;

// What a command does, once the line is parsed and the profile read.
using Action = std::function<absl::Status(Session&)>;

// What every command may be told.
struct Options {
  std::string profile;
  bool json = false;
  // Verbs on an existing resource: empty means "as it is now".
  std::string etag;
  // Mutations: empty means a new one.
  std::string request_id;
  // Reads: as typed.
  std::string min_position;
  // Lists: 0 is all.
  int32_t limit = 0;
};

// A command's page.
struct Page {
  std::string name;
  // One line.
  std::string summary;
  // What it does, as in 「未能……」.
  std::string verb;
  // Which roles use it.
  std::string who;
  // Paragraphs; may be empty.
  std::string about;
  // At least one.
  std::vector<std::string> examples;
};

class CommandLine;

// Headings of options on a page.
inline constexpr const char* kSpecialGroup = "选项";
inline constexpr const char* kCommonGroup = "通用选项";

// One command under construction. Names with `--` are options, others are positionals; every helper
// returns CLI11's option for what is rarer.
class Command {
 public:
  Command(CommandLine& line, CLI::App& app) : line_(line), app_(app) {}

  CLI::Option* Text(const std::string& name,
                    std::string* to,
                    const std::string& help,
                    const std::string& type = "文字");
  CLI::Option* Texts(const std::string& name,
                     std::vector<std::string>* to,
                     const std::string& help,
                     const std::string& type = "文字");
  // A China date that exists.
  CLI::Option* Date(const std::string& name, std::string* to, const std::string& help);
  template <class Integer>
  CLI::Option* Number(const std::string& name, Integer* to, const std::string& help) {
    return app_.add_option(name, *to, help)->type_name("数")->group(kSpecialGroup);
  }
  CLI::Option* Flag(const std::string& name, bool* to, const std::string& help);

  // A value of one of the API's enums, by id or Chinese word, but those that are not for people.
  template <class Enum>
  CLI::Option* Choice(const std::string& name,
                      Enum* to,
                      const std::string& help,
                      std::vector<int> except = {}) {
    return Choice(name, google::protobuf::GetEnumDescriptor<Enum>(), help, std::move(except),
                  [to](int number) { *to = static_cast<Enum>(number); });
  }

  // `--etag` and `--request-id`, for a verb on an existing resource.
  void Changes();
  // `--request-id`, for a mutation that needs no etag.
  void Creates();
  // `--min-position`, for a read.
  void Reads();
  // `--min-position` and `--limit`, for a list.
  void Lists();

  void Run(Action action);
  // A command that only says something, without a profile or a service.
  void Tell(std::function<absl::StatusOr<std::string>()> words);

 private:
  CLI::Option* Choice(const std::string& name,
                      const google::protobuf::EnumDescriptor* type,
                      const std::string& help,
                      std::vector<int> except,
                      std::function<void(int)> set);

  CommandLine& line_;
  CLI::App& app_;
};

// Commands under one word, e.g. `report`.
class Group {
 public:
  Group(CommandLine& line, CLI::App& app) : line_(line), app_(app) {}

  // A new command with the arguments it is parsed into; they live as long as the line.
  template <class Arguments>
  std::pair<Command, std::shared_ptr<Arguments>> Add(Page page) {
    return {Add(std::move(page)), std::make_shared<Arguments>()};
  }
  Command Add(Page page);

 private:
  CommandLine& line_;
  CLI::App& app_;
};

class CommandLine {
 public:
  CommandLine();
  CommandLine(const CommandLine&) = delete;

  // The words of a group; `summary` is one line.
  Group Add(const std::string& name, const std::string& summary);
  // Commands without a group.
  Group Top() { return Group(*this, app_); }

  // What became of a line.
  struct Parsed {
    // Set: this is to be done.
    Action action;
    // What it does, as in 「未能……」.
    std::string verb;
    // Otherwise: this is to be printed. Not OK: the line is wrong, or asks for what there is not.
    absl::StatusOr<std::string> text = std::string();
  };
  // argv[0] is not looked at.
  Parsed Parse(int argc, const char* const* argv);

  const Options& options() const { return options_; }

  // Every command's page as it is printed, by its words ("report submit"), for tests.
  std::map<std::string, std::string> Pages() const;

 private:
  friend class Command;
  friend class Group;

  CLI::App* Make(CLI::App& parent, Page page);
  std::string Help(const CLI::App& app) const;
  std::string Mistake(const CLI::ParseError& error) const;
  // The app of the last word that was understood.
  const CLI::App& Deepest() const;

  CLI::App app_;
  Options options_;
  Action action_;
  std::function<absl::StatusOr<std::string>()> words_;
  // Stable addresses: apps belong to CLI11, which never moves them.
  std::map<const CLI::App*, Page> pages_;
};

}  // namespace shangda::console
