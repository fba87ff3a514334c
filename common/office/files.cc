#include "common/office/files.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "common/check/check.h"
#include "common/config/text_proto.h"
#include "common/office/office.h"

namespace shangda::office {
namespace {

constexpr size_t kSerialIdMin = 2;
constexpr size_t kSerialIdMax = 12;

bool IsCode(std::string_view code) {
  return !code.empty() && code.size() <= 12 && code.front() != '0' &&
         std::all_of(code.begin(), code.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool IsSerialId(std::string_view id) {
  return id.size() >= kSerialIdMin && id.size() <= kSerialIdMax &&
         std::all_of(id.begin(), id.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

// Collects what is wrong, one line each.
class Complaints {
 public:
  void Add(const std::string& where, const std::string& sentence) {
    lines_.append(where).append(": ").append(sentence).push_back('\n');
  }
  bool empty() const { return lines_.empty(); }
  absl::Status Status() const {
    return absl::InvalidArgumentError(lines_.substr(0, lines_.size() - 1));
  }

 private:
  std::string lines_;
};

void CheckShape(const config::TextProtoFile& file,
                const google::protobuf::Message& message,
                std::string_view today,
                Complaints* complaints) {
  check::Result result = check::Check(message, today);
  for (const check::Violation& violation : result.violations) {
    complaints->Add(file.Where(violation.field), violation.field + " " + violation.description);
  }
  if (result.classified) {
    complaints->Add(file.Where(result.classified_field),
                    result.classified_field + " 带有密级标志,请删去:涉密不上网。");
  }
}

// The entries of one collection, named; an id given twice is an error.
template <class Part>
void Take(const google::protobuf::RepeatedPtrField<Part>& parts,
          std::string_view collection,
          std::string_view committee,
          Part* (v1::Entry::*mutable_part)(),
          const config::TextProtoFile& file,
          std::set<std::string>* names,
          std::vector<v1::Entry>* entries,
          Complaints* complaints) {
  for (int i = 0; i < parts.size(); ++i) {
    v1::Entry entry;
    *(entry.*mutable_part)() = parts[i];
    entry.set_name(EntryNameOf(entry, committee));
    if (!names->insert(entry.name()).second) {
      std::string path = std::string(collection) + "[" + std::to_string(i) + "]";
      complaints->Add(file.Where(path), "编号重复(" + entry.name() + "),请给每一项不同的编号。");
    }
    entries->push_back(std::move(entry));
  }
}

void CheckNetwork(const v1::Network& network,
                  const config::TextProtoFile& file,
                  Complaints* complaints) {
  std::set<std::string> codes;
  for (const v1::Committee& committee : network.committees()) codes.insert(committee.code());
  for (int i = 0; i < network.committees_size(); ++i) {
    const v1::Committee& committee = network.committees(i);
    const std::string at = "committees[" + std::to_string(i) + "]";
    if (!IsCode(committee.code())) {
      complaints->Add(file.Where(at + ".code"), "机构代码应当是数字,例如 350103。");
    }
    for (int p = 0; p < committee.parents_size(); ++p) {
      if (codes.contains(committee.parents(p))) continue;
      complaints->Add(file.Where(at + ".parents[" + std::to_string(p) + "]"),
                      "没有代码为 " + committee.parents(p) + " 的机构,请先登记它或改正代码。");
    }
    for (int p = 0; p < committee.direct_report_bodies_size(); ++p) {
      if (codes.contains(committee.direct_report_bodies(p))) continue;
      complaints->Add(
          file.Where(at + ".direct_report_bodies[" + std::to_string(p) + "]"),
          "没有代码为 " + committee.direct_report_bodies(p) + " 的机构,请先登记它或改正代码。");
    }
  }
  std::map<std::string, std::string> host_of;
  for (int i = 0; i < network.nodes_size(); ++i) {
    const v1::Node& node = network.nodes(i);
    for (int h = 0; h < node.hosts_size(); ++h) {
      const std::string where =
          file.Where("nodes[" + std::to_string(i) + "].hosts[" + std::to_string(h) + "]");
      if (!codes.contains(node.hosts(h))) {
        complaints->Add(where, "没有代码为 " + node.hosts(h) + " 的机构,请先登记它或改正代码。");
      }
      // Two nodes may host a committee one after the other, never at the same time.
      if (node.validity().valid_to().empty() && !host_of.emplace(node.hosts(h), node.id()).second) {
        complaints->Add(where, "机构 " + node.hosts(h) + " 已由节点 " + host_of[node.hosts(h)] +
                                   " 承载,请只留一处。");
      }
    }
  }
}

void CheckOffice(const v1::Office& office,
                 const v1::Network& network,
                 const config::TextProtoFile& file,
                 Complaints* complaints) {
  for (int i = 0; i < office.serials_size(); ++i) {
    if (IsSerialId(office.serials(i).id())) continue;
    complaints->Add(file.Where("serials[" + std::to_string(i) + "].id"),
                    "刊物编号应当是 2 到 12 个小写字母,例如 sqmy。");
  }
  for (int i = 0; i < office.channels_size(); ++i) {
    const v1::Channel& channel = office.channels(i);
    const std::string at = "channels[" + std::to_string(i) + "]";
    const bool is_body = channel.kind() == v1::Channel::KIND_BODY;
    const bool exists = std::any_of(
        network.committees().begin(), network.committees().end(),
        [&](const v1::Committee& committee) { return committee.code() == channel.body(); });
    if (is_body && !exists) {
      complaints->Add(file.Where(at + ".body"),
                      "网络文件里没有代码为「" + channel.body() + "」的机构,请改正 body。");
    }
    if (!is_body && !channel.body().empty()) {
      complaints->Add(file.Where(at + ".body"),
                      "没有节点的渠道(KIND_OUTSIDE)不能填 body,请删去或改为 KIND_BODY。");
    }
  }
}

}  // namespace

absl::StatusOr<Files> ReadFiles(std::string_view node,
                                const std::string& network_file,
                                const std::vector<std::string>& office_files,
                                std::string_view today) {
  Files files;
  Complaints complaints;
  auto network = config::TextProtoFile::Load(network_file, &files.network);
  if (!network.ok()) return network.status();
  CheckShape(*network, files.network, today, &complaints);
  CheckNetwork(files.network, *network, &complaints);
  std::set<std::string> names;
  Take(files.network.committees(), "committees", "", &v1::Entry::mutable_committee, *network,
       &names, &files.entries, &complaints);
  Take(files.network.nodes(), "nodes", "", &v1::Entry::mutable_node, *network, &names,
       &files.entries, &complaints);

  const auto& nodes = files.network.nodes();
  auto own = std::find_if(nodes.begin(), nodes.end(),
                          [&](const v1::Node& candidate) { return candidate.id() == node; });
  if (own == nodes.end()) {
    complaints.Add(network_file, "没有编号为「" + std::string(node) +
                                     "」的节点,请检查服务文件的 node 或换成最新的网络文件。");
    return complaints.Status();
  }
  files.node = *own;

  std::set<std::string> without_office(own->hosts().begin(), own->hosts().end());
  for (const std::string& path : office_files) {
    v1::Office office;
    auto file = config::TextProtoFile::Load(path, &office);
    if (!file.ok()) return file.status();
    CheckShape(*file, office, today, &complaints);
    CheckOffice(office, files.network, *file, &complaints);
    const std::string& committee = office.committee();
    if (without_office.erase(committee) == 0) {
      complaints.Add(file->Where("committee"),
                     "本节点不承载机构「" + committee + "」,或它已有机关文件,请检查。");
    }
    auto take = [&](const auto& parts, std::string_view collection, auto mutable_part) {
      Take(parts, collection, committee, mutable_part, *file, &names, &files.entries, &complaints);
    };
    take(office.persons(), "persons", &v1::Entry::mutable_person);
    take(office.units(), "units", &v1::Entry::mutable_unit);
    take(office.sectors(), "sectors", &v1::Entry::mutable_sector);
    take(office.parties(), "parties", &v1::Entry::mutable_party);
    take(office.terms(), "terms", &v1::Entry::mutable_term);
    take(office.serials(), "serials", &v1::Entry::mutable_serial);
    take(office.channels(), "channels", &v1::Entry::mutable_channel);
    take(office.categories(), "categories", &v1::Entry::mutable_category);
    take(office.policies(), "policies", &v1::Entry::mutable_policy);
    take(office.delegations(), "delegations", &v1::Entry::mutable_delegation);
  }
  for (const std::string& committee : without_office) {
    complaints.Add(network_file, "本节点承载的机构 " + committee +
                                     " 没有机关文件,请在服务文件的 office_files 里加上。");
  }
  if (!complaints.empty()) return complaints.Status();
  return files;
}

}  // namespace shangda::office
