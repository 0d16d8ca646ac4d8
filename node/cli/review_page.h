#pragma once
// The report of a review as one HTML file: no script, no network, print style.
// Pure.

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace entente::cli {

// `<`, `>`, `&`, quotes as entities; control characters as `?`.
std::string EscapeHtml(std::string_view text);

// `facts`: what the node answers to `audit review`; `remarks`: the officer's
// own words. The same facts and remarks give the same bytes.
std::string ReviewPage(const nlohmann::ordered_json& facts,
                       std::string_view remarks);

}  // namespace entente::cli
