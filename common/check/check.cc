#include "common/check/check.h"

#include <google/protobuf/descriptor.h>

#include <cstddef>
#include <cstdio>
#include <optional>
#include <utility>

#include "common/check/grammar.h"
#include "common/check/texts.h"
#include "common/text/mark.h"
#include "common/text/utf8.h"
#include "shangda/api/v1/annotations.pb.h"

namespace shangda::check {
namespace {

using api::v1::FieldRule;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr size_t kDefaultMax = 1000;

size_t MaxOf(const FieldRule& rule) {
  return rule.max() == 0 ? kDefaultMax : rule.max();
}

std::string TooLong(size_t max, size_t actual) {
  return "最长" + std::to_string(max) + "字,现有" + std::to_string(actual) + "字,请压缩";
}

std::string Describe(const text::ControlCharacter& found) {
  const std::string where = "第" + std::to_string(found.position) + "个字";
  if (found.code_point == U'\n') return "只能写一行," + where + "是换行,请删去";
  if (found.code_point == U'\t') return where + "是制表符,请改为空格";
  char code[16];
  std::snprintf(code, sizeof(code), "U+%04X", static_cast<unsigned>(found.code_point));
  return where + "是控制字符" + code + ",请删除";
}

// Where something stands, from the inside out: written only when there is something to say of it.
struct Path {
  const Path* outer = nullptr;
  // None: the checked message itself.
  const FieldDescriptor* field = nullptr;
  // Of a list's element.
  int index = -1;

  std::string ToString() const {
    if (field == nullptr) return "";
    const std::string before = outer == nullptr ? "" : outer->ToString();
    if (index >= 0) return before + "[" + std::to_string(index) + "]";
    return before.empty() ? field->name() : before + "." + field->name();
  }
};

class Checker {
 public:
  explicit Checker(std::string_view today) : today_(today) {}

  void CheckMessage(const Message& message, const Path& path) {
    const Descriptor* const type = message.GetDescriptor();
    for (int i = 0; i < type->field_count(); ++i) {
      const FieldDescriptor* const field = type->field(i);
      const Path field_path{.outer = &path, .field = field};
      if (field->is_repeated()) {
        CheckList(message, field, field_path);
      } else if (field->real_containing_oneof() == nullptr ||
                 message.GetReflection()->HasField(message, field)) {
        CheckField(message, field, field_path);
      }
    }
    CheckCommonLimit(message, path);
  }

  void CheckSize(const Message& message, const FieldDescriptor* list, const Path& path) {
    const FieldRule& rule = list->options().GetExtension(api::v1::field);
    const auto size = static_cast<size_t>(message.GetReflection()->FieldSize(message, list));
    const size_t max = MaxOf(rule);
    if (rule.required() && size == 0) Add(path, "不能为空,至少一项");
    if (size > max) {
      Add(path, "最多" + std::to_string(max) + "项,现有" + std::to_string(size) + "项,请减少");
    }
  }

  Result TakeResult() { return std::move(result_); }

 private:
  void Add(const Path& path, std::string description) {
    if (result_.violations.size() == kViolationsMax) return;
    result_.violations.push_back({path.ToString(), std::move(description)});
  }

  void CheckField(const Message& message, const FieldDescriptor* field, const Path& path) {
    const Reflection* const reflection = message.GetReflection();
    const FieldRule& rule = field->options().GetExtension(api::v1::field);
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING: {
        std::string scratch;
        const std::string& value = reflection->GetStringReference(message, field, &scratch);
        if (field->type() == FieldDescriptor::TYPE_STRING) {
          CheckString(value, rule, MaxOf(rule), path);
        } else if (rule.required() && value.empty()) {
          Add(path, "不能为空");
        }
        return;
      }
      case FieldDescriptor::CPPTYPE_MESSAGE:
        if (reflection->HasField(message, field)) {
          CheckMessage(reflection->GetMessage(message, field), path);
        } else if (rule.required()) {
          Add(path, "不能为空");
        }
        return;
      case FieldDescriptor::CPPTYPE_ENUM: {
        const int value = reflection->GetEnumValue(message, field);
        CheckEnum(field, value, path);
        if (rule.required() && value == 0) Add(path, "不能为空,请选择一项");
        return;
      }
      case FieldDescriptor::CPPTYPE_BOOL:
        if (rule.required() && !reflection->GetBool(message, field)) Add(path, "请先确认这一项");
        return;
      case FieldDescriptor::CPPTYPE_INT32:
        if (field->name() == "page_size") {
          CheckPageSize(reflection->GetInt32(message, field), path);
        }
        CheckNumber(reflection->GetInt32(message, field) != 0, rule, path);
        return;
      case FieldDescriptor::CPPTYPE_INT64:
        CheckNumber(reflection->GetInt64(message, field) != 0, rule, path);
        return;
      case FieldDescriptor::CPPTYPE_UINT32:
        CheckNumber(reflection->GetUInt32(message, field) != 0, rule, path);
        return;
      case FieldDescriptor::CPPTYPE_UINT64:
        CheckNumber(reflection->GetUInt64(message, field) != 0, rule, path);
        return;
      case FieldDescriptor::CPPTYPE_FLOAT:
        CheckNumber(reflection->GetFloat(message, field) != 0, rule, path);
        return;
      case FieldDescriptor::CPPTYPE_DOUBLE:
        CheckNumber(reflection->GetDouble(message, field) != 0, rule, path);
        return;
    }
  }

