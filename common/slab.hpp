// Slab: a fixed number of slots whose elements are found by Token.
//
// Each slot counts its tenants. A token carries the count at the time it was
// made; once its element is erased the count moves on and the token finds
// nothing, even if the slot has a new tenant. That is how an event for a
// connection which closed a moment ago is told from one for its successor
// (nginx does it with one bit; epoll(7), "Possible pitfalls", tells why).
//
// Elements never move, so a reference stays good until its element is erased.
// The capacity is the connection limit: a full slab refuses, it never grows.
// Memory is touched as slots are first used, not when the slab is made.
// A token is trustworthy for 2^32 - 1 tenants of its slot, then repeats.
// Under the address sanitizer whoever uses an erased element is found out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <new>
#include <optional>
#include <utility>

#include "common/poison.hpp"
#include "common/token.hpp"

namespace tick {

template <class T>
class Slab {
 public:
  explicit Slab(std::uint32_t capacity)
      : capacity_(capacity),
        slots_(std::make_unique_for_overwrite<Slot[]>(capacity)) {}
  Slab(const Slab&) = delete;
  Slab& operator=(const Slab&) = delete;
  ~Slab() {
    for (auto it = begin(); it != end(); ++it) erase(it.token());
  }

  // tag::emplace[]
  // Makes an element from `args` and returns its token, or nothing when full.
  // The slot freed last is used first: its memory is warm.
  template <class... Args>
  [[nodiscard]] std::optional<Token> emplace(Args&&... args) {
    if (full()) return std::nullopt;
    const bool fresh = free_ == kNone;
    const std::uint32_t index = fresh ? used_ : free_;
    Slot& slot = slots_[index];
    if (fresh) slot.generation = 1;
    unpoison(slot.bytes);
    ::new (slot.bytes) T(std::forward<Args>(args)...);
    if (fresh) {
      ++used_;
    } else {
      free_ = slot.next_free;
    }
    slot.next_free = kLive;
    ++size_;
    return Token{index, slot.generation};
  }
  // end::emplace[]

  // tag::get[]
  // The element, or nullptr when the token's tenant is gone (or never was).
  [[nodiscard]] T* get(Token token) noexcept {
    if (token.slot >= used_) return nullptr;
    Slot& slot = slots_[token.slot];
    if (slot.next_free != kLive || slot.generation != token.generation) {
      return nullptr;
    }
    return slot.value();
  }
  // end::get[]

  // tag::erase[]
  // Destroys the element; false, and harmless, when it is gone already.
  bool erase(Token token) noexcept {
    T* const element = get(token);
    if (element == nullptr) return false;
    element->~T();
    Slot& slot = slots_[token.slot];
    poison(slot.bytes);
    if (++slot.generation == 0) slot.generation = 1;  // 0 is a fixed token's
    slot.next_free = free_;
    free_ = token.slot;
    --size_;
    return true;
  }
  // end::erase[]

  [[nodiscard]] std::uint32_t size() const noexcept { return size_; }
  [[nodiscard]] std::uint32_t capacity() const noexcept { return capacity_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] bool full() const noexcept { return size_ == capacity_; }

  // Live elements in the order of their slots. Erasing while iterating is
  // fine, the current element included; whether an element that is added
  // meanwhile is visited is not promised.
  class Iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using pointer = T*;
    using reference = T&;

    Iterator(Slab* slab, std::uint32_t index) noexcept
        : slab_(slab), index_(index) {
      skip_free();
    }
    T& operator*() const noexcept { return *slab_->slots_[index_].value(); }
    T* operator->() const noexcept { return slab_->slots_[index_].value(); }
    Iterator& operator++() noexcept {
      ++index_;
      skip_free();
      return *this;
    }
    [[nodiscard]] Token token() const noexcept {
      return {index_, slab_->slots_[index_].generation};
    }
    bool operator==(const Iterator& other) const noexcept = default;

   private:
    void skip_free() noexcept {
      for (; index_ < slab_->used_; ++index_) {
        if (slab_->slots_[index_].next_free == kLive) return;
      }
      index_ = kNone;
    }
    Slab* slab_;
    std::uint32_t index_;
  };

  [[nodiscard]] Iterator begin() noexcept { return {this, 0}; }
  [[nodiscard]] Iterator end() noexcept { return {this, kNone}; }

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;      // end of free list
  static constexpr std::uint32_t kLive = UINT32_MAX - 1;  // slot has a tenant

  // tag::slot[]
  struct Slot {
    alignas(T) std::byte bytes[sizeof(T)];
    std::uint32_t generation;
    std::uint32_t next_free;
    T* value() noexcept { return std::launder(reinterpret_cast<T*>(bytes)); }
  };
  // end::slot[]

  std::uint32_t capacity_;
  std::unique_ptr<Slot[]> slots_;
  std::uint32_t used_ = 0;  // slots that have ever had a tenant
  std::uint32_t size_ = 0;
  std::uint32_t free_ = kNone;
};

}  // namespace tick
