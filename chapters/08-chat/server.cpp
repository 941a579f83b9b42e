// Chapter 08: a chat.
//
// What it does: people with names, in rooms. A message is a frame that holds a
// line of text (UTF-8). What one says in a room, all in the room hear; lines
// that begin with a slash are commands: /nick, /join, /who, /quit.
//
// New here: connections that mean something to each other, so that one's end
//   is news for others; text from strangers, checked before it reaches anybody
//   else's terminal; names that two cannot have.
// Still missing: deadlines for the silent and the slow, a stop that loses
//   nothing (09); more than one core (10).

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chat.hpp"
#include "common/acceptor.hpp"
#include "common/frame_stream.hpp"
#include "common/log.hpp"
#include "common/poller.hpp"
#include "common/program.hpp"
#include "common/signals.hpp"
#include "common/slab.hpp"
#include "common/socket.hpp"
#include "common/text.hpp"
#include "common/trace.hpp"

namespace tick {
namespace {

// tag::limits[]
constexpr std::size_t kReadSize = 16 * 1024;  // bytes a read
constexpr const char* kLobby = "lobby";       // the room one comes to
// end::limits[]

// tag::guest[]
struct Guest {
  FrameStream stream;
  std::string name;
  std::string room = {};  // empty: has left, or not come yet
  bool touched = false;   // on the list of this tick
};
// end::guest[]

class Server {
 public:
  // tag::start[]
  explicit Server(const Options& options)
      : options_(options),
        poller_(options.backend),
        guests_(options.max_connections),
        acceptor_(poller_, options) {}
  // end::start[]

  // tag::run[]
  void run() {
    for (;;) {
      for (const Event& event : poller_.wait(acceptor_.timeout())) {
        if (event.token == kListener) {
          accept_all();
        } else if (Guest* g = guests_.get(event.token)) {
          serve(*g, event);
        } else {
          trace::stale(event.token);
        }
      }
      if (acceptor_.paused()) accept_all();
      while (!touched_.empty()) tick();  // <1>
    }
  }
  // end::run[]

 private:
  // ---- the loop's part ---------------------------------------------------
  // tag::welcome[]
  void accept_all() {
    acceptor_.accept_all([this] { return !guests_.full(); },
                         [this](Socket socket) { welcome(std::move(socket)); });
  }

  void welcome(Socket socket) {
    const std::optional<Token> token =
        guests_.emplace(Guest{FrameStream(std::move(socket), options_.max_frame,
                                          options_.max_pending),
                              "guest-" + std::to_string(++arrivals_)});
    if (!token) return;  // full: the socket closes here
    Guest& g = *guests_.get(*token);
    if (!g.stream.open(poller_, *token, options_.trigger)) {
      guests_.erase(*token);
      return;
    }
    tell_room(kLobby, "* " + g.name + " is here");
    g.room = kLobby;
    tell(g, "* you are " + g.name + " in " + g.room +
                "; /nick NAME, /join ROOM, /who, /quit");
  }
  // end::welcome[]

