// Figures: what counts where, the identities that hold over them, and that the moves come to what
// counting anew comes to. The recount in this file knows nothing of figures.cc.
#include "services/feedback/domain/figures.h"

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "services/feedback/domain/read_figures.h"
#include "services/feedback/domain/testing.h"

namespace shangda::feedback {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;
using Track = v1::DispatchTrack;

TEST(PercentTest, OneDecimalHalfUp) {
  EXPECT_EQ(Percent(149, 167), "89.2%");
  EXPECT_EQ(Percent(1, 3), "33.3%");
  EXPECT_EQ(Percent(2, 3), "66.7%");
  EXPECT_EQ(Percent(1, 2000), "0.1%");
  EXPECT_EQ(Percent(1, 2001), "0.0%");
  EXPECT_EQ(Percent(3, 3), "100.0%");
  EXPECT_EQ(Percent(0, 5), "0.0%");
}

TEST(PercentTest, OfNothingThereIsNoShare) {
  EXPECT_EQ(Percent(0, 0), "");
}

TEST(CountsTest, ADispatchThatIsNotOutCountsNothing) {
  Track dispatch;
  dispatch.set_kind(routing::v1::Dispatch::KIND_SUBMIT_UP);
  dispatch.set_disposition(Track::DISPOSITION_ADOPTED);
  for (auto state : {routing::v1::Dispatch::STATE_PENDING, routing::v1::Dispatch::STATE_REFUSED,
                     routing::v1::Dispatch::STATE_CANCELLED}) {
    dispatch.set_state(state);
    EXPECT_THAT(CountsOf(dispatch), IsEmpty());
  }
}

TEST(CountsTest, OnlyWhatCountsAndIsOfTheOwnLevelIsAnOwnInstruction) {
  v1::Instruction instruction;
  instruction.set_on("2006-03-01");
  instruction.mutable_object()->set_paper(PaperName(1));
  EXPECT_THAT(CountsOf(instruction), IsEmpty());
  instruction.set_counts(true);
  EXPECT_THAT(CountsOf(instruction), IsEmpty());
  instruction.set_own_level(true);
  EXPECT_THAT(CountsOf(instruction), SizeIs(2));
}

TEST(ObjectKeyTest, WhatIsOutsideIsItselfByKindAndNumber) {
  v1::InstructionObject object;
  object.mutable_external()->set_kind(v1::InstructionObject::External::KIND_PROPOSAL);
  object.mutable_external()->set_number("137");
  EXPECT_EQ(ObjectKey(object), "external/1/137");
  object.set_issue(IssueName(3));
  EXPECT_EQ(ObjectKey(object), IssueName(3));
}

// ---- Random histories.

// What the test itself remembers of a dispatch.
struct Sent {
  std::string paper;
  std::string channel;
  std::string unit;
  std::string on;
  bool is_out = false;
  // In the order in which it was said, which is the order of dates.
  std::vector<std::pair<v1::Step::Kind, std::string>> said;
};

// Figure, period, split, value → count.
using Cells = std::map<std::tuple<int, uint32_t, int, std::string>, int64_t>;

uint32_t Month(const std::string& date) {
  return static_cast<uint32_t>(std::stoul(date.substr(0, 4) + date.substr(5, 2)));
}

v1::FigureKind WordOf(const Sent& sent, std::string* adopted_on) {
  v1::FigureKind word = v1::FIGURE_KIND_NO_WORD;
  for (const auto& [kind, on] : sent.said) {
    if (kind == v1::Step::KIND_ADOPTED) {
      if (adopted_on->empty()) *adopted_on = on;
      return v1::FIGURE_KIND_ADOPTED;
    }
  }
  for (const auto& [kind, on] : sent.said) {
    if (kind == v1::Step::KIND_KEPT) word = v1::FIGURE_KIND_KEPT;
    if (kind == v1::Step::KIND_NOT_ADOPTED) word = v1::FIGURE_KIND_NOT_ADOPTED;
    if (kind == v1::Step::KIND_SENT_BACK) word = v1::FIGURE_KIND_SENT_BACK;
    if (kind == v1::Step::KIND_RECALLED) word = v1::FIGURE_KIND_RECALLED;
  }
  return word;
}

// Counts the history anew.
Cells Recount(const std::vector<Sent>& history) {
  Cells cells;
  std::set<std::tuple<int, uint32_t, int, std::string, std::string>> once;
  for (const Sent& sent : history) {
    if (!sent.is_out) continue;
    std::string adopted_on;
    v1::FigureKind word = WordOf(sent, &adopted_on);
    std::vector<std::pair<int, std::string>> values = {{v1::SPLIT_KIND_UNSPECIFIED, "all"},
                                                       {v1::SPLIT_KIND_UNIT, sent.unit},
                                                       {v1::SPLIT_KIND_SECTOR, "education"},
                                                       {v1::SPLIT_KIND_CATEGORY, "livelihood"},
                                                       {v1::SPLIT_KIND_CHANNEL, sent.channel}};
    for (const auto& [split, value] : values) {
      uint32_t month = Month(sent.on);
      ++cells[{word, month, split, value}];
      if (word == v1::FIGURE_KIND_ADOPTED) {
        ++cells[{v1::FIGURE_KIND_ADOPTIONS_IN_PERIOD, Month(adopted_on), split, value}];
      }
      if (word != v1::FIGURE_KIND_RECALLED) {
        ++cells[{v1::FIGURE_KIND_DISPATCHES, month, split, value}];
      }
      for (uint32_t period : {month, month / 100}) {
        if (word != v1::FIGURE_KIND_RECALLED &&
            once.emplace(v1::FIGURE_KIND_PAPERS, period, split, value, sent.paper).second) {
          ++cells[{v1::FIGURE_KIND_PAPERS, period, split, value}];
        }
        if (word == v1::FIGURE_KIND_ADOPTED &&
            once.emplace(v1::FIGURE_KIND_PAPERS_ADOPTED, period, split, value, sent.paper).second) {
          ++cells[{v1::FIGURE_KIND_PAPERS_ADOPTED, period, split, value}];
        }
      }
    }
  }
  return cells;
}

class HistoryTest : public FeedbackTest, public ::testing::WithParamInterface<uint32_t> {
 protected:
  // The counters as they stand, but those of what is no dispatch.
  Cells Counters() {
    Cells cells;
    EXPECT_TRUE(
        h.store()
            .Read()
            ->Scan(
                kv::Family::kState, "", "",
                [&](std::string_view key, std::string_view value) {
                  auto row = Keys().ParseRow(key);
                  v1::Counter counter;
                  if (row->first->message != counter.GetDescriptor()->full_name()) {
                    return true;
                  }
                  EXPECT_TRUE(counter.ParseFromArray(value.data(), static_cast<int>(value.size())));
                  if (counter.figure() != v1::FIGURE_KIND_REPORTS_RECEIVED &&
                      counter.count() != 0) {
                    cells[{counter.figure(), counter.period(), counter.split(), counter.value()}] =
                        counter.count();
                  }
                  return true;
                })
            .ok());
    return cells;
  }

