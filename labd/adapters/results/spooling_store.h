// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ports/result_store.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

namespace lab::adapters {

/// A result store that keeps batches in a file while the real one cannot be reached.
///
/// Such a batch is one line of JSON, flushed to the disk before append() returns. Every append()
/// first hands over what waits, in order. A batch that the store got without saying so is handed
/// over once more and adds nothing. Thread-safe; processes that share a file wait for each other.
class SpoolingStore final : public ports::ResultStore {
public:
    using Open = std::function<std::unique_ptr<ports::ResultStore>()>;

    /// @param open  opens the real store; called again after every infra Error.
    /// @param name  the real store's name, as it is not reached for it.
    /// @param file  where batches wait; made when needed, its directory exists.
    SpoolingStore(Open open, std::string name, std::filesystem::path file);

    /// @return how many records were new; 0 when the batch waits.
    /// @throws Error bad_input, conflict  as the real store, for this batch or one that waited.
    /// @throws Error infra                only when the file cannot be written.
    std::size_t append(const ports::ResultBatch& batch) override;

    /// @throws Error infra  when the real store cannot be reached, or batches still wait for it.
    [[nodiscard]] ports::ResultBatch read(const ports::ResultFilter& filter) override;

    [[nodiscard]] std::string name() const override { return name_; }
    [[nodiscard]] std::string waiting() const override;

private:
    /// Hands over what waits, then works on the store. Whether it could be reached.
    bool reached(const std::function<void()>& work);

    void hand_over();
    void keep(const ports::ResultBatch& batch) const;

    mutable std::mutex mutex_;
    Open open_;
    std::string name_;
    std::filesystem::path file_;
    std::unique_ptr<ports::ResultStore> store_;
    std::string trouble_; ///< why the store was not reached last
};

/// Opens stores that spool into files of a directory when they are opened to append, and plain ones
/// else. Both outlive what they opened.
class SpoolingStores final : public ports::ResultStores {
public:
    SpoolingStores(ports::ResultStores& stores, std::filesystem::path directory)
        : stores_(stores), directory_(std::move(directory)) {}

    /// @throws Error  as the real one, but a store that cannot be reached is none when it is opened
    /// to
    ///                append.
    [[nodiscard]] std::unique_ptr<ports::ResultStore> open(const std::string& url,
                                                           ports::OpenMode mode) override;

private:
    ports::ResultStores& stores_;
    std::filesystem::path directory_;
};

/// A file name for the batches of one store: "spool-<12 hex of a digest>.ndjson".
/// @param store  what tells it from all others: servers of this host differ by their sockets.
[[nodiscard]] std::string spool_name(const std::string& store);

} // namespace lab::adapters
