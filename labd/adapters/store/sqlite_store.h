// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ports/image_store.h"
#include "ports/job_store.h"
#include "ports/sut_store.h"

#include <filesystem>
#include <memory>
#include <mutex>

namespace soci {
class session;
}

namespace lab::adapters {

/// The lab's database: one SQLite file in WAL mode with synchronous FULL, so what a call has stored
/// survives a power cut. One connection behind a mutex: thread-safe, writes never wait for a lock
/// of our own process.
class SqliteStore final : public ports::JobStore,
                          public ports::ObservationStore,
                          public ports::InstanceStore,
                          public ports::ImageIndex,
                          public ports::SutStore {
public:
    /// Opens or creates the database.
    /// @throws Error conflict  when a newer version of lab wrote it.
    /// @throws Error infra     when it cannot be opened or is damaged.
    explicit SqliteStore(const std::filesystem::path& file);
    SqliteStore(const SqliteStore&) = delete;
    SqliteStore& operator=(const SqliteStore&) = delete;
    ~SqliteStore() override;

    void put_job(const ports::JobRow& job) override;
    std::vector<ports::JobRow> jobs(const ports::JobQuery& query) override;
    void put_step(const ports::StepRow& step) override;
    std::vector<ports::StepRow> steps(const std::string& job) override;
    std::uint64_t add_event(const std::string& job, const ports::EventRow& event) override;
    std::vector<ports::EventRow> events(const std::string& job, std::uint64_t after,
                                        std::size_t limit) override;

    void append(const std::string& job, const std::string& observation_json) override;
    std::vector<std::string> observations(const std::string& job) override;

    void put_instance(const ports::InstanceRow& instance) override;
    void remove_instance(const std::string& uuid) override;
    std::vector<ports::InstanceRow> instances() override;

    std::vector<ports::Image> images() override;
    void put(const ports::Image& image) override;
    void remove(const std::string& key) override;
    void touch(const std::string& key, WallTime used) override;
    std::map<std::string, WallTime> last_used() override;

    void put_sut(const ports::Sut& sut) override;
    void remove_sut(const std::string& name) override;
    std::vector<ports::Sut> suts() override;

private:
    std::mutex mutex_;
    std::unique_ptr<soci::session> sql_;
};

} // namespace lab::adapters
