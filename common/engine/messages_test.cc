#include "common/engine/messages.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "common/engine/bytes.h"
#include "common/engine/testing/toy.pb.h"
#include "shangda/log/v1/log.pb.h"

namespace shangda::engine {
namespace {

// As it is defined: of the name of the request and its bytes without the id.
std::string HashWithoutId(testing::MakeNoteRequest request) {
  request.clear_request_id();
  return Sha256(request.GetDescriptor()->full_name() + '\0' + Serialize(request));
}

TEST(ContentHash, IsThatOfTheRequestWithoutItsId) {
  testing::MakeNoteRequest request;
  EXPECT_EQ(ContentHash(request), HashWithoutId(request));
  request.set_parent("committees/350103");
  request.set_words("路灯坏了");
  request.set_validate_only(true);
  request.set_request_id("one");
  const std::string hash = ContentHash(request);
  EXPECT_EQ(hash, HashWithoutId(request));

  request.set_request_id("another, and much longer than the first one");
  EXPECT_EQ(ContentHash(request), hash);
  request.set_words("路灯好了");
  EXPECT_NE(ContentHash(request), hash);
}

TEST(ContentHash, CountsWhatComesBehindTheId) {
  testing::MakeNoteRequest request;
  request.set_request_id("one");
  const std::string hash = ContentHash(request);
  // A newer client says more than this service knows.
  constexpr int kUnknownField = 1'000;
  request.GetReflection()->MutableUnknownFields(&request)->AddVarint(kUnknownField, 7);
  EXPECT_NE(ContentHash(request), hash);
  EXPECT_EQ(ContentHash(request), HashWithoutId(request));
}

TEST(ContentHash, OfARequestWithoutAnIdIsThatOfTheWhole) {
  log::v1::StartEpochRequest request;
  request.set_restored_from("20260301-093000");
  EXPECT_EQ(ContentHash(request),
            Sha256(request.GetDescriptor()->full_name() + '\0' + Serialize(request)));
}

}  // namespace
}  // namespace shangda::engine
