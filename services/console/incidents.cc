#include "services/console/incidents.h"

#include <algorithm>
#include <array>

#include "common/domain/names.h"
#include "services/console/failure.h"
#include "services/console/words.h"

namespace shangda::console {
namespace {

using incident::v1::DroppedFact;
using incident::v1::Incident;

// So many things are named in a line.
constexpr int kItemsNamed = 5;

bool TakePrefix(std::string_view prefix, std::string_view* text) {
  if (!text->starts_with(prefix)) return false;
  text->remove_prefix(prefix.size());
  return true;
}

std::string CommitteeTitle(std::string_view code, const IncidentReader& reader) {
  const std::string title = reader.reader.Title("committees", std::string(code));
  return title.empty() ? std::string(code) : title;
}

// What a followed log is called: `intake` is the node's own.
std::string LogTitle(std::string_view upstream, const IncidentReader& reader) {
  if (!TakePrefix("nodes/", &upstream)) return "本节点的 " + std::string(upstream) + " 服务";
  return reader.node(std::string(upstream.substr(0, upstream.find('/'))));
}

// The other end of a line: a committee, or a followed log.
std::string NeighbourTitle(std::string_view subject, const IncidentReader& reader) {
  return TakePrefix("committees/", &subject) ? CommitteeTitle(subject, reader)
                                             : LogTitle(subject, reader);
}

std::string ItemTitle(std::string_view item, const IncidentReader& reader) {
  const std::string word = CollectionWord(domain::CollectionOf(item));
  const std::string name = reader.reader.Short(item);
  return word.empty() || word == domain::CollectionOf(item) ? name : word + " " + name;
}

std::string Items(const Incident& incident, const IncidentReader& reader) {
  if (incident.items_count() == 0) return "";
  std::string text = "涉及 " + std::to_string(incident.items_count()) + " 件";
  for (int i = 0; i < std::min(incident.items_size(), kItemsNamed); ++i) {
    text += (i == 0 ? ":" : "、") + ItemTitle(incident.items(i), reader);
  }
  if (incident.items_count() >
      static_cast<uint64_t>(std::min(incident.items_size(), kItemsNamed))) {
    text += "……";
  }
  return text;
}

// ---- What.

std::string DeliveryHeadline(std::string_view subject, const IncidentReader& reader) {
  if (TakePrefix("nodes/", &subject)) {
    return "报送送不到" + reader.node(std::string(subject));
  }
  if (TakePrefix("network/committees/", &subject)) {
    return "报送没有地方送:网络文件里没有节点承载" + CommitteeTitle(subject, reader);
  }
  if (TakePrefix("committees/", &subject)) {
    return "报送被" + CommitteeTitle(subject, reader) + "拒收";
  }
  return "报送的内容已经销毁,送不出去";
}

std::string Headline(const Incident& incident, const IncidentReader& reader) {
  const std::string& subject = incident.subject();
  switch (incident.kind()) {
    case Incident::KIND_FACT_PARKED:
      return LogTitle(subject, reader) + "来的消息等得太久,没有收下";
    case Incident::KIND_FACT_NOT_UNDERSTOOD:
      return LogTitle(subject, reader) + "来的消息收不下";
    case Incident::KIND_DELIVERY_FAILING:
      return DeliveryHeadline(subject, reader);
    case Incident::KIND_LINK_STALE:
      return "收不到" + LogTitle(subject, reader) + "的消息";
    case Incident::KIND_LINK_FORKED:
      return LogTitle(subject, reader) + "的日志和以前跟的对不上";
    case Incident::KIND_LINK_DIFFERS:
      return "和" + NeighbourTitle(subject, reader) + "两边记的不一样";
    case Incident::KIND_ITEMS_GONE:
      return "和" + NeighbourTitle(subject, reader) + "的往来,有一边已经没有了";
    case Incident::KIND_NUMBERING_HELD:
      return "恢复备份以后,编号暂停";
    case Incident::KIND_DISK_LOW:
      return "磁盘快满了";
    case Incident::KIND_CONFIG_REFUSED:
      return subject == "certificates" ? "新换的证书没有采用,用的还是原来的"
                                       : "改过的网络文件、机关文件没有采用,用的还是原来的";
    case Incident::KIND_CERTIFICATE_EXPIRING:
      return "本服务的证书快到期了";
    case Incident::KIND_SWEEP_FAILED:
      return subject == "refused-dispatches" ? "每天一次的重送没有做成"
                                             : "每天一次的工作没有做成:" + subject;
    default:
      return WordOf(Incident::Kind_descriptor(), incident.kind()) + ":" + subject;
  }
}

// ---- Why.

struct Reason {
  // KIND_UNSPECIFIED: of every other kind.
  Incident::Kind kind;
  std::string_view reason;
  std::string_view words;
};

constexpr auto kReasons = std::to_array<Reason>({
    {Incident::KIND_CONFIG_REFUSED, "REFUSED", "内容有错"},
    {Incident::KIND_CONFIG_REFUSED, "NOT_TAKEN", "没有全部写入"},
    {Incident::KIND_FACT_NOT_UNDERSTOOD, "NOT_TAKEN", "消息的内容不合要求"},
    {Incident::KIND_FACT_NOT_UNDERSTOOD, "KIND_NOT_KNOWN", "有一种消息本服务的版本还不认识"},
    {Incident::KIND_FACT_PARKED, "NAME_NOT_KNOWN", "消息里说到的事项,本机关还没有收到"},
    {Incident::KIND_DELIVERY_FAILING, "REFUSED_FOR_A_PERSON", "内容上有问题,要由人处理"},
    {Incident::KIND_DELIVERY_FAILING, "REFUSED_FOR_A_FILE", "两边的网络文件不一致"},
    {Incident::KIND_DELIVERY_FAILING, "REFUSED_FOR_NOW", "对方暂时不收,每天自动再送一次"},
    {Incident::KIND_DELIVERY_FAILING, "RECEIVER_WITHOUT_NODE", "网络文件里没有收件单位的节点"},
    {Incident::KIND_DELIVERY_FAILING, "CONTENT_DESTROYED", "内容已按规定销毁"},
    {Incident::KIND_DELIVERY_FAILING, "LATER", "对方让稍后再送"},
    {Incident::KIND_DELIVERY_FAILING, "NOT_NOTED", "对方的回执记不下来"},
    {Incident::KIND_LINK_STALE, "DAMAGED", "收到的内容是坏的"},
    {Incident::KIND_LINK_FORKED, "LOG_FORKED", "对方可能恢复过备份"},
    {Incident::KIND_LINK_FORKED, "FOREIGN_LOG", "对方换了一套全新的数据"},
    {Incident::KIND_LINK_DIFFERS, "CONTENT_DIFFERS", "有几件两边不一样,自动补不上"},
    {Incident::KIND_ITEMS_GONE, "GONE_BELOW", "下级从备份恢复以后没有了,上级还有"},
    {Incident::KIND_ITEMS_GONE, "GONE_ABOVE", "上级从备份恢复以后没有了,下级已经听到过"},
    {Incident::KIND_ITEMS_GONE, "LOG_FORKED", "对方从备份恢复过,那以后说的不再有,这里都还留着"},
    {Incident::KIND_ITEMS_GONE, "FORK_UNCERTAIN",
     "对方从备份恢复过,从哪一条起不再有,对方自己也不知道"},
    {Incident::KIND_DISK_LOW, "DISK_LOW", "剩余空间不够,新的先不收,查阅照常"},
    {Incident::KIND_NUMBERING_HELD, "RESTORED", "还没有人确认各种编号用到了哪里"},
    {Incident::KIND_LINK_FORKED, "POSITION_BELOW_FLOOR", "要接着读的那一段,对方已经不保留了"},
    {Incident::KIND_CERTIFICATE_EXPIRING, "EXPIRES_SOON", "30 天内到期"},
    {Incident::KIND_CERTIFICATE_EXPIRING, "EXPIRED", "已经到期,别人连不上"},
    {Incident::KIND_SWEEP_FAILED, "NODE_NOT_IN_FILE", "网络文件里没有本节点"},
    {Incident::KIND_SWEEP_FAILED, "OVERLOADED", "服务太忙"},
    {Incident::KIND_SWEEP_FAILED, "STORE_NOT_READ", "存储读取出错"},
    {Incident::KIND_UNSPECIFIED, "NO_ANSWER", "对方没有应答"},
    {Incident::KIND_UNSPECIFIED, "REFUSED", "对方不认本节点的身份"},
});

// The reason itself if there are no words for it.
std::string Why(const Incident& incident) {
  for (const Reason& one : kReasons) {
    if (one.reason == incident.reason() &&
        (one.kind == incident.kind() || one.kind == Incident::KIND_UNSPECIFIED)) {
      return std::string(one.words);
    }
  }
  return incident.reason();
}

// ---- What helps.

std::string DeliveryAdvice(const Incident& incident, const std::string& id) {
  if (incident.reason() == "REFUSED_FOR_A_PERSON") {
    return "请收发看拒收的原因:shangda dispatch list --state refused;改好后重送或取消。"
           "上级遗失后又拒收的,见 shangda link verify,与对方商定后重送:shangda dispatch retry "
           "编号。";
  }
  if (incident.reason() == "REFUSED_FOR_A_FILE" || incident.reason() == "RECEIVER_WITHOUT_NODE") {
    return "请换上最新的网络文件,再让服务重读(kill -HUP);然后重送:shangda incident retry " + id;
  }
  if (incident.reason() == "CONTENT_DESTROYED")
    return "请收发取消这些报送:shangda dispatch cancel 编号";
  if (incident.reason() == "REFUSED_FOR_NOW")
    return "不想等到明天就重送:shangda incident retry " + id;
  return "请和对方联系,看网络和对方的服务是否正常。会自动重送;不想等就:shangda incident retry " +
         id;
}

std::string Advice(const Incident& incident, Server server, const std::string& id) {
  const std::string retry = "shangda incident retry " + id;
  switch (incident.kind()) {
    case Incident::KIND_FACT_PARKED:
      return "先看缺的事项为什么没有来:shangda incident show " + id +
             "。等的事项一到,会自动按顺序收下。";
    case Incident::KIND_FACT_NOT_UNDERSTOOD:
      return incident.reason() == "KIND_NOT_KNOWN"
                 ? "请把本节点的服务升级到新版本,再重试:" + retry
                 : "请看是哪些消息,和对方核对:shangda incident show " + id;
    case Incident::KIND_DELIVERY_FAILING:
      return DeliveryAdvice(incident, id);
    case Incident::KIND_LINK_STALE:
      if (!incident.subject().starts_with("nodes/")) {
        return "请看本节点的 " + incident.subject() +
               " 服务是否在运行,地址和证书对不对。不想等就:" + retry;
      }
      return "请和对方联系,看网络和对方的服务是否正常。恢复后会自动接着收,不会丢;不想等就:" + retry;
    case Incident::KIND_LINK_DIFFERS:
      return "请看是哪些,和对方逐件核对:shangda link verify";
    case Incident::KIND_LINK_FORKED:
      return "请和对方的系统管理员核对,是不是恢复过备份。核对后再试:" + retry;
    case Incident::KIND_ITEMS_GONE:
      return "请逐件和对方核对、补办;都办妥了就写明经过解除:shangda incident resolve " + id +
             " --note 经过";
    case Incident::KIND_NUMBERING_HELD:
      return "请经办人核对纸质登记上的最后一个号,再核定从哪个号接着编:shangda numbering list";
    case Incident::KIND_DISK_LOW:
      return "请清理或扩大存放数据的磁盘,腾出地方以后会自动恢复。";
    case Incident::KIND_CONFIG_REFUSED:
      return "错在哪个文件哪一行,请运行 shangda-" + NameOf(server) +
             " --config 服务文件 --check-config;改好后再让服务重读(kill -HUP)。";
    case Incident::KIND_CERTIFICATE_EXPIRING:
      return "请签发新证书,换上后让服务重读(kill -HUP)。";
    case Incident::KIND_SWEEP_FAILED:
      return "原因消除后会自动再做;不想等就:" + retry;
    default:
      return "";
  }
}

// ---- When and who.

std::string Progress(const Incident& incident) {
  std::string text = "自 " + ChinaTime(incident.since()) + " 起";
  if (incident.attempts() > 0) {
    text += ",试了 " + std::to_string(incident.attempts()) + " 次";
    text += incident.has_next_try() ? ",下次 " + ChinaTime(incident.next_try()) : ",正在再试";
  } else if (incident.has_next_try()) {
    text += ",下次再试 " + ChinaTime(incident.next_try());
  }
  return text;
}

std::string Care(const Incident& incident, const IncidentReader& reader) {
  std::string who;
  if (!incident.owner().empty()) {
    const std::string id(domain::LastPart(incident.owner()));
    const bool is_own = domain::CommitteeOf(incident.owner()) == reader.reader.committee;
    const std::string title = is_own ? reader.reader.Title("persons", id) : "";
    who = title.empty() || title == id ? id : title + "(" + id + ")";
  }
  if (incident.state() == Incident::STATE_RESOLVED) {
    return "已于 " + ChinaTime(incident.change_time()) + " 解除" +
           (who.empty() ? "" : ",经办 " + who);
  }
  if (incident.state() == Incident::STATE_ACKNOWLEDGED) {
    return who + " 已认领,到 " + incident.acknowledged_until() + " 为止";
  }
  return who.empty() ? "还没有人认领" : "以前由 " + who + " 认领,已过期";
}

std::string KindAndSubject(const Incident::WaitingFact& fact, const IncidentReader& reader) {
  return "「" + (fact.kind_name().empty() ? "不认识的消息" : KindWord(fact.kind_name())) + "」" +
         (fact.subject().empty() ? "" : "," + ItemTitle(fact.subject(), reader));
}

}  // namespace

absl::StatusOr<IncidentName> ParseIncidentName(std::string_view typed) {
  const size_t slash = typed.find('/');
  const auto server = ServerNamed(typed.substr(0, slash));
  std::string_view id = slash == typed.npos ? "" : typed.substr(slash + 1);
  TakePrefix("incidents/", &id);
  const bool is_number = !id.empty() && id.size() <= 19 && id.front() != '0' &&
                         id.find_first_not_of("0123456789") == id.npos;
  if (!server.has_value() || !is_number) {
    return UsageError("看不懂告警编号「" + std::string(typed) +
                      "」。请照列表写成 服务/编号,例如 routing/57。");
  }
  return IncidentName{*server, "incidents/" + std::string(id)};
}

std::string IncidentId(Server server, std::string_view name) {
  return NameOf(server) + "/" + std::string(domain::LastPart(name));
}

std::string Show(const Incident& incident, Server server, const IncidentReader& reader) {
  const std::string id = IncidentId(server, incident.name());
  std::string text = id + "  " + Headline(incident, reader);
  if (!incident.committee().empty() && incident.committee() != reader.reader.committee) {
    text += "(" + CommitteeTitle(incident.committee(), reader) + ")";
  }
  text += "\n    " + Why(incident);
  if (const std::string items = Items(incident, reader); !items.empty()) text += ";" + items;
  text += "\n    " + Progress(incident) + ";" + Care(incident, reader) + "\n";
  if (!incident.note().empty()) text += "    说明:" + incident.note() + "\n";
  const std::string advice = Advice(incident, server, id);
  if (incident.state() != Incident::STATE_RESOLVED && !advice.empty()) {
    text += "    → " + advice + "\n";
  }
  return text;
}

std::string ShowFacts(const Incident& incident, Server server, const IncidentReader& reader) {
  const std::string id = IncidentId(server, incident.name());
  std::string text;
  for (const Incident::WaitingFact& fact : incident.facts()) {
    text +=
        "    " + PadStart(std::to_string(fact.sequence()), 6) + "  " + KindAndSubject(fact, reader);
    if (fact.under() != "?") text += ",在等" + ItemTitle(fact.under(), reader);
    text += ",自 " + ChinaTime(fact.since()) + "(" + fact.upstream() + " 的 " +
            std::to_string(fact.position()) + "." + std::to_string(fact.ordinal()) + ")\n";
  }
  if (text.empty()) return text;
  return "没有收下的消息:\n" + text +
         "    确实不要的,写明理由放弃一条;放弃后找不回来,后面等着的按顺序接着收:\n"
         "      shangda incident drop-fact " +
         id + " --fact " + std::to_string(incident.facts(0).sequence()) + " --reason 理由\n";
}

std::string Show(const DroppedFact& fact, Server server, const IncidentReader& reader) {
  const std::string id(domain::LastPart(fact.dropped_by()));
  const std::string title = reader.reader.Title("persons", id);
  return ChinaTime(fact.drop_time()) + "  " + NameOf(server) + "  " +
         KindAndSubject(fact.fact(), reader) + "(" + fact.fact().upstream() + " 的 " +
         std::to_string(fact.fact().position()) + "." + std::to_string(fact.fact().ordinal()) +
         ")\n    " + (title.empty() ? id : title) + " 放弃,理由:" + fact.reason() + "\n";
}

}  // namespace shangda::console