  // tag::serve[]
  void serve(Guest& g, const Event& event) {
    touch(g);
    try {
      g.stream.receive(event, buffer_, [&](const Frame& frame) {
        const auto bytes = frame.payload();
        hear(g, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
      });
    } catch (const std::exception& error) {  // no memory for what it says
      log::debug("{}: {}", g.name, error.what());
      g.stream.abandon();
    }
    if (!g.stream.is_open()) leave(g, "has left");
  }

  void touch(Guest& g) {
    if (std::exchange(g.touched, true)) return;
    touched_.push_back(g.stream.token());
  }
  // end::serve[]

  // tag::tick[]
  void tick() {
    trace::tick(touched_.size());
    std::swap(touched_, batch_);
    for (const Token token : batch_) {
      Guest& g = *guests_.get(token);  // only this function removes
      g.touched = false;
      if (g.stream.finish(poller_)) continue;
      leave(g, "has left");  // <1>
      guests_.erase(token);
    }
    batch_.clear();
  }
  // end::tick[]

  // ---- the chat ----------------------------------------------------------
  // tag::hear[]
  void hear(Guest& g, std::string_view line) {
    if (line.size() > kMaxLine) {
      return tell(g, "* a line has 1,000 bytes at most, nobody has heard it");
    }
    const std::optional<std::string> text = printable(line);  // <1>
    if (!text) return tell(g, "* that was not UTF-8, nobody has heard it");
    const Command command = parse(*text);
    switch (command.verb) {
      case Verb::say:
        if (!command.rest.empty()) {
          tell_room(g.room, g.name + ": " + std::string(command.rest));
        }
        return;
      case Verb::nick:
        return rename(g, command.rest);
      case Verb::join:
        return join(g, command.rest);
      case Verb::who:
        return tell(g, "* in " + g.room + ": " + names_in(g.room));
      case Verb::quit:
        tell(g, "* good bye");
        return g.stream.end();
      case Verb::unknown:
        return tell(g, "* no such command: " + std::string(command.rest));
    }
  }
  // end::hear[]

  // tag::rename[]
  void rename(Guest& g, std::string_view name) {
    if (!is_name(name)) return tell(g, "* a name has " + rule());
    if (is_reserved(name) || is_taken(g, name)) {
      return tell(g, "* " + std::string(name) + " is taken");
    }
    const std::string old = std::exchange(g.name, name);
    tell_room(g.room, "* " + old + " is now " + g.name);
  }

  bool is_taken(const Guest& by, std::string_view name) {
    for (const Guest& other : guests_) {
      const bool here = &other != &by && !other.room.empty();
      if (here && is_same(other.name, name)) return true;
    }
    return false;
  }
  // end::rename[]

  // tag::join[]
  void join(Guest& g, std::string_view room) {
    if (!is_name(room)) return tell(g, "* a room's name has " + rule());
    if (g.room == room) return tell(g, "* you are in " + g.room);
    const std::string old = g.room;
    leave(g, "has left for " + std::string(room));
    g.room = room;
    tell_room(g.room, "* " + g.name + " has come from " + old);
  }

  // Once: the second time it is in no room.
  void leave(Guest& g, const std::string& how) {
    const std::string room = std::exchange(g.room, "");
    if (!room.empty()) tell_room(room, "* " + g.name + " " + how);
  }
  // end::join[]

  // tag::who[]
  static std::string rule() {
    return "1 to " + std::to_string(kMaxName) + " letters, digits, - or _";
  }

  std::string names_in(std::string_view room) {
    std::string names;
    for (const Guest& g : guests_) {
      if (g.room == room) names += (names.empty() ? "" : ", ") + g.name;
    }
    return names;
  }
  // end::who[]

  // tag::tell[]
  void tell(Guest& g, std::string_view line) { tell(g, frame_of(line)); }

  void tell(Guest& g, const Frame& frame) {
    g.stream.send(frame);
    touch(g);
  }

  void tell_room(std::string_view room, std::string_view line) {
    const Frame frame = frame_of(line);  // <1>
    for (Guest& g : guests_) {
      if (g.room == room) tell(g, frame);
    }
  }

  static Frame frame_of(std::string_view line) {
    return Frame(std::as_bytes(std::span(line)));
  }
  // end::tell[]

  // tag::members[]
  Options options_;
  Poller poller_;
  Slab<Guest> guests_;
  Acceptor acceptor_;
  std::vector<Token> touched_;  // by this batch
  std::vector<Token> batch_;    // what the tick works through
  std::uint64_t arrivals_ = 0;
  std::array<std::byte, kReadSize> buffer_;
  // end::members[]
};

void serve(const Options& options) {
  ignore_sigpipe();
  Server(options).run();
}

}  // namespace
}  // namespace tick

int main(int argc, char** argv) {
  return tick::run_program(argc, argv, "A chat with names and rooms.",
                           tick::Accepts::frames, tick::serve);
}
