// Text from strangers, made fit for other people's terminals.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tick {

// The text without anything that a terminal would obey: control characters
// (Unicode's Cc: ESC, NUL, CR, C1 …), line and paragraph separators and the
// marks that turn the direction of writing each become U+FFFD, a tab becomes a
// space. Nothing: it is not UTF-8 (RFC 3629). Throws std::bad_alloc.
[[nodiscard]] std::optional<std::string> printable(std::string_view text);

}  // namespace tick
