// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "adapters/results/result_stores.h"
#include "adapters/results/store_url.h"
#include "base/files.h"
#include "ports/result_store.h"

#include <gtest/gtest.h>
#include <memory>
#include <string>

namespace lab::test {

/// Opens stores and finds places for new ones, of any kind.
class StorePlaces {
public:
    StorePlaces();

    /// URL of a fresh place for a store.
    [[nodiscard]] std::string fresh(adapters::StoreKind kind);

    /// The same place for a user who may only read; files are made read-only by it.
    [[nodiscard]] std::string for_reader(adapters::StoreKind kind, const std::string& url) const;

    [[nodiscard]] std::unique_ptr<ports::ResultStore> open(const std::string& url,
                                                           ports::OpenMode mode) const {
        return stores_->open(url, mode);
    }

    [[nodiscard]] ports::ResultStores& stores() const { return *stores_; }
    [[nodiscard]] const std::filesystem::path& directory() const { return directory_.path(); }

private:
    [[nodiscard]] std::string with_password(const std::string& url) const;

    TemporaryDirectory directory_{std::filesystem::temp_directory_path(), "lab-results-"};
    std::unique_ptr<ports::ResultStores> stores_;
    int count_ = 0;
};

/// Name of a kind in the names of tests.
[[nodiscard]] std::string kind_name(const testing::TestParamInfo<adapters::StoreKind>& info);

/// Records of every table, with everything that is hard to keep: quotes, line breaks, commas,
/// several scripts, empty and missing values, numbers at the ends of their ranges.
[[nodiscard]] ports::ResultBatch hard_batch();

/// A batch with one sample of each value; profile "p" on "s", one session.
[[nodiscard]] ports::ResultBatch samples(const std::vector<double>& values);

} // namespace lab::test
