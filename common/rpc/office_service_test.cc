#include "common/rpc/office_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/rpc/testing/node_test.h"

namespace shangda::rpc {
namespace {

using testing::Client;
using ::testing::ElementsAre;
using testing::Outcome;
using testing::PersonUri;
using testing::ServiceUri;

class OfficeServiceTest : public testing::NodeTest {
 protected:
  std::string Get(Client& client, const std::string& name, office::v1::Entry* entry = nullptr) {
    office::v1::GetEntryRequest request;
    request.set_name(name);
    office::v1::Entry read;
    grpc::Status status = client.Call(&Office::GetEntry, request, &read);
    if (entry != nullptr) *entry = read;
    return Outcome(status);
  }
  std::string List(Client& client,
                   const std::string& parent,
                   std::vector<std::string>* names = nullptr,
                   int32_t page_size = 0) {
    office::v1::ListEntriesRequest request;
    request.set_parent(parent);
    request.set_page_size(page_size);
    do {
      office::v1::ListEntriesResponse page;
      grpc::Status status = client.Call(&Office::ListEntries, request, &page);
      if (!status.ok()) return Outcome(status);
      EXPECT_TRUE(page_size == 0 || page.entries_size() <= page_size);
      for (const auto& entry : page.entries()) {
        if (names != nullptr) names->push_back(entry.name());
      }
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return "0 ";
  }
};

TEST_F(OfficeServiceTest, AnEntryIsReadWithItsTexts) {
  office::v1::Entry entry;
  EXPECT_EQ(Get(Registrar(), "committees/350103/persons/reporter", &entry), "0 ");
  EXPECT_EQ(entry.person().name(), "某甲reporter");
  EXPECT_EQ(entry.person().roles(0), api::v1::ROLE_REPORTER);
}

TEST_F(OfficeServiceTest, TheNetworksEntriesAreEverybodys) {
  for (const std::string& uri :
       {PersonUri("viewer"), PersonUri("registrar", "350102"), ServiceUri("fuzhou", "routing")}) {
    EXPECT_EQ(Get(As(uri), "network/committees/350103"), "0 ") << uri;
    EXPECT_EQ(Get(As(uri), "network/committees/350199"), "5 NOT_FOUND") << uri;
    std::vector<std::string> nodes;
    EXPECT_EQ(List(As(uri), "network/nodes", &nodes), "0 ");
    EXPECT_THAT(nodes, ElementsAre("network/nodes/fuzhou"));
  }
}

TEST_F(OfficeServiceTest, AnOfficesEntriesAreItsPeoplesAndItsNodes) {
  for (const char* name :
       {"committees/350103/categories/livelihood", "committees/350103/persons/nobody"}) {
    EXPECT_EQ(Get(As(PersonUri("registrar", "350102")), name), "7 FORBIDDEN") << name;
    EXPECT_EQ(Get(As(ServiceUri("fuzhou", "feedback")), name), "7 FORBIDDEN") << name;
  }
  EXPECT_EQ(List(As(PersonUri("registrar", "350102")), "committees/350103/persons"), "7 FORBIDDEN");
  EXPECT_EQ(List(As(ServiceUri("fuzhou", "feedback")), "committees/350103/persons"), "7 FORBIDDEN");

  EXPECT_EQ(Get(Reporter(), "committees/350103/categories/livelihood"), "0 ");
  EXPECT_EQ(Get(Reporter(), "committees/350103/categories/none"), "5 NOT_FOUND");
  EXPECT_EQ(Get(As(ServiceUri(testing::kNode, "routing")), "committees/350103/persons/reporter"),
            "0 ");
}

TEST_F(OfficeServiceTest, AViewerSeesNoPersons) {
  Client& viewer = As(PersonUri("viewer"));
  EXPECT_EQ(List(viewer, "committees/350103/persons"), "7 FORBIDDEN");
  EXPECT_EQ(Get(viewer, "committees/350103/persons/registrar"), "7 FORBIDDEN");
  EXPECT_EQ(Get(viewer, "committees/350103/persons/nobody"), "7 FORBIDDEN");
  EXPECT_EQ(Get(viewer, "committees/350103/persons/viewer"), "0 ") << "but itself";
  EXPECT_EQ(List(viewer, "committees/350103/categories"), "0 ");
  node->AddPerson("viewer", {api::v1::ROLE_VIEWER, api::v1::ROLE_RECORDER});
  EXPECT_EQ(List(viewer, "committees/350103/persons"), "0 ");
}

TEST_F(OfficeServiceTest, EntriesAreListedInOrderPageByPage) {
  for (int32_t page_size : {0, 1, 2, 3, 5, 1'000}) {
    std::vector<std::string> names;
    EXPECT_EQ(List(Registrar(), "committees/350103/persons", &names, page_size), "0 ");
    EXPECT_THAT(
        names, ElementsAre("committees/350103/persons/audit", "committees/350103/persons/registrar",
                           "committees/350103/persons/reporter", "committees/350103/persons/system",
                           "committees/350103/persons/viewer"))
        << page_size;
  }
}

TEST_F(OfficeServiceTest, AJunkPageTokenIsRefused) {
  office::v1::ListEntriesRequest request;
  request.set_parent("committees/350103/persons");
  for (const char* token :
       {"junk", "/", "committees/350103/units/u1", "committees/350102/persons/x",
        "committees/350103/persons", "committees/350103/persons/x/y"}) {
    request.set_page_token(token);
    office::v1::ListEntriesResponse page;
    EXPECT_EQ(Outcome(Registrar().Call(&Office::ListEntries, request, &page)),
              "3 INVALID_PAGE_TOKEN")
        << token;
  }
  // One that was good goes on behind where it stood, whatever was taken out since.
  request.set_page_token("committees/350103/persons/rz");
  office::v1::ListEntriesResponse page;
  EXPECT_TRUE(Registrar().Call(&Office::ListEntries, request, &page).ok());
  ASSERT_EQ(page.entries_size(), 2);
  EXPECT_EQ(page.entries(0).person().id(), "system");
}

}  // namespace
}  // namespace shangda::rpc
