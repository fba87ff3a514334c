// A list of what shall be there exactly once, held against what is there.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace shangda::storm {

class Once {
 public:
  // `what` names the kind of thing in the sentences.
  explicit Once(std::string what) : what_(std::move(what)) {}

  // Expected twice is expected once.
  void Expect(const std::string& key) { counts_[key].expected = true; }
  void Find(const std::string& key) { ++counts_[key].found; }

  void Tell(std::vector<std::string>* missing, std::vector<std::string>* surplus) const {
    for (const auto& [key, count] : counts_) {
      const std::string times = std::to_string(count.found) + " 次";
      if (count.expected && count.found == 0) missing->push_back(what_ + ":没有 " + key);
      if (count.expected && count.found > 1) surplus->push_back(what_ + ":" + key + " 有 " + times);
      if (!count.expected) surplus->push_back(what_ + ":不该有 " + key + ",却有 " + times);
    }
  }

 private:
  struct Count {
    bool expected = false;
    int found = 0;
  };

  const std::string what_;
  std::map<std::string, Count> counts_;
};

}  // namespace shangda::storm
