// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/handle.h"
#include "base/process.h"

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <future>
#include <libnbd.h>
#include <map>
#include <stop_token>
#include <string>

namespace lab::images {

using NbdHandle = Handle<nbd_handle, nbd_close>;

/// A qcow2 image as the bytes that it stands for. qemu-nbd reads and writes it, and ends with this
/// object, or with us. What is read and written is kept in memory until there is much of it. For
/// one thread.
class NbdDisk {
public:
    /// @param disk     opened for writing; nobody else has it open.
    /// @param scratch  directory for a socket, whose path is short.
    /// @throws Error infra, Cancelled
    NbdDisk(const std::filesystem::path& disk, const std::filesystem::path& scratch,
            const std::stop_token& stop);
    NbdDisk(const NbdDisk&) = delete;
    NbdDisk& operator=(const NbdDisk&) = delete;
    ~NbdDisk();

    /// Both return 0 or an errno, for they are called by way of C.
    [[nodiscard]] int read(std::uint64_t offset, void* bytes, std::size_t size) noexcept;
    [[nodiscard]] int write(std::uint64_t offset, const void* bytes, std::size_t size) noexcept;

    /// Hands what was written to qemu-nbd; 0 or an errno.
    [[nodiscard]] int flush() noexcept;

    /// Closes the image; all that was written is in it.
    /// @throws Error infra
    void finish();

private:
    static constexpr std::size_t page_size = 4096;

    struct Page {
        std::array<char, page_size> bytes{};
        bool changed = false;
    };

    void connect(const std::filesystem::path& socket, const std::stop_token& stop);
    enum class OldContent { needed, replaced };

    using Copy = std::function<void(Page& page, std::size_t within, std::size_t count)>;

    [[nodiscard]] int transfer(std::uint64_t offset, std::size_t size, OldContent old,
                               const Copy& copy) noexcept;
    [[nodiscard]] int load(std::uint64_t number, OldContent old, Page*& page);
    [[nodiscard]] int write_back();
    [[nodiscard]] std::size_t length_of(std::uint64_t number, std::size_t pages = 1) const noexcept;

    std::filesystem::path disk_;
    std::filesystem::path socket_;
    std::stop_source stop_server_;
    std::future<ProcessResult> server_;
    NbdHandle connection_;
    std::uint64_t size_ = 0;
    std::map<std::uint64_t, Page> pages_; ///< by offset / page_size
    std::string trouble_;                 ///< what went wrong last
};

} // namespace lab::images
