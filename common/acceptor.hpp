// Acceptor: a listener in a Poller that takes whom there is room for.
//
// It is registered under kListener, with the trigger of the server. While the
// server is full, or the machine is, it is not registered at all: nobody could
// be taken, and level-triggered it would wake the loop again and again for
// somebody who has to wait. New clients then stay in the listen queue.
#pragma once

#include <chrono>
#include <optional>
#include <utility>

#include "common/listener.hpp"
#include "common/options.hpp"
#include "common/poller.hpp"
#include "common/socket.hpp"
#include "common/trigger.hpp"

namespace tick {

class Acceptor {
 public:
  // Listens, registers with `poller` and prints the ready line. Throws as
  // Listener and Poller::add. The poller must outlive the acceptor.
  Acceptor(Poller& poller, const Options& options);

  // tag::accept_all[]
  // Takes clients until nobody waits: under edge, whoever is left in the queue
  // would stay there until the next one knocks. Each is given to `take`, as
  // long as `room()` says that there is room.
  template <class Room, class Take>
  void accept_all(Room room, Take take) {
    while (room()) {
      AcceptResult result = listener_.accept();
      switch (result.status) {
        case AcceptStatus::accepted:
          take(std::move(result.socket));
          break;
        case AcceptStatus::retry:
          break;
        case AcceptStatus::would_block:
          return resume();
        case AcceptStatus::exhausted:
          return pause(result.error.message());
      }
    }
    pause("as many clients as there may be");
  }
  // end::accept_all[]

  // True: call accept_all() after the next batch, whatever the batch says.
  [[nodiscard]] bool paused() const noexcept { return paused_; }

  // How long a wait may last: not for ever while there is a pause, since
  // nothing would end it. Milliseconds; nothing: for ever.
  [[nodiscard]] std::optional<std::chrono::milliseconds> timeout() const;

 private:
  void pause(const std::string& why);
  void resume();

  Poller& poller_;
  Trigger trigger_;
  Listener listener_;
  bool paused_ = false;  // not registered
};

}  // namespace tick
