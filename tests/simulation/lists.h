// Every list of every office, read to its end in pages: all of it, and by state.
#pragma once

#include <google/protobuf/message.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/simulation/scheduler.h"
#include "tests/simulation/wire.h"

namespace shangda::simulation {

// The names in the order in which the pages had them.
struct Listing {
  std::vector<std::string> all;
  // By the number of the state that was asked for; a list without states has none.
  std::map<int, std::vector<std::string>> by_state;
};

class Lists {
 public:
  // `failed` is told of a list that is not answered, and of a thing under a state that is not its own.
  Lists(Wire& wire, Random& random, std::function<void(const std::string&)> failed)
      : wire_(wire), random_(random), failed_(std::move(failed)) {}

  // Asks for all of them; they are there when nothing is under way any more.
  void Read();
  bool is_idle() const { return under_way_ == 0; }

  // By parent and collection: `committees/350103/papers`.
  const std::map<std::string, Listing>& read() const { return read_; }

 private:
  struct Paging {
    std::string uri;
    Address to;
    std::string collection;
    int state = 0;
    std::unique_ptr<google::protobuf::Message> request;
    const google::protobuf::Message* response = nullptr;
  };

  void Ask(std::shared_ptr<Paging> paging);
  void Take(const Paging& paging, const google::protobuf::Message& page);

  Wire& wire_;
  Random& random_;
  const std::function<void(const std::string&)> failed_;
  size_t under_way_ = 0;
  std::map<std::string, Listing> read_;
};

}  // namespace shangda::simulation
