// Where connections arrive, before TLS and before gRPC.
//
// gRPC begins a handshake for whoever connects and knows no limit of how many. So the process
// listens itself: a connection is handed on when the first record of a TLS handshake is there, and
// so many in a second (limits::WaitingRoom). One that never speaks costs a file descriptor for a
// few seconds, and keeps nobody out.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/limits/waiting_room.h"

namespace shangda::rpc {

// What the first bytes of a connection say.
enum class FirstBytes {
  // Not all of the record is there.
  kWait,
  // A whole handshake record.
  kTls,
  // Something else, or a record that no client begins with.
  kOther,
};
FirstBytes LookAt(std::string_view first_bytes);

class FrontDoor {
 public:
  // Takes a connected socket, non-blocking, of which nothing was read; it is the callee's to close.
  using Hand = std::function<void(int listener, int socket)>;

  // Listens at host:port, on every address of the host; port 0: any. Nobody is let in before Open.
  // The clock outlives it.
  static absl::StatusOr<std::unique_ptr<FrontDoor>> Listen(const std::string& address,
                                                           clock::MonotonicClock& clock,
                                                           limits::WaitingRoom::Options options);
  ~FrontDoor();
  FrontDoor(const FrontDoor&) = delete;
  FrontDoor& operator=(const FrontDoor&) = delete;

  int port() const { return port_; }
  // From now on, on a thread of its own: `hand` gets who comes in, `turned_away` is told of each who
  // does not. Once.
  void Open(Hand hand, std::function<void()> turned_away);
  // Nobody is handed on after it.
  void Close();

 private:
  FrontDoor(clock::MonotonicClock& clock, limits::WaitingRoom::Options options);

  absl::Status ListenAt(const std::string& host, const std::string& port);
  void Run();
  void Accept(int listener);
  void Look(int socket);
  void TurnAway(int socket);
  void Watch(int socket, uint32_t events);

  limits::WaitingRoom room_;
  int epoll_ = -1;
  int wake_ = -1;
  int port_ = 0;
  std::vector<int> listeners_;
  Hand hand_;
  std::function<void()> turned_away_;
  std::atomic<bool> closing_{false};
  // On the thread: socket → the listener that it came by.
  std::map<int, int> came_by_;
  // No file descriptor was left: until somebody has gone, nobody is accepted.
  bool full_ = false;
  std::thread thread_;
};

}  // namespace shangda::rpc
