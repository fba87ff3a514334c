// The tables of words are as long as the API's enums: whoever adds a value is told here.
#include "services/console/words.h"

#include <gtest/gtest.h>

#include <cctype>

#include "shangda/feedback/v1/feedback.pb.h"
#include "shangda/incident/v1/incident.pb.h"

namespace shangda::console {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FileDescriptor;

void Enums(const Descriptor* message, std::vector<const EnumDescriptor*>* all) {
  for (int i = 0; i < message->enum_type_count(); ++i) all->push_back(message->enum_type(i));
  for (int i = 0; i < message->nested_type_count(); ++i) Enums(message->nested_type(i), all);
}

std::vector<const EnumDescriptor*> Enums() {
  std::vector<const EnumDescriptor*> all = {google::protobuf::GetEnumDescriptor<api::v1::Role>()};
  for (const FileDescriptor* file :
       {office::v1::Entry::descriptor()->file(), intake::v1::Report::descriptor()->file(),
        routing::v1::Paper::descriptor()->file(), feedback::v1::Figures::descriptor()->file(),
        incident::v1::Incident::descriptor()->file()}) {
    for (int i = 0; i < file->enum_type_count(); ++i) all.push_back(file->enum_type(i));
    for (int i = 0; i < file->message_type_count(); ++i) Enums(file->message_type(i), &all);
  }
  return all;
}

bool IsChinese(const std::string& word) {
  return !word.empty() && static_cast<unsigned char>(word.front()) >= 0x80;
}

TEST(Words, EveryValueOfEveryEnumHasAChineseWord) {
  for (const EnumDescriptor* type : Enums()) {
    for (int i = 1; i < type->value_count(); ++i) {
      EXPECT_TRUE(IsChinese(WordOf(type, type->value(i)->number())))
          << type->value(i)->full_name() << " 没有中文名:请加进 words.cc";
    }
  }
}

TEST(Words, EveryKindOfEventHasAChineseWord) {
  for (const Descriptor* event : {intake::v1::Event::descriptor(), routing::v1::Event::descriptor(),
                                  feedback::v1::Event::descriptor()}) {
    for (int i = 0; i < event->oneof_decl(0)->field_count(); ++i) {
      const std::string& kind = event->oneof_decl(0)->field(i)->name();
      EXPECT_TRUE(IsChinese(KindWord(kind))) << kind << " 没有中文名:请加进 words.cc";
    }
  }
}

TEST(Words, AValueIsTypedByItsIdItsWordOrAnUnambiguousEnd) {
  using intake::v1::ReceivedVia;
  EXPECT_EQ(ParseChoice<ReceivedVia>("in-person"), intake::v1::RECEIVED_VIA_IN_PERSON);
  EXPECT_EQ(ParseChoice<ReceivedVia>("纸质"), intake::v1::RECEIVED_VIA_PAPER);
  EXPECT_EQ(ParseChoice<ReceivedVia>("person"), intake::v1::RECEIVED_VIA_IN_PERSON);
  EXPECT_EQ(ParseChoice<routing::v1::Disposition::Kind>("supplement"),
            routing::v1::Disposition::KIND_SUPPLEMENT_REQUESTED);
  EXPECT_EQ(ParseChoice<feedback::v1::HandlingTask::Result>("reference"),
            feedback::v1::HandlingTask::RESULT_FOR_REFERENCE);
  for (const char* wrong : {"", "unspecified", "pers", "IN-PERSON", "信鸽"}) {
    EXPECT_EQ(ParseChoice<ReceivedVia>(wrong), std::nullopt) << wrong;
  }
  // Two reasons begin with `already-`.
  EXPECT_EQ(ParseChoice<routing::v1::SettleReason>("already"), std::nullopt);
}

TEST(Words, AllOfThemAreListedButThoseLeftOut) {
  EXPECT_EQ(Choices<intake::v1::Urgency>(), "normal 平急、urgent 加急、extreme 特急");
  EXPECT_EQ(AllWords(google::protobuf::GetEnumDescriptor<intake::v1::Urgency>(),
                     {intake::v1::URGENCY_EXTREME}),
            "normal 平急、urgent 加急");
}

TEST(Words, AStateIsReadInItsCollection) {
  EXPECT_EQ(StateWord("reports", "SUBMITTED"), "待登记");
  EXPECT_EQ(StateWord("dispatches", "PENDING"), "待送");
  EXPECT_EQ(StateWord("dispatches", "ADOPTED"), "采用");
  EXPECT_EQ(StateWord("reports", "USED"), "已用");
  EXPECT_EQ(StateWord("papers", "NEVER_HEARD_OF"), "NEVER_HEARD_OF");
}

}  // namespace
}  // namespace shangda::console