  v1::Figures Figures(const std::string& from, const std::string& to) {
    v1::GetFiguresRequest request;
    request.set_parent(kParent);
    request.set_from(from);
    request.set_to(to);
    for (int kind = v1::FIGURE_KIND_DISPATCHES; kind <= v1::FIGURE_KIND_NO_WORD; ++kind) {
      request.add_figures(static_cast<v1::FigureKind>(kind));
    }
    return std::get<v1::Figures>(h.WithState(
        [&](const domain::State& view) { return ReadFigures(view, request, "2006-12-31"); }));
  }

  static std::map<int, int64_t> ByKind(const v1::Figures& figures) {
    std::map<int, int64_t> counts;
    for (const auto& figure : figures.figures()) counts[figure.kind()] = figure.count();
    return counts;
  }
};

TEST_P(HistoryTest, CountersAreWhatCountingAnewComesToAndTheIdentitiesHold) {
  std::mt19937 random(GetParam());
  auto any = [&](uint32_t below) { return static_cast<uint32_t>(random() % below); };
  std::vector<Sent> history;
  for (uint64_t n = 1; n <= 4; ++n) ReportInPaper(n, n % 2 == 0 ? "u01" : "u02");
  const std::vector<v1::Step::Kind> kinds = {
      v1::Step::KIND_ARRIVED,     v1::Step::KIND_ACKNOWLEDGED,        v1::Step::KIND_KEPT,
      v1::Step::KIND_NOT_ADOPTED, v1::Step::KIND_SENT_BACK,           v1::Step::KIND_ADOPTED,
      v1::Step::KIND_RECALLED,    v1::Step::KIND_SUPPLEMENT_REQUESTED};
  for (int i = 0; i < 60; ++i) {
    std::string date = "2006-0" + std::to_string(4 + i / 12) + "-" + std::to_string(10 + i % 12);
    uint32_t what = any(4);
    if (history.empty() || what == 0) {
      uint64_t paper = 1 + any(4);
      history.push_back({PaperName(paper), "above", paper % 2 == 0 ? "u01" : "u02", "", false, {}});
      Take(facts.Dispatched(DispatchName(history.size()), PaperName(paper), {ReportName(paper)}));
      continue;
    }
    size_t index = any(static_cast<uint32_t>(history.size()));
    Sent& sent = history[index];
    if (what == 1 && !sent.is_out) {
      sent.is_out = true;
      sent.on = date;
      Take(facts.Delivered(DispatchName(index + 1), ArrivalName(index + 1), date));
      continue;
    }
    v1::Step::Kind kind = kinds[any(static_cast<uint32_t>(kinds.size()))];
    sent.said.emplace_back(kind, date);
    Take(facts.Heard(DispatchName(index + 1), kind, date, static_cast<uint32_t>(sent.said.size())));
  }
  EXPECT_EQ(Counters(), Recount(history));

  for (const auto& [from, to] :
       std::vector<std::pair<std::string, std::string>>{{"2006-01-01", "2006-12-31"},
                                                        {"2006-05-01", "2006-05-31"},
                                                        {"2006-04-15", "2006-07-12"},
                                                        {"2006-05-01", "2006-07-31"}}) {
    auto counts = ByKind(Figures(from, to));
    EXPECT_EQ(counts[v1::FIGURE_KIND_DISPATCHES] + counts[v1::FIGURE_KIND_RECALLED],
              counts[v1::FIGURE_KIND_ADOPTED] + counts[v1::FIGURE_KIND_KEPT] +
                  counts[v1::FIGURE_KIND_NOT_ADOPTED] + counts[v1::FIGURE_KIND_SENT_BACK] +
                  counts[v1::FIGURE_KIND_RECALLED] + counts[v1::FIGURE_KIND_NO_WORD]);
    std::set<std::string> papers;
    int64_t dispatches = 0;
    for (const Sent& sent : history) {
      std::string adopted_on;
      bool is_in = sent.is_out && from <= sent.on && sent.on <= to &&
                   WordOf(sent, &adopted_on) != v1::FIGURE_KIND_RECALLED;
      if (!is_in) continue;
      ++dispatches;
      papers.insert(sent.paper);
    }
    EXPECT_EQ(counts[v1::FIGURE_KIND_DISPATCHES], dispatches) << from;
    EXPECT_EQ(counts[v1::FIGURE_KIND_PAPERS], static_cast<int64_t>(papers.size())) << from;
  }

  // Over all dispatches: offered = pending + refused + cancelled + handed over.
  v1::Figures year = Figures("2006-01-01", "2006-12-31");
  auto counts = ByKind(year);
  EXPECT_EQ(year.pending() + year.refused() + year.cancelled() +
                counts[v1::FIGURE_KIND_DISPATCHES] + counts[v1::FIGURE_KIND_RECALLED],
            static_cast<int64_t>(history.size()));
}

INSTANTIATE_TEST_SUITE_P(Seeds, HistoryTest, ::testing::Range(1u, 21u));

// ---- Reading figures.

class ReadFiguresTest : public FeedbackTest {
 protected:
  std::variant<v1::Figures, Reason> Read(const v1::GetFiguresRequest& request,
                                         const std::string& today = "2006-03-20") {
    return h.WithState(
        [&](const domain::State& view) { return ReadFigures(view, request, today); });
  }

