#include "services/console/roles.h"

namespace shangda::console {

const std::vector<RoleDay>& RoleDays() {
  static const std::vector<RoleDay> days = {
      {"reporter", "反映人", "提交来稿,看自己的话怎么样了",
       R"(写好文本文件(第一行标题,下面【情况】【分析】【建议】),先试办再提交:
  shangda report submit 稿.txt --category 分类 --not-classified --dry-run
  shangda report submit 稿.txt --category 分类 --not-classified
有哪些分类:
  shangda office list categories
自己的来稿到哪一步了,被退回的按说明修改后重交:
  shangda report list
  shangda report show 2026-000123
  shangda report resubmit 2026-000123 修改稿.txt --not-classified
不想反映了:登记以前直接撤回,登记以后申请撤回,由编辑答复:
  shangda report withdraw 2026-000123
  shangda report ask-withdrawal 2026-000124 --reason 情况已经解决
逐级看结果,看完确认已阅:
  shangda timeline 2026-000123 --confirm
)"},
      {"registrar", "登记员", "代录、登记、退回,告知反映人", R"(替没有证书的人代录:
  shangda report enter 001.txt --received-on 2026-03-01 --via paper --category 分类 --reporter p0007 --not-classified
看哪些等着登记,逐篇看过后登记、退回、不予受理或留存:
  shangda report list --state submitted
  shangda report show 2026-000123
  shangda report register 2026-000123
  shangda report return 2026-000123 --defect 缺少具体地点 --defect 建议太笼统
  shangda report decline 2026-000124 --reason out-of-scope --right-door 区信访局
  shangda report shelve 2026-000125 --reason 等方案出台后再看
反映人要撤回已登记的,应其要求代为申请:
  shangda report ask-withdrawal 2026-000127 --reason 情况已经解决 --via 电话
有了结果,告知反映人并登记;不再往下走的写明原因办结:
  shangda timeline 2026-000123
  shangda informed record 2026-000123 --how 电话 --on 2026-04-01
  shangda report close 2026-000126 --reason 已当场解决
节点从备份恢复以后,对照登记簿核定来稿编号:
  shangda numbering list --held
  shangda numbering resume reports-2026 --last 57
)"},
      {"editor", "编辑", "看案头和来件,拟稿、改稿、送审", R"(看案头未决的和下级来件:
  shangda desk list --state open
  shangda desk show 2026-000123
  shangda arrival list --state acknowledged
拟稿:照用原文,或自己写好文件,可以综合几个来源:
  shangda paper draft --kind opinion --from-desk 2026-000123
  shangda paper draft 综合.txt --kind opinion --source deskitem:2026-000123 --source arrival:2026-000031:weight=2
  shangda paper draft 简报.txt --kind work --source own:meeting:年度工作务虚会
改稿、送审:
  shangda paper edit 2026-000045 改好.txt
  shangda paper put-in 2026-000045
不成稿的了结;来件不用的处理:
  shangda desk settle 2026-000127 --as kept --reason not-ripe
  shangda arrival dispose 2026-000032 --as not-adopted --opinion 已有同类信息
反映人申请撤回的,同意就撤回,不同意就说明理由;答复以前不能签发:
  shangda desk list --withdrawal-asked
  shangda desk settle 2026-000128 --as withdrawn --reason reporter-asked
  shangda desk decline-withdrawal 2026-000129 --reason 综合稿已在起草,建议保留
)"},
      {"reviewer", "审核人", "审核同意(可以顺手改)或退改", R"(看送审的稿件:
  shangda paper list --state in-review
  shangda paper show 2026-000045
同意、改后同意,或退改:
  shangda paper agree 2026-000045
  shangda paper agree 2026-000045 改.txt
  shangda paper send-back 2026-000045 --opinion 数字请再核一遍
)"},
      {"signer", "签发人", "签发:定稿,定刊物和渠道", R"(看送审的稿件:
  shangda paper list --state in-review
  shangda paper show 2026-000045
有哪些刊物和渠道,签发或退改:
  shangda office list serials
  shangda office list channels
  shangda paper sign 2026-000045 --serial sqmy --channel city --channel party
  shangda paper send-back 2026-000045 --opinion 建议部分再具体些
签了又要改(还没有编发和报送):
  shangda paper reopen 2026-000045
)"},
      {"dispatcher", "收发", "编发、报送、签收来件、登记渠道的结果", R"(签发了的稿件编发、报送:
  shangda paper list --state signed
  shangda issue publish --serial sqmy --paper 2026-000045
  shangda dispatch send 2026-000045 --channel city
没有节点的渠道,送到后登记,有了结果再登记:
  shangda dispatch hand-over 2026-000211 --on 2026-03-06 --to 市委办信息处
  shangda adoption record 2026-000211 --as adopted --on 2026-03-20 --word-of 市委办 --word-on 2026-03-20
看有没有送不到或被拒收的:
  shangda dispatch list --state pending
  shangda dispatch list --state refused
下级来件,签收后编辑拟稿,或者处理:
  shangda arrival list --state arrived
  shangda arrival acknowledge 2026-000031
  shangda arrival dispose 2026-000031 --as supplement --opinion 请补充涉及的户数
节点从备份恢复以后,对照印出的刊物核定期号,其余的留出余量:
  shangda numbering list --held
  shangda numbering resume issues.sqmy-2026 --last 12
  shangda numbering resume --all --skip 50
)"},
      {"recorder", "批示登记", "登记批示,交办、审查、办结", R"(登记批示:
  shangda office list persons
  shangda instruction record --leader p0038 --paper 2026-000045 --on 2026-03-10 --kind action \
      --text 请研究办理 --word-of 区委办 --word-on 2026-03-10
  shangda instruction release 2026-000005
要求办理的交办,审查答复,办结:
  shangda task assign --instruction 2026-000005 --lead 单位 --deadline 2026-04-10 --by 区政府办 --demand 一个月内答复
  shangda task list --state replied
  shangda task review 2026-000003 --accept
  shangda task close 2026-000003
)"},
      {"handler", "承办", "看交给本单位的,答复结果", R"(看本单位在办的:
  shangda task list --state assigned
  shangda task show 2026-000003
答复:
  shangda task reply 2026-000003 --result implemented --text 已划定停车泊位60个
)"},
      {"viewer", "看板", "看状态和数字,看不到正文和人", R"(实时动态:
  shangda watch --status
数字:
  shangda figures
  shangda figures --year 2026 --by channel
)"},
      {"audit", "审计员", "看全部日志的登记项,不看正文", R"(逐条查看:
  shangda log inspect --service intake --limit 50
  shangda log inspect --service routing --after 1000 --json
实时看:
  shangda watch --service feedback
有没有告警、三个服务是否正常;放弃过哪些消息:
  shangda status
  shangda incident dropped --service feedback
与上下级两端是否一致:
  shangda link status
)"},
      {"system", "系统管理员", "看哪里不正常,办好它",
       R"(先看告警,再看三个服务、跟到哪里、证书到期日:
  shangda status
每条告警都写着怎么办;看细节,不想等下一次就马上重试:
  shangda incident list
  shangda incident show routing/57
  shangda incident retry routing/57
一时好不了的认领到某一天;不会自行解除的,办妥后写明经过解除:
  shangda incident acknowledge routing/57 --until 2026-03-08 --note 市政协机房检修
  shangda incident resolve feedback/31 --note 已逐件和市政协核对,补报两件
收不下又确实不要的消息,写明理由放弃一条:
  shangda incident drop-fact feedback/31 --fact 1203 --reason 对方确认是误发
日志登记项:
  shangda log inspect --service intake --limit 50
与上下级两端是否一致,特别是有一方从备份恢复以后:
  shangda link verify
资料是否已经生效:
  shangda office list persons
  shangda office list nodes
备份,核验,只留最近几份:
  shangda backup create
  shangda backup list
  shangda backup verify --id 20260301-093000 --configs /etc/shangda
  shangda backup prune --keep 7
从备份恢复到新目录,改服务文件的 data_directory 后启动,再请经办人核定编号:
  shangda backup restore --id 20260301-093000 --configs /etc/shangda --to /var/lib/shangda-new
  shangda numbering list --held
配置文件(--profile)写 committee、三个地址、ca_file、certificate_file、key_file;
放在 ~/.config/shangda/profile.textproto 就不必每次写 --profile。
)"},
      {"security", "安全管理员", "看服务和人员资料,不看正文", R"(人员和角色:
  shangda office list persons
三个服务是否正常、证书到期日:
  shangda status
)"},
  };
  return days;
}

const RoleDay* FindRoleDay(std::string_view typed) {
  if (typed == "clerk") typed = "registrar";
  if (typed == "it" || typed == "IT") typed = "system";
  for (const RoleDay& day : RoleDays()) {
    if (day.id == typed || day.word == typed) return &day;
  }
  return nullptr;
}

}  // namespace shangda::console
