#include "common/text/mark.h"

#include <gtest/gtest.h>
#include <unicode/normalizer2.h>
#include <unicode/unistr.h>

#include <string>
#include <vector>

namespace shangda::text {
namespace {

struct Row {
  std::string text;
  std::string mark;
};

void ExpectFound(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    EXPECT_EQ(FindClassificationMark(row.text), row.mark) << row.text;
  }
}

void ExpectPass(const std::vector<std::string>& texts) {
  for (const std::string& text : texts) {
    EXPECT_EQ(FindClassificationMark(text), std::nullopt) << text;
  }
}

// So a text without it has no mark, however it is folded.
TEST(ClassificationMarkTest, NoOtherSignIsFoldedIntoTheOneThatEveryMarkHas) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* nfkc = icu::Normalizer2::getNFKCInstance(status);
  ASSERT_TRUE(U_SUCCESS(status));
  std::vector<UChar32> found;
  for (UChar32 c = 0; c <= UCHAR_MAX_VALUE; ++c) {
    if (nfkc->normalize(icu::UnicodeString(c), status).indexOf(u'密') >= 0) found.push_back(c);
  }
  EXPECT_EQ(found, std::vector<UChar32>{U'密'});
}

TEST(ClassificationMarkTest, EveryLevelIsFoundWithAndWithoutATerm) {
  ExpectFound({
      {"秘密★", "秘密★"},
      {"机密★", "机密★"},
      {"绝密★", "绝密★"},
      {"秘密★6个月", "秘密★"},
      {"机密★20年", "机密★"},
      {"绝密★长期", "绝密★"},
      {"机密级★10年", "机密级★"},
      {"关于某某的情况\n绝密★30年\n特急", "绝密★"},
  });
}

TEST(ClassificationMarkTest, TraditionalAndVariantFormsAreFound) {
  ExpectFound({
      {"機密★10年", "機密★"},
      {"絕密★", "絕密★"},
      {"絶密★", "絶密★"},
      {"祕密★", "祕密★"},
      {"密級:機密", "密級:機密"},
      {"保密等級：絕密", "密等級:絕密"},
  });
}

TEST(ClassificationMarkTest, StarsThatPeopleTypeForTheRightOneCount) {
  ExpectFound({
      {"机密☆10年", "机密☆"},
      {"秘密⭐", "秘密⭐"},
      {"秘密⭐\uFE0F5年", "秘密⭐"},
      {"机密*10年", "机密*10年"},
      {"机密＊十年", "机密*十年"},
      {"绝密*长期", "绝密*长期"},
  });
}

TEST(ClassificationMarkTest, DeclarationsAreFound) {
  ExpectFound({
      {"密级:机密", "密级:机密"},
      {"密级：绝密", "密级:绝密"},
      {"密级∶秘密", "密级∶秘密"},
      {"密级\t机密", "密级机密"},
      {"【密级】机密", "密级】机密"},
      {"密级:【秘密】", "密级:【秘密"},
      {"密级——绝密", "密级——绝密"},
      {"密级为机密", "密级为机密"},
      {"保密级别:机密级", "密级别:机密"},
      {"密级:√机密", "密级:√机密"},
  });
}

TEST(ClassificationMarkTest, NothingInvisibleHidesAMark) {
  ExpectFound({
      {"机 密 ★", "机密★"},
      {"机\u3000密\u00A0★", "机密★"},
      {"机\n密\r\n★", "机密★"},
      {"机\u200B密\u200D★", "机密★"},
      {"机\u2060密\uFEFF★", "机密★"},
      {"机\u00AD密\u202E★", "机密★"},
      {"机\u0001密\u0085★", "机密★"},
      {"机\uFE00密\U000E0100★", "机密★"},
      {"机\u034F密\u3164★", "机密★"},
      {"机\U000E0041密\uFFF9★", "机密★"},
      {std::string("机\0密★", 10), "机密★"},
      {"密\u200B级\u200B：\u200B绝\u200B密", "密级:绝密"},
  });
}

TEST(ClassificationMarkTest, CompatibilityFormsAreFolded) {
  ExpectFound({
      {"㊙密★", "秘密★"},
      {"机密＊１０年", "机密*10年"},
      {"密级﹕机密", "密级:机密"},
      {"密级︓机密", "密级:机密"},
      {"［密级］（秘密）", "密级](秘密"},
  });
}

TEST(ClassificationMarkTest, OrdinaryTextThatSpeaksOfSecrecyPasses) {
  ExpectPass({
      "",
      "关于加强保密工作的建议",
      "關於加強保密工作的建議",
      "《秘密花园》读书会",
      "侵犯商业秘密的行为",
      "“机密”",
      "机密",
      "絕密",
      "国家秘密分为绝密、机密、秘密三级",
      "绝密级/机密级/秘密级文件的管理",
      "涉密文件按绝密级、机密级、秘密级管理",
      "应当标明密级。秘密级文件另册登记",
      "标注密级,机密文件专人送达",
      "密级:公开",
      "密级：无",
      "密级:内部",
      "密级:非秘密",
      "密级管理不规范",
      "提高数据加密级别:机密性、完整性并重",
      "商业秘密*见注",
      "★重点:保护商业秘密",
      "五星★★★★★好评",
      "高机密度材料",
      "秘密。★建议一",
  });
}

// What a reader takes for one sign is one, whatever stands between its parts unseen.
TEST(ClassificationMarkTest, NothingInvisiblePartsASignFromItsOverlay) {
  ExpectFound({
      {"密级=\u0338机密", "密级≠机密"},
      {"密级=\u200B\u0338机密", "密级≠机密"},
      {"密级=\uFE0F\u0338机密", "密级≠机密"},
  });
}

// Wrong refusals that we accept: the author can reword, and the pattern stays simple.
TEST(ClassificationMarkTest, KnownFalsePositives) {
  ExpectFound({
      {"一、保护商业秘密\n★建议", "秘密★"},
      {"工作秘密★1年", "秘密★"},
      {"将密级为机密的文件清退", "密级为机密"},
      {"划分密级:秘密、机密、绝密", "密级:秘密"},
  });
}

// Marks that we do not see: nothing tells them from ordinary text, or no office writes them.
TEST(ClassificationMarkTest, KnownFalseNegatives) {
  ExpectPass({
      "机密\n关于某某的情况",
      "机密 10年",
      "机密*",
      "密级:□绝密 ☑机密",
      "★机密",
      "J密★",
      "密级,机密",
  });
}

TEST(ClassificationMarkTest, ALongTextOfNearMissesIsSearchedToItsEnd) {
  std::string text;
  for (int i = 0; i < 100000; ++i) text += "密级::::";
  EXPECT_EQ(FindClassificationMark(text), std::nullopt);
  EXPECT_EQ(FindClassificationMark(text + "机密★"), "密级::::机密");
}

}  // namespace
}  // namespace shangda::text