  static v1::GetFiguresRequest Period(const std::string& from,
                                      const std::string& to,
                                      std::vector<v1::FigureKind> figures = {}) {
    v1::GetFiguresRequest request;
    request.set_parent(kParent);
    request.set_from(from);
    request.set_to(to);
    for (v1::FigureKind figure : figures) request.add_figures(figure);
    return request;
  }
};

TEST_F(ReadFiguresTest, EveryFigureHasItsLabelAndUnitAndNoughtIsSaidToo) {
  auto figures = std::get<v1::Figures>(Read(Period("2006-03-01", "2006-03-31")));
  ASSERT_THAT(figures.figures(), SizeIs(v1::FigureKind_MAX));
  for (const auto& figure : figures.figures()) {
    EXPECT_EQ(figure.count(), 0);
    EXPECT_NE(figure.label(), "");
    EXPECT_NE(figure.unit(), "");
  }
  EXPECT_EQ(figures.adoption_rate(), "");
  EXPECT_EQ(UnitOf(v1::FIGURE_KIND_INSTRUCTIONS, v1::SPLIT_KIND_LEADER), "人次");
}

TEST_F(ReadFiguresTest, TheRateIsThatOfTheCohort) {
  ReportSentUp(1, "2006-03-04");
  ReportSentUp(2, "2006-03-05");
  ReportSentUp(3, "2006-04-05");
  Take(facts.Heard(DispatchName(1), v1::Step::KIND_ADOPTED, "2006-05-06", 2));
  Take(facts.Heard(DispatchName(3), v1::Step::KIND_ADOPTED, "2006-05-06", 2));
  auto march = std::get<v1::Figures>(Read(Period("2006-03-01", "2006-03-31"), "2006-06-01"));
  EXPECT_EQ(march.adoption_rate(), "50.0%");
  EXPECT_EQ(march.to(), "2006-03-31");
}

TEST_F(ReadFiguresTest, ASplitNamesTheValuesThatAreThere) {
  ReportSentUp(1);
  auto request = Period("2006-03-01", "2006-03-31", {v1::FIGURE_KIND_DISPATCHES});
  request.set_split(v1::SPLIT_KIND_CHANNEL);
  auto figures = std::get<v1::Figures>(Read(request));
  ASSERT_THAT(figures.figures(), SizeIs(1));
  EXPECT_EQ(figures.figures(0).value(), "above");
  EXPECT_EQ(figures.figures(0).count(), 1);
  EXPECT_EQ(figures.adoption_rate(), "");
}

TEST_F(ReadFiguresTest, AMonthThatIsNotOverIsAskedUpToToday) {
  ReportSentUp(1);
  auto figures = Read(Period("2006-01-01", "2006-03-20"));
  ASSERT_TRUE(std::holds_alternative<v1::Figures>(figures));
  EXPECT_EQ(std::get<v1::Figures>(figures).figures(0).count(), 1);
}

TEST_F(ReadFiguresTest, WhatIsKeptByMonthIsNotAskedForDays) {
  auto figures = Read(Period("2006-03-02", "2006-03-31"));
  ASSERT_TRUE(std::holds_alternative<Reason>(figures));
  EXPECT_EQ(std::get<Reason>(figures), Reason::kPeriodNotMonths);
  EXPECT_TRUE(std::holds_alternative<Reason>(
      Read(Period("2006-03-01", "2006-03-10", {v1::FIGURE_KIND_ISSUES}))));
  EXPECT_TRUE(std::holds_alternative<v1::Figures>(
      Read(Period("2006-03-01", "2006-03-10", {v1::FIGURE_KIND_DISPATCHES}))));
}

TEST_F(ReadFiguresTest, WhatIsPendingIsSaidBesideAndCopiesAreNot) {
  ReportInPaper(1);
  Take(facts.Dispatched(DispatchName(1), PaperName(1), {ReportName(1)}));
  Take(facts.Dispatched(DispatchName(2), PaperName(1), {ReportName(1)}, "", Dispatch::KIND_COPY));
  Take(facts.Dispatched(DispatchName(3), PaperName(1), {ReportName(1)}));
  auto cancelled = facts.About("routing", DispatchName(3));
  cancelled.mutable_dispatch_cancelled();
  Take(cancelled);
  auto figures = std::get<v1::Figures>(Read(Period("2006-03-01", "2006-03-31")));
  EXPECT_EQ(figures.pending(), 1);
  EXPECT_EQ(figures.refused(), 0);
  EXPECT_EQ(figures.cancelled(), 1);
}

}  // namespace
}  // namespace shangda::feedback
