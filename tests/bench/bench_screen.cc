#include <chrono>
#include <fstream>
#include <thread>
#include <utility>

#include "crypto/base/status.h"
#include "crypto/group/batch.h"
#include "crypto/group/scalar.h"
#include "crypto/psi/padding.h"
#include "node/match/rule.h"
#include "tests/bench/bench.h"
#include "tests/testing/nodes.h"

namespace entente::bench {
namespace {

using Seconds = std::chrono::duration<double>;

std::string Letters(std::uint32_t n) {
  std::string out;
  for (int i = 0; i < 6; ++i) {
    out.push_back(static_cast<char>('A' + n % 26));
    n = n / 26 + 7 * n;
  }
  return out;
}

void WriteList(const std::string& path) {
  std::ofstream out(path);
  out << "entry_id,surname,given,dob,sex,nationality,doc_number,doc_issuer,doc_"
         "type,ground,grade,expires\n";
  for (std::uint32_t i = 0; i < 100; ++i) {
    out << "L" << i << "," << Letters(i * 31 + 5) << "," << Letters(i * 17 + 3)
        << ",19" << 50 + i % 50 << "0" << 1 + i % 9 << "15,F,QMA,LL"
        << 100000 + i << ",QMA,P,terrorism.travel,B2,2040-12-31\n";
  }
}

void WriteFlight(const std::string& path, std::uint32_t travellers) {
  std::ofstream out(path);
  out << "UNA:+.? "
         "'\nUNB+UNOA:4+Q7+QORGOV+261124:1200+B1++APIS'\nUNH+B1+PAXLST:D:05B:"
         "UN:IATA+B1+01:F'\nBGM+745'\n"
         "TDT+20+Q7001+++Q7'\nLOC+125+QVL'\nDTM+189:2611241800:201'\nLOC+87+"
         "QOE'\nDTM+232:2611242100:201'\n";
  std::uint32_t segments = 7;
  for (std::uint32_t i = 0; i < travellers; ++i) {
    out << "NAD+FL+++" << Letters(i * 97 + 11) << ":" << Letters(i * 53 + 29)
        << "'\nATT+2++M'\nDTM+329:" << 40 + i % 59 << "0" << 1 + i % 9
        << 10 + i % 18 << "'\nNAT+2+QSD'\nDOC+P+TR" << 500000 + i
        << "'\nLOC+91+QSD'\n";
    segments += 6;
  }
  out << "CNT+42:" << travellers << "'\nUNT+" << segments + 3
      << "+B1'\nUNZ+1+B1'\n";
}

// The group operations of `elements` alone, on all cores: a hash-to-group and
// two multiplications at the asker, two multiplications at the holder.
absl::StatusOr<double> GroupSeconds(std::size_t elements) {
  const std::size_t threads =
      std::max<std::size_t>(1, std::thread::hardware_concurrency());
  const std::size_t share = (elements + threads - 1) / threads;
  std::vector<absl::Status> failures(threads);
  const auto started = std::chrono::steady_clock::now();
  {
    std::vector<std::jthread> workers;
    for (std::size_t t = 0; t < threads; ++t) {
      workers.emplace_back([t, share, &failures] {
        std::vector<Bytes> inputs(share);
        std::vector<ByteView> views;
        for (std::size_t i = 0; i < share; ++i) {
          inputs[i] = ToBytes("entente/bench/" + std::to_string(t) + "/" +
                              std::to_string(i));
          views.emplace_back(inputs[i]);
        }
        const absl::StatusOr<group::Point> base = group::Point::Decode(
            group::MultiplyBase(group::SecretScalar::Random()).bytes());
        if (!base.ok()) {
          failures[t] = base.status();
          return;
        }
        std::vector<group::Point> points(share, *base);
        failures[t] = group::HashAll(views, AsBytes("entente/bench"), points);
        const group::SecretScalar scalar = group::SecretScalar::Random();
        for (int i = 0; i < 4 && failures[t].ok(); ++i)
          failures[t] = group::MultiplyAll(scalar, points, points);
      });
    }
  }
  const double seconds =
      Seconds(std::chrono::steady_clock::now() - started).count();
  for (const absl::Status& failure : failures) TRY_OK(failure);
  return seconds;
}

}  // namespace

absl::StatusOr<std::vector<Result>> Screen(std::uint32_t travellers,
                                           std::uint32_t runs) {
  const testing::ScratchFolder scratch;
  const std::string list = (scratch.path() / "list.csv").string();
  const std::string flight = (scratch.path() / "flight.edi").string();
  WriteList(list);
  WriteFlight(flight, travellers);
  TRY(testing::TwoNodes two, testing::TwoNodes::Make(scratch.path()));
  TRY(const std::string id, two.Load(list, flight));
  TRY_OK(two.Screen(id)
             .status());  // warm: tag set built and fetched, epoch announced
  TRY(const std::size_t persons, psi::SizeClass(travellers));
  const std::size_t elements =
      persons * match::ElementsPerPerson(match::Set::kStandard);
  std::vector<double> whole;
  std::vector<double> group_alone;
  std::vector<double> ratios;
  for (std::uint32_t i = 0; i < runs; ++i) {
    TRY(const double reference, GroupSeconds(elements));
    const auto started = std::chrono::steady_clock::now();
    TRY(const rpc::AdminReply reply, two.Screen(id));
    const double seconds =
        Seconds(std::chrono::steady_clock::now() - started).count();
    if (reply.exit_code != 0) return Internal("the screening did not complete");
    whole.push_back(seconds);
    group_alone.push_back(reference);
    ratios.push_back(reference / seconds);
  }
  const std::string name = "screen_" + std::to_string(travellers);
  std::vector<Result> out;
  out.push_back({name, Median(whole) * 1000, "ms", Median(group_alone) * 1000,
                 Median(ratios), runs});
  out.push_back({name + "_p99", Percentile99(whole) * 1000, "ms", 0, 0, runs});
  out.push_back({name + "_elements",
                 static_cast<double>(elements) / Median(whole), "elements/s",
                 static_cast<double>(elements) / Median(group_alone),
                 Median(ratios), runs});
  two.asker->Stop();
  two.holder->Stop();
  return out;
}

}  // namespace entente::bench
