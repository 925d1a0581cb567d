// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/commit.h"
#include "ports/checkout.h"
#include "ports/source_repo.h"

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace lab::engine {

/// Checkouts of one bisection below one directory, used again and again so that what a build left
/// in them stays warm. Thread-safe.
class CheckoutPool {
    struct Slot;

public:
    /// What may be in a checkout before.
    enum class State {
        any,      ///< whatever commit
        kept,     ///< this commit or none, as long as fewer than two are so: both ends of a range,
                  ///< tried by turns, would else be built each time
        untouched ///< what it was is this commit, and never another one
    };

    CheckoutPool(std::shared_ptr<ports::SourceRepo> repo, std::filesystem::path directory);
    CheckoutPool(const CheckoutPool&) = delete;
    CheckoutPool& operator=(const CheckoutPool&) = delete;

    /// Ends what runs in the checkouts and removes them.
    ~CheckoutPool();

    /// A checkout for one user alone; free again when the lease ends.
    class Lease {
    public:
        Lease(CheckoutPool& pool, Slot& slot) : pool_(pool), slot_(slot) {}
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;
        ~Lease() { pool_.release(slot_); }

        [[nodiscard]] const std::filesystem::path& directory() const { return slot_.directory; }

        /// Whether it was not checked out there already,
        [[nodiscard]] bool moved() const { return moved_; }

        /// and what was instead; empty = nothing.
        [[nodiscard]] const core::CommitId& replaced() const { return replaced_; }

        /// Why the commit is not there after all, if so.
        [[nodiscard]] const std::optional<ports::UnfitTree>& unfit() const { return unfit_; }

    private:
        friend class CheckoutPool;
        CheckoutPool& pool_;
        Slot& slot_;
        bool moved_ = false;
        core::CommitId replaced_;
        std::optional<ports::UnfitTree> unfit_;
    };

    /// The commit, checked out: preferably where it is checked out already, else in the checkout
    /// that was not used for the longest time: the search often goes to and fro between two.
    /// Unless its tree is unfit, which the lease then says.
    /// @throws Error infra when there is no room, Cancelled
    [[nodiscard]] std::unique_ptr<Lease> take(const core::CommitId& commit, State state,
                                              const std::stop_token& stop);

    /// `NAME=value` in the environment of what runs in the checkouts; the ends are found by it.
    [[nodiscard]] std::pair<std::string, std::string> mark() const;

private:
    struct Slot {
        std::filesystem::path directory;
        std::unique_ptr<ports::Checkout> checkout;
        core::CommitId commit;
        bool untouched = true; ///< it has held one commit at most
        bool in_use = false;
        std::uint64_t used_last = 0; ///< the larger the later
    };

    void make(Slot& slot);
    [[nodiscard]] Slot& choose(const core::CommitId& commit, State state);
    void release(Slot& slot);

    std::shared_ptr<ports::SourceRepo> repo_;
    std::filesystem::path directory_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<Slot>> slots_;
    std::uint64_t uses_ = 0;
    std::atomic<unsigned> made_ = 0; ///< checkouts, also those that were given up
    unsigned kept_ = 0;
};

/// Where the pools of all bisections are.
[[nodiscard]] std::filesystem::path checkouts_directory(const std::filesystem::path& state_dir);

/// Ends what a killed labd left running in checkouts and removes them all.
/// @param directory  that holds the directories of all pools.
void remove_left_checkouts(const std::filesystem::path& directory);

} // namespace lab::engine
