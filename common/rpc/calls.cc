#include "common/rpc/calls.h"

#include <utility>

namespace shangda::rpc {

Calls::Calls() : state_(std::make_shared<State>()) {}

Calls::~Calls() {
  std::unique_lock lock(state_->mutex);
  for (grpc::ClientContext* context : state_->contexts) context->TryCancel();
  state_->ended.wait(lock, [this] { return state_->under_way == 0; });
}

std::shared_ptr<Calls::UnderWay> Calls::Begin(grpc::ClientContext* context) {
  return std::make_shared<UnderWay>(state_, context);
}

Calls::UnderWay::UnderWay(std::shared_ptr<State> state, grpc::ClientContext* context)
    : state_(std::move(state)), context_(context) {
  std::lock_guard lock(state_->mutex);
  ++state_->under_way;
  state_->contexts.insert(context);
}

Calls::UnderWay::~UnderWay() {
  ForgetContext();
  std::lock_guard lock(state_->mutex);
  --state_->under_way;
  state_->ended.notify_all();
}

void Calls::UnderWay::ForgetContext() {
  std::lock_guard lock(state_->mutex);
  state_->contexts.erase(context_);
}

}  // namespace shangda::rpc
