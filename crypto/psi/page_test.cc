// docs/protocol/tag-set.md says what the code does.

#include <gtest/gtest.h>

#include <vector>

#include "crypto/base/codec.h"
#include "crypto/oprf/page_reader.h"
#include "crypto/primitive/hash.h"
#include "crypto/psi/delta.h"
#include "crypto/psi/tag_set.h"
#include "tests/testing/status_matchers.h"

namespace entente::psi {
namespace {

TagSetHeader ExampleHeader(std::uint64_t sequence) {
  TagSetHeader out;
  out.agreement.fill(0xab);
  out.clause = "screen-terrorism";
  out.holder = "QVA";
  out.asker = "QOR";
  out.epoch = 7;
  out.recipe = "recipe/1";
  out.sequence = sequence;
  return out;
}

// Stands in for an OPRF output, so that the page needs no other.
oprf::Token ExampleToken(std::string_view text) {
  return primitive::Sha512({AsBytes(text)});
}

TEST(TagSetPageTest, TheWorkedExampleHolds) {
  oprf::PageReader page("tag-set.md");
  const oprf::Token one = ExampleToken("token one");
  const oprf::Token two = ExampleToken("token two");
  const Label row{{0x11, 0x22, 0x33, 0x44, 0x55, 0x66}, 0x01};
  page.Expect("token_1", ToHex(one));
  page.Expect("token_2", ToHex(two));
  ASSERT_OK_AND_ASSIGN(const Entry first, MakeEntry(one, row));
  ASSERT_OK_AND_ASSIGN(const Entry second, MakeEntry(two, Label{}));
  page.Expect("entry_1", ToHex(first));
  page.Expect("entry_2", ToHex(second));

  const SecretBytes seed = SecretBytes::CopyOf(Bytes(32, 0x02));
  page.Expect("padding_seed", ToHex(Bytes(32, 0x02)));
  Bytes padding(16);
  SeededPadding(seed)(padding);
  page.Expect("padding_0", ToHex(padding));

  TagSetBuilder builder(ExampleHeader(1));
  ASSERT_OK(builder.Add(one, row));
  ASSERT_OK(builder.Add(two, Label{}));
  ASSERT_OK_AND_ASSIGN(
      const TagSetFile file,
      std::move(builder).Finish(Padding::kOctave8, SeededPadding(seed)));
  const std::size_t preamble = file.bytes.size() - 1024 * 16;
  page.Expect("preamble", ToHex(ByteView(file.bytes).first(preamble)));
  page.Expect("first_entry", ToHex(ByteView(file.bytes).subspan(preamble, 16)));
  page.Expect("root", ToHex(file.root));

  TagSetBuilder next(ExampleHeader(2));
  ASSERT_OK(next.Add(one, row));
  ASSERT_OK_AND_ASSIGN(
      const TagSetFile later,
      std::move(next).Finish(Padding::kOctave8, SeededPadding(seed)));
  ASSERT_OK_AND_ASSIGN(const TagSetView from,
                       TagSetView::Open(file.bytes, file.root, file.header));
  ASSERT_OK_AND_ASSIGN(const TagSetView to,
                       TagSetView::Open(later.bytes, later.root, later.header));
  ASSERT_OK_AND_ASSIGN(const Delta delta, MakeDelta(from, to));
  page.Expect("root_2", ToHex(later.root));
  page.Expect("delta", ToHex(EncodeStatement(delta)));
  page.ExpectNothingLeft();
}

}  // namespace
}  // namespace entente::psi
