// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ports/outbox.h"

#include <filesystem>
#include <memory>
#include <mutex>

namespace soci {
class session;
}

namespace lab::adapters {

/// The outbox in an SQLite file of its own, so that neither its writes nor its damage touch jobs.
/// Dead letters are kept for 30 days. One connection behind a mutex: thread-safe.
class SqliteOutbox final : public ports::Outbox {
public:
    /// Opens or creates the database.
    /// @throws Error conflict  when a newer version of lab wrote it.
    /// @throws Error infra     when it cannot be opened or is damaged.
    explicit SqliteOutbox(const std::filesystem::path& file);
    SqliteOutbox(const SqliteOutbox&) = delete;
    SqliteOutbox& operator=(const SqliteOutbox&) = delete;
    ~SqliteOutbox() override;

    bool knows(const std::string& key, WallTime time) override;
    void add(const std::string& key, const std::vector<ports::Letter>& letters) override;
    std::vector<ports::Letter> letters(const ports::LetterQuery& query) override;
    std::vector<ports::ChannelAddress> waiting() override;
    void update(const std::vector<ports::Letter>& letters) override;
    void add_watch(const ports::Watch& watch) override;
    std::vector<ports::Watch> watches(const std::string& job) override;

private:
    void insert(const ports::Letter& letter);

    std::mutex mutex_;
    std::unique_ptr<soci::session> sql_;
};

} // namespace lab::adapters
