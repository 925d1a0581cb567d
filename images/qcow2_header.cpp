// SPDX-License-Identifier: Apache-2.0
#include "images/qcow2_header.h"

#include "base/error.h"
#include "base/handle.h"

#include <array>
#include <fcntl.h>
#include <sys/stat.h>

namespace lab::images {
namespace {

constexpr std::size_t header_size = 104;
constexpr std::uint64_t longest_backing_name = 1023;

class HeaderReader {
public:
    HeaderReader(const std::filesystem::path& file, const std::string& name)
        : name_(name.empty() ? file.string() : name),
          // O_NONBLOCK: opening a FIFO must not hang.
          descriptor_(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
        struct stat status {};
        if (!descriptor_ || ::fstat(descriptor_.get(), &status) != 0) {
            throw errno_error("read", name_);
        }
        if (!S_ISREG(status.st_mode)) {
            throw bad("is not a regular file");
        }
        const auto count = ::pread(descriptor_.get(), bytes_.data(), bytes_.size(), 0);
        if (count < 0) {
            throw errno_error("read", name_);
        }
        size_ = static_cast<std::size_t>(count);
    }

    [[nodiscard]] std::uint64_t number(std::size_t offset, std::size_t width) const {
        std::uint64_t value = 0;
        for (std::size_t i = offset; i < offset + width; ++i) {
            value = (value << 8U) | bytes_.at(i);
        }
        return value;
    }

    [[nodiscard]] std::string text(std::uint64_t offset, std::size_t length) const {
        std::string text(length, '\0');
        const auto count =
            ::pread(descriptor_.get(), text.data(), length, static_cast<off_t>(offset));
        if (count < 0 || static_cast<std::size_t>(count) != length) {
            throw bad("is cut off or corrupt (the name of its backing file cannot be read)");
        }
        return text;
    }

    [[nodiscard]] std::size_t size() const { return size_; }

    [[nodiscard]] Error bad(const std::string& what) const {
        return {ErrorCode::bad_input, name_ + ": " + what};
    }

private:
    std::string name_;
    FileDescriptor descriptor_;
    std::array<std::uint8_t, header_size> bytes_{};
    std::size_t size_ = 0;
};

} // namespace

Qcow2Header read_qcow2_header(const std::filesystem::path& file, const std::string& name) {
    const HeaderReader reader(file, name);
    constexpr std::uint64_t magic = 0x514649fbU; // "QFI\xfb"
    if (reader.size() < 72 || reader.number(0, 4) != magic) {
        throw reader.bad("is not a qcow2 image");
    }
    Qcow2Header header;
    header.version = static_cast<std::uint32_t>(reader.number(4, 4));
    if (header.version != 2 && header.version != 3) {
        throw reader.bad("is a qcow2 image of version " + std::to_string(header.version) +
                         " (allowed: 2 and 3)");
    }
    const auto backing_offset = reader.number(8, 8);
    const auto backing_length = reader.number(16, 4);
    header.virtual_size = {reader.number(24, 8)};
    header.encrypted = reader.number(32, 4) != 0;
    header.snapshots = static_cast<std::uint32_t>(reader.number(60, 4));
    if (header.version == 3) {
        const auto features = reader.number(72, 8);
        header.dirty = (features & 1U) != 0;
        header.corrupt = (features & 2U) != 0;
        header.external_data = (features & 4U) != 0;
    }
    if (backing_offset != 0) {
        if (backing_length > longest_backing_name || backing_offset > (std::uint64_t{1} << 21U)) {
            throw reader.bad("is corrupt (impossible name of a backing file)");
        }
        header.backing_file = reader.text(backing_offset, static_cast<std::size_t>(backing_length));
    }
    return header;
}

} // namespace lab::images
