#include "services/console/menu.h"

#include <algorithm>

#include "common/domain/dates.h"
#include "services/console/failure.h"
#include "services/console/table.h"

namespace shangda::console {
namespace {

// What fits on every terminal.
constexpr size_t kColumns = 80;

constexpr const char* kHelpHelp = "显示这一页";

// `shangda report submit`.
std::string Words(const CLI::App& app) {
  const CLI::App* parent = app.get_parent();
  return parent == nullptr ? "shangda" : Words(*parent) + " " + app.get_name();
}

bool Repeats(const CLI::Option& option) {
  return option.get_items_expected_max() > 1;
}

// `--defect 文字`, `FILE`.
std::string Spelled(const CLI::Option& option) {
  if (option.get_positional()) return option.get_name(true);
  std::string spelled = option.get_name(false, true);
  if (!option.get_type_name().empty()) spelled += " " + option.get_type_name();
  return spelled;
}

std::vector<const CLI::Option*> OptionsOf(const CLI::App& app, bool positional) {
  return app.get_options([positional](const CLI::Option* option) {
    return option->get_positional() == positional && !option->get_group().empty();
  });
}

std::string Usage(const CLI::App& app) {
  std::string usage = Words(app);
  if (!app.get_subcommands([](const CLI::App*) { return true; }).empty()) usage += " 命令";
  for (const CLI::Option* option : OptionsOf(app, true)) {
    std::string word = option->get_name(true) + (Repeats(*option) ? "…" : "");
    usage += option->get_required() ? " " + word : " [" + word + "]";
  }
  for (const CLI::Option* option : OptionsOf(app, false)) {
    if (option->get_required()) usage += " " + Spelled(*option) + (Repeats(*option) ? "…" : "");
  }
  return usage + " [选项]";
}

std::string Explained(const std::vector<const CLI::Option*>& options) {
  std::string text;
  for (const CLI::Option* option : options) {
    text += "  " + Spelled(*option);
    if (option->get_required() && !option->get_positional()) text += "  (必填)";
    if (Repeats(*option)) text += "  (可以写多次)";
    text += "\n" + Wrap(option->get_description(), 6, kColumns);
  }
  return text;
}

std::string Section(std::string_view title, std::string_view text) {
  if (text.empty()) return "";
  return "\n" + std::string(title) + "\n" + std::string(text);
}

template <class Kind>
bool Is(const CLI::ParseError& error) {
  return dynamic_cast<const Kind*>(&error) != nullptr;
}

// What CLI11 puts between a name and its complaint.
std::string After(const std::string& text, const std::string& mark) {
  const size_t at = text.find(mark);
  return at == std::string::npos ? text : text.substr(at + mark.size());
}

}  // namespace

CLI::Option* Command::Text(const std::string& name,
                           std::string* to,
                           const std::string& help,
                           const std::string& type) {
  return app_.add_option(name, *to, help)->type_name(type)->group(kSpecialGroup);
}

CLI::Option* Command::Texts(const std::string& name,
                            std::vector<std::string>* to,
                            const std::string& help,
                            const std::string& type) {
  CLI::Option* option = app_.add_option(name, *to, help)->type_name(type)->group(kSpecialGroup);
  // `--defect a --defect b`, so that what follows a value is never swallowed.
  if (!option->get_positional()) option->allow_extra_args(false);
  return option;
}

CLI::Option* Command::Date(const std::string& name, std::string* to, const std::string& help) {
  return Text(name, to, help, "日期")->check([](const std::string& typed) {
    return domain::IsDate(typed) ? "" : "「" + typed + "」不是日期。请写 2026-03-01 这样的日期。";
  });
}

CLI::Option* Command::Flag(const std::string& name, bool* to, const std::string& help) {
  return app_.add_flag(name, *to, help)->group(kSpecialGroup);
}

CLI::Option* Command::Choice(const std::string& name,
                             const google::protobuf::EnumDescriptor* type,
                             const std::string& help,
                             std::vector<int> except,
                             std::function<void(int)> set) {
  const std::string all = AllWords(type, except);
  const auto parse = [type, except = std::move(except)](const std::string& typed) {
    std::optional<int> number = ParseWord(type, typed);
    if (number && std::count(except.begin(), except.end(), *number) > 0) number.reset();
    return number;
  };
  return app_
      .add_option_function<std::string>(
          name, [parse, set](const std::string& typed) { set(parse(typed).value_or(0)); },
          help + ":" + all)
      ->type_name("种类")
      ->group(kSpecialGroup)
      ->check([parse, all](const std::string& typed) {
        return parse(typed) ? "" : "没有「" + typed + "」。可以写:" + all + "。";
      });
}

void Command::Changes() {
  app_.add_option("--etag", line_.options_.etag,
                  "所依据的版本;默认先读取最新版本。写上就只在没有别人改过时才办")
      ->type_name("版本")
      ->group(kCommonGroup);
  Creates();
}

void Command::Creates() {
  app_.add_option("--request-id", line_.options_.request_id,
                  "请求编号;默认新编一个。结果不明时用提示的编号重办,不会重复")
      ->type_name("编号")
      ->group(kCommonGroup);
}

void Command::Reads() {
  app_.add_option("--min-position", line_.options_.min_position,
                  "至少读到这个日志位置(JSON 或 日志编号:纪元:位置),用来读到自己刚写的")
      ->type_name("位置")
      ->group(kCommonGroup);
}

void Command::Lists() {
  Reads();
  app_.add_option("--limit", line_.options_.limit, "最多列多少条;默认全部")
      ->type_name("数")
      ->check([](const std::string& typed) {
        return typed.find_first_not_of("0123456789") == std::string::npos && typed != "0"
                   ? std::string()
                   : "请写 1 以上的整数。";
      })
      ->group(kCommonGroup);
}

void Command::Run(Action action) {
  app_.callback([this_line = &line_, action = std::move(action)] { this_line->action_ = action; });
}

void Command::Tell(std::function<absl::StatusOr<std::string>()> words) {
  app_.callback([this_line = &line_, words = std::move(words)] { this_line->words_ = words; });
}

Command Group::Add(Page page) {
  return Command(line_, *line_.Make(app_, std::move(page)));
}

CommandLine::CommandLine() : app_("上达:社情民意信息的上报与反馈", "shangda") {
  app_.set_help_flag("-h,--help", kHelpHelp)->group(kCommonGroup);
  app_.add_option(
          "--profile", options_.profile,
          "配置文件;默认看环境变量 SHANGDA_PROFILE,再看 ~/.config/shangda/profile.textproto")
      ->type_name("文件")
      ->group(kCommonGroup);
  app_.add_flag("--json", options_.json, "结果打印成一个 JSON 对象,给程序用")->group(kCommonGroup);
  // Common options may stand behind the command, too.
  app_.fallthrough();
  app_.require_subcommand(0, 1);
}

Group CommandLine::Add(const std::string& name, const std::string& summary) {
  CLI::App* app = app_.add_subcommand(name, summary);
  app->require_subcommand(0, 1);
  app->set_help_flag("-h,--help", kHelpHelp)->group(kCommonGroup);
  return Group(*this, *app);
}

CLI::App* CommandLine::Make(CLI::App& parent, Page page) {
  CLI::App* app = parent.add_subcommand(page.name, page.summary);
  // No commands below: what follows are values, though they may read like commands.
  app->require_subcommand(0, 0);
  app->set_help_flag("-h,--help", kHelpHelp)->group(kCommonGroup);
  pages_.emplace(app, std::move(page));
  return app;
}

CommandLine::Parsed CommandLine::Parse(int argc, const char* const* argv) {
  try {
    app_.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return {.text = Help(Deepest())};
  } catch (const CLI::ParseError& error) {
    // The parser may have stopped before it came to this.
    for (int i = 1; i < argc; ++i) options_.json |= std::string_view(argv[i]) == "--json";
    return {.text = UsageError(Mistake(error))};
  }
  if (words_) return {.text = words_()};
  if (!action_) return {.text = UsageError(Help(Deepest()))};
  return {.action = action_, .verb = pages_.at(&Deepest()).verb};
}

const CLI::App& CommandLine::Deepest() const {
  const CLI::App* app = &app_;
  while (!app->get_subcommands().empty()) app = app->get_subcommands().back();
  return *app;
}

std::string CommandLine::Help(const CLI::App& app) const {
  std::string help = "名称\n  " + Words(app) + " — " + app.get_description() + "\n" +
                     Section("用法", "  " + Usage(app) + "\n");
  auto page = pages_.find(&app);
  if (page != pages_.end()) {
    help += Section("谁用", Wrap(page->second.who, 2, kColumns));
    help += Section("说明", Wrap(page->second.about, 2, kColumns));
  }
  std::string commands;
  size_t width = 0;
  const std::vector<const CLI::App*> all =
      app.get_subcommands([](const CLI::App*) { return true; });
  for (const CLI::App* sub : all) width = std::max(width, DisplayWidth(sub->get_name()));
  for (const CLI::App* sub : all) {
    commands += "  " + PadEnd(sub->get_name(), width + 2) + sub->get_description() + "\n";
  }
  help += Section("命令", commands);
  help += Section("参数", Explained(OptionsOf(app, true)));
  std::vector<const CLI::Option*> special;
  std::vector<const CLI::Option*> common;
  for (const CLI::App* at = &app; at != nullptr; at = at->get_parent()) {
    for (const CLI::Option* option : OptionsOf(*at, false)) {
      // Each level has a help flag of its own.
      if (at != &app && option == at->get_help_ptr()) continue;
      (option->get_group() == kCommonGroup ? common : special).push_back(option);
    }
  }
  help += Section(kSpecialGroup, Explained(special));
  help += Section(kCommonGroup, Explained(common));
  if (page != pages_.end()) {
    std::string examples;
    for (const std::string& example : page->second.examples) examples += "  " + example + "\n";
    help += Section("例子", examples);
  } else {
    help += "\n每个命令都有自己的说明,例如 " + Words(app) + " " +
            (all.empty() ? "" : all.front()->get_name()) + " --help。\n";
  }
  return help;
}

std::string CommandLine::Mistake(const CLI::ParseError& error) const {
  const CLI::App& app = Deepest();
  const std::string what = error.what();
  std::string sentence;
  if (Is<CLI::RequiredError>(error)) {
    std::string missing;
    for (const CLI::Option* option : app.get_options()) {
      if (!option->get_required() || option->count() > 0) continue;
      missing += "\n  " + Spelled(*option) + "\n      " + option->get_description();
    }
    sentence = "还缺少:" + (missing.empty() ? what : missing);
  } else if (Is<CLI::ExtrasError>(error)) {
    const bool group = pages_.find(&app) == pages_.end();
    sentence = (group ? "没有这个命令:" : "多了看不懂的部分:") + After(what, "expected: ");
  } else if (Is<CLI::ValidationError>(error)) {
    sentence = what;
  } else if (Is<CLI::ConversionError>(error)) {
    sentence = "不是数:" + After(what, "Could not convert: ");
  } else if (Is<CLI::ExcludesError>(error)) {
    sentence =
        "这两个不能同时写:" + what.substr(0, what.find(' ')) + " 和 " + After(what, "excludes ");
  } else if (Is<CLI::ArgumentMismatch>(error)) {
    sentence = "后面缺一个值,或者值太多:" + what.substr(0, what.find(':'));
  } else {
    sentence = what;
  }
  return "命令写得不对。" + sentence + "\n运行 " + Words(app) + " --help 看用法和例子。";
}

std::map<std::string, std::string> CommandLine::Pages() const {
  std::map<std::string, std::string> pages;
  for (const auto& [app, page] : pages_) pages.emplace(Words(*app), Help(*app));
  return pages;
}

}  // namespace shangda::console
