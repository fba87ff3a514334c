#include "services/console/link_lines.h"

#include "services/console/names.h"
#include "services/console/print.h"
#include "services/console/table.h"
#include "services/console/words.h"
#include "shangda/feedback/v1/feedback.pb.h"

namespace shangda::console {
namespace {

using link::v1::Difference;
using link::v1::Link;

std::string DifferenceWord(Difference::Kind kind) {
  switch (kind) {
    case Difference::KIND_OWED_AGAIN:
      return "上级遗失,自动重新送达";
    case Difference::KIND_GONE_BELOW:
      return "下级已不掌握,上级仍有";
    case Difference::KIND_GONE_ABOVE:
      return "上级已不掌握,下级早已收到";
    case Difference::KIND_NOT_TAKEN:
      return "下级漏收,自动重新接收";
    case Difference::KIND_CONTENT_DIFFERS:
      return "两端内容不同,请双方核对";
    case Difference::KIND_CANCELLED_BELOW:
      return "下级已取消,上级已收到,请联系上级撤稿";
    case Difference::KIND_REFUSED_AGAIN:
      return "上级遗失,重送时又被拒收,请看拒收原因";
    case Difference::KIND_NOT_TAKEN_AGAIN:
      return "下级漏收,再收一次仍没有收下,请双方核对";
    default:
      return "两端不同";
  }
}

std::string TroubleWord(const std::string& trouble) {
  if (trouble == "UNREACHABLE") return "连不上对方,稍后自动再比";
  if (trouble == "NO_NODE") return "网络名录中没有对方的节点,请更新网络文件";
  if (trouble == "NOT_CAUGHT_UP") return "对方说的还没有听完,稍后自动再比";
  if (trouble == "CATCHING_UP") return "对方恢复后还在补收,稍后自动再比";
  if (trouble == "NOT_NOTED") return "服务正忙,稍后自动再比";
  if (trouble == "FOREIGN_LOG") return "对方的日志换成了另一份,已停止接收,请联系对方系统管理员";
  return trouble;
}

// `KEPT 2026-03-06 committees/…` of an outcome, or a name.
std::string DetailOf(const Difference& difference, std::string_view own) {
  const std::string& detail = difference.detail();
  if (detail.empty()) return "";
  const size_t kind_end = detail.find(' ');
  if (kind_end == std::string::npos) return "(来件 " + ShortName(detail, own) + ")";
  const size_t date_end = detail.find(' ', kind_end + 1);
  feedback::v1::Step::Kind kind = feedback::v1::Step::KIND_UNSPECIFIED;
  const std::string word =
      feedback::v1::Step::Kind_Parse("KIND_" + detail.substr(0, kind_end), &kind)
          ? Word(kind)
          : detail.substr(0, kind_end);
  return "(" + word + " " + detail.substr(kind_end + 1, date_end - kind_end - 1) + ")";
}

std::string Counts(const Link& link) {
  return "本端 " + std::to_string(link.own().count()) + " 件,对方 " +
         std::to_string(link.theirs().count()) + " 件";
}

std::string State(const Link& link) {
  if (!link.has_compare_time()) return "还没有比对过";
  std::string text;
  if (!Differs(link)) {
    text = "两端一致,各 " + std::to_string(link.own().count()) + " 件";
  } else {
    text = "不一致,自 " + ChinaTime(link.differs_since()) + ";" + Counts(link);
  }
  return text + ";" + ChinaTime(link.compare_time()) + " 比对";
}

std::string Heard(const Link& link) {
  if (!link.has_heard() || link.flow() != link::v1::FLOW_OUTCOMES) return "";
  const std::string position = std::to_string(link.heard().position());
  if (link.up()) return ";已听到对方日志 " + position;
  return ";对方已听到本端日志 " + position + "(" + ChinaTime(link.heard_time()) + ")";
}

std::string LineOf(const Link& link,
                   std::string_view own,
                   const std::function<std::string(const std::string&)>& title) {
  std::string name = title(link.neighbour());
  name += name.empty() ? link.neighbour() : "(" + link.neighbour() + ")";
  std::string text = std::string(link.up() ? "上级 " : "下级 ") + name + " " +
                     (link.flow() == link::v1::FLOW_DELIVERIES ? "报送" : "结果") + ":" +
                     State(link) + Heard(link) + "\n";
  if (IsTroubled(link)) text += "    上次没有比成:" + TroubleWord(link.trouble()) + "\n";
  for (const Difference& difference : link.differences()) {
    text += "    " + DifferenceWord(difference.kind()) + "  " + ShortName(difference.name(), own) +
            DetailOf(difference, own) + "\n";
  }
  const uint64_t left = link.differences_count() - static_cast<uint64_t>(link.differences_size());
  if (left > 0) text += "    还有 " + std::to_string(left) + " 件没有列出\n";
  return text;
}

}  // namespace

bool Differs(const Link& link) {
  return link.has_differs_since();
}

bool IsTroubled(const Link& link) {
  return !link.trouble().empty();
}

std::string LinkLines(const link::v1::VerifyLinksResponse& links,
                      std::string_view own,
                      const std::function<std::string(const std::string&)>& title) {
  if (links.links().empty()) return "本机关没有与其他节点的线路。\n";
  std::string text;
  int differing = 0;
  int troubled = 0;
  for (const Link& link : links.links()) {
    text += LineOf(link, own, title);
    differing += Differs(link) ? 1 : 0;
    troubled += IsTroubled(link) || !link.has_compare_time() ? 1 : 0;
  }
  if (differing > 0) {
    text += "有 " + std::to_string(differing) +
            " 条线路不一致。会自动补的稍后再查;已不掌握的请按所列逐件核对,由双方商定怎么办。\n";
  } else if (troubled > 0) {
    text += "有 " + std::to_string(troubled) + " 条线路还没有比成,请稍后再查。\n";
  } else {
    text += "全部线路两端一致。\n";
  }
  return text;
}

}  // namespace shangda::console
