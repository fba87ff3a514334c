#include "services/console/progress.h"

#include <cstdio>
#include <utility>

namespace shangda::console {
namespace {

constexpr int64_t kMicrosPerSecond = 1'000'000;
constexpr int64_t kLineEveryMicros = 5 * kMicrosPerSecond;
constexpr size_t kBarCells = 20;

std::string Duration(int64_t seconds) {
  if (seconds < 60) return std::to_string(seconds) + " 秒";
  return std::to_string(seconds / 60) + " 分 " + std::to_string(seconds % 60) + " 秒";
}

}  // namespace

Progress::Progress(Session& session, std::string unit, size_t total)
    : session_(session),
      unit_(std::move(unit)),
      total_(total),
      began_micros_(session.now_micros()),
      shown_micros_(began_micros_) {}

Progress::~Progress() {
  if (line_is_open_) session_.Note("\n");
}

void Progress::Show(size_t done) {
  if (session_.json() || total_ == 0) return;
  const int64_t now = session_.now_micros();
  if (!session_.is_at_terminal() && now - shown_micros_ < kLineEveryMicros) return;
  shown_micros_ = now;
  char percent[16];
  std::snprintf(percent, sizeof percent, "%3zu%%", 100 * done / total_);
  std::string said = std::string(percent) + "  " + std::to_string(done) + "/" +
                     std::to_string(total_) + " " + unit_;
  if (done > 0 && done < total_) {
    const auto left =
        static_cast<int64_t>(static_cast<double>(now - began_micros_) *
                             static_cast<double>(total_ - done) / static_cast<double>(done));
    said += ",约剩 " + Duration(left / kMicrosPerSecond + 1);
  }
  if (!session_.is_at_terminal()) return session_.Note(said + "\n");
  const size_t filled = kBarCells * done / total_;
  // What a longer line left behind is wiped.
  session_.Note("\r[" + std::string(filled, '#') + std::string(kBarCells - filled, '.') + "] " +
                said + "\x1b[K");
  line_is_open_ = true;
}

}  // namespace shangda::console
