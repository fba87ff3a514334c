#include "tests/bench/postgres.h"

#include <libpq-fe.h>

#include <array>
#include <atomic>
#include <memory>
#include <thread>

namespace shangda::bench {
namespace {

using Result = std::unique_ptr<PGresult, void (*)(PGresult*)>;

constexpr const char* kTables = R"(
  DROP TABLE IF EXISTS report, event;
  CREATE TABLE report (
    name text PRIMARY KEY,
    committee text NOT NULL,
    state smallint NOT NULL,
    author text NOT NULL,
    category text NOT NULL,
    received_on date NOT NULL,
    title text NOT NULL,
    situation text NOT NULL,
    analysis text NOT NULL,
    suggestions text NOT NULL);
  CREATE INDEX report_by_state ON report (committee, state, received_on);
  CREATE INDEX report_by_author ON report (author, received_on);
  CREATE TABLE event (
    position bigserial PRIMARY KEY,
    report text NOT NULL,
    kind smallint NOT NULL,
    principal text NOT NULL,
    request_id text NOT NULL,
    at timestamptz NOT NULL);
)";

// One statement is one transaction, and one way there and back.
constexpr const char* kInsert = R"(
  WITH made AS (
    INSERT INTO report
    VALUES ($1, '350103', 1, $2, 'chengjian', '2026-03-02', $3, $4, $5, $6)
    RETURNING name)
  INSERT INTO event (report, kind, principal, request_id, at)
  SELECT name, 10, $2, $7, now() FROM made
)";
constexpr int kParameters = 7;

class Connection {
 public:
  explicit Connection(const std::string& conninfo)
      : postgres_(PQconnectdb(conninfo.c_str()), PQfinish) {
    if (PQstatus(postgres_.get()) != CONNECTION_OK) Fail();
  }
  void Do(const char* sql) { Expect(PQexec(postgres_.get(), sql), PGRES_COMMAND_OK); }
  uint64_t Number(const char* sql) {
    const Result result = Expect(PQexec(postgres_.get(), sql), PGRES_TUPLES_OK);
    return std::stoull(PQgetvalue(result.get(), 0, 0));
  }
  void Prepare() {
    Expect(PQprepare(postgres_.get(), "insert", kInsert, kParameters, nullptr), PGRES_COMMAND_OK);
  }
  void Insert(const std::array<const char*, kParameters>& values) {
    Expect(
        PQexecPrepared(postgres_.get(), "insert", kParameters, values.data(), nullptr, nullptr, 0),
        PGRES_COMMAND_OK);
  }

 private:
  Result Expect(PGresult* result, ExecStatusType status) {
    Result owned(result, PQclear);
    if (PQresultStatus(result) != status) Fail();
    return owned;
  }
  [[noreturn]] void Fail() { Stop(std::string("PostgreSQL:") + PQerrorMessage(postgres_.get())); }

  std::unique_ptr<PGconn, void (*)(PGconn*)> postgres_;
};

}  // namespace

void PreparePostgres(const std::string& conninfo) {
  Connection(conninfo).Do(kTables);
}

Measured DrivePostgres(const Plan& plan, const std::string& conninfo, const Texts& texts) {
  std::vector<std::unique_ptr<Connection>> connections;
  for (int i = 0; i < plan.callers; ++i) {
    connections.push_back(std::make_unique<Connection>(conninfo));
    connections.back()->Prepare();
  }
  std::atomic<uint64_t> next = plan.first;
  std::vector<Measured> parts(connections.size());
  const Window window(plan);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < connections.size(); ++i) {
    threads.emplace_back([&, i] {
      const std::string author = "p" + std::to_string(100 + i);
      Clock::time_point ended;
      do {
        const uint64_t n = next++;
        const intake::v1::Draft draft = texts.DraftOf(n);
        const auto& text = draft.text();
        const std::string name = "committees/350103/reports/2026-" + std::to_string(n);
        const std::string request_id = "bench-" + std::to_string(n);
        const Clock::time_point began = Clock::now();
        connections[i]->Insert({name.c_str(), author.c_str(), text.title().c_str(),
                                text.body().situation().c_str(), text.body().analysis().c_str(),
                                text.body().suggestions().c_str(), request_id.c_str()});
        ended = Clock::now();
        window.Add(began, ended, &parts[i]);
      } while (!window.is_over(ended));
    });
  }
  Measured measured{.seconds = plan.seconds};
  for (size_t i = 0; i < threads.size(); ++i) {
    threads[i].join();
    measured.answered += parts[i].answered;
    measured.micros.insert(measured.micros.end(), parts[i].micros.begin(), parts[i].micros.end());
  }
  return measured;
}

uint64_t CountPostgres(const std::string& conninfo) {
  Connection connection(conninfo);
  const uint64_t reports = connection.Number("SELECT count(*) FROM report");
  if (connection.Number("SELECT count(*) FROM event") != reports) {
    Stop("PostgreSQL:报告和事件不一样多");
  }
  return reports;
}

}  // namespace shangda::bench
