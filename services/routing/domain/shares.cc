#include "services/routing/domain/shares.h"

#include <cstddef>
#include <map>
#include <numeric>
#include <string>

namespace shangda::routing {
namespace {

// Integers that know when they no longer fit.
class Checked {
 public:
  bool ok() const { return ok_; }

  uint64_t Product(uint64_t a, uint64_t b) {
    uint64_t product = 0;
    if (__builtin_mul_overflow(a, b, &product)) ok_ = false;
    return product;
  }

  uint64_t Sum(uint64_t a, uint64_t b) {
    uint64_t sum = 0;
    if (__builtin_add_overflow(a, b, &sum)) ok_ = false;
    return sum;
  }

 private:
  bool ok_ = true;
};

uint64_t CommonDivisor(const std::vector<v1::Leaf>& leaves) {
  uint64_t divisor = 0;
  for (const v1::Leaf& leaf : leaves) divisor = std::gcd(divisor, leaf.weight());
  return divisor;
}

void Reduce(std::vector<v1::Leaf>& leaves) {
  const uint64_t divisor = CommonDivisor(leaves);
  for (v1::Leaf& leaf : leaves) leaf.set_weight(leaf.weight() / divisor);
}

}  // namespace

std::optional<std::vector<v1::Leaf>> ShareOut(const std::vector<SourceShare>& sources) {
  Checked checked;
  std::vector<SourceShare> reduced;
  std::vector<uint64_t> sums;
  // A multiple of every source's sum, so that all shares have one denominator.
  uint64_t whole = 1;
  for (const SourceShare& source : sources) {
    if (source.leaves.empty()) continue;
    SourceShare& share = reduced.emplace_back(source);
    Reduce(share.leaves);
    uint64_t sum = 0;
    for (const v1::Leaf& leaf : share.leaves) sum = checked.Sum(sum, leaf.weight());
    if (!checked.ok()) return std::nullopt;
    sums.push_back(sum);
    whole = checked.Product(whole / std::gcd(whole, sum), sum);
    if (!checked.ok()) return std::nullopt;
  }

  std::vector<v1::Leaf> leaves;
  std::map<std::string, size_t> places;
  for (size_t i = 0; i < reduced.size(); ++i) {
    const uint64_t factor = checked.Product(reduced[i].weight, whole / sums[i]);
    for (const v1::Leaf& leaf : reduced[i].leaves) {
      auto [place, is_new] = places.emplace(leaf.report(), leaves.size());
      if (is_new) leaves.emplace_back().set_report(leaf.report());
      v1::Leaf& total = leaves[place->second];
      total.set_weight(checked.Sum(total.weight(), checked.Product(factor, leaf.weight())));
    }
  }
  if (!checked.ok()) return std::nullopt;
  if (!leaves.empty()) Reduce(leaves);
  return leaves;
}

}  // namespace shangda::routing
