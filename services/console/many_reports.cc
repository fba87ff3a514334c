#include "services/console/many_reports.h"

#include <google/protobuf/util/json_util.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <map>
#include <optional>
#include <system_error>
#include <utility>

#include "services/console/progress.h"
#include "services/console/report_file.h"
#include "services/console/request_id.h"
#include "shangda/console/v1/output.pb.h"

namespace shangda::console {
namespace {

namespace fs = std::filesystem;

using Intake = intake::v1::IntakeService::Stub;
using intake::v1::EnterReportRequest;

// Of one call: often enough to see it go on.
constexpr size_t kItemsPerCall = 100;
constexpr size_t kMistakesShown = 20;
constexpr size_t kNotEnteredShown = 50;

// Of the whole request, so that it is the same whenever the same is sent.
std::string IdOf(const EnterReportRequest& request) {
  const std::string bytes = request.SerializeAsString();
  std::array<uint8_t, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size(), digest.data());
  std::array<uint8_t, 16> half;
  std::copy_n(digest.begin(), half.size(), half.begin());
  return ToUuid(half);
}

// All mistakes as one usage error.
class Mistakes {
 public:
  void Add(std::string sentence) { sentences_.push_back(std::move(sentence)); }
  absl::Status AsStatus() const {
    if (sentences_.empty()) return absl::OkStatus();
    std::string all;
    for (size_t i = 0; i < std::min(sentences_.size(), kMistakesShown); ++i) {
      if (i > 0) all += "\n";
      all += sentences_[i];
    }
    if (sentences_.size() > kMistakesShown) {
      all += "\n……共 " + std::to_string(sentences_.size()) + " 处,列出前 " +
             std::to_string(kMistakesShown) + " 处";
    }
    return UsageError(all + "\n还没有录入任何一篇,改好后再运行一次。");
  }

 private:
  std::vector<std::string> sentences_;
};

std::vector<ManyItem> ReadFolder(Session& session,
                                 const std::string& path,
                                 const EnterReportRequest& common,
                                 Mistakes* mistakes) {
  std::error_code error;
  std::vector<fs::path> files;
  for (auto it = fs::directory_iterator(path, error); !error && it != fs::directory_iterator();
       it.increment(error)) {
    if (it->path().extension() == ".txt") files.push_back(it->path());
  }
  if (error) mistakes->Add(path + ":读不了这个文件夹,请看名字和权限");
  std::ranges::sort(files);
  std::vector<ManyItem> items;
  for (const fs::path& file : files) {
    ManyItem item{.where = file.filename(), .request = common};
    absl::Status read = session.ReadReport(file, item.request.mutable_draft()->mutable_text());
    if (read.ok()) {
      items.push_back(std::move(item));
    } else {
      mistakes->Add(std::string(read.message()));
    }
  }
  return items;
}

std::vector<ManyItem> ReadLines(const std::string& path,
                                std::string_view bytes,
                                const EnterReportRequest& common,
                                Mistakes* mistakes) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (bytes.starts_with(kByteOrderMark)) bytes.remove_prefix(kByteOrderMark.size());
  std::vector<ManyItem> items;
  for (size_t number = 1; !bytes.empty(); ++number) {
    const size_t end = std::min(bytes.find('\n'), bytes.size());
    const std::string_view line = bytes.substr(0, end);
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
    if (line.find_first_not_of(" \t\r") == line.npos) continue;
    const std::string where = path + ":" + std::to_string(number);
    EnterReportRequest said;
    const auto parsed =
        google::protobuf::util::JsonStringToMessage({line.data(), line.size()}, &said);
    if (!parsed.ok()) {
      mistakes->Add(where + ":不是一篇来稿的 JSON,写法见 shangda report enter --help。[" +
                    std::string(parsed.message()) + "]");
      continue;
    }
    ManyItem item{.where = where, .request = common};
    // Its own reporters and relations take the place of the common ones.
    if (said.draft().reporters_size() > 0) item.request.mutable_draft()->clear_reporters();
    if (said.draft().relates_to_size() > 0) item.request.mutable_draft()->clear_relates_to();
    item.request.MergeFrom(said);
    item.request.set_parent(common.parent());
    item.request.set_validate_only(common.validate_only());
    items.push_back(std::move(item));
  }
  return items;
}

