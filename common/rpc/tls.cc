#include "common/rpc/tls.h"

#include <grpcpp/security/tls_credentials_options.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <system_error>
#include <utility>

#include "common/config/read_file.h"

namespace shangda::rpc {
namespace {

constexpr unsigned kRefreshSeconds = 1;

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* value) const {
    Free(value);
  }
};
using Bio = std::unique_ptr<BIO, Freer<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Freer<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;

Bio Memory(const std::string& bytes) {
  return Bio(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
}

absl::Status Bad(const std::string& file, const std::string& sentence) {
  return absl::InvalidArgumentError(file + ":" + sentence);
}

absl::StatusOr<Certificate> ReadCertificate(const std::string& file) {
  auto bytes = config::ReadFile(file);
  if (!bytes.ok()) return bytes.status();
  Certificate certificate(PEM_read_bio_X509(Memory(*bytes).get(), nullptr, nullptr, nullptr));
  if (certificate == nullptr) return Bad(file, "不是 PEM 格式的证书,请重新签发或拷贝。");
  return certificate;
}

std::string OnlyUri(const X509& certificate) {
  auto* names = static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr));
  if (names == nullptr) return {};
  std::string uri;
  int uris = 0;
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, i);
    if (name->type != GEN_URI) continue;
    ++uris;
    const ASN1_STRING* text = name->d.uniformResourceIdentifier;
    uri.assign(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
               static_cast<size_t>(ASN1_STRING_length(text)));
  }
  GENERAL_NAMES_free(names);
  return uris == 1 ? uri : std::string();
}

int64_t NotAfter(const X509& certificate) {
  std::tm end{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(&certificate), &end) != 1) return 0;
  return timegm(&end);
}

bool IsDevelopment(const X509& authority) {
  char organization[64] = "";
  X509_NAME_get_text_by_NID(X509_get_subject_name(&authority), NID_organizationName, organization,
                            sizeof(organization));
  return std::string_view(organization) == "Shangda Development";
}

// Whole or not at all, and the key readable by nobody else.
absl::Status WriteFile(const std::string& file, const std::string& bytes) {
  std::string temporary = file + ".new";
  ::unlink(temporary.c_str());
  std::unique_ptr<FILE, Freer<std::fclose>> out(std::fopen(temporary.c_str(), "wx"));
  if (out == nullptr || ::fchmod(fileno(out.get()), S_IRUSR | S_IWUSR) != 0 ||
      std::fwrite(bytes.data(), 1, bytes.size(), out.get()) != bytes.size() ||
      std::fflush(out.get()) != 0 || std::rename(temporary.c_str(), file.c_str()) != 0) {
    return absl::UnavailableError(file + ":写不进去(" +
                                  std::error_code(errno, std::generic_category()).message() +
                                  "),请检查磁盘和目录权限。");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<CertificateFacts> CheckTlsFiles(const TlsFiles& files) {
  auto authority = ReadCertificate(files.ca);
  if (!authority.ok()) return authority.status();
  auto certificate = ReadCertificate(files.certificate);
  if (!certificate.ok()) return certificate.status();
  auto key_bytes = config::ReadFile(files.key);
  if (!key_bytes.ok()) return key_bytes.status();
  Key key(PEM_read_bio_PrivateKey(Memory(*key_bytes).get(), nullptr, nullptr, nullptr));
  if (key == nullptr) return Bad(files.key, "不是 PEM 格式的私钥,请重新签发或拷贝。");
  if (X509_check_private_key(certificate->get(), key.get()) != 1) {
    return Bad(files.key, "私钥和证书不是一对,请换成同时签发的一对。");
  }
  Key authority_key(X509_get_pubkey(authority->get()));
  if (authority_key == nullptr || X509_verify(certificate->get(), authority_key.get()) != 1) {
    return Bad(files.certificate, "不是这个机构签发的证书,请用本网络的机构签发。");
  }
  CertificateFacts facts{.uri = OnlyUri(**certificate),
                         .not_after_seconds = NotAfter(**certificate),
                         .development = IsDevelopment(**authority)};
  if (facts.uri.empty()) {
    return Bad(files.certificate, "证书里应当有且只有一个 spiffe:// 身份,请重新签发。");
  }
  return facts;
}

absl::StatusOr<std::unique_ptr<Tls>> Tls::Open(const TlsFiles& files,
                                               const std::string& live_directory) {
  std::error_code error;
  std::filesystem::create_directories(live_directory, error);
  if (error) return absl::UnavailableError(live_directory + ":建不了目录," + error.message());
  std::unique_ptr<Tls> tls(new Tls(live_directory));
  if (absl::Status installed = tls->Install(files); !installed.ok()) return installed;
  tls->provider_ = std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
      live_directory + "/key.pem", live_directory + "/certificate.pem", live_directory + "/ca.pem",
      kRefreshSeconds);
  return tls;
}

absl::Status Tls::Reload(const TlsFiles& files) {
  return Install(files);
}

absl::Status Tls::Install(const TlsFiles& files) {
  auto facts = CheckTlsFiles(files);
  if (!facts.ok()) return facts.status();
  for (const auto& [from, to] :
       {std::pair(files.ca, "/ca.pem"), std::pair(files.certificate, "/certificate.pem"),
        std::pair(files.key, "/key.pem")}) {
    auto bytes = config::ReadFile(from);
    if (!bytes.ok()) return bytes.status();
    if (absl::Status written = WriteFile(live_directory_ + to, *bytes); !written.ok()) {
      return written;
    }
  }
  facts_ = *facts;
  return absl::OkStatus();
}

std::shared_ptr<grpc::ServerCredentials> Tls::Server() const {
  grpc::experimental::TlsServerCredentialsOptions options(provider_);
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  return grpc::experimental::TlsServerCredentials(options);
}

std::shared_ptr<grpc::ChannelCredentials> Tls::Channel() const {
  grpc::experimental::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(provider_);
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  return grpc::experimental::TlsCredentials(options);
}

}  // namespace shangda::rpc
