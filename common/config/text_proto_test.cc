// google.protobuf.Type serves as the schema of a file: a name, a list of messages (`fields`) with
// numbers and an enum, a list of words (`oneofs`). google.protobuf.Value adds a oneof.
#include "common/config/text_proto.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/type.pb.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "common/config/parse_errors.h"

namespace shangda::config {
namespace {

using ::google::protobuf::Type;
using ::google::protobuf::Value;

template <class M = Type>
std::string Errors(std::string_view content) {
  M message;
  message.GetReflection()->MutableUnknownFields(&message)->AddVarint(99, 1);  // left from before
  const absl::Status status = ReadTextProto("f", content, &message);
  if (status.ok()) return "OK";
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(message.ByteSizeLong(), 0u);
  return std::string(status.message());
}

// The sentences alone, without protobuf's words.
template <class M = Type>
std::string Sentence(std::string_view content) {
  const std::string errors = Errors<M>(content);
  return errors.substr(0, errors.find(" ["));
}

TEST(ReadTextProtoTest, ReadsAFile) {
  Type type;
  ASSERT_TRUE(ReadTextProto("f", "# 说明，随便写\nname: '政协' fields { number: 3 }", &type).ok());
  EXPECT_EQ(type.name(), "政协");
  EXPECT_EQ(type.fields(0).number(), 3);
}

TEST(ReadTextProtoTest, AnUnknownNameIsAnErrorWithFileLineColumnAndWhatMayBeWritten) {
  EXPECT_EQ(Errors("name: \"a\"\n  foo: 3\n"),
            "f:2:3: 没有名为“foo”的项；请核对拼写，或者删去它（可以写的有："
            "name、fields、oneofs、options、source_context、syntax） "
            "[Message type \"google.protobuf.Type\" has no field named \"foo\".]");
}

TEST(ReadTextProtoTest, FindsAllUnknownNamesInOneRunEachOnALine) {
  const std::string errors =
      Errors("nam: 1\nfields {\n\tkin { x: [1, 2] }\n}\nfoo\n{\n}\n[a.b]: 1");
  std::vector<std::string> places;
  std::istringstream lines(errors);
  for (std::string line; std::getline(lines, line);)
    places.push_back(line.substr(0, line.find(' ')));
  EXPECT_EQ(places, (std::vector<std::string>{"f:1:1:", "f:3:2:", "f:5:1:", "f:8:2:"})) << errors;
}

TEST(ReadTextProtoTest, PointsAtTheWordAlsoWhenTheParserNoticesItALineLater) {
  EXPECT_EQ(Sentence("fields {\n  kind: TYPE_FOO\n}\n"),
            "f:2:9: “kind”不能取“TYPE_FOO”；请改用格式说明里列出的取值，注意大小写");
}

TEST(ReadTextProtoTest, CountsColumnsInCharactersAsEditorsDo) {
  EXPECT_EQ(Errors("\tname: \"政协\" foo: 1").substr(0, 7), "f:1:13:");
}

TEST(ReadTextProtoTest, SaysWhatToDoForEachCommonMistake) {
  EXPECT_EQ(Sentence("name: \"a\"\nname: \"b\""),
            "f:2:1: “name”只能写一次，前面已经写过；请删去多余的");
  EXPECT_EQ(Sentence<Value>("number_value: 1 bool_value: true"),
            "f:1:17: “bool_value”和“number_value”只能写其中一个；请删去一个");
  EXPECT_EQ(Sentence<Value>("bool_value: maybe"),
            "f:1:13: “bool_value”只能写 true 或 false；请改正");
  EXPECT_EQ(Sentence("fields { number: 99999999999 }"), "f:1:18: 这个数超出了允许的范围；请改正");
  EXPECT_EQ(Sentence("name: abc"), "f:1:7: 这里应当是文字；请用英文双引号把它括起来");
  EXPECT_EQ(Sentence("fields { kind: \"TYPE_BOOL\" }"),
            "f:1:16: 这里应当是一个取值的名称；请照格式说明填写，不加引号");
  EXPECT_EQ(Sentence("fields { number: \"3\" }"), "f:1:18: 这里应当是整数；请改正，不加引号");
  EXPECT_EQ(Sentence<Value>("number_value: abc"), "f:1:15: 这里应当是数；请改正，不加引号");
  EXPECT_EQ(Sentence("fields { } }"),
            "f:1:12: 多了一个右花括号“}”；请删去它，或者补上与它配对的“{”");
  EXPECT_EQ(Sentence("// 注释"), "f:1:1: 这里不能写“/”；注释请以 # 开头");
  EXPECT_EQ(Sentence("name \"a\""), "f:1:6: 项的名称后面应当有英文冒号；请补上“:”");
  EXPECT_EQ(Sentence("fields: 3"), "f:1:9: 这一项的内容要放在一对花括号里；请补上“{”和“}”");
  EXPECT_EQ(Sentence("oneofs: [\"a\" \"b\"; \"c\"]"),
            "f:1:17: 这里应当是“,”；请检查括号是否成对、逗号是否写漏");
  EXPECT_EQ(Sentence("fields {\n  number: 3\n"),
            "f:3:1: 文件到这里突然结束；请检查括号是否成对、最后一项是否写完");
  EXPECT_EQ(Sentence("name: \"a\n\""),
            "f:1:9: 文字没有在本行结束；请在行末补上英文双引号，换行写作 \\n");
  EXPECT_EQ(Sentence("name: \"\\q\""), "f:1:9: 反斜杠后面的写法不对；要写反斜杠本身请写 \\\\");
  EXPECT_EQ(Sentence("fields { number: 09 }"), "f:1:19: 数字不能以 0 开头；请删去前面的 0");
}

TEST(ReadTextProtoTest, SaysThatFullWidthPunctuationDoesNotBelongOutsideQuotes) {
  for (const char* content : {"name：\"a\"", "name: “a”", "name: \"a\"，", "名称: \"a\""}) {
    const std::string errors = Errors(content);
    EXPECT_NE(errors.find("引号外面有中文或全角标点；请换成半角英文标点"), std::string::npos)
        << errors;
    EXPECT_EQ(errors.find('\n'), std::string::npos) << "one mistake, one line: " << errors;
  }
}

TEST(ReadTextProtoTest, RefusesAFileInAnotherEncodingAndNamesTheLine) {
  const std::string gbk = "name: \"a\"\n# \xC4\xE3\xBA\xC3\n";
  EXPECT_EQ(Errors(gbk), "f:2: 这一行不是 UTF-8 编码；请把文件另存为 UTF-8");
}

TEST(ReadTextProtoTest, TakesWhatWindowsEditorsAddForGranted) {
  Type type;
  ASSERT_TRUE(ReadTextProto("f", "\xEF\xBB\xBFname: \"a\"\r\noneofs: \"b\"\r\n", &type).ok());
  EXPECT_EQ(type.name(), "a");
}

TEST(ReadTextProtoTest, RefusesBottomlessNestingInsteadOfCrashing) {
  std::string content;
  for (int i = 0; i < 100'000; ++i) content += "list_value { values { ";
  EXPECT_NE(Errors<Value>(content).find("括号套得太深"), std::string::npos);
}

TEST(ReadTextProtoTest, ListsTheFirstHundredMistakesAndCountsTheRest) {
  std::string content;
  for (int i = 0; i < kErrorsListedMax + 7; ++i) content += "foo: 1\n";
  const std::string errors = Errors(content);
  EXPECT_EQ(std::count(errors.begin(), errors.end(), '\n'), kErrorsListedMax);
  EXPECT_TRUE(errors.ends_with("\nf: 另有 7 处错误；请先改正上面这些")) << errors;
}

class TextProtoFileTest : public ::testing::Test {
 protected:
  TextProtoFileTest() : path_(::testing::TempDir() + "text_proto_" + std::to_string(getpid())) {}
  ~TextProtoFileTest() override { std::filesystem::remove(path_); }

  // Without the path of the file: ":3", or "" if no line is known.
  std::string Line(const TextProtoFile& file, std::string_view field_path) {
    const std::string where = file.Where(field_path);
    EXPECT_TRUE(where.starts_with(path_)) << where;
    return where.substr(path_.size());
  }

  const std::string path_;
};

TEST_F(TextProtoFileTest, LoadsAMessageOrSaysWhatIsWrongAndWhere) {
  EXPECT_EQ(LoadTextProto<Type>(path_).status().code(), absl::StatusCode::kNotFound);
  std::ofstream(path_) << "name: \"a\"\n";
  EXPECT_EQ(LoadTextProto<Type>(path_).value().name(), "a");
  std::ofstream(path_) << "name: \"a\"\nfoo: 1\n";
  const absl::Status status = LoadTextProto<Type>(path_).status();
  EXPECT_TRUE(std::string(status.message()).starts_with(path_ + ":2:1: ")) << status;
}

TEST_F(TextProtoFileTest, KnowsTheLineOfEveryFieldThatIsSet) {
  std::ofstream(path_) << "name: \"a\"\n"           // 1
                          "fields { number: 1 }\n"  // 2
                          "fields {\n"              // 3
                          "  number: 2\n"           // 4
                          "  options {\n"           // 5
                          "    name: \"x\"\n"       // 6
                          "  }\n"                   // 7
                          "}\n"                     // 8
                          "oneofs: \"p\"\n"         // 9
                          "oneofs: \"q\"\n"         // 10
                          "source_context { file_name: \"s\" }\n";
  Type type;
  const auto file = TextProtoFile::Load(path_, &type);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(type.fields_size(), 2);
  EXPECT_EQ(Line(*file, "name"), ":1");
  EXPECT_EQ(Line(*file, "fields[0]"), ":2");
  EXPECT_EQ(Line(*file, "fields[1]"), ":3");
  EXPECT_EQ(Line(*file, "fields[1].number"), ":4");
  EXPECT_EQ(Line(*file, "fields[1].options[0].name"), ":6");
  EXPECT_EQ(Line(*file, "oneofs[1]"), ":10");
  EXPECT_EQ(Line(*file, "oneofs"), ":9");
  EXPECT_EQ(Line(*file, "source_context.file_name"), ":11");
}

TEST_F(TextProtoFileTest, SaysTheMessageAroundAFieldThatIsNotSet) {
  std::ofstream(path_) << "name: \"a\"\nfields {\n  number: 1\n}\n";
  Type type;
  const auto file = TextProtoFile::Load(path_, &type);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(Line(*file, "fields[0].name"), ":2");
  EXPECT_EQ(Line(*file, "fields[0].options[2].name"), ":2");
  EXPECT_EQ(Line(*file, "fields[0].no_such_field"), ":2");
  EXPECT_EQ(Line(*file, "source_context.file_name"), "");
  EXPECT_EQ(Line(*file, ""), "");
}

TEST_F(TextProtoFileTest, AListInBracketsStandsWhereItBegins) {
  std::ofstream(path_)
      << "oneofs: [\n  \"a\",\n  \"b\"\n]\nfields: [{\n  number: 1\n}, {\n  number: 2\n}]";
  Type type;
  const auto file = TextProtoFile::Load(path_, &type);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(Line(*file, "oneofs[1]"), ":1");
  EXPECT_EQ(Line(*file, "fields[1]"), ":5");
  EXPECT_EQ(Line(*file, "fields[1].number"), ":8");
}

}  // namespace
}  // namespace shangda::config
