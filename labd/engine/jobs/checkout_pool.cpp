// SPDX-License-Identifier: Apache-2.0
#include "engine/jobs/checkout_pool.h"

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "base/process_table.h"

#include <algorithm>

namespace lab::engine {
namespace {

namespace fs = std::filesystem;

/// Checkouts that are made for a commit of their own: one of each end.
constexpr unsigned most_kept = 2;

constexpr const char* mark_name = "LAB_BISECTION";

void end_and_remove(const fs::path& directory) {
    end_marked_processes(mark_name + ("=" + directory.string()));
    if (const auto failure = remove_tree(directory)) {
        logger("engine")->warn("checkouts stay path={} cause={}", directory.string(),
                               failure.message());
    }
}

} // namespace

CheckoutPool::CheckoutPool(std::shared_ptr<ports::SourceRepo> repo, fs::path directory)
    : repo_(std::move(repo)), directory_(std::move(directory)) {
    make_directory(directory_);
}

CheckoutPool::~CheckoutPool() {
    try {
        end_and_remove(directory_);
    } catch (const Error& error) {
        logger("engine")->warn("checkouts stay path={} cause={}", directory_.string(),
                               error.what());
    }
}

std::pair<std::string, std::string> CheckoutPool::mark() const {
    return {mark_name, directory_.string()};
}

std::unique_ptr<CheckoutPool::Lease> CheckoutPool::take(const core::CommitId& commit, State state,
                                                        const std::stop_token& stop) {
    auto& slot = choose(commit, state);
    auto lease = std::make_unique<Lease>(*this, slot);
    if (!slot.checkout) {
        make(slot);
    }
    lease->moved_ = slot.commit != commit;
    if (lease->moved_) {
        lease->replaced_ = slot.commit;
        slot.untouched = slot.commit.empty();
    }
    // Also where it is there: the run before may have changed tracked files. Until it is whole it
    // is nothing: after a failure the next one begins anew.
    const auto before = std::exchange(slot.commit, core::CommitId());
    auto checkout = std::move(slot.checkout);
    lease->unfit_ = checkout->check_out(commit, stop);
    slot.checkout = std::move(checkout);
    slot.commit = lease->unfit_ ? before : commit;
    return lease;
}

void CheckoutPool::make(Slot& slot) {
    if (!slot.directory.empty()) {
        std::error_code stays; // until the pool goes
        fs::remove_all(slot.directory, stays);
    }
    // By another name: what was given up may still write to the old one.
    slot.directory = directory_ / std::to_string(made_++);
    slot.checkout = repo_->make_checkout(slot.directory);
}

CheckoutPool::Slot& CheckoutPool::choose(const core::CommitId& commit, State state) {
    const std::lock_guard lock(mutex_);
    const bool keeps = state == State::kept && kept_ < most_kept;
    const bool may_move = state == State::any || (state == State::kept && !keeps);
    Slot* there = nullptr;
    Slot* other = nullptr;
    for (const auto& slot : slots_) {
        if (slot->in_use) {
            continue; // its user changes it
        }
        if (slot->commit == commit && (state != State::untouched || slot->untouched)) {
            there = slot.get();
        }
        if (may_move && (other == nullptr || slot->used_last < other->used_last)) {
            other = slot.get();
        }
    }
    auto* chosen = there != nullptr ? there : other;
    if (chosen == nullptr) {
        kept_ += keeps ? 1 : 0;
        chosen = slots_.emplace_back(std::make_unique<Slot>()).get();
    }
    chosen->in_use = true;
    return *chosen;
}

void CheckoutPool::release(Slot& slot) {
    const std::lock_guard lock(mutex_);
    slot.in_use = false;
    slot.used_last = ++uses_;
}

fs::path checkouts_directory(const fs::path& state_dir) {
    return state_dir / "checkouts";
}

void remove_left_checkouts(const fs::path& directory) {
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(directory, none)) {
        end_and_remove(entry.path());
    }
}

} // namespace lab::engine
