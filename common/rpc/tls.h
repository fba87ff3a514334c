// mTLS from files that may change: every connection, either way, shows a certificate of the
// network.
//
// Certificates are checked and then copied into a directory of the process's own, which gRPC
// watches: a bad file never gets there, so the old certificate stays.
#pragma once

#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace shangda::rpc {

struct TlsFiles {
  std::string ca;
  std::string certificate;
  std::string key;
};

// What a certificate says.
struct CertificateFacts {
  // The only URI among its names.
  std::string uri;
  // Seconds since 1970.
  int64_t not_after_seconds = 0;
  // The authority is a development one (O=Shangda Development).
  bool development = false;
};

// Reads the three files; refuses what does not belong together, in a sentence that names the file.
absl::StatusOr<CertificateFacts> CheckTlsFiles(const TlsFiles& files);

class Tls {
 public:
  // `live_directory` is made if absent and belongs to this process alone.
  static absl::StatusOr<std::unique_ptr<Tls>> Open(const TlsFiles& files,
                                                   const std::string& live_directory);

  // Takes the files again; on an error the old certificates stay.
  absl::Status Reload(const TlsFiles& files);

  std::shared_ptr<grpc::ServerCredentials> Server() const;
  std::shared_ptr<grpc::ChannelCredentials> Channel() const;
  const CertificateFacts& facts() const { return facts_; }

 private:
  explicit Tls(std::string live_directory) : live_directory_(std::move(live_directory)) {}

  absl::Status Install(const TlsFiles& files);

  const std::string live_directory_;
  CertificateFacts facts_;
  std::shared_ptr<grpc::experimental::CertificateProviderInterface> provider_;
};

}  // namespace shangda::rpc
