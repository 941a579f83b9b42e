#include "common/text.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>

namespace tick {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

// tag::obeyed[]
// Unicode's Bidi_Control: text behind one of them can look as if somebody else
// had said it. Their category, Cf, has harmless ones too, as in emoji.
constexpr std::array<utf8proc_int32_t, 12> kTurning{
    0x061C, 0x200E, 0x200F, 0x202A, 0x202B, 0x202C,
    0x202D, 0x202E, 0x2066, 0x2067, 0x2068, 0x2069};

bool is_obeyed(utf8proc_int32_t character) {
  switch (utf8proc_category(character)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
      return true;
    default:
      return std::ranges::find(kTurning, character) != kTurning.end();
  }
}
// end::obeyed[]

}  // namespace

// tag::printable[]
std::optional<std::string> printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    utf8proc_int32_t character = 0;
    const utf8proc_ssize_t size = utf8proc_iterate(
        reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
        static_cast<utf8proc_ssize_t>(text.size()), &character);
    if (size <= 0) return std::nullopt;  // <1>
    const auto bytes = text.substr(0, static_cast<std::size_t>(size));
    if (character == '\t') {
      out += ' ';
    } else {
      out += is_obeyed(character) ? kReplacement : bytes;
    }
    text.remove_prefix(bytes.size());
  }
  return out;
}
// end::printable[]

}  // namespace tick
