#include "common/rpc/front_door.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace shangda::rpc {
namespace {

constexpr int kBacklog = 1'024;
// Of one listener before others have their turn.
constexpr int kAcceptedAtOnce = 64;
constexpr int kFullWaitMillis = 100;
// RFC 8446, 5.1: type, version, length; then at most so much.
constexpr size_t kHeaderBytes = 5;
constexpr size_t kRecordBytesMax = 1 << 14;
constexpr unsigned char kHandshake = 22;
constexpr unsigned char kClientHello = 1;

absl::Status Failed(const std::string& what) {
  return absl::UnavailableError(what + ": " +
                                std::error_code(errno, std::generic_category()).message());
}

}  // namespace

FirstBytes LookAt(std::string_view first_bytes) {
  auto byte = [&](size_t i) { return static_cast<unsigned char>(first_bytes[i]); };
  if (first_bytes.empty()) return FirstBytes::kWait;
  if (byte(0) != kHandshake) return FirstBytes::kOther;
  if (first_bytes.size() >= 2 && byte(1) != 3) return FirstBytes::kOther;
  if (first_bytes.size() < kHeaderBytes) return FirstBytes::kWait;
  const size_t length = size_t{byte(3)} << 8 | byte(4);
  if (length == 0 || length > kRecordBytesMax) return FirstBytes::kOther;
  if (first_bytes.size() > kHeaderBytes && byte(kHeaderBytes) != kClientHello) {
    return FirstBytes::kOther;
  }
  return first_bytes.size() < kHeaderBytes + length ? FirstBytes::kWait : FirstBytes::kTls;
}

FrontDoor::FrontDoor(clock::MonotonicClock& clock, limits::WaitingRoom::Options options)
    : room_(clock, options) {}

absl::StatusOr<std::unique_ptr<FrontDoor>> FrontDoor::Listen(const std::string& address,
                                                             clock::MonotonicClock& clock,
                                                             limits::WaitingRoom::Options options) {
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos) return absl::InvalidArgumentError(address + ": host:port");
  std::string host = address.substr(0, colon);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  std::unique_ptr<FrontDoor> door(new FrontDoor(clock, options));
  door->epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  door->wake_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (door->epoll_ < 0 || door->wake_ < 0) return Failed(address);
  if (absl::Status listening = door->ListenAt(host, address.substr(colon + 1)); !listening.ok()) {
    return listening;
  }
  return door;
}

absl::Status FrontDoor::ListenAt(const std::string& host, const std::string& port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const int error =
      ::getaddrinfo(host.empty() ? nullptr : host.c_str(), port.c_str(), &hints, &found);
  if (error != 0) return absl::UnavailableError(host + ": " + ::gai_strerror(error));
  std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(found, ::freeaddrinfo);
  absl::Status status = absl::UnavailableError(host + ": no address");
  for (addrinfo* one = found; one != nullptr; one = one->ai_next) {
    const int listener = ::socket(one->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (listener < 0) {
      // The machine may not know this family.
      status = Failed(host);
      continue;
    }
    const int on = 1;
    ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (one->ai_family == AF_INET6 && found->ai_next != nullptr) {
      // The name's other address has a socket of its own; [::] alone is both.
      ::setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    }
    sockaddr_storage at{};
    std::memcpy(&at, one->ai_addr, one->ai_addrlen);
    // The port is at the same place in both families.
    auto& at_port = reinterpret_cast<sockaddr_in*>(&at)->sin_port;
    if (at_port == 0) at_port = htons(static_cast<uint16_t>(port_));
    socklen_t size = sizeof at;
    if (::bind(listener, reinterpret_cast<sockaddr*>(&at), one->ai_addrlen) != 0 ||
        ::listen(listener, kBacklog) != 0 ||
        ::getsockname(listener, reinterpret_cast<sockaddr*>(&at), &size) != 0) {
      const bool is_taken = errno == EADDRINUSE;
      status = Failed(host);
      ::close(listener);
      // A port that somebody else has is not ours by half.
      if (is_taken) return status;
      continue;
    }
    port_ = ntohs(at_port);
    listeners_.push_back(listener);
  }
  return listeners_.empty() ? status : absl::OkStatus();
}

FrontDoor::~FrontDoor() {
  Close();
  for (int fd : {epoll_, wake_}) {
    if (fd >= 0) ::close(fd);
  }
}

void FrontDoor::Open(Hand hand, std::function<void()> turned_away) {
  hand_ = std::move(hand);
  turned_away_ = std::move(turned_away);
  for (int listener : listeners_) Watch(listener, EPOLLIN);
  Watch(wake_, EPOLLIN);
  thread_ = std::thread([this] { Run(); });
}

void FrontDoor::Close() {
  closing_ = true;
  if (thread_.joinable()) {
    const uint64_t one = 1;
    // An eventfd that is full is readable all the same.
    [[maybe_unused]] const ssize_t written = ::write(wake_, &one, sizeof one);
    thread_.join();
  }
  // Who stands before the door hears at once that it is closed.
  for (int listener : listeners_) ::close(listener);
  listeners_.clear();
  for (const auto& [socket, listener] : came_by_) ::close(socket);
  came_by_.clear();
}

void FrontDoor::Watch(int socket, uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.fd = socket;
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event);
}

