// Socket and Listener inside the scripted kernel: what each errno becomes.

#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
#include <sys/uio.h>

#include <array>
#include <cstring>
#include <system_error>
#include <utility>

#include "common/listener.hpp"
#include "common/socket.hpp"
#include "common/sys.hpp"

using tick::AcceptStatus;
using tick::IoStatus;

namespace {

void script(std::initializer_list<fake::Answer> answers) {
  fake::script = answers;
  fake::calls = 0;
  fake::closed.clear();
}

constexpr int kFd = 1'000'000;  // no real call ever sees it
const tick::Socket kSocket{tick::FileDescriptor(kFd)};

std::array<std::byte, 8> bytes;

struct Outcome {
  int error;
  IoStatus status;
};

// The errors that read(2), recv(2) and tcp(7) tell of, and passing ones.
constexpr std::array kReadOutcomes = {
    Outcome{EAGAIN, IoStatus::would_block},
    Outcome{EWOULDBLOCK, IoStatus::would_block},
    Outcome{ENOBUFS, IoStatus::would_block},
    Outcome{ENOMEM, IoStatus::would_block},
    Outcome{ECONNRESET, IoStatus::failed},
    Outcome{ETIMEDOUT, IoStatus::failed},
    Outcome{EHOSTUNREACH, IoStatus::failed},
    Outcome{ENETUNREACH, IoStatus::failed},
    Outcome{ECONNREFUSED, IoStatus::failed},
    Outcome{ENOTCONN, IoStatus::failed},
    Outcome{EPIPE, IoStatus::failed},
    Outcome{EIO, IoStatus::failed},
    Outcome{EBADF, IoStatus::failed},
    Outcome{EFAULT, IoStatus::failed},
    Outcome{EINVAL, IoStatus::failed},
};

constexpr std::array kWriteOutcomes = {
    Outcome{EAGAIN, IoStatus::would_block},
    Outcome{EWOULDBLOCK, IoStatus::would_block},
    Outcome{ENOBUFS, IoStatus::would_block},
    Outcome{ENOMEM, IoStatus::would_block},
    Outcome{EPIPE, IoStatus::closed},
    Outcome{ECONNRESET, IoStatus::closed},
    Outcome{ETIMEDOUT, IoStatus::failed},
    Outcome{EHOSTUNREACH, IoStatus::failed},
    Outcome{ENETUNREACH, IoStatus::failed},
    Outcome{ENETDOWN, IoStatus::failed},
    Outcome{ENOTCONN, IoStatus::failed},
    Outcome{EIO, IoStatus::failed},
    Outcome{EBADF, IoStatus::failed},
    Outcome{EFAULT, IoStatus::failed},
    Outcome{EINVAL, IoStatus::failed},
};

template <class Call>
void check_outcome(const Outcome& outcome, Call call) {
  CAPTURE(::strerror(outcome.error));
  // EINTR before it is not seen, however often it comes.
  for (const bool interrupted : {false, true}) {
    if (interrupted) {
      script({{-1, EINTR}, {-1, EINTR}, {-1, outcome.error}, {8}});
    } else {
      script({{-1, outcome.error}, {8}});
    }
    const tick::IoResult result = call();
    CHECK(result.status == outcome.status);
    CHECK(result.bytes == 0);
    CHECK(fake::calls == (interrupted ? 3 : 1));
    // A full or an empty buffer is no error; a lack of memory remains one.
    const bool no_error = outcome.error == EAGAIN;
    CHECK(result.error.value() == (no_error ? 0 : outcome.error));
  }
}

}  // namespace

TEST_CASE("each error of a read has its outcome, and EINTR has none") {
  for (const Outcome& outcome : kReadOutcomes) {
    check_outcome(outcome, [] { return kSocket.read(bytes); });
  }
}

TEST_CASE("each error of a write has its outcome, and EINTR has none") {
  for (const Outcome& outcome : kWriteOutcomes) {
    check_outcome(outcome, [] { return kSocket.write(bytes); });
  }
}

