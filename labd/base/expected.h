// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <utility>
#include <variant>

namespace lab {

/// Wrapper that marks a value as the error side of an Expected.
template <class E>
struct Unexpected {
    E error;
};

template <class E>
Unexpected(E) -> Unexpected<E>;

/// A value or the reason why there is none; std::expected is C++23.
///
/// Reading the side that is not there is a bug and aborts. Not thread-safe, like any value.
template <class T, class E>
class [[nodiscard]] Expected {
public:
    Expected(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Expected(Unexpected<E> unexpected)
        : state_(std::in_place_index<1>, std::move(unexpected.error)) {}

    [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }
    explicit operator bool() const noexcept { return has_value(); }

    [[nodiscard]] const T& value() const& { return require<0>(state_); }
    [[nodiscard]] T& value() & { return require<0>(state_); }
    [[nodiscard]] T&& value() && { return std::move(require<0>(state_)); }
    [[nodiscard]] const E& error() const& { return require<1>(state_); }
    [[nodiscard]] E&& error() && { return std::move(require<1>(state_)); }

    const T& operator*() const& { return value(); }
    T& operator*() & { return value(); }
    T&& operator*() && { return std::move(*this).value(); }
    const T* operator->() const { return &value(); }
    T* operator->() { return &value(); }

private:
    template <std::size_t Index, class State>
    static auto& require(State& state) {
        if (state.index() != Index) {
            std::abort();
        }
        return *std::get_if<Index>(&state);
    }

    std::variant<T, E> state_;
};

} // namespace lab
