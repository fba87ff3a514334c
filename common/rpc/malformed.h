// What callers hear of a request that gRPC could not parse: no message at all, or text that is not
// UTF-8. It never reaches a handler, and gRPC would answer UNIMPLEMENTED without a word.
#pragma once

#include <grpcpp/support/server_interceptor.h>

#include <memory>
#include <string>

namespace shangda::rpc {

// INVALID_ARGUMENT with a sentence instead. `service` as in MakeStatus.
std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> SayMalformed(
    std::string service);

}  // namespace shangda::rpc
