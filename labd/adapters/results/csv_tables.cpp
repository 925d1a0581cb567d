// SPDX-License-Identifier: Apache-2.0
#include "adapters/results/csv_tables.h"

#include "adapters/results/cell_text.h"
#include "adapters/results/csv_text.h"
#include "adapters/results/schema_check.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/files.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <set>
#include <sys/file.h>
#include <sys/stat.h>
#include <thread>

namespace lab::adapters {
namespace {

namespace fs = std::filesystem;

std::string record_of(const Row& row) {
    std::vector<std::string> fields;
    std::transform(row.begin(), row.end(), std::back_inserter(fields), to_text);
    return csv_record(fields);
}

std::string header_of(const Table& table) {
    std::vector<std::string> names;
    std::transform(table.columns.begin(), table.columns.end(), std::back_inserter(names),
                   [](const Column& column) { return column.name; });
    return csv_record(names);
}

Error damaged(const fs::path& file, std::size_t record, const std::string& what) {
    return Error(ErrorCode::infra,
                 file.string() + ", record " + std::to_string(record) + ": " + what,
                 "the file was written by something else; restore it from a copy");
}

/// A new column's value in a row of an older schema.
Cell default_cell(const Column& column) {
    const bool is_text = column.type == CellType::id || column.type == CellType::text;
    return is_text ? Cell(std::string()) : Cell();
}

std::uintmax_t size_of(const fs::path& file) {
    std::error_code error;
    const auto size = fs::file_size(file, error);
    if (error) {
        errno = error.value();
        throw errno_error("read", file.string());
    }
    return size;
}

} // namespace

CsvTables::CsvTables(fs::path directory, ports::OpenMode mode, const Schema& schema)
    : directory_(std::move(directory)), schema_(schema) {
    const bool exists = path_exists(file(version_table));
    if (mode == ports::OpenMode::read) {
        if (!exists) {
            throw no_store(name());
        }
        check_version(name(), stored_version(), schema_.version);
        return;
    }
    if (mode == ports::OpenMode::create && exists) {
        throw store_exists(name());
    }
    std::error_code error;
    fs::create_directories(directory_, error);
    if (error) {
        errno = error.value();
        throw errno_error("create", directory_.string());
    }
    const auto held = lock(LOCK_EX);
    // Another one may have made it meanwhile.
    if (!path_exists(file(version_table))) {
        create();
    } else if (mode == ports::OpenMode::create) {
        throw store_exists(name());
    }
    const int version = stored_version();
    check_version(name(), version, schema_.version);
    if (version < schema_.version) {
        migrate(version);
    }
}

fs::path CsvTables::file(const std::string& table) const {
    return directory_ / (table + ".csv");
}

void CsvTables::create() {
    std::set<std::string> ours{"lock"};
    for (const auto& table : schema_.tables) {
        ours.insert(table.name + ".csv");
    }
    std::error_code error;
    for (fs::directory_iterator entry(directory_, error), end; !error && entry != end;
         entry.increment(error)) {
        const auto found = entry->path().filename().string();
        // What a crash left while the store was made is overwritten or ignored.
        if (!ours.contains(found) && found.find(".csv.tmp-") == std::string::npos) {
            throw something_else(name(), "the file '" + found + "'");
        }
    }
    if (error) {
        errno = error.value();
        throw errno_error("read", directory_.string());
    }
    for (const auto& table : schema_.tables) {
        if (!path_exists(file(table.name))) {
            write_file(file(table.name), header_of(table));
        }
    }
    write_file(file(version_table),
               csv_record({"version"}) + csv_record({std::to_string(schema_.version)}));
}

int CsvTables::stored_version() const {
    const auto place = file(version_table);
    const auto parsed = parse_csv(read_file(place, Bytes{4096}));
    const auto& records = parsed.records;
    const bool fits = records.size() == 2 && records[1].size() == 1;
    const auto cell = fits ? cell_from(records[1][0], CellType::integer) : std::nullopt;
    const auto* version = cell ? std::get_if<std::int64_t>(&*cell) : nullptr;
    if (version == nullptr || *version < 1 || *version > 1'000'000) {
        throw damaged(place, 2, "is no version");
    }
    return static_cast<int>(*version);
}

void CsvTables::back_up(int from) const {
    auto backup = directory_;
    backup += ".schema-" + std::to_string(from) + ".backup";
    if (path_exists(backup)) {
        return;
    }
    TemporaryDirectory copy(directory_.parent_path(), directory_.filename().string() + ".copy-");
    for (const auto& entry : fs::directory_iterator(directory_)) {
        const auto target = copy.path() / entry.path().filename();
        fs::copy_file(entry.path(), target);
        sync_path(target);
    }
    sync_path(copy.path());
    fs::rename(copy.path(), backup);
    sync_path(backup.parent_path());
    copy.keep();
}

void CsvTables::migrate(int from) {
    back_up(from);
    refresh();
    for (const auto& table : schema_.tables) {
        auto text = header_of(table);
        for (const auto& [key, row] : contents_[table.name].rows) {
            text += record_of(row);
        }
        write_file(file(table.name), text);
    }
    contents_.clear();
    write_file(file(version_table),
               csv_record({"version"}) + csv_record({std::to_string(schema_.version)}));
}

FileDescriptor CsvTables::lock(int kind) const {
    const auto place = directory_ / "lock";
    const int flags = kind == LOCK_EX ? O_RDWR | O_CREAT | O_CLOEXEC : O_RDONLY | O_CLOEXEC;
    FileDescriptor held(::open(place.c_str(), flags, 0666));
    if (!held && kind == LOCK_SH) {
        // A copy on a read-only disk has no lock, and no writer either.
        return held;
    }
    if (!held) {
        throw errno_error("open", place.string());
    }
    const auto deadline = Deadline::in(std::chrono::seconds(60));
    while (::flock(held.get(), kind | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) {
            throw errno_error("lock", place.string());
        }
        if (deadline.passed()) {
            throw Error(ErrorCode::infra, name() + ": another writer holds its lock for a minute",
                        "find it with: fuser " + place.string());
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return held;
}

void CsvTables::load(const Table& table, Content& content) const {
    const auto place = file(table.name);
    const auto text = read_file(place, gibibytes(16));
    const auto parsed = parse_csv(text);
    if (parsed.bad) {
        throw damaged(place, *parsed.bad, "is no CSV");
    }
    content = {{}, text.size(), parsed.complete, {}, {}};
    if (parsed.records.empty()) {
        throw damaged(place, 1, "there is no header");
    }
    const auto& header = parsed.records.front();
    const auto names_column = [](const std::string& found, const Column& column) {
        return found == column.name;
    };
    if (header.size() > table.columns.size() ||
        !std::equal(header.begin(), header.end(), table.columns.begin(), names_column)) {
        throw damaged(place, 1, "is not the header of this table");
    }
    for (std::size_t i = 1; i < parsed.records.size(); ++i) {
        const auto& fields = parsed.records[i];
        if (fields.size() != header.size()) {
            throw damaged(place, i + 1,
                          "has " + std::to_string(fields.size()) + " fields, not " +
                              std::to_string(header.size()));
        }
        Row row;
        for (std::size_t k = 0; k < table.columns.size(); ++k) {
            const auto& column = table.columns[k];
            auto cell = k < fields.size() ? cell_from(fields[k], column.type)
                                          : std::optional(default_cell(column));
            if (!cell) {
                throw damaged(place, i + 1, column.name + " is no number");
            }
            row.push_back(std::move(*cell));
        }
        auto key = key_of(table, row);
        content.rows.insert_or_assign(std::move(key), std::move(row));
    }
}

void CsvTables::refresh() {
    for (const auto& table : schema_.tables) {
        auto& content = contents_[table.name];
        const auto place = file(table.name);
        if (content.size == 0 || size_of(place) != content.size) {
            load(table, content);
        }
        content.staged.clear();
        content.order.clear();
    }
}

void CsvTables::write(const std::function<void()>& work) {
    const auto held = lock(LOCK_EX);
    refresh();
    work();
    publish();
}

void CsvTables::read(const std::function<void()>& work) {
    const auto held = lock(LOCK_SH);
    refresh();
    work();
}

void CsvTables::publish() {
    for (const auto& table : schema_.tables) {
        auto& content = contents_[table.name];
        if (!content.order.empty()) {
            append(table, content);
        }
    }
}

void CsvTables::append(const Table& table, Content& content) const {
    std::string text;
    for (const auto& key : content.order) {
        text += record_of(content.staged[key]);
    }
    const auto place = file(table.name);
    const FileDescriptor out(::open(place.c_str(), O_WRONLY | O_CLOEXEC));
    const auto end = static_cast<off_t>(content.complete);
    if (!out || ::ftruncate(out.get(), end) != 0) {
        throw errno_error("write", place.string());
    }
    std::string_view rest = text;
    while (!rest.empty()) {
        const auto at = end + static_cast<off_t>(text.size() - rest.size());
        const auto count = ::pwrite(out.get(), rest.data(), rest.size(), at);
        if (count < 0 && errno != EINTR) {
            const int cause = errno;
            // The next writer would cut it off as well.
            static_cast<void>(!::ftruncate(out.get(), end));
            content = {};
            errno = cause;
            throw errno_error("write", place.string());
        }
        rest.remove_prefix(count > 0 ? static_cast<std::size_t>(count) : 0);
    }
    if (::fdatasync(out.get()) != 0) {
        content = {};
        throw errno_error("flush", place.string());
    }
    for (auto& [key, row] : content.staged) {
        content.rows.insert_or_assign(key, std::move(row));
    }
    content.complete += text.size();
    content.size = content.complete;
    content.staged.clear();
    content.order.clear();
}

bool CsvTables::insert(const Table& table, const Row& row) {
    auto key = key_of(table, row);
    if (find(table, key)) {
        return false;
    }
    auto& content = contents_[table.name];
    content.order.push_back(key);
    content.staged.emplace(std::move(key), row);
    return true;
}

void CsvTables::replace(const Table& table, const Row& row) {
    auto key = key_of(table, row);
    auto& content = contents_[table.name];
    if (!content.staged.contains(key)) {
        content.order.push_back(key);
    }
    content.staged.insert_or_assign(std::move(key), row);
}

std::optional<Row> CsvTables::find(const Table& table, const Row& key) {
    const auto& content = contents_[table.name];
    const auto staged = content.staged.find(key);
    if (staged != content.staged.end()) {
        return staged->second;
    }
    const auto found = content.rows.find(key);
    return found == content.rows.end() ? std::nullopt : std::optional(found->second);
}

std::vector<Row> CsvTables::rows(const Table& table, const std::optional<Selection>& selection) {
    std::vector<Row> found;
    for (const auto& entry : contents_[table.name].rows) {
        const auto& row = entry.second;
        const auto wanted = [&](const std::string& value) {
            return row[selection->column] == Cell(value);
        };
        if (!selection || std::any_of(selection->values.begin(), selection->values.end(), wanted)) {
            found.push_back(row);
        }
    }
    return found;
}

} // namespace lab::adapters
