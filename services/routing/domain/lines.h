// Deliveries as both ends of a line hold them: the rows that a comparison begins with, what it lists, and what its
// findings change.
//
// The rows are kept by Apply as dispatches are delivered and arrivals come in, so that two ends which agree find that
// out by one short call. A delivery is which dispatch, with what content, became which arrival: also a receipt that
// names another arrival is a difference. A dispatch that is gone here counts as delivered once it is known to be gone
// and for as long as the receiver has it: so both ends agree about it.
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

// Apply: the dispatch was delivered for the first time, or once more (before its row changes), the arrival came in, the
// receiver has something that is gone here, or has it no longer.
void CountDelivered(domain::State& state, const ::shangda::routing::v1::Event& event);
void CountRedelivered(domain::State& state, const ::shangda::routing::v1::Event& event);
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

// It is known that somebody has a dispatch of this name and that it is gone here.
bool IsKnownGone(const domain::State& state, std::string_view dispatch);
// All that the receiver is known to have of the committee's and that is gone here.
std::vector<::shangda::routing::v1::ComparedDelivery> KnownGone(const domain::State& state,
                                                                std::string_view committee,
                                                                std::string_view receiver);

// What another node says is a delivery of the committee's own.
bool IsDeliveryOf(const ::shangda::routing::v1::ComparedDelivery& delivery,
                  std::string_view committee);

}  // namespace shangda::routing
