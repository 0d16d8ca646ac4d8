#include "node/ingest/tags.h"

#include <cstddef>

namespace entente::ingest {
namespace {

// Service segments, then the batch directories D.02B to D.15B and the
// interactive ones that carriers use; sorted.
constexpr std::string_view kDirectory =
    "ABI ADD ADI ADR ADS AGR AJT ALC ALI ALS APD APP APR ARD ARR ASD ASI ATI "
    "ATT AUT BAS BCD BGM BII BLI BUS CAV CCD CCI CDI CDS CDV CED CIN CLA CLI "
    "CLT CMP CNI CNT CNX COD COM CON COT CPI CPS CPT CRI CST CTA CUR CUX DAM "
    "DAR DAT DAV DFN DGS DII DIM DIS DLI DLM DMS DNT DOC DRD DSG DSI DTI DTM "
    "DUM EBD EDT EFI ELM ELU ELV EMP EQA EQD EQI EQN EQP ERC ERI ERP EVA EVE "
    "EVT FAR FCA FDI FDR FII FIR FNS FNT FOR FRM FRQ FSQ FTC FTI FTR FTX GDS "
    "GEI GIN GIR GOR GPO GRU HAN HDI HDR HDS HYN ICD ICI IDE IFD IFT IHC IMD "
    "IND INP INV IRQ ITC ITD ITM LAN LIN LKP LOC LTS MAP MEA MEM MES MKS MOA "
    "MOP MOV MSD MSG MTD NAA NAD NAT NME NUN ODI ODS ORG OTI PAC PAI PAS PCC "
    "PCD PCI PDI PDT PER PFN PGI PIA PIT PLI PNA POC POR POS PRC PRD PRE PRI "
    "PRO PRT PRV PSD PSI PTY PYT QRS QTI QTY QUA QVR RCI RCS REF REL RFF RFR "
    "RJL RLS RNG ROD RPI RSL RTC RTI RUL SAL SCC SCD SDT SEG SEL SEQ SER SFI "
    "SGP SGU SLN SPR SPS SRC SSR STA STC STG STS TAX TBI TCC TCE TDI TDT TEM "
    "TFF TIF TIZ TKT TMD TMP TOD TPL TRF TRU TSR TVL TXS TXT UCD UCF UCI UCM "
    "UCS UGH UGT UIB UIH UIR UIT UIZ UNA UNB UNE UNG UNH UNO UNP UNS UNT UNZ "
    "USA USB USC USD USE USF USH USL USR UST USU USX USY VEH VLI ";
constexpr std::size_t kStride = 4;
constexpr std::size_t kCount = kDirectory.size() / kStride;
static_assert(kDirectory.size() % kStride == 0);

constexpr std::string_view At(std::size_t i) {
  return kDirectory.substr(i * kStride, 3);
}

constexpr bool Sorted() {
  for (std::size_t i = 1; i < kCount; ++i) {
    if (At(i - 1) >= At(i)) return false;
  }
  return true;
}
static_assert(Sorted());

}  // namespace

std::string_view FindTag(std::string_view tag) {
  std::size_t low = 0;
  std::size_t high = kCount;
  while (low < high) {
    const std::size_t mid = (low + high) / 2;
    if (At(mid) < tag) {
      low = mid + 1;
    } else {
      high = mid;
    }
  }
  if (low == kCount || At(low) != tag) return {};
  return At(low);
}

bool InPaxlst(std::uint32_t tag_id) {
  switch (tag_id) {
    case TagId("BGM"):
    case TagId("RFF"):
    case TagId("DTM"):
    case TagId("NAD"):
    case TagId("COM"):
    case TagId("TDT"):
    case TagId("LOC"):
    case TagId("ATT"):
    case TagId("MEA"):
    case TagId("GEI"):
    case TagId("FTX"):
    case TagId("EMP"):
    case TagId("NAT"):
    case TagId("DOC"):
    case TagId("CPI"):
    case TagId("QTY"):
    case TagId("CNT"):
    case TagId("AUT"):
    case TagId("CTA"):
    case TagId("UNS"):
    case TagId("PDT"):
      return true;
    default:
      return false;
  }
}

}  // namespace entente::ingest
