#include "tests/storm/journal.h"

#include <utility>

namespace shangda::storm {

void Journal::NoteAnswer(Told told, Again again) {
  std::lock_guard lock(mutex_);
  const log::v1::Committed& committed = told.committed;
  file_ << told.log << '\t' << told.principal << '\t' << told.command << '\t' << told.request_id
        << '\t' << committed.name() << '\t' << committed.etag() << '\t'
        << committed.position().position() << std::endl;
  told_.push_back(std::move(told));
  again_.push_back(std::move(again));
  ++acknowledged_;
}

void Journal::NoteRefusal(const Told& told, const grpc::Status& status) {
  std::lock_guard lock(mutex_);
  refused_.push_back(told.log + " 没有办理 " + told.principal + " 的 " + told.command + " " +
                     told.request_id + ",虽然照先前的答复应当能办:" +
                     std::to_string(status.error_code()) + " " + status.error_message());
  file_ << "refused\t" << refused_.back() << std::endl;
}

}  // namespace shangda::storm
