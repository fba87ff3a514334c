// The calls that a peer has under way.
//
// What gRPC calls back holds on to loops and callbacks that somebody else owns, and to the channel,
// whose last owner must not be a thread of gRPC's. So whoever makes calls keeps a Calls, and its end
// waits until gRPC has let go of the last one.
#pragma once

#include <grpcpp/client_context.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>

namespace shangda::rpc {

class Calls {
 public:
  // One call; held by what gRPC calls back, and ends with its last owner.
  class UnderWay;

  Calls();
  // Cancels what is under way and waits until all of it has ended. Not from a thread of gRPC's.
  ~Calls();
  Calls(const Calls&) = delete;
  Calls& operator=(const Calls&) = delete;

  std::shared_ptr<UnderWay> Begin(grpc::ClientContext* context);

 private:
  struct State {
    std::mutex mutex;
    std::condition_variable ended;
    size_t under_way = 0;                     // guarded by mutex
    std::set<grpc::ClientContext*> contexts;  // guarded by mutex
  };

  // Outlives the last call by the moment in which it ends.
  const std::shared_ptr<State> state_;
};

class Calls::UnderWay {
 public:
  UnderWay(std::shared_ptr<State> state, grpc::ClientContext* context);
  ~UnderWay();
  UnderWay(const UnderWay&) = delete;
  UnderWay& operator=(const UnderWay&) = delete;

  // gRPC is done with the call: from here on the context may go, and is cancelled no more.
  void ForgetContext();

 private:
  const std::shared_ptr<State> state_;
  grpc::ClientContext* const context_;
};

}  // namespace shangda::rpc
