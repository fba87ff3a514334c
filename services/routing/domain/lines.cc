#include "services/routing/domain/lines.h"

#include <optional>

#include "common/domain/digest.h"
#include "common/domain/names.h"

namespace shangda::routing {
namespace {

namespace v1 = ::shangda::routing::v1;
using domain::State;

constexpr size_t kSha256Bytes = 32;

std::string DeliveredName(std::string_view committee, std::string_view receiver) {
  return domain::EntryName(committee, "delivered", receiver);
}

std::string ArrivedName(std::string_view committee, std::string_view sender) {
  return domain::EntryName(committee, "arrived", sender);
}

std::string GoneName(std::string_view dispatch) {
  return domain::EntryName(domain::CommitteeOf(dispatch), "gone", domain::LastPart(dispatch));
}

link::v1::LineDigest LineNamed(const State& state, const std::string& name) {
  return state.Find<link::v1::LineDigest>(name).value_or(link::v1::LineDigest());
}

std::string MarkOf(const std::string& dispatch,
                   const std::string& capsule_sha256,
                   const std::string& arrival) {
  return domain::MarkOf({dispatch, capsule_sha256, arrival});
}

// Changes the row of a line. `theirs` is the name that the neighbour gave to what it is about.
template <class Change>
void ChangeLine(State& state,
                const std::string& name,
                const std::string& theirs,
                const log::v1::EventHeader& header,
                Change change) {
  // A line to nobody is in no log but a damaged one.
  const std::string_view neighbour = domain::LastPart(name);
  if (!domain::IsCommitteeCode(neighbour)) return;
  link::v1::LineDigest line = LineNamed(state, name);
  change(*line.mutable_digest());
  if (domain::CommitteeOf(theirs) == neighbour) domain::NoteHighest(theirs, line.mutable_heard());
  line.set_position(header.position());
  state.Put(name, line);
}

}  // namespace

link::v1::LineDigest DeliveredLine(const State& state,
                                   std::string_view committee,
                                   std::string_view receiver) {
  return LineNamed(state, DeliveredName(committee, receiver));
}

link::v1::LineDigest ArrivedLine(const State& state,
                                 std::string_view committee,
                                 std::string_view sender) {
  return LineNamed(state, ArrivedName(committee, sender));
}

void CountDelivered(State& state, const v1::Event& event) {
  const auto dispatch = state.Find<v1::Dispatch>(event.header().subject());
  if (!dispatch.has_value()) return;
  const std::string& arrival = event.dispatch_delivered().receipt().arrival();
  ChangeLine(state, DeliveredName(domain::CommitteeOf(dispatch->name()), dispatch->receiver()),
             arrival, event.header(), [&](link::v1::Digest& digest) {
               domain::AddTo(digest, MarkOf(dispatch->name(), dispatch->capsule_sha256(), arrival));
             });
}

void CountRedelivered(State& state, const v1::Event& event) {
  const auto dispatch = state.Find<v1::Dispatch>(event.header().subject());
  if (!dispatch.has_value()) return;
  const std::string& arrival = event.dispatch_receipt_renewed().receipt().arrival();
  ChangeLine(state, DeliveredName(domain::CommitteeOf(dispatch->name()), dispatch->receiver()),
             arrival, event.header(), [&](link::v1::Digest& digest) {
               const std::string& name = dispatch->name();
               const std::string& sha256 = dispatch->capsule_sha256();
               domain::TakeFrom(digest, MarkOf(name, sha256, dispatch->receipt().arrival()));
               domain::AddTo(digest, MarkOf(name, sha256, arrival));
             });
}

void CountArrived(State& state, const v1::Event& event) {
  const v1::Arrival& arrival = event.arrival_taken().arrival();
  ChangeLine(state, ArrivedName(domain::CommitteeOf(arrival.name()), arrival.sender()),
             arrival.dispatch(), event.header(), [&](link::v1::Digest& digest) {
               domain::AddTo(digest,
                             MarkOf(arrival.dispatch(), arrival.capsule_sha256(), arrival.name()));
             });
}

void CountGone(State& state, const v1::Event& event) {
  const v1::DispatchGone& gone = event.dispatch_gone();
  const v1::ComparedDelivery& delivery = gone.delivery();
  state.Put(GoneName(delivery.dispatch()), gone);
  ChangeLine(state, DeliveredName(domain::CommitteeOf(delivery.dispatch()), gone.receiver()),
             delivery.arrival(), event.header(), [&](link::v1::Digest& digest) {
               const std::string mark =
                   MarkOf(delivery.dispatch(), delivery.capsule_sha256(), delivery.arrival());
               if (gone.lost_there()) {
                 domain::TakeFrom(digest, mark);
               } else {
                 domain::AddTo(digest, mark);
               }
             });
}

std::vector<v1::ComparedDelivery> DeliveredTo(const State& state,
                                              std::string_view committee,
                                              std::string_view receiver) {
  std::vector<v1::ComparedDelivery> delivered;
  for (const domain::IndexParts& listed :
       state.List("dispatches_by_state",
                  {std::string(committee), std::to_string(v1::Dispatch::STATE_DELIVERED)})) {
    const auto dispatch = state.Find<v1::Dispatch>(listed.back());
    if (!dispatch.has_value() || dispatch->receiver() != receiver) continue;
    v1::ComparedDelivery& delivery = delivered.emplace_back();
    delivery.set_dispatch(dispatch->name());
    delivery.set_edition(dispatch->edition());
    delivery.set_capsule_sha256(dispatch->capsule_sha256());
    delivery.set_arrival(dispatch->receipt().arrival());
  }
  return delivered;
}

ArrivalPage ArrivedFrom(const State& state,
                        std::string_view committee,
                        std::string_view sender,
                        const std::string& after_arrival,
                        size_t limit) {
  ArrivalPage page;
  domain::IndexParts after;
  if (domain::IsNumberedName(after_arrival, "arrivals")) {
    after = {std::string(committee), after_arrival};
  }
  for (const domain::IndexParts& listed :
       state.ListAfter("arrivals", {std::string(committee)}, after, SIZE_MAX)) {
    const auto arrival = state.Find<v1::Arrival>(listed.back());
    if (!arrival.has_value() || arrival->sender() != sender) continue;
    if (page.items.size() == limit) {
      page.more = true;
      break;
    }
    v1::ComparedDelivery& delivery = page.items.emplace_back();
    delivery.set_dispatch(arrival->dispatch());
    delivery.set_edition(arrival->edition());
    delivery.set_capsule_sha256(arrival->capsule_sha256());
    delivery.set_arrival(arrival->name());
  }
  return page;
}

bool IsKnownGone(const State& state, std::string_view dispatch) {
  const auto gone = state.Find<v1::DispatchGone>(GoneName(dispatch));
  return gone.has_value() && !gone->lost_there();
}

std::vector<v1::ComparedDelivery> KnownGone(const State& state,
                                            std::string_view committee,
                                            std::string_view receiver) {
  std::vector<v1::ComparedDelivery> known;
  for (const domain::IndexParts& listed :
       state.List("dispatches_gone", {std::string(committee), std::string(receiver)})) {
    const auto gone = state.Find<v1::DispatchGone>(GoneName(listed.back()));
    if (gone.has_value()) known.push_back(gone->delivery());
  }
  return known;
}

bool IsDeliveryOf(const v1::ComparedDelivery& delivery, std::string_view committee) {
  return domain::IsNumberedName(delivery.dispatch(), "dispatches") &&
         domain::CommitteeOf(delivery.dispatch()) == committee &&
         delivery.capsule_sha256().size() == kSha256Bytes;
}

}  // namespace shangda::routing
