#include "common/check/texts.h"

#include <google/protobuf/text_format.h>
#include <google/protobuf/unknown_field_set.h>
#include <gtest/gtest.h>

#include <string>

#include "testdata/forms.pb.h"

namespace shangda::check {
namespace {

testdata::Form Parse(const std::string& text) {
  testdata::Form form;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &form));
  return form;
}

std::string Print(const google::protobuf::Message& message) {
  google::protobuf::TextFormat::Printer printer;
  printer.SetUseUtf8StringEscaping(true);
  printer.SetSingleLineMode(true);
  std::string text;
  EXPECT_TRUE(printer.PrintToString(message, &text));
  return text;
}

const char kForm[] = R"pb(
  parent: "committees/350103"
  text {
    title: "题"
    situation: "情"
    code: "c1"
    suggestions: [ "一", "二" ]
  }
  reporters { person: "committees/350103/persons/p1" weight: 1 }
  reporters {
    name: "张三"
    weight: 2
    deputies { name: "李四" weight: 3 }
  }
  urgency: URGENCY_HIGH
  related: "committees/350103/reports/2026-000001"
  place {
    code: "x"
    within { code: "y" }
  }
  words: "来信"
)pb";

TEST(TextsTest, OnlyAnnotatedFieldsAreTexts) {
  const auto* body = testdata::Body::descriptor();
  EXPECT_TRUE(HasText(body->FindFieldByName("title")));
  EXPECT_TRUE(HasText(body->FindFieldByName("suggestions")));
  EXPECT_FALSE(HasText(body->FindFieldByName("code")));
  EXPECT_FALSE(HasText(testdata::Form::descriptor()->FindFieldByName("text")));
}

TEST(TextsTest, NormalizeTurnsCrlfIntoLfInBodiesAloneAtEveryDepth) {
  testdata::Form form = Parse(R"pb(
    text {
      title: "a\r\nb"
      situation: "c\r\nd\re"
      code: "f\r\ng"
      suggestions: [ "h", "i\r\nj" ]
    }
  )pb");
  Normalize(&form);
  EXPECT_EQ(form.text().situation(), "c\nd\re");
  EXPECT_EQ(form.text().suggestions(1), "i\nj");
  EXPECT_EQ(form.text().title(), "a\r\nb");
  EXPECT_EQ(form.text().code(), "f\r\ng");
}

TEST(TextsTest, ClearTextsLeavesNoTextAtAnyDepthAndAllTheRest) {
  testdata::Form form = Parse(kForm);
  ClearTexts(&form);
  EXPECT_EQ(Print(form), Print(Parse(R"pb(
              parent: "committees/350103"
              text { code: "c1" }
              reporters { person: "committees/350103/persons/p1" weight: 1 }
              reporters {
                weight: 2
                deputies { weight: 3 }
              }
              urgency: URGENCY_HIGH
              related: "committees/350103/reports/2026-000001"
              place {
                code: "x"
                within { code: "y" }
              }
            )pb")));
}

TEST(TextsTest, KeepOnlyTextsLeavesTheTextsInTheirPlaces) {
  testdata::Form form = Parse(kForm);
  KeepOnlyTexts(&form);
  EXPECT_EQ(Print(form), Print(Parse(R"pb(
              text {
                title: "题"
                situation: "情"
                suggestions: [ "一", "二" ]
              }
              reporters {}
              reporters {
                name: "张三"
                deputies { name: "李四" }
              }
              words: "来信"
            )pb")));
}

TEST(TextsTest, WhatThisBuildDoesNotKnowIsInNeitherHalf) {
  const auto with_unknown = [] {
    testdata::Form form = Parse(kForm);
    auto* text = form.mutable_text();
    text->GetReflection()->MutableUnknownFields(text)->AddLengthDelimited(900, "may be a text");
    return form;
  };
  testdata::Form row = with_unknown();
  ClearTexts(&row);
  EXPECT_EQ(row.SerializeAsString().find("may be a text"), std::string::npos);
  testdata::Form texts = with_unknown();
  KeepOnlyTexts(&texts);
  EXPECT_EQ(texts.SerializeAsString().find("may be a text"), std::string::npos);
}

}  // namespace
}  // namespace shangda::check
