// Each test takes a form that is well-formed, spoils something, and reads the whole answer as text:
// path, sentence, one violation to a line.
#include "common/check/check.h"

#include <gtest/gtest.h>

#include <string>

#include "testdata/forms.pb.h"

namespace shangda::check {
namespace {

constexpr std::string_view kToday = "2026-03-05";

testdata::Form GoodForm() {
  testdata::Form form;
  form.set_parent("committees/350103");
  form.mutable_text()->set_title("停车难");
  form.add_reporters()->set_weight(1);
  form.set_urgency(testdata::URGENCY_NORMAL);
  form.set_declared_unclassified(true);
  return form;
}

std::string Violations(const google::protobuf::Message& message) {
  const Result result = Check(message, kToday);
  EXPECT_FALSE(result.classified);
  std::string lines;
  for (const Violation& violation : result.violations) {
    lines += violation.field + ": " + violation.description + "\n";
  }
  return lines;
}

std::string Repeat(const std::string& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

TEST(CheckTest, AWellFormedMessagePasses) {
  EXPECT_EQ(Violations(GoodForm()), "");
  EXPECT_TRUE(Check(GoodForm(), kToday).ok());
}

TEST(CheckTest, EverythingRequiredIsNamedAtOnceInOrder) {
  EXPECT_EQ(Violations(testdata::Form()),
            "parent: 不能为空\n"
            "text: 不能为空\n"
            "reporters: 不能为空,至少一项\n"
            "urgency: 不能为空,请选择一项\n"
            "declared_unclassified: 请先确认这一项\n");
}

TEST(CheckTest, PathsLeadThroughMessagesAndLists) {
  testdata::Form form = GoodForm();
  form.mutable_text()->clear_title();
  form.add_reporters()->set_weight(1);
  form.add_reporters()->add_deputies();
  EXPECT_EQ(Violations(form),
            "text.title: 不能为空\n"
            "reporters[2].weight: 不能为空,请填写0以外的数\n"
            "reporters[2].deputies[0].weight: 不能为空,请填写0以外的数\n");
}

TEST(CheckTest, ARequiredTextOfWhiteSpaceIsEmpty) {
  testdata::Form form = GoodForm();
  form.mutable_text()->set_title(" \u3000");
  EXPECT_EQ(Violations(form), "text.title: 不能为空\n");
}

TEST(CheckTest, LengthsAreCodePointsAndTheLimitItselfPasses) {
  testdata::Form form = GoodForm();
  form.mutable_text()->set_title(Repeat("𠮷", 10));
  EXPECT_EQ(Violations(form), "");
  form.mutable_text()->set_title(Repeat("𠮷", 11));
  EXPECT_EQ(Violations(form), "text.title: 最长10字,现有11字,请压缩\n");
}

TEST(CheckTest, WithoutAMaxEveryStringHasTheDefault) {
  testdata::Form form = GoodForm();
  form.set_etag(Repeat("x", 1000));
  form.mutable_reporters(0)->set_name(Repeat("名", 1000));
  EXPECT_EQ(Violations(form), "");
  form.set_etag(Repeat("x", 1001));
  form.mutable_reporters(0)->set_name(Repeat("名", 1001));
  EXPECT_EQ(Violations(form),
            "reporters[0].name: 最长1000字,现有1001字,请压缩\n"
            "etag: 最长1000字,现有1001字,请压缩\n");
}

TEST(CheckTest, ListsHaveTheirMaxInElements) {
  testdata::Form form = GoodForm();
  for (int i = 0; i < 3; ++i) form.add_reporters()->set_weight(1);
  EXPECT_EQ(Violations(form), "reporters: 最多3项,现有4项,请减少\n");

  form = GoodForm();
  for (int i = 0; i < 1001; ++i) form.add_former_urgencies(testdata::URGENCY_HIGH);
  EXPECT_EQ(Violations(form), "former_urgencies: 最多1000项,现有1001项,请减少\n");
}

TEST(CheckTest, EachElementOfAListOfStringsIsChecked) {
  testdata::Form form = GoodForm();
  form.add_related("committees/350103/reports/2026-1");
  form.add_related("");
  form.mutable_text()->add_suggestions("一\t二");
  EXPECT_EQ(Violations(form),
            "text.suggestions[0]: 第2个字是制表符,请改为空格\n"
            "related[0]: 名称写法不对,请写成committees/350103/reports/2026-000123的样子\n"
            "related[1]: 不能为空\n");
}

TEST(CheckTest, TheCommonLimitCountsTheTextsOfOneMessage) {
  testdata::Form form = GoodForm();
  form.mutable_text()->set_title(Repeat("题", 10));
  form.mutable_text()->set_situation(Repeat("情", 15));
  form.mutable_text()->add_suggestions(Repeat("建", 2));
  form.mutable_text()->add_suggestions(Repeat("议", 3));
  form.mutable_text()->set_code(Repeat("c", 500));  // not a text
  EXPECT_EQ(Violations(form), "");
  form.mutable_text()->add_suggestions("!");
  EXPECT_EQ(Violations(form), "text: 各段合计最长30字,现有31字,请压缩\n");
  EXPECT_EQ(Violations(form.text()), ": 各段合计最长30字,现有31字,请压缩\n");
}

TEST(CheckTest, ControlCharactersAreRefusedInTexts) {
  testdata::Form form = GoodForm();
  form.mutable_text()->set_title("停\n车");
  form.mutable_text()->set_situation("一\n二\u202E三");
  EXPECT_EQ(Violations(form),
            "text.title: 只能写一行,第2个字是换行,请删去\n"
            "text.situation: 第4个字是控制字符U+202E,请删除\n");
}

TEST(CheckTest, EveryStringMustBeUtf8) {
  testdata::Form form = GoodForm();
  form.mutable_text()->set_title("\xCD\xA3\xB3\xB5");
  form.set_etag("\xFF");
  EXPECT_EQ(Violations(form),
            "text.title: 不是有效的UTF-8文字,请转换编码后重新提交\n"
            "etag: 不是有效的UTF-8文字,请转换编码后重新提交\n");
}

TEST(CheckTest, DatesExistAndTodayIsNotTheFuture) {
  testdata::Form form = GoodForm();
  form.set_received_on("2026-03-05");
  form.set_due_on("2027-01-01");
  EXPECT_EQ(Violations(form), "");
  form.set_received_on("2026-03-06");
  form.set_due_on("2026-02-29");
  EXPECT_EQ(Violations(form),
            "received_on: 日期不能晚于今天(2026-03-05),请改正\n"
            "due_on: 不是日历上有的日期,请写成2026-03-05的样子\n");
}

TEST(CheckTest, NamesAndIdsAreWrittenAsTheirRulesSay) {
  testdata::Form form = GoodForm();
  form.set_parent("350103");
  form.mutable_reporters(0)->set_person("users/p1");
  form.mutable_place()->mutable_within()->set_code("A1");
  EXPECT_EQ(Violations(form),
            "parent: 名称写法不对,请写成committees/350103的样子\n"
            "reporters[0].person: 名称写法不对,请写成committees/350103/persons/{id}的样子\n"
            "place.within.code: 请只用小写字母、数字和连字符(-),最长64个字符\n");
}

TEST(CheckTest, OfAOneofOnlyTheSetMemberIsLookedAt) {
  testdata::Form form = GoodForm();
  form.set_words("来信来访了");
  EXPECT_EQ(Violations(form), "");
  form.set_words("来信来访两次");
  EXPECT_EQ(Violations(form), "words: 最长5字,现有6字,请压缩\n");
  form.set_report("");
  EXPECT_EQ(Violations(form), "report: 不能为空\n");
  form.mutable_person();
  EXPECT_EQ(Violations(form), "person.weight: 不能为空,请填写0以外的数\n");
}

TEST(CheckTest, AnEnumHoldsAKnownValue) {
  testdata::Form form = GoodForm();
  form.set_urgency(static_cast<testdata::Urgency>(99));
  form.add_former_urgencies(testdata::URGENCY_UNSPECIFIED);
  form.add_former_urgencies(static_cast<testdata::Urgency>(-1));
  EXPECT_EQ(Violations(form),
            "urgency: 没有编号为99的选项,请从已有选项中选择\n"
            "former_urgencies[1]: 没有编号为-1的选项,请从已有选项中选择\n");
}

TEST(CheckTest, APageSizeIsNotNegativeAndNeverTooLarge) {
  testdata::Form form = GoodForm();
  for (const int good : {0, 1, 1000, 1001, INT32_MAX}) {
    form.set_page_size(good);
    EXPECT_EQ(Violations(form), "");
  }
  for (const int bad : {-1, INT32_MIN}) {
    form.set_page_size(bad);
    EXPECT_EQ(Violations(form), "page_size: 每页条数不能是负数,请改正\n");
  }
}

TEST(CheckTest, AMarkInAnyTextAtAnyDepthIsFound) {
  const auto expect_classified = [](const testdata::Form& form, const std::string& field) {
    const Result result = Check(form, kToday);
    EXPECT_TRUE(result.classified) << field;
    EXPECT_FALSE(result.ok()) << field;
    EXPECT_EQ(result.classified_field, field);
  };
  testdata::Form form = GoodForm();
  form.set_words("机密★");
  expect_classified(form, "words");
  form.add_reporters()->add_deputies()->set_name("密级：绝密");
  expect_classified(form, "reporters[1].deputies[0].name");
  form.mutable_text()->add_suggestions("其一");
  form.mutable_text()->add_suggestions("秘 密\n★ 3年");
  expect_classified(form, "text.suggestions[1]");
  form.mutable_text()->set_title(Repeat("长", 5000) + "絕密★");
  expect_classified(form, "text.title");
}

TEST(CheckTest, AMarkIsFoundEvenInWhatIsIllFormedOrTooMany) {
  testdata::Form form = GoodForm();
  form.mutable_text()->set_situation("\xFF机密★");
  EXPECT_TRUE(Check(form, kToday).classified);

  form = GoodForm();
  for (int i = 0; i < 5000; ++i) form.mutable_text()->add_suggestions("");
  form.mutable_text()->add_suggestions("机密★");
  EXPECT_EQ(Check(form, kToday).classified_field, "text.suggestions[5000]");
}

TEST(CheckTest, DescriptionsHoldNothingOfWhatWasWritten) {
  testdata::Form form = GoodForm();
  form.mutable_text()->set_title("XYZZY\n" + Repeat("长", 20));
  form.set_parent("XYZZY");
  form.set_received_on("XYZZY");
  form.mutable_place()->set_code("XYZZY");
  EXPECT_EQ(Violations(form).find("XYZZY"), std::string::npos);
}

TEST(CheckTest, AHostileMessageCostsAHundredSentencesAtMost) {
  testdata::Form form = GoodForm();
  for (int i = 0; i < 100000; ++i) form.add_reporters();
  EXPECT_EQ(Check(form, kToday).violations.size(), kViolationsMax);
}

}  // namespace
}  // namespace shangda::check
