// SPDX-License-Identifier: Apache-2.0
#include "adapters/results/result_stores.h"

#include "adapters/results/csv_tables.h"
#include "adapters/results/sql_tables.h"
#include "adapters/results/table_store.h"

#include <cstdlib>

namespace lab::adapters {
namespace {

class Stores final : public ports::ResultStores {
public:
    explicit Stores(std::filesystem::path option_file) : option_file_(std::move(option_file)) {}

    std::unique_ptr<ports::ResultStore> open(const std::string& text,
                                             ports::OpenMode mode) override {
        const auto url = value_or_throw(parse_store_url(text));
        std::unique_ptr<TableAccess> tables;
        if (url.kind == StoreKind::csv) {
            tables = std::make_unique<CsvTables>(url.path, mode, current_schema());
        } else {
            tables = std::make_unique<SqlTables>(url, mode, current_schema(),
                                                 find_credentials(url, option_file_));
        }
        return std::make_unique<TableStore>(std::move(tables));
    }

private:
    std::filesystem::path option_file_;
};

} // namespace

std::unique_ptr<ports::ResultStores> make_result_stores(const std::filesystem::path& option_file) {
    return std::make_unique<Stores>(option_file);
}

std::filesystem::path default_option_file() {
    const char* home = std::getenv("HOME");
    return home == nullptr ? "" : std::filesystem::path(home) / ".my.cnf";
}

} // namespace lab::adapters
