#include "node/ingest/codes.h"

#include <array>
#include <cstdint>

#include "node/ingest/text.h"

namespace entente::ingest {
namespace {

// ISO 3166-1: two letters, then three, one blank between entries.
constexpr std::string_view kIso =
    "ADAND AEARE AFAFG AGATG AIAIA ALALB AMARM AOAGO AQATA ARARG ASASM "
    "ATAUT AUAUS AWABW AXALA AZAZE BABIH BBBRB BDBGD BEBEL BFBFA BGBGR "
    "BHBHR BIBDI BJBEN BLBLM BMBMU BNBRN BOBOL BQBES BRBRA BSBHS BTBTN "
    "BVBVT BWBWA BYBLR BZBLZ CACAN CCCCK CDCOD CFCAF CGCOG CHCHE CICIV "
    "CKCOK CLCHL CMCMR CNCHN COCOL CRCRI CUCUB CVCPV CWCUW CXCXR CYCYP "
    "CZCZE DEDEU DJDJI DKDNK DMDMA DODOM DZDZA ECECU EEEST EGEGY EHESH "
    "ERERI ESESP ETETH FIFIN FJFJI FKFLK FMFSM FOFRO FRFRA GAGAB GBGBR "
    "GDGRD GEGEO GFGUF GGGGY GHGHA GIGIB GLGRL GMGMB GNGIN GPGLP GQGNQ "
    "GRGRC GSSGS GTGTM GUGUM GWGNB GYGUY HKHKG HMHMD HNHND HRHRV HTHTI "
    "HUHUN IDIDN IEIRL ILISR IMIMN ININD IOIOT IQIRQ IRIRN ISISL ITITA "
    "JEJEY JMJAM JOJOR JPJPN KEKEN KGKGZ KHKHM KIKIR KMCOM KNKNA KPPRK "
    "KRKOR KWKWT KYCYM KZKAZ LALAO LBLBN LCLCA LILIE LKLKA LRLBR LSLSO "
    "LTLTU LULUX LVLVA LYLBY MAMAR MCMCO MDMDA MEMNE MFMAF MGMDG MHMHL "
    "MKMKD MLMLI MMMMR MNMNG MOMAC MPMNP MQMTQ MRMRT MSMSR MTMLT MUMUS "
    "MVMDV MWMWI MXMEX MYMYS MZMOZ NANAM NCNCL NENER NFNFK NGNGA NINIC "
    "NLNLD NONOR NPNPL NRNRU NUNIU NZNZL OMOMN PAPAN PEPER PFPYF PGPNG "
    "PHPHL PKPAK PLPOL PMSPM PNPCN PRPRI PSPSE PTPRT PWPLW PYPRY QAQAT "
    "REREU ROROU RSSRB RURUS RWRWA SASAU SBSLB SCSYC SDSDN SESWE SGSGP "
    "SHSHN SISVN SJSJM SKSVK SLSLE SMSMR SNSEN SOSOM SRSUR SSSSD STSTP "
    "SVSLV SXSXM SYSYR SZSWZ TCTCA TDTCD TFATF TGTGO THTHA TJTJK TKTKL "
    "TLTLS TMTKM TNTUN TOTON TRTUR TTTTO TVTUV TWTWN TZTZA UAUKR UGUGA "
    "UMUMI USUSA UYURY UZUZB VAVAT VCVCT VEVEN VGVGB VIVIR VNVNM VUVUT "
    "WFWLF WSWSM YEYEM YTMYT ZAZAF ZMZMB ZWZWE ";
constexpr std::size_t kStride = 6;
static_assert(kIso.size() == 249 * kStride);

// Codes of ICAO 9303-3 section 5 part C and D that ISO 3166-1 lacks, and the
// user-assigned range QMA to QZZ, are known and stay.
constexpr std::array<std::string_view, 18> kIcao = {
    "EUE", "RKS", "UNO", "UNA", "XBA", "XIM", "XCC", "XCE", "XCO",
    "XEC", "XMP", "XOM", "XPO", "XDC", "XXA", "XXB", "XXC", "XES"};
constexpr std::array<std::string_view, 5> kBritish = {"GBD", "GBN", "GBO",
                                                      "GBP", "GBS"};
// Two-letter codes in use that ISO 3166-1 reserves or leaves free.
constexpr std::array<std::array<std::string_view, 2>, 4> kReserved = {
    {{"UK", "GBR"}, {"EL", "GRC"}, {"EU", "EUE"}, {"XK", "RKS"}}};

bool AllLetters(std::string_view s) {
  for (const char c : s) {
    if (c < 'A' || c > 'Z') return false;
  }
  return true;
}

template <std::size_t N>
bool In(const std::array<std::string_view, N>& set, std::string_view code) {
  for (const std::string_view x : set) {
    if (x == code) return true;
  }
  return false;
}

// Letters as digits of base 26.
constexpr std::size_t Index(std::string_view letters) {
  std::size_t index = 0;
  for (const char c : letters) {
    index = index * 26 + static_cast<std::size_t>(c - 'A');
  }
  return index;
}

struct Tables {
  std::array<bool, 26 * 26 * 26> known{};
  // Where the three letters stand in kIso, and 1; 0: no such code.
  std::array<std::uint16_t, 26 * 26> from_two{};
};

constexpr Tables MakeTables() {
  Tables tables;
  for (std::size_t i = 0; i < kIso.size(); i += kStride) {
    tables.known[Index(kIso.substr(i + 2, 3))] = true;
    tables.from_two[Index(kIso.substr(i, 2))] =
        static_cast<std::uint16_t>(i + 3);
  }
  for (const std::string_view code : kIcao) tables.known[Index(code)] = true;
  for (std::size_t i = Index("QMA"); i <= Index("QZZ"); ++i) {
    tables.known[i] = true;
  }
  return tables;
}
constexpr Tables kTables = MakeTables();

std::string_view FromTwoLetters(std::string_view two) {
  const std::size_t at = kTables.from_two[Index(two)];
  if (at != 0) return kIso.substr(at - 1, 3);
  for (const auto& [from, to] : kReserved) {
    if (from == two) return to;
  }
  return {};
}

}  // namespace

SexCode ReadSex(std::string_view text) {
  const std::string code = Upper(Trim(text));
  if (code.empty() || code == "U" || code == "<") return {};
  if (code == "F") return {model::Sex::kFemale, false, true};
  if (code == "M") return {model::Sex::kMale, false, true};
  if (code == "FI") return {model::Sex::kFemale, true, true};
  if (code == "MI") return {model::Sex::kMale, true, true};
  if (code == "X") return {model::Sex::kOther, false, true};
  return {model::Sex::kUnknown, false, false};
}

CountryCode ReadCountry(std::string_view text) {
  const std::string code = Upper(Trim(text));
  if (code.empty() || code == "XXX" || code == "UNK") return {};
  if (code == "D") return {"DEU", true};
  if (!AllLetters(code) || code.size() < 2 || code.size() > 3) {
    return {"", false};
  }
  if (code.size() == 2) {
    const std::string_view mapped = FromTwoLetters(code);
    if (mapped.empty()) return {code, false};
    return {std::string(mapped), true};
  }
  if (In(kBritish, code)) return {"GBR", true};
  return {code, kTables.known[Index(code)]};
}

model::DocumentClass ReadDocumentClass(std::string_view type) {
  const std::string code = Upper(Trim(type));
  switch (code.empty() ? '\0' : code[0]) {
    case 'P':
      return model::DocumentClass::kPassport;
    case 'I':
    case 'A':
    case 'C':
      return model::DocumentClass::kIdentityCard;
    case 'V':
      return model::DocumentClass::kVisa;
    case 'R':
      return model::DocumentClass::kResidence;
    default:
      return model::DocumentClass::kOther;
  }
}

bool HasChildTitle(const model::Name& name) {
  for (const std::string* field : {&name.surname, &name.given, &name.full}) {
    const std::string upper = " " + Upper(*field) + " ";
    if (upper.find(" MSTR ") != std::string::npos) return true;
    if (upper.find(" MISS ") != std::string::npos) return true;
  }
  return false;
}

}  // namespace entente::ingest
