// How many of a kind are open at once: in all, and for each holder.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace shangda::limits {

class Shares {
 public:
  struct Most {
    size_t in_all;
    size_t for_one;
  };
  enum class Answer {
    // One more is open.
    kTaken,
    // All are open: it is the node that has too much to do.
    kAllOpen,
    // The holder has its share: it is this one who asks too much.
    kShareOpen,
  };

  explicit Shares(Most most) : most_(most) {}

  Answer Take(std::string_view holder) {
    auto it = open_.find(holder);
    if (it != open_.end() && it->second >= most_.for_one) return Answer::kShareOpen;
    if (in_all_ >= most_.in_all) return Answer::kAllOpen;
    if (it == open_.end()) it = open_.emplace(holder, 0).first;
    ++it->second;
    ++in_all_;
    return Answer::kTaken;
  }

  // For each that was taken, once.
  void Give(std::string_view holder) {
    auto it = open_.find(holder);
    if (it == open_.end()) return;
    --in_all_;
    if (--it->second == 0) open_.erase(it);
  }

  size_t in_all() const { return in_all_; }

 private:
  const Most most_;
  size_t in_all_ = 0;
  std::map<std::string, size_t, std::less<>> open_;
};

}  // namespace shangda::limits
