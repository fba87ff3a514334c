#include "common/config/parse_errors.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/substitute.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace shangda::config {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::DescriptorPool;

struct Explanation {
  // How protobuf's message begins.
  std::string_view beginning;
  // What people read; $0, $1, … are the parts that protobuf's message has in double quotes.
  const char* sentence;
  // protobuf often notices a word only after having read past it, perhaps into the next line: the
  // quoted part that is that word.
  std::optional<size_t> word = std::nullopt;
};

// The first that fits is taken.
constexpr Explanation kExplanations[] = {
    {"Message type", "没有名为“$1”的项；请核对拼写，或者删去它", 1},
    {"Ignoring extension", "没有名为“[$0]”的扩展项；请删去它", 0},
    {"Unknown enumeration value", "“$1”不能取“$0”；请改用格式说明里列出的取值，注意大小写", 0},
    {"Non-repeated field", "“$0”只能写一次，前面已经写过；请删去多余的", 0},
    {"Field", "“$0”和“$1”只能写其中一个；请删去一个", 0},
    {"Invalid value for boolean", "“$0”只能写 true 或 false；请改正", 1},
    {"Integer out of range", "这个数超出了允许的范围；请改正"},
    {"Expected string", "这里应当是文字；请用英文双引号把它括起来"},
    {"Expected integer or identifier", "这里应当是一个取值的名称；请照格式说明填写，不加引号"},
    {"Expected integer", "这里应当是整数；请改正，不加引号"},
    {"Expected double", "这里应当是数；请改正，不加引号"},
    {"Expected identifier, got: }", "多了一个右花括号“}”；请删去它，或者补上与它配对的“{”"},
    {"Expected identifier, got: /", "这里不能写“/”；注释请以 # 开头"},
    {"Expected identifier", "这里应当是项的名称；请检查前面是否少了右括号，这里是否多了符号"},
    {"Expected \":\"", "项的名称后面应当有英文冒号；请补上“:”"},
    {"Expected \"{\"", "这一项的内容要放在一对花括号里；请补上“{”和“}”"},
    {"Expected \"", "这里应当是“$0”；请检查括号是否成对、逗号是否写漏"},
    {"Interpreting non ascii", "引号外面有中文或全角标点；请换成半角英文标点，中文放进英文双引号"},
    {"String literals cannot cross", "文字没有在本行结束；请在行末补上英文双引号，换行写作 \\n"},
    {"Unexpected end of string", "文字没有结束；请补上英文双引号"},
    {"Invalid escape sequence", "反斜杠后面的写法不对；要写反斜杠本身请写 \\\\"},
    {"Invalid control characters", "这里有看不见的控制字符；请删去后重新输入"},
    {"Need space between", "数字和后面的字之间应当有空格；请隔开，或者改正这个数"},
    {"Numbers starting with leading zero", "数字不能以 0 开头；请删去前面的 0"},
    {"Message is too deep", "括号套得太深；请检查括号是否成对"},
    {"", "这里写得不对；请照格式说明改正"},
};

// At the end of the file whatever is expected, the cause is the same.
constexpr Explanation kEndOfFile{"", "文件到这里突然结束；请检查括号是否成对、最后一项是否写完"};

const Explanation& Explain(std::string_view message) {
  if (message.ends_with("got: ") || message.ends_with("found \"\".")) return kEndOfFile;
  return *std::find_if(
      std::begin(kExplanations), std::end(kExplanations),
      [message](const Explanation& each) { return message.starts_with(each.beginning); });
}

std::array<std::string, 3> QuotedParts(std::string_view message) {
  std::array<std::string, 3> parts;
  size_t begin = message.find('"');
  for (std::string& part : parts) {
    if (begin == std::string_view::npos) break;
    const size_t end = std::min(message.find('"', begin + 1), message.size());
    part = message.substr(begin + 1, end - begin - 1);
    begin = message.find('"', end + 1);
  }
  return parts;
}

// Where in `content` protobuf's line and column are: both from 0, the column in bytes, with a tab
// reaching to the next multiple of 8.
size_t OffsetOf(std::string_view content, int line, int column) {
  size_t offset = 0;
  for (; line > 0; --line) offset = content.find('\n', offset) + 1;
  for (int at = 0; at < column && offset < content.size(); ++offset) {
    at += content[offset] == '\t' ? 8 - at % 8 : 1;
  }
  return offset;
}

// `line:column` as editors count them.
std::string LineAndColumn(std::string_view content, size_t offset) {
  const std::string_view before = content.substr(0, offset);
  const auto lines = std::count(before.begin(), before.end(), '\n');
  const std::string_view line = before.substr(before.rfind('\n') + 1);
  const auto characters = std::count_if(line.begin(), line.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;  // not a UTF-8 continuation
  });
  return absl::StrCat(lines + 1, ":", characters + 1);
}

// `（可以写的有：name、level）`, or nothing if there is no such message.
std::string FieldNames(const DescriptorPool& pool, const std::string& message) {
  const Descriptor* descriptor = pool.FindMessageTypeByName(message);
  std::string names;
  for (int i = 0; descriptor != nullptr && i < descriptor->field_count(); ++i) {
    absl::StrAppend(&names, i == 0 ? "（可以写的有：" : "、", descriptor->field(i)->name());
  }
  return names.empty() ? names : names + "）";
}

}  // namespace

ParseErrors::ParseErrors(std::string path, std::string_view content, const DescriptorPool& pool)
    : path_(std::move(path)), content_(content), pool_(pool) {}

void ParseErrors::AddError(int line, int column, const std::string& message) {
  // A second complaint about the same place is a consequence of the first.
  if (line >= 0 && line == last_line_ && column == last_column_) return;
  last_line_ = line;
  last_column_ = column;
  if (++count_ > kErrorsListedMax) return;

  const Explanation& explanation = Explain(message);
  const std::array<std::string, 3> quoted = QuotedParts(message);
  absl::StrAppend(&listed_, listed_.empty() ? "" : "\n", path_, ":");
  if (line >= 0) {
    size_t offset = OffsetOf(content_, line, column);
    if (explanation.word && offset > 0) {
      offset = std::min(offset, content_.rfind(quoted[*explanation.word], offset - 1));
    }
    absl::StrAppend(&listed_, LineAndColumn(content_, offset), ":");
  }
  absl::StrAppend(&listed_, " ",
                  absl::Substitute(explanation.sentence, quoted[0], quoted[1], quoted[2]),
                  FieldNames(pool_, quoted[0]), " [", message, "]");
}

void ParseErrors::AddWarning(int line, int column, const std::string& message) {
  // A deprecated field still means what it meant.
  if (message.find("deprecated") != std::string::npos) return;
  AddError(line, column, message);
}

absl::Status ParseErrors::status() const {
  if (count_ == 0) return absl::OkStatus();
  if (count_ <= kErrorsListedMax) return absl::InvalidArgumentError(listed_);
  return absl::InvalidArgumentError(absl::StrCat(
      listed_, "\n", path_, ": 另有 ", count_ - kErrorsListedMax, " 处错误；请先改正上面这些"));
}

}  // namespace shangda::config
