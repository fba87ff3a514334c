// What the code relies on in the protos, for every method there is: a method added without it fails
// here, not in production.
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "common/access/access.h"
#include "shangda/backup/v1/backup.pb.h"
#include "shangda/feedback/v1/feedback.pb.h"
#include "shangda/incident/v1/incident.pb.h"
#include "shangda/intake/v1/intake.pb.h"
#include "shangda/log/v1/log.pb.h"
#include "shangda/numbering/v1/numbering.pb.h"
#include "shangda/office/v1/office.pb.h"
#include "shangda/routing/v1/routing.pb.h"

namespace shangda::access {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;

std::vector<const MethodDescriptor*> AllMethods() {
  std::vector<const MethodDescriptor*> methods;
  for (const auto* file :
       {log::v1::Entry::descriptor()->file(), office::v1::Entry::descriptor()->file(),
        incident::v1::Incident::descriptor()->file(), intake::v1::Report::descriptor()->file(),
        routing::v1::Paper::descriptor()->file(), feedback::v1::Outcome::descriptor()->file(),
        numbering::v1::SeriesState::descriptor()->file(),
        backup::v1::Backup::descriptor()->file()}) {
    EXPECT_EQ(file->service_count(), 1) << file->name();
    for (int i = 0; i < file->service(0)->method_count(); ++i) {
      methods.push_back(file->service(0)->method(i));
    }
  }
  return methods;
}

const api::v1::FieldRule& FieldRuleOf(const FieldDescriptor& field) {
  return field.options().GetExtension(api::v1::field);
}

bool IsMutation(const MethodDescriptor& method) {
  return method.output_type() == log::v1::Committed::descriptor();
}

bool IsBulk(const MethodDescriptor& method) {
  return method.output_type() == log::v1::BulkResponse::descriptor();
}

// Each item has the rule, and the request id, of the verb for one.
TEST(Protos, ABulkVerbIsForWhoeverMayCallTheVerbForOne) {
  std::map<const google::protobuf::Descriptor*, const MethodDescriptor*> by_request;
  for (const MethodDescriptor* method : AllMethods()) by_request[method->input_type()] = method;
  size_t count = 0;
  for (const MethodDescriptor* method : AllMethods()) {
    if (!IsBulk(*method)) continue;
    ++count;
    const FieldDescriptor* items = method->input_type()->FindFieldByName("items");
    ASSERT_NE(items, nullptr) << method->full_name();
    EXPECT_TRUE(items->is_repeated() && FieldRuleOf(*items).required()) << method->full_name();
    const MethodDescriptor* one = by_request[items->message_type()];
    ASSERT_NE(one, nullptr) << method->full_name();
    EXPECT_TRUE(IsMutation(*one)) << method->full_name();
    EXPECT_EQ(std::vector<int>(RuleOf(*method).roles().begin(), RuleOf(*method).roles().end()),
              std::vector<int>(RuleOf(*one).roles().begin(), RuleOf(*one).roles().end()))
        << method->full_name();
  }
  EXPECT_EQ(count, 5u);
}

TEST(Protos, EveryMethodSaysWhoMayCallIt) {
  for (const MethodDescriptor* method : AllMethods()) {
    const api::v1::AccessRule& rule = RuleOf(*method);
    EXPECT_TRUE(rule.roles_size() > 0 || rule.own_node() || rule.any_node() || rule.anyone())
        << method->full_name();
    for (int role : rule.roles()) {
      EXPECT_TRUE(api::v1::Role_IsValid(role) && role != api::v1::ROLE_UNSPECIFIED)
          << method->full_name();
    }
  }
}

TEST(Protos, WhereTheCommitteeStandsIsOneRequiredStringOfTheRequest) {
  for (const MethodDescriptor* method : AllMethods()) {
    const std::string& name = RuleOf(*method).committee_field();
    if (name.empty()) continue;
    const FieldDescriptor* field = method->input_type()->FindFieldByName(name);
    ASSERT_NE(field, nullptr) << method->full_name();
    EXPECT_EQ(field->type(), FieldDescriptor::TYPE_STRING) << method->full_name();
    EXPECT_FALSE(field->is_repeated()) << method->full_name();
    EXPECT_TRUE(FieldRuleOf(*field).required()) << method->full_name();
  }
}

TEST(Protos, ARuleForEverybodyDoesNotSpeakOfACommittee) {
  for (const MethodDescriptor* method : AllMethods()) {
    const api::v1::AccessRule& rule = RuleOf(*method);
    if (rule.anyone()) {
      EXPECT_TRUE(rule.roles().empty() && rule.committee_field().empty()) << method->full_name();
    }
  }
}

// But for incidents: most are the node's, and of a committee's the row says so.
TEST(Protos, ARoleThatChangesSomethingIsHeldInTheCommitteeOfTheThing) {
  for (const MethodDescriptor* method : AllMethods()) {
    if (!IsMutation(*method) || RuleOf(*method).roles().empty()) continue;
    if (method->file()->package() == "shangda.incident.v1") continue;
    EXPECT_FALSE(RuleOf(*method).committee_field().empty()) << method->full_name();
  }
}

// The host finds the method, and with it the rule, by the request's type.
TEST(Protos, ARequestTypeBelongsToOneMethod) {
  std::map<const google::protobuf::Descriptor*, std::string> methods;
  for (const MethodDescriptor* method : AllMethods()) {
    auto [seen, is_new] = methods.emplace(method->input_type(), method->full_name());
    EXPECT_TRUE(is_new) << method->full_name() << " and " << seen->second;
  }
}

TEST(Protos, EveryMutationHasARequestId) {
  for (const MethodDescriptor* method : AllMethods()) {
    if (!IsMutation(*method)) continue;
    const FieldDescriptor* id = method->input_type()->FindFieldByName("request_id");
    ASSERT_NE(id, nullptr) << method->full_name();
    EXPECT_EQ(id->type(), FieldDescriptor::TYPE_STRING) << method->full_name();
    EXPECT_TRUE(FieldRuleOf(*id).required()) << method->full_name();
  }
}

TEST(Protos, EveryEtagOfAMutationIsRequired) {
  for (const MethodDescriptor* method : AllMethods()) {
    const FieldDescriptor* etag = method->input_type()->FindFieldByName("etag");
    if (!IsMutation(*method) || etag == nullptr) continue;
    EXPECT_EQ(etag->type(), FieldDescriptor::TYPE_STRING) << method->full_name();
    EXPECT_TRUE(FieldRuleOf(*etag).required()) << method->full_name();
  }
}

// A mutation without an etag makes something: its request names a parent, or what it speaks about.
TEST(Protos, EveryVerbOnAnExistingResourceHasAnEtag) {
  for (const MethodDescriptor* method : AllMethods()) {
    if (!IsMutation(*method)) continue;
    if (method->input_type()->FindFieldByName("name") == nullptr) continue;
    EXPECT_NE(method->input_type()->FindFieldByName("etag"), nullptr) << method->full_name();
  }
}

// The host fills in and waits for these by name.
TEST(Protos, PositionsThatTheHostKnowsByNameArePositions) {
  for (const MethodDescriptor* method : AllMethods()) {
    for (const FieldDescriptor* field : {method->input_type()->FindFieldByName("min_position"),
                                         method->output_type()->FindFieldByName("position")}) {
      if (field == nullptr) continue;
      EXPECT_EQ(field->message_type(), log::v1::LogPosition::descriptor()) << field->full_name();
      EXPECT_FALSE(field->is_repeated()) << field->full_name();
    }
  }
}

// Of what the office works with. The log's own methods speak of the log as it is, the office's
// entries come from the node's files, incidents are read where the log is written, never behind it, and
// backups lie beside it.
TEST(Protos, EveryReadWaitsForAPositionAndEveryListAnswersItsOwn) {
  for (const MethodDescriptor* method : AllMethods()) {
    const std::string& package = method->file()->package();
    if (package == "shangda.log.v1" || package == "shangda.office.v1") continue;
    if (package == "shangda.incident.v1" || package == "shangda.backup.v1") continue;
    const bool lists = method->name().starts_with("List");
    if (!lists && !method->name().starts_with("Get")) continue;
    EXPECT_NE(method->input_type()->FindFieldByName("min_position"), nullptr)
        << method->full_name();
    if (lists) {
      EXPECT_NE(method->output_type()->FindFieldByName("position"), nullptr) << method->full_name();
    }
  }
}

}  // namespace
}  // namespace shangda::access
