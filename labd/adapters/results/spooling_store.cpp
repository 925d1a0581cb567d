// SPDX-License-Identifier: Apache-2.0
#include "adapters/results/spooling_store.h"

#include "adapters/results/store_url.h"

#include "adapters/results/batch_json.h"
#include "adapters/results/rows.h"
#include "base/error.h"
#include "base/files.h"
#include "base/handle.h"
#include "base/sha256.h"
#include "base/text.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

namespace lab::adapters {
namespace {

/// The file, locked until the descriptor is closed.
FileDescriptor open_spool(const std::filesystem::path& file) {
    FileDescriptor spool(::open(file.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    if (!spool) {
        throw errno_error("open", file.string());
    }
    while (::flock(spool.get(), LOCK_EX) != 0) {
        if (errno != EINTR) {
            throw errno_error("lock", file.string());
        }
    }
    return spool;
}

void cut(const FileDescriptor& spool, std::size_t size, const std::filesystem::path& file) {
    if (::ftruncate(spool.get(), static_cast<off_t>(size)) != 0 || ::fsync(spool.get()) != 0) {
        throw errno_error("write", file.string());
    }
}

/// Whole lines; what a crash left of the last one is no line.
std::string complete_lines(const std::filesystem::path& file) {
    auto text = read_file(file, gibibytes(4));
    text.erase(text.rfind('\n') + 1);
    return text;
}

} // namespace

SpoolingStore::SpoolingStore(Open open, std::string name, std::filesystem::path file)
    : open_(std::move(open)), name_(std::move(name)), file_(std::move(file)) {}

std::unique_ptr<ports::ResultStore> SpoolingStores::open(const std::string& url,
                                                         ports::OpenMode mode) {
    if (mode != ports::OpenMode::append) {
        return stores_.open(url, mode);
    }
    const auto store = value_or_throw(parse_store_url(url));
    make_directory(directory_);
    return std::make_unique<SpoolingStore>(
        [this, url] { return stores_.open(url, ports::OpenMode::append); }, store.text(),
        directory_ / spool_name(store.text() + "\n" + store.socket));
}

std::string spool_name(const std::string& store) {
    return "spool-" + sha256_of(store).substr(0, 12) + ".ndjson";
}

void SpoolingStore::keep(const ports::ResultBatch& batch) const {
    const bool is_new = !path_exists(file_);
    const auto spool = open_spool(file_);
    const auto whole = complete_lines(file_).size();
    cut(spool, whole, file_);
    const auto line = to_json_line(rows_of(batch));
    std::string_view rest = line;
    while (!rest.empty()) {
        const auto count = ::write(spool.get(), rest.data(), rest.size());
        if (count < 0 && errno != EINTR) {
            const int cause = errno;
            cut(spool, whole, file_);
            errno = cause;
            throw errno_error("write", file_.string());
        }
        rest.remove_prefix(count > 0 ? static_cast<std::size_t>(count) : 0);
    }
    if (::fsync(spool.get()) != 0) {
        throw errno_error("flush", file_.string());
    }
    if (is_new) {
        sync_path(file_.parent_path().empty() ? "." : file_.parent_path());
    }
}

void SpoolingStore::hand_over() {
    if (!path_exists(file_)) {
        return;
    }
    const auto spool = open_spool(file_);
    const auto text = complete_lines(file_);
    std::size_t number = 0;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = text.find('\n', at);
        const auto place = file_.string() + ":" + std::to_string(++number);
        store_->append(batch_of(rows_from_json(text.substr(at, end - at), place)));
        at = end + 1;
    }
    cut(spool, 0, file_);
}

bool SpoolingStore::reached(const std::function<void()>& work) {
    try {
        if (!store_) {
            store_ = open_();
        }
        hand_over();
        work();
        return true;
    } catch (const Error& error) {
        if (error.code() != ErrorCode::infra) {
            throw;
        }
        trouble_ = error.what();
        store_.reset();
        return false;
    }
}

std::size_t SpoolingStore::append(const ports::ResultBatch& batch) {
    if (const auto problems = problems_of(batch); !problems.empty()) {
        throw to_error(problems);
    }
    const std::lock_guard lock(mutex_);
    std::size_t added = 0;
    if (!reached([&] { added = store_->append(batch); })) {
        keep(batch);
    }
    return added;
}

ports::ResultBatch SpoolingStore::read(const ports::ResultFilter& filter) {
    const std::lock_guard lock(mutex_);
    ports::ResultBatch batch;
    if (!reached([&] { batch = store_->read(filter); })) {
        throw Error(ErrorCode::infra, trouble_, "what waits for it is in " + file_.string());
    }
    return batch;
}

std::string SpoolingStore::waiting() const {
    const std::lock_guard lock(mutex_);
    std::error_code ignored;
    const auto size = std::filesystem::file_size(file_, ignored);
    return ignored || size == 0 ? ""
                                : trouble_ + " (what was measured waits in " + file_.string() + ")";
}

} // namespace lab::adapters