  void CheckList(const Message& message, const FieldDescriptor* field, const Path& path) {
    const Reflection* const reflection = message.GetReflection();
    CheckSize(message, field, path);
    FieldRule element_rule = field->options().GetExtension(api::v1::field);
    element_rule.set_required(true);
    for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
      const Path element_path{.outer = &path, .field = field, .index = i};
      switch (field->cpp_type()) {
        case FieldDescriptor::CPPTYPE_STRING:
          if (field->type() == FieldDescriptor::TYPE_STRING) {
            std::string scratch;
            CheckString(reflection->GetRepeatedStringReference(message, field, i, &scratch),
                        element_rule, kDefaultMax, element_path);
          }
          break;
        case FieldDescriptor::CPPTYPE_MESSAGE:
          CheckMessage(reflection->GetRepeatedMessage(message, field, i), element_path);
          break;
        case FieldDescriptor::CPPTYPE_ENUM:
          CheckEnum(field, reflection->GetRepeatedEnumValue(message, field, i), element_path);
          break;
        default:
          break;  // Numbers in a list have no rule.
      }
    }
  }

  void CheckString(const std::string& value, const FieldRule& rule, size_t max, const Path& path) {
    const bool is_text = rule.text() != api::v1::TEXT_FORM_UNSPECIFIED;
    // First, and whatever else is wrong: what bears a mark must not pass for merely ill-formed.
    if (is_text && !result_.classified && text::FindClassificationMark(value).has_value()) {
      result_.classified = true;
      result_.classified_field = path.ToString();
    }
    if (!text::IsValidUtf8(value)) {
      Add(path, "不是有效的UTF-8文字,请转换编码后重新提交");
      return;
    }
    if (rule.required() && (is_text ? text::IsBlank(value) : value.empty())) {
      Add(path, "不能为空");
      return;
    }
    if (value.empty()) return;
    const size_t length = text::CountCodePoints(value);
    if (length > max) Add(path, TooLong(max, length));
    if (is_text) CheckCharacters(value, rule, path);
    CheckForm(value, rule, path);
  }

  void CheckCharacters(const std::string& value, const FieldRule& rule, const Path& path) {
    const auto line_feeds = rule.text() == api::v1::TEXT_FORM_BODY ? text::LineFeeds::kAllowed
                                                                   : text::LineFeeds::kForbidden;
    const std::optional<text::ControlCharacter> found =
        text::FindControlCharacter(value, line_feeds);
    if (found) Add(path, Describe(*found));
  }

  void CheckForm(const std::string& value, const FieldRule& rule, const Path& path) {
    if ((rule.date() || rule.not_future()) && !IsDate(value)) {
      Add(path, "不是日历上有的日期,请写成2026-03-05的样子");
    } else if (rule.not_future() && value > today_) {
      Add(path, "日期不能晚于今天(" + std::string(today_) + "),请改正");
    }
    if (!rule.collection().empty() && !IsResourceName(rule.collection(), value)) {
      Add(path, "名称写法不对,请写成" + ExampleName(rule.collection()) + "的样子");
    }
    if (rule.id() && !IsId(value)) Add(path, "请只用小写字母、数字和连字符(-),最长64个字符");
  }

  void CheckEnum(const FieldDescriptor* field, int value, const Path& path) {
    if (field->enum_type()->FindValueByNumber(value) != nullptr) return;
    Add(path, "没有编号为" + std::to_string(value) + "的选项,请从已有选项中选择");
  }

  void CheckPageSize(int value, const Path& path) {
    if (value < 0) Add(path, "每页条数不能是负数,请改正");
  }

  void CheckNumber(bool is_set, const FieldRule& rule, const Path& path) {
    if (rule.required() && !is_set) Add(path, "不能为空,请填写0以外的数");
  }

  void CheckCommonLimit(const Message& message, const Path& path) {
    const Descriptor* const type = message.GetDescriptor();
    const Reflection* const reflection = message.GetReflection();
    const size_t max = type->options().GetExtension(api::v1::message).max_code_points();
    if (max == 0) return;
    size_t total = 0;
    for (int i = 0; i < type->field_count(); ++i) {
      const FieldDescriptor* const field = type->field(i);
      if (!HasText(field) || field->type() != FieldDescriptor::TYPE_STRING) continue;
      if (!field->is_repeated()) {
        std::string scratch;
        total += text::CountCodePoints(reflection->GetStringReference(message, field, &scratch));
        continue;
      }
      for (int j = 0; j < reflection->FieldSize(message, field); ++j) {
        total += text::CountCodePoints(reflection->GetRepeatedString(message, field, j));
      }
    }
    if (total > max) Add(path, "各段合计" + TooLong(max, total));
  }

  const std::string_view today_;
  Result result_;
};

}  // namespace

Result Check(const Message& message, std::string_view today) {
  Checker checker(today);
  checker.CheckMessage(message, Path());
  return checker.TakeResult();
}

Result CheckSize(const Message& message, const FieldDescriptor* list) {
  Checker checker(/*today=*/"");
  checker.CheckSize(message, list, Path{.field = list});
  return checker.TakeResult();
}

}  // namespace shangda::check
