// A certificate authority that a test makes for itself, with keys that nobody else has.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace shangda::rpc::testing {

// PEM.
struct Identity {
  std::string certificate;
  std::string key;
};

class TestAuthority {
 public:
  explicit TestAuthority(const std::string& organization = "Shangda Development")
      : key_(EVP_EC_gen("P-256"), EVP_PKEY_free) {
    certificate_ = Make(key_.get(), organization, {"critical,CA:TRUE"}, {}, kYear);
  }

  // PEM.
  std::string certificate() const { return Pem(certificate_.get()); }

  // A certificate with these names, e.g. {"URI:spiffe://fj.example/nodes/350103/intake"}; it is good
  // for a server on this machine, too.
  Identity IssueNames(std::vector<std::string> names, long valid_seconds = kYear) const {
    Key key(EVP_EC_gen("P-256"), EVP_PKEY_free);
    names.insert(names.end(), {"DNS:localhost", "IP:127.0.0.1"});
    Certificate certificate = Make(key.get(), "Leaf", {}, names, valid_seconds);
    BIO* out = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    return {Pem(certificate.get()), Taken(out)};
  }
  Identity Issue(const std::string& uri) const { return IssueNames({"URI:" + uri}); }

 private:
  static constexpr long kYear = 365L * 86'400;

  using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
  using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

  static std::string Taken(BIO* out) {
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(out, &bytes);
    std::string text(bytes, static_cast<size_t>(size));
    BIO_free(out);
    return text;
  }
  static std::string Pem(X509* certificate) {
    BIO* out = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(out, certificate);
    return Taken(out);
  }

  static void AddExtension(X509* certificate, X509* issuer, int nid, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }

  // Signed by this authority, or by itself if there is none yet.
  Certificate Make(EVP_PKEY* key,
                   const std::string& organization,
                   const std::vector<std::string>& constraints,
                   const std::vector<std::string>& names,
                   long valid_seconds) const {
    Certificate made(X509_new(), X509_free);
    X509* issuer = certificate_ != nullptr ? certificate_.get() : made.get();
    X509_set_version(made.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), ++serial_);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), -2 * kYear);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), valid_seconds);
    X509_set_pubkey(made.get(), key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "O", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(organization.c_str()), -1, -1,
                               0);
    X509_set_issuer_name(made.get(), X509_get_subject_name(issuer));
    for (const std::string& constraint : constraints) {
      AddExtension(made.get(), issuer, NID_basic_constraints, constraint);
    }
    std::string joined;
    for (const std::string& name : names) joined += (joined.empty() ? "" : ",") + name;
    if (!joined.empty()) AddExtension(made.get(), issuer, NID_subject_alt_name, joined);
    X509_sign(made.get(), key_.get(), EVP_sha256());
    return made;
  }

  mutable long serial_ = 0;
  const Key key_;
  Certificate certificate_{nullptr, X509_free};
};

}  // namespace shangda::rpc::testing
