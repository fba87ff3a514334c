#include "common/rpc/malformed.h"

#include <utility>

#include "common/rpc/status.h"

namespace shangda::rpc {
namespace {

using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::Interceptor;
using grpc::experimental::InterceptorBatchMethods;

class Malformed final : public Interceptor {
 public:
  explicit Malformed(const std::string& service) : service_(service) {}

  void Intercept(InterceptorBatchMethods* methods) override {
    // Ours always say something.
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_STATUS)) {
      const grpc::Status status = methods->GetSendStatus();
      if (status.error_code() == grpc::StatusCode::UNIMPLEMENTED &&
          status.error_message().empty()) {
        methods->ModifySendStatus(
            MakeStatus(service_, {.code = grpc::StatusCode::INVALID_ARGUMENT,
                                  .reason = "MALFORMED_REQUEST",
                                  .sentence = "请求读不出来,没有执行:文字应当是 UTF-8 编码,"
                                              "客户端和服务应当是同一版本。请改好后重新提交。"}));
      }
    }
    methods->Proceed();
  }

 private:
  const std::string& service_;
};

class Factory final : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  explicit Factory(std::string service) : service_(std::move(service)) {}

  Interceptor* CreateServerInterceptor(grpc::experimental::ServerRpcInfo*) override {
    return new Malformed(service_);  // gRPC's to delete.
  }

 private:
  const std::string service_;
};

}  // namespace

std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> SayMalformed(
    std::string service) {
  return std::make_unique<Factory>(std::move(service));
}

}  // namespace shangda::rpc