absl::Status ToStatus(const google::rpc::Status& problem) {
  return CallError(problem.code(), problem.message(), problem.SerializeAsString());
}

// What became of the items of one run.
class Outcome {
 public:
  // What stands before `head` in the log was entered by an earlier run.
  Outcome(const std::vector<ManyItem>& items, uint64_t head)
      : items_(items), head_(head), said_(items.size()) {}

  size_t done() const { return done_; }
  bool is_all_entered() const { return not_entered_ == 0; }

  void Entered(const ManyItem& item, const log::v1::Committed& committed) {
    v1::EnteredReports::Item& said = Say(item);
    *said.mutable_committed() = committed;
    if (item.request.validate_only()) {
      ++rehearsed_;
      return;
    }
    const std::string& first = first_.emplace(committed.name(), item.where).first->second;
    if (first != item.where) said.set_same_as(first);
    said.set_before(committed.position().position() <= head_);
    ++(first != item.where ? same_ : said.before() ? before_ : entered_);
  }
  void NotEntered(const ManyItem& item, const absl::Status& why) {
    *Say(item).mutable_error() = ToFailure(why).error();
    sentences_.emplace(IndexOf(item), item.where + ":" + ToSentences(why, "录入"));
    ++not_entered_;
  }

  // In the order of the items.
  v1::EnteredReports Message() const {
    v1::EnteredReports message;
    for (const auto& said : said_) {
      if (said.has_value()) *message.add_items() = *said;
    }
    return message;
  }
  std::string Text() const {
    std::string text = rehearsed_ > 0
                           ? "试办通过 " + std::to_string(rehearsed_) + " 篇,没有保存任何东西"
                           : "已代录 " + std::to_string(entered_) + " 篇";
    if (before_ > 0) text += ",另有 " + std::to_string(before_) + " 篇以前已录,没有重复录";
    if (same_ > 0) text += ",另有 " + std::to_string(same_) + " 篇与同批的一模一样,只录一次";
    text += "。\n";
    if (not_entered_ == 0) return text;
    text += "没有录的 " + std::to_string(not_entered_) + " 篇,改好后再运行同一条命令:\n";
    size_t shown = 0;
    for (const auto& [index, sentence] : sentences_) {
      if (++shown > kNotEnteredShown) return text + "……其余的用 --json 看。\n";
      text += sentence;
    }
    return text;
  }

 private:
  size_t IndexOf(const ManyItem& item) const { return static_cast<size_t>(&item - items_.data()); }
  v1::EnteredReports::Item& Say(const ManyItem& item) {
    ++done_;
    v1::EnteredReports::Item& said = said_[IndexOf(item)].emplace();
    said.set_where(item.where);
    return said;
  }

  const std::vector<ManyItem>& items_;
  const uint64_t head_;
  std::vector<std::optional<v1::EnteredReports::Item>> said_;
  // Why one was not entered, by index.
  std::map<size_t, std::string> sentences_;
  // Report → where it was first.
  std::map<std::string, std::string> first_;
  size_t done_ = 0;
  size_t entered_ = 0;
  size_t before_ = 0;
  size_t same_ = 0;
  size_t rehearsed_ = 0;
  size_t not_entered_ = 0;
};

