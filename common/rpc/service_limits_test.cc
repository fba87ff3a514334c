// A service file's limits: what is left out, and what does not fit together.
#include "common/rpc/service_limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace shangda::rpc {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> BadFields(config::v1::ServiceConfig config) {
  FillLimits(&config);
  std::vector<std::string> fields;
  for (const auto& violation : CheckLimits(config)) fields.push_back(violation.field);
  return fields;
}

TEST(ServiceLimitsTest, WhatIsLeftOutHasADefaultAndTheDefaultsFit) {
  config::v1::ServiceConfig config;
  FillLimits(&config);
  const auto* reflection = config.limits().GetReflection();
  for (int i = 0; i < config.limits().GetDescriptor()->field_count(); ++i) {
    const auto* field = config.limits().GetDescriptor()->field(i);
    const bool is_wide = field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_UINT64;
    EXPECT_GT(is_wide ? reflection->GetUInt64(config.limits(), field)
                      : reflection->GetUInt32(config.limits(), field),
              0u)
        << field->name();
  }
  EXPECT_EQ(config.links().silence_seconds(), 30u);
  EXPECT_THAT(BadFields({}), IsEmpty());
}

TEST(ServiceLimitsTest, WhatIsGivenStays) {
  config::v1::ServiceConfig config;
  config.mutable_limits()->set_calls_per_second(7);
  FillLimits(&config);
  EXPECT_EQ(config.limits().calls_per_second(), 7u);
}

TEST(ServiceLimitsTest, SmallerPagesAreSmallerAlsoForThoseWhoDoNotSay) {
  config::v1::ServiceConfig config;
  config.mutable_limits()->set_page_rows_max(20);
  FillLimits(&config);
  EXPECT_EQ(config.limits().page_rows_default(), 20u);
  EXPECT_THAT(BadFields(config), IsEmpty());
}

TEST(ServiceLimitsTest, WhatCannotBeIsNamed) {
  config::v1::ServiceConfig config;
  config.mutable_limits()->set_message_bytes_max(1'000);
  config.mutable_limits()->set_page_rows_max(1'001);
  config.mutable_limits()->set_answer_bytes_max(64 << 20);
  EXPECT_THAT(BadFields(config), ElementsAre("limits.message_bytes_max", "limits.answer_bytes_max",
                                             "limits.page_rows_max"));
}

TEST(ServiceLimitsTest, WhatDoesNotFitTogetherIsNamed) {
  config::v1::ServiceConfig config;
  config.mutable_limits()->set_page_rows_default(50);
  config.mutable_limits()->set_page_rows_max(20);
  config.mutable_links()->set_bookmark_seconds(11);
  EXPECT_THAT(BadFields(config), ElementsAre("limits.page_rows_default", "links.silence_seconds"));
}

}  // namespace
}  // namespace shangda::rpc
