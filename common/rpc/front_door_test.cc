// Real connections at the door: who is handed on, and who is not.
#include "common/rpc/front_door.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "common/clock/clock.h"

namespace shangda::rpc {
namespace {

constexpr auto kPatience = std::chrono::seconds(60);

std::string Hello(size_t size = 200) {
  std::string hello{22, 3, 1, static_cast<char>(size >> 8), static_cast<char>(size & 0xff), 1};
  hello.append(size - 1, 'x');
  return hello;
}

TEST(LookAtTest, OnlyAWholeHelloIsOne) {
  const std::string hello = Hello();
  for (size_t i = 0; i < hello.size(); ++i) {
    EXPECT_EQ(LookAt(std::string_view(hello).substr(0, i)), FirstBytes::kWait) << i;
  }
  EXPECT_EQ(LookAt(hello), FirstBytes::kTls);
  EXPECT_EQ(LookAt(hello + "more"), FirstBytes::kTls);
  EXPECT_EQ(LookAt(Hello(1 << 14)), FirstBytes::kTls);
}

TEST(LookAtTest, AnythingElseIsSeenAtItsFirstByte) {
  EXPECT_EQ(LookAt("GET / HTTP/1.1\r\n"), FirstBytes::kOther);
  EXPECT_EQ(LookAt("PRI * HTTP/2.0\r\n"), FirstBytes::kOther);
  EXPECT_EQ(LookAt(std::string("\x17\x03\x03\x00\x10", 5)), FirstBytes::kOther);
  EXPECT_EQ(LookAt(std::string("\x16\x02", 2)), FirstBytes::kOther);
  EXPECT_EQ(LookAt(std::string("\x16\x03\x01\x00\x00", 5)), FirstBytes::kOther);
  EXPECT_EQ(LookAt(std::string("\x16\x03\x01\x40\x01", 5)), FirstBytes::kOther);
  // A server's hello.
  EXPECT_EQ(LookAt(std::string("\x16\x03\x01\x00\x10\x02", 6)), FirstBytes::kOther);
}

class FrontDoorTest : public ::testing::Test {
 protected:
  ~FrontDoorTest() override {
    door_.reset();
    for (int socket : clients_) ::close(socket);
    for (int socket : handed_) ::close(socket);
  }

  void Open(limits::WaitingRoom::Options options) {
    auto door = FrontDoor::Listen("127.0.0.1:0", clock_, options);
    ASSERT_TRUE(door.ok()) << door.status();
    door_ = *std::move(door);
    door_->Open(
        [this](int, int socket) {
          std::lock_guard lock(mutex_);
          handed_.push_back(socket);
          changed_.notify_all();
        },
        [this] {
          std::lock_guard lock(mutex_);
          ++turned_away_;
          changed_.notify_all();
        });
  }

  int Connect() {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(static_cast<uint16_t>(door_->port()));
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket, reinterpret_cast<sockaddr*>(&at), sizeof at), 0);
    clients_.push_back(socket);
    return socket;
  }
  static void Say(int socket, const std::string& bytes) {
    EXPECT_EQ(::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  // The other side closes it.
  static bool IsClosed(int socket) {
    pollfd wait{.fd = socket, .events = POLLIN, .revents = 0};
    if (::poll(&wait, 1, std::chrono::milliseconds(kPatience).count()) != 1) return false;
    char byte = 0;
    return ::recv(socket, &byte, 1, 0) <= 0;
  }

  template <class Condition>
  bool Await(Condition condition) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, condition);
  }

  clock::SystemMonotonicClock clock_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<int> handed_;
  int turned_away_ = 0;
  std::vector<int> clients_;
  std::unique_ptr<FrontDoor> door_;
};

TEST_F(FrontDoorTest, WhoAsksForTlsIsHandedOnWithEveryByteStillToRead) {
  Open({});
  const int client = Connect();
  const std::string hello = Hello();
  for (char byte : hello) Say(client, std::string(1, byte));
  ASSERT_TRUE(Await([&] { return handed_.size() == 1; }));
  std::string got(hello.size(), 0);
  EXPECT_EQ(::recv(handed_[0], got.data(), got.size(), MSG_WAITALL),
            static_cast<ssize_t>(hello.size()));
  EXPECT_EQ(got, hello);
}

TEST_F(FrontDoorTest, WhoSaysSomethingElseIsTurnedAwayAtOnce) {
  Open({.patience_micros = 3'600'000'000});
  const int client = Connect();
  Say(client, "GET / HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(IsClosed(client));
  EXPECT_TRUE(Await([&] { return turned_away_ == 1; }));
}

TEST_F(FrontDoorTest, WhoSaysNothingIsTurnedAwayWhenPatienceEnds) {
  Open({.patience_micros = 20'000});
  EXPECT_TRUE(IsClosed(Connect()));
}

TEST_F(FrontDoorTest, ThousandsWhoNeverSpeakKeepNobodyOut) {
  Open({.places = 64, .patience_micros = 3'600'000'000});
  for (int i = 0; i < 3'000; ++i) {
    const int client = Connect();
    if (i % 500 == 499) {
      Say(client, Hello());
      ASSERT_TRUE(Await([&] { return handed_.size() == static_cast<size_t>(i / 500 + 1); })) << i;
    }
  }
  // Six are inside, and the last of the others still in the room.
  EXPECT_TRUE(Await([&] { return turned_away_ == 3'000 - 6 - 63; })) << turned_away_;
}

TEST_F(FrontDoorTest, ThousandsWhoAllSpeakComeInOneAfterTheOther) {
  Open({.places = 10'000, .rate = {.per_second = 2'000, .burst = 10}});
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < 500; ++i) Say(Connect(), Hello());
  ASSERT_TRUE(Await([&] { return handed_.size() == 500; }));
  // At least the time that the rate asks for.
  EXPECT_GE(std::chrono::steady_clock::now() - began, std::chrono::milliseconds(240));
}

TEST_F(FrontDoorTest, APortThatIsTakenIsAnError) {
  Open({});
  EXPECT_FALSE(FrontDoor::Listen("127.0.0.1:" + std::to_string(door_->port()), clock_, {}).ok());
  EXPECT_FALSE(FrontDoor::Listen("nowhere", clock_, {}).ok());
}

TEST_F(FrontDoorTest, AfterItIsClosedNobodyIsHandedOn) {
  Open({});
  const int client = Connect();
  door_->Close();
  EXPECT_TRUE(IsClosed(client));
  EXPECT_EQ(handed_.size(), 0u);
}

}  // namespace
}  // namespace shangda::rpc
