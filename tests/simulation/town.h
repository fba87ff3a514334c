// The province of the simulation: offices, people, channels, and which node hosts whom. All invented.
#pragma once

#include <string>
#include <vector>

#include "shangda/office/v1/office.pb.h"

namespace shangda::simulation {

struct Node {
  std::string id;
  std::vector<std::string> hosts;
};

// A province, two cities and six counties on eight nodes; two counties share one.
const std::vector<Node>& Nodes();
// By code; the province first, then the cities.
const std::vector<std::string>& Committees();
// The committee above; empty for the province.
std::string ParentOf(const std::string& committee);
std::string NodeOf(const std::string& committee);

// Ids of persons: every office has the same posts.
inline constexpr char kRegistrar[] = "p0001";
inline constexpr char kEditor[] = "p0002";
inline constexpr char kReviewer[] = "p0003";
inline constexpr char kSigner[] = "p0004";
inline constexpr char kDispatcher[] = "p0005";
inline constexpr char kRecorder[] = "p0006";
inline constexpr char kHandler[] = "p0007";
inline constexpr char kMember[] = "p0008";
inline constexpr char kOtherMember[] = "p0009";
inline constexpr char kViewer[] = "p0010";
inline constexpr char kAuditor[] = "p0011";
inline constexpr char kLeader[] = "p0012";
inline constexpr char kUpperLeader[] = "p0013";
inline constexpr char kUnit[] = "bureau";
inline constexpr char kCategory[] = "livelihood";
inline constexpr char kSerial[] = "sqmy";
// Channels: to the parent, to the province past the city, and to one without a node.
inline constexpr char kUp[] = "up";
inline constexpr char kDirect[] = "direct";
inline constexpr char kOutside[] = "outside";

// What the node's files say: the network, and the offices that it hosts.
std::vector<office::v1::Entry> EntriesOf(const Node& node);

}  // namespace shangda::simulation
