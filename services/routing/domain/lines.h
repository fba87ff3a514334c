// Deliveries as both ends of a line hold them: the rows that a comparison begins with, what it lists, and what its
// findings change.
//
// The rows are kept by Apply as dispatches are delivered and arrivals come in, so that two ends which agree find that
// out by one short call. A dispatch that is gone here counts as delivered once it is known to be gone: from then on
// both ends agree about it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/domain/state.h"
#include "shangda/link/v1/link.pb.h"
#include "shangda/routing/v1/routing.pb.h"

namespace shangda::routing {

// What the committee has delivered to the body, and what it has from an office below; nothing yet: empty.
link::v1::LineDigest DeliveredLine(const domain::State& state,
                                   std::string_view committee,
                                   std::string_view receiver);
link::v1::LineDigest ArrivedLine(const domain::State& state,
                                 std::string_view committee,
                                 std::string_view sender);

// Apply: the dispatch was delivered for the first time, or once more, the arrival came in, the receiver has something
// that is gone here.
void CountDelivered(domain::State& state, const ::shangda::routing::v1::Event& event);
void NoteRedelivered(domain::State& state, const ::shangda::routing::v1::Event& event);
void CountArrived(domain::State& state, const ::shangda::routing::v1::Event& event);
void CountGone(domain::State& state, const ::shangda::routing::v1::Event& event);

// Every dispatch of the committee's that is DELIVERED to the body, in order of names.
std::vector<::shangda::routing::v1::ComparedDelivery> DeliveredTo(const domain::State& state,
                                                                  std::string_view committee,
                                                                  std::string_view receiver);

// The arrivals of the committee's that the office below sent, behind `after_arrival`, in order of their names.
struct ArrivalPage {
  std::vector<::shangda::routing::v1::ComparedDelivery> items;
  bool more = false;
};
ArrivalPage ArrivedFrom(const domain::State& state,
                        std::string_view committee,
                        std::string_view sender,
                        const std::string& after_arrival,
                        size_t limit);

// It is known that a dispatch of this name went to somebody and is gone here.
bool IsKnownGone(const domain::State& state, std::string_view dispatch);

// What another node says is a delivery of the committee's own.
bool IsDeliveryOf(const ::shangda::routing::v1::ComparedDelivery& delivery,
                  std::string_view committee);

}  // namespace shangda::routing