void FrontDoor::Run() {
  std::array<epoll_event, 256> events;
  while (!closing_) {
    const int64_t next = room_.NextMicros();
    int wait = next < 0 ? -1 : static_cast<int>(std::min<int64_t>(next / 1'000 + 1, 60'000));
    if (full_) wait = wait < 0 ? kFullWaitMillis : std::min(wait, kFullWaitMillis);
    const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), wait);
    if (std::exchange(full_, false)) {
      for (int listener : listeners_) Watch(listener, EPOLLIN);
    }
    for (int i = 0; i < count; ++i) {
      const int fd = events[static_cast<size_t>(i)].data.fd;
      if (fd == wake_) continue;
      if (std::ranges::find(listeners_, fd) != listeners_.end()) {
        Accept(fd);
      } else if (came_by_.contains(fd)) {
        Look(fd);
      }
    }
    for (int socket : room_.Admit()) {
      auto came = came_by_.extract(socket);
      ::epoll_ctl(epoll_, EPOLL_CTL_DEL, socket, nullptr);
      hand_(came.mapped(), socket);
    }
    for (int socket : room_.Expire()) TurnAway(socket);
  }
}

void FrontDoor::Accept(int listener) {
  for (int i = 0; i < kAcceptedAtOnce; ++i) {
    const int socket = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket < 0) {
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        full_ = true;
        for (int each : listeners_) ::epoll_ctl(epoll_, EPOLL_CTL_DEL, each, nullptr);
      }
      return;
    }
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    came_by_.emplace(socket, listener);
    if (auto goes = room_.Come(socket); goes.has_value()) TurnAway(*goes);
    // Every arrival of bytes is looked at once.
    if (came_by_.contains(socket)) Watch(socket, EPOLLIN | EPOLLRDHUP | EPOLLET);
  }
}

void FrontDoor::Look(int socket) {
  std::array<char, kHeaderBytes + kRecordBytesMax> bytes;
  const ssize_t size = ::recv(socket, bytes.data(), bytes.size(), MSG_PEEK | MSG_DONTWAIT);
  if (size < 0 && errno == EAGAIN) return;
  if (size > 0) {
    switch (LookAt({bytes.data(), static_cast<size_t>(size)})) {
      case FirstBytes::kWait:
        return;
      case FirstBytes::kTls:
        room_.Speak(socket);
        return;
      case FirstBytes::kOther:
        break;
    }
  }
  room_.Leave(socket);
  TurnAway(socket);
}

void FrontDoor::TurnAway(int socket) {
  came_by_.erase(socket);
  ::close(socket);
  turned_away_();
}

}  // namespace shangda::rpc
