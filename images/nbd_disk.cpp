// SPDX-License-Identifier: Apache-2.0
#include "images/nbd_disk.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <vector>

namespace lab::images {
namespace {

constexpr Duration longest_start = std::chrono::seconds(30);
constexpr Duration longest_use = std::chrono::hours(1);

constexpr std::size_t most_pages = 4096; // 16 MiB
constexpr std::size_t largest_request = std::size_t{1} << 20U;

int last_errno() noexcept {
    const int number = nbd_get_errno();
    return number != 0 ? number : EIO;
}

std::string last_text() {
    const char* const text = nbd_get_error();
    return text != nullptr ? cap(escape_for_terminal(text), 300) : "unknown cause";
}

} // namespace

NbdDisk::NbdDisk(const std::filesystem::path& disk, const std::filesystem::path& scratch,
                 const std::stop_token& stop)
    : disk_(std::filesystem::absolute(disk)), socket_(std::filesystem::absolute(scratch) / "nbd") {
    ProcessSpec process;
    process.argv = {"qemu-nbd", "--format=qcow2", "--socket=" + socket_.string(), disk_.string()};
    process.timeout = longest_use;
    server_ = std::async(std::launch::async, [process, end = stop_server_.get_token()] {
        return run_process(process, end);
    });
    try {
        connect(socket_, stop);
    } catch (...) {
        stop_server_.request_stop();
        throw;
    }
}

NbdDisk::~NbdDisk() {
    connection_.reset();
    stop_server_.request_stop(); // the future's destructor waits for the end
}

void NbdDisk::connect(const std::filesystem::path& socket, const std::stop_token& stop) {
    const auto deadline = Instant::clock::now() + longest_start;
    for (;;) {
        throw_if_stopped(stop);
        NbdHandle fresh(nbd_create());
        if (fresh && nbd_connect_unix(fresh.get(), socket.c_str()) == 0) {
            connection_ = std::move(fresh);
            size_ = static_cast<std::uint64_t>(
                std::max<std::int64_t>(0, nbd_get_size(connection_.get())));
            return;
        }
        const auto cause = last_text();
        // qemu-nbd listens soon, or ends.
        if (server_.wait_for(std::chrono::milliseconds(5)) == std::future_status::ready) {
            const auto ended = server_.get();
            throw Error(ErrorCode::infra, "cannot open '" + disk_.string() + "' by qemu-nbd: " +
                                              cap(escape_for_terminal(trim(ended.err)), 300));
        }
        if (Instant::clock::now() > deadline) {
            throw Error(ErrorCode::infra, "qemu-nbd does not answer: " + cause);
        }
    }
}

/// Bytes of pages that are in the image: its size need not be a multiple of theirs.
std::size_t NbdDisk::length_of(std::uint64_t number, std::size_t pages) const noexcept {
    return std::min<std::uint64_t>(pages * page_size, size_ - number * page_size);
}

/// A page, as the image has it or as it was written since.
int NbdDisk::load(std::uint64_t number, OldContent old, Page*& page) {
    auto found = pages_.find(number);
    if (found == pages_.end()) {
        if (pages_.size() >= most_pages) {
            if (const int failed = write_back()) {
                return failed;
            }
            pages_.clear();
        }
        Page fresh;
        if (old == OldContent::needed && nbd_pread(connection_.get(), fresh.bytes.data(),
                                                   length_of(number), number * page_size, 0) != 0) {
            trouble_ = last_text();
            return last_errno();
        }
        found = pages_.emplace(number, fresh).first;
    }
    page = &found->second;
    return 0;
}

int NbdDisk::transfer(std::uint64_t offset, std::size_t size, OldContent old,
                      const Copy& copy) noexcept {
    const auto end = offset + size;
    if (end > size_) {
        return ENOSPC;
    }
    try {
        while (offset < end) {
            const auto within = offset % page_size;
            const auto count = std::min<std::uint64_t>(page_size - within, end - offset);
            Page* page = nullptr;
            const auto wanted = count == page_size ? old : OldContent::needed;
            if (const int failed = load(offset / page_size, wanted, page)) {
                return failed;
            }
            copy(*page, within, count);
            offset += count;
        }
    } catch (const std::bad_alloc&) {
        return ENOMEM;
    }
    return 0;
}

int NbdDisk::read(std::uint64_t offset, void* bytes, std::size_t size) noexcept {
    return transfer(offset, size, OldContent::needed,
                    [to = static_cast<char*>(bytes)](Page& page, std::size_t within,
                                                     std::size_t count) mutable {
                        std::memcpy(to, page.bytes.data() + within, count);
                        to += count;
                    });
}

int NbdDisk::write(std::uint64_t offset, const void* bytes, std::size_t size) noexcept {
    return transfer(offset, size, OldContent::replaced,
                    [from = static_cast<const char*>(bytes)](Page& page, std::size_t within,
                                                             std::size_t count) mutable {
                        std::memcpy(page.bytes.data() + within, from, count);
                        page.changed = true;
                        from += count;
                    });
}

int NbdDisk::flush() noexcept {
    try {
        return write_back();
    } catch (const std::bad_alloc&) {
        return ENOMEM;
    }
}

/// Neighbours go in one request.
int NbdDisk::write_back() {
    std::vector<char> run;
    for (auto first = pages_.begin(); first != pages_.end();) {
        run.clear();
        auto next = first;
        for (auto number = first->first; next != pages_.end() && next->first == number &&
                                         next->second.changed && run.size() < largest_request;
             ++number, ++next) {
            run.insert(run.end(), next->second.bytes.begin(), next->second.bytes.end());
        }
        if (run.empty()) {
            ++first;
            continue;
        }
        const auto length = length_of(first->first, run.size() / page_size);
        if (nbd_pwrite(connection_.get(), run.data(), length, first->first * page_size, 0) != 0) {
            trouble_ = last_text();
            return last_errno();
        }
        for (; first != next; ++first) {
            first->second.changed = false;
        }
    }
    return 0;
}

void NbdDisk::finish() {
    const bool written = flush() == 0 && nbd_flush(connection_.get(), 0) == 0;
    const auto cause = trouble_.empty() ? last_text() : trouble_;
    static_cast<void>(nbd_shutdown(connection_.get(), 0));
    connection_.reset();
    const auto ended = server_.get();
    if (!written || ended.exit_code != 0) {
        throw Error(ErrorCode::infra,
                    "cannot write '" + disk_.string() +
                        "': " + (written ? cap(escape_for_terminal(trim(ended.err)), 300) : cause));
    }
}

} // namespace lab::images