TEST_CASE("each error of a gathering write has its outcome as well") {
  const std::array<iovec, 2> parts = {iovec{bytes.data(), 3},
                                      iovec{bytes.data() + 3, 5}};
  for (const Outcome& outcome : kWriteOutcomes) {
    check_outcome(outcome, [&] { return kSocket.write(parts); });
  }
  script({{-1, EINTR}, {7}});
  fake::parts.clear();
  const tick::IoResult put = kSocket.write(parts);
  CHECK(put.status == IoStatus::done);
  CHECK(put.bytes == 7);
  CHECK(fake::parts == std::vector<int>{2, 2});
}

TEST_CASE("bytes that were moved are done, and a read of none is closed") {
  for (const ssize_t count : {1, 7, 8}) {
    script({{-1, EINTR}, {count}, {-1, EINTR}, {count}});
    const tick::IoResult read = kSocket.read(bytes);
    CHECK(read.status == IoStatus::done);
    CHECK(read.bytes == static_cast<std::size_t>(count));
    const tick::IoResult write = kSocket.write(bytes);
    CHECK(write.status == IoStatus::done);
    CHECK(write.bytes == static_cast<std::size_t>(count));
    CHECK(fake::calls == 4);
  }
  script({{0}});
  CHECK(kSocket.read(bytes).status == IoStatus::closed);
}

TEST_CASE("an empty buffer is refused before the kernel is asked") {
  script({{0}});
  CHECK_THROWS_AS(static_cast<void>(kSocket.read({})), std::system_error);
  CHECK(fake::calls == 0);
}

TEST_CASE("each error of an accept has its outcome") {
  const tick::Listener listener(tick::Endpoint::resolve("127.0.0.1", 0));
  constexpr std::array kRetry = {ECONNABORTED, EPROTO,       EPERM,
                                 ENETDOWN,     ENOPROTOOPT,  EHOSTDOWN,
                                 ENONET,       EHOSTUNREACH, EOPNOTSUPP,
                                 ENETUNREACH,  ETIMEDOUT};
  constexpr std::array kExhausted = {EMFILE, ENFILE, ENOBUFS, ENOMEM};
  constexpr std::array kNobody = {EAGAIN, EWOULDBLOCK};
  const auto check_all = [&](const auto& errors, AcceptStatus status) {
    for (const int error : errors) {
      CAPTURE(::strerror(error));
      script({{-1, EINTR}, {-1, EINTR}, {-1, error}, {kFd}});
      const tick::AcceptResult result = listener.accept();
      CHECK(result.status == status);
      CHECK(result.error.value() == error);
      CHECK_FALSE(result.socket.valid());
      CHECK(fake::calls == 3);
    }
  };
  check_all(kRetry, AcceptStatus::retry);
  check_all(kExhausted, AcceptStatus::exhausted);
  check_all(kNobody, AcceptStatus::would_block);
}

TEST_CASE("an accept that only a bug can fail throws and names the call") {
  const tick::Listener listener(tick::Endpoint::resolve("127.0.0.1", 0));
  for (const int error : {EBADF, EINVAL, ENOTSOCK, EFAULT}) {
    CAPTURE(::strerror(error));
    script({{-1, error}});
    int thrown = 0;
    std::string what;
    try {
      static_cast<void>(listener.accept());
    } catch (const std::system_error& caught) {
      thrown = caught.code().value();
      what = caught.what();
    }
    CHECK(thrown == error);
    CHECK(what.starts_with("accept: "));
  }
}

TEST_CASE("what was accepted is owned, and closed once") {
  const tick::Listener listener(tick::Endpoint::resolve("127.0.0.1", 0));
  script({{-1, EINTR}, {kFd}});
  {
    tick::AcceptResult result = listener.accept();
    CHECK(result.status == AcceptStatus::accepted);
    CHECK(result.socket.fd() == kFd);
    const tick::Socket moved = std::move(result.socket);
    CHECK(fake::closed.empty());
  }
  CHECK(fake::closed == std::vector<int>{kFd});
}
