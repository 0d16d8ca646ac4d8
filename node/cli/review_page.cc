#include "node/cli/review_page.h"

#include <initializer_list>
#include <span>
#include <vector>

#include "crypto/base/status.h"

namespace entente::cli {
namespace {

using Json = nlohmann::ordered_json;

// The policy shuts out scripts, pictures and every address: what is printed is
// in the file.
constexpr std::string_view kHead = R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer">
<title>)";
constexpr std::string_view kStyle = R"(</title>
<style>
:root { color-scheme: light; }
body { font: 10.5pt/1.45 "Noto Sans", "DejaVu Sans", Arial, sans-serif; color: #111; background: #fff; max-width: 62rem; margin: 2rem auto; padding: 0 1.2rem; }
h1 { font-size: 18pt; margin: 0 0 .3rem; }
h2 { font-size: 13pt; margin: 1.6rem 0 .4rem; border-bottom: 1px solid #888; }
table { border-collapse: collapse; width: 100%; margin: .3rem 0; }
caption { text-align: left; color: #333; padding: .2rem 0; }
th, td { text-align: left; vertical-align: top; border-bottom: 1px solid #bbb; padding: .18rem .5rem .18rem 0; }
th { border-bottom: 1.5px solid #333; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; padding-right: 1rem; white-space: nowrap; }
code, td.code { font-family: "DejaVu Sans Mono", "Liberation Mono", monospace; font-size: 8.5pt; overflow-wrap: anywhere; }
p.none { color: #444; }
p.good, p.bad { border-left: 4px solid #1a6b2c; padding: .3rem .8rem; font-weight: bold; }
p.bad { border-color: #a40000; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font: inherit; }
footer { margin-top: 2rem; border-top: 1px solid #888; color: #333; font-size: 9pt; }
@page { size: A4; margin: 18mm 16mm; }
@media print {
  body { max-width: none; margin: 0; padding: 0; font-size: 9.5pt; }
  thead { display: table-header-group; }
  tr, p.good, p.bad { break-inside: avoid; }
  h2 { break-after: avoid; }
}
</style>
</head>
<body>
)";

std::string Text(const Json& value) {
  if (value.is_string()) return EscapeHtml(value.get<std::string>());
  return EscapeHtml(value.dump());
}

struct Column {
  std::string_view key;
  std::string_view title;
  std::string_view style = "";  // n: a number; code
};

std::string Cell(std::string_view element, std::string_view style,
                 std::string_view text) {
  std::string out = Join({"<", element});
  if (element == "th") out += " scope=\"col\"";
  if (!style.empty()) out += Join({" class=\"", style, "\""});
  return out + Join({">", text, "</", element, ">"});
}

std::string Table(const Json& rows, std::initializer_list<Column> columns,
                  std::string_view caption, std::string_view when_none) {
  if (rows.empty()) return Join({"<p class=\"none\">", when_none, "</p>\n"});
  std::string out =
      Join({"<table>\n<caption>", caption, "</caption>\n<thead><tr>"});
  for (const Column& c : columns) {
    out += Cell("th", c.style == "n" ? "n" : "", c.title);
  }
  out += "</tr></thead>\n<tbody>\n";
  for (const Json& row : rows) {
    out += "<tr>";
    for (const Column& c : columns) {
      const auto found = row.find(c.key);
      out += Cell("td", c.style, found == row.end() ? "" : Text(*found));
    }
    out += "</tr>\n";
  }
  return out + "</tbody>\n</table>\n";
}

// `{"a":1,"b":"x"}` as `a 1, b x`; what says nothing is left out.
Json Flat(const Json& rows) {
  Json out = Json::array();
  for (Json row : rows) {
    std::string text;
    for (const auto& [key, value] : row["data"].items()) {
      const std::string plain =
          value.is_string() ? value.get<std::string>() : value.dump();
      if (plain == "-" || plain == "0") continue;
      if (!text.empty()) text += ", ";
      text += key + " " + plain;
    }
    row["data"] = text;
    out.push_back(std::move(row));
  }
  return out;
}

std::string Section(std::string_view title, std::string_view body) {
  return Join({"<h2>", title, "</h2>\n", body});
}

std::string Entries(const Json& rows, std::string_view caption,
                    std::string_view when_none) {
  return Table(Flat(rows),
               {{"index", "entry", "n"},
                {"time", "time"},
                {"type", "event"},
                {"actor", "by", "code"},
                {"data", "what it says", "code"}},
               caption, when_none);
}

std::string Number(const Json& facts, const char* key) {
  return facts[key].dump();
}

std::string Opening(const Json& facts) {
  return Join({"<h1>Review of the audit log</h1>\n<table>\n<tbody>\n",
               "<tr><th scope=\"row\">State and log</th><td>",
               Text(facts["name"]),
               " (",
               Text(facts["party"]),
               "), <code>",
               Text(facts["origin"]),
               "</code></td></tr>\n<tr><th scope=\"row\">Period</th><td>",
               Text(facts["from"]),
               " to ",
               Text(facts["until"]),
               "</td></tr>\n<tr><th scope=\"row\">Entries</th><td>",
               Number(facts, "entries"),
               ", from ",
               Number(facts, "first"),
               " to ",
               Number(facts, "last"),
               "</td></tr>\n<tr><th scope=\"row\">Made</th><td>",
               Text(facts["made"]),
               " by ",
               Text(facts["officer"]),
               ", data protection officer</td></tr>\n",
               "</tbody>\n</table>\n"});
}

std::string Verification(const Json& v) {
  const bool good = v["verified"].get<bool>();
  std::string out =
      good ? "<p class=\"good\">The log verifies.</p>\n"
           : "<p class=\"bad\">The log does NOT verify. Keep the data "
             "directory as evidence.</p>\n";
  out += Join({"<p>Verdict ", Text(v["verdict"]), ": ", Text(v["entries"]),
               " entries of ", Text(v["size"]), ", ", Text(v["witnesses"]),
               " cosignatures of witnesses, ", Text(v["sealed"]),
               " sealed bodies, ", Text(v["erased"]), " erased; state ",
               Text(v["state"]), ". Root <code>", Text(v["root"]),
               "</code>. Store against files and commitments: ",
               Text(v["self_check"]), ".</p>\n"});
  if (v.contains("fault"))
    out += Join({"<p class=\"bad\">", Text(v["fault"]), "</p>\n"});
  return out + Table(v["claims"],
                     {{"id", "check"},
                      {"what", "what must hold"},
                      {"result", "result"}},
                     "Each check of the folder that this node publishes", "");
}

std::string Sample(const Json& sample) {
  return Table(sample["entries"],
               {{"index", "entry", "n"},
                {"time", "time"},
                {"type", "event"},
                {"leaf_hash", "leaf hash", "code"}},
               Join({"Drawn by the root of size ", Text(sample["size"]),
                     ", so that nobody chose them, padding left out: <code>",
                     Text(sample["root"]), "</code>"}),
               "No sample was drawn.");
}

}  // namespace

std::string EscapeHtml(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += static_cast<unsigned char>(c) < 0x20 && c != '\n' ? '?' : c;
    }
  }
  return out;
}

std::string ReviewPage(const Json& facts, std::string_view remarks) {
  std::string out = Join({kHead, "Review of the audit log, ",
                          Text(facts["origin"]), kStyle, Opening(facts)});
  out += Section("Does the log hold?", Verification(facts["verification"]));
  out += Section(
      "Duties that were not done in time",
      Table(facts["duties"],
            {{"state", "state"},
             {"kind", "duty"},
             {"about", "about", "code"},
             {"due", "due"},
             {"done", "done"},
             {"index", "entry", "n"}},
            "Overdue: not done when the period ended. Late: done after its day",
            "None was overdue, and none was done late."));
  out += Section("Quotas",
                 Entries(facts["quotas"],
                         "Warnings at four fifths, and refusals at the limit",
                         "No quota came near its limit."));
  out += Section("Recalls", Entries(facts["recalls"], "Orders and receipts",
                                    "Nothing was recalled."));
  out += Section(
      "Who read",
      Table(facts["reads"],
            {{"actor", "by (pseudonym)", "code"},
             {"type", "what"},
             {"times", "times", "n"},
             {"shown", "entries or records shown", "n"}},
            "Reads of the log, openings of what is sealed, reads of personal "
            "data",
            "Nobody read the log or personal data."));
  out += Section("To look at one by one",
                 Entries(facts["troubles"],
                         "Faults, stops, lost witnesses, erasures, emergencies "
                         "and changes of settings",
                         "There was none of these."));
  out += Section("What crossed, by purpose",
                 Table(facts["flows"],
                       {{"type", "event"},
                        {"peer", "peer"},
                        {"clause", "clause"},
                        {"purpose", "purpose"},
                        {"n", "times", "n"},
                        {"persons", "places asked for", "n"}},
                       "Places are padded: not the number of travellers",
                       "Nothing crossed."));
  out +=
      Section("All entries by kind",
              Table(facts["counts"], {{"type", "event"}, {"n", "entries", "n"}},
                    "Padding is `pad`; `guard` follows every screening and "
                    "tag set, whether or not somebody was withheld",
                    "There was no entry."));
  out += Section("Sample", Sample(facts["sample"]));
  if (facts["left_out"] != 0) {
    out += Join({"<p>", Text(facts["left_out"]),
                 " rows more than this report has room for: `entente audit "
                 "show`.</p>\n"});
  }
  out += Section("Remarks of the data protection officer",
                 remarks.empty()
                     ? std::string("<p class=\"none\">None.</p>\n")
                     : Join({"<pre>", EscapeHtml(remarks), "</pre>\n"}));
  out +=
      "<footer><p>Signed apart: the file of the same name that ends in .sig. "
      "Check both with `entente audit review --check`. Pseudonyms stand for "
      "people; the table of names is in the node and can be erased. The report "
      "names no traveller and no listed person.</p></footer>\n</body>\n"
      "</html>\n";
  return out;
}

}  // namespace entente::cli