// One call after another until each item has an answer that waiting does not change.
absl::Status EnterSome(Session& session, std::vector<const ManyItem*> left, Outcome* outcome) {
  Backoff backoff(kRetryFirst, kRetryLongest);
  for (int tries = 1; !left.empty(); ++tries) {
    intake::v1::EnterReportsRequest request;
    for (const ManyItem* item : left) *request.add_items() = item->request;
    auto answered = session.ReadAt(Server::kIntake, &Intake::EnterReports, request);
    if (!answered.ok()) return answered.status();
    std::vector<const ManyItem*> again;
    double delay_seconds = 0;
    for (size_t i = 0; i < left.size(); ++i) {
      if (static_cast<int>(i) >= answered->answers_size()) {
        return absl::InternalError("对方的回答少了几篇。请联系系统管理员。");
      }
      const auto& answer = answered->answers(static_cast<int>(i));
      if (answer.has_committed()) {
        outcome->Entered(*left[i], answer.committed());
        continue;
      }
      const absl::Status why = ToStatus(answer.problem());
      if (RetryDelaySeconds(why) > 0 && tries < kAttemptsMax) {
        delay_seconds = std::max(delay_seconds, RetryDelaySeconds(why));
        again.push_back(left[i]);
      } else {
        outcome->NotEntered(*left[i], why);
      }
    }
    left = std::move(again);
    if (left.empty()) break;
    const auto least =
        std::chrono::milliseconds(static_cast<int64_t>(std::ceil(delay_seconds * 1000)));
    const Pace& pace = session.client().pace();
    pace.sleep(backoff.Next(pace, std::min(least, kRetryLongest)));
  }
  return absl::OkStatus();
}

}  // namespace

bool IsMany(const std::string& path) {
  std::error_code error;
  return path.ends_with(".jsonl") || fs::is_directory(path, error);
}

absl::StatusOr<std::vector<ManyItem>> ReadMany(Session& session,
                                               const std::string& path,
                                               const EnterReportRequest& common) {
  Mistakes mistakes;
  std::vector<ManyItem> items;
  if (path.ends_with(".jsonl")) {
    absl::StatusOr<std::string> bytes = session.ReadInput(path);
    if (!bytes.ok()) return bytes.status();
    items = ReadLines(path, *bytes, common, &mistakes);
  } else {
    items = ReadFolder(session, path, common, &mistakes);
  }
  if (absl::Status status = mistakes.AsStatus(); !status.ok()) return status;
  if (items.empty()) return UsageError(path + " 里没有来稿:文件夹里要有 .txt,JSON 文件一行一篇");
  for (ManyItem& item : items) {
    item.request.clear_request_id();
    item.request.set_request_id(IdOf(item.request));
  }
  return items;
}

absl::Status EnterMany(Session& session, const std::vector<ManyItem>& items) {
  auto log =
      session.ReadAt(Server::kIntake, &log::v1::LogService::Stub::GetLog, log::v1::GetLogRequest());
  if (!log.ok()) return log.status();
  Outcome outcome(items, log->head().position());
  absl::Status status;
  {
    Progress progress(session, "篇", items.size());
    for (size_t from = 0; status.ok() && from < items.size(); from += kItemsPerCall) {
      std::vector<const ManyItem*> some;
      for (size_t i = from; i < std::min(from + kItemsPerCall, items.size()); ++i) {
        some.push_back(&items[i]);
      }
      status = EnterSome(session, std::move(some), &outcome);
      progress.Show(outcome.done());
    }
  }
  if (session.json()) {
    v1::EnteredReports message = outcome.Message();
    if (!status.ok()) *message.mutable_error() = ToFailure(status).error();
    session.Print(message);
  } else {
    session.Say(outcome.Text());
    if (!status.ok()) {
      session.SayFailure(status, "录完");
      session.Note("还有 " + std::to_string(items.size() - outcome.done()) +
                   " 篇。再运行同一条命令就接着录,已录的不会重复。\n");
    }
  }
  if (!status.ok()) {
    session.EndWith(ExitOf(status));
  } else if (!outcome.is_all_entered()) {
    session.EndWith(Exit::kRefused);
  }
  return absl::OkStatus();
}

}  // namespace shangda::console
