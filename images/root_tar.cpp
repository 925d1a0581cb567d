// SPDX-License-Identifier: Apache-2.0
#include "images/root_tar.h"

#include "images/archive.h"

#include <vector>

namespace lab::images {
namespace {

constexpr std::size_t block_size = std::size_t{1} << 16U;

ReadArchive open_tar(const std::filesystem::path& tar) {
    ReadArchive reader(archive_read_new());
    archive_read_support_format_tar(reader.get());
    if (archive_read_open_filename(reader.get(), tar.c_str(), block_size) != ARCHIVE_OK) {
        throw archive_error(reader.get(), "open", tar.string());
    }
    return reader;
}

/// Next member, or null at the end of the archive.
archive_entry* next_entry(const ReadArchive& reader, const std::string& name) {
    archive_entry* entry = nullptr;
    const int answer = archive_read_next_header(reader.get(), &entry);
    if (answer == ARCHIVE_EOF) {
        return nullptr;
    }
    if (answer != ARCHIVE_OK && answer != ARCHIVE_WARN) {
        throw archive_error(reader.get(), "read", name);
    }
    return entry;
}

std::string member_name(archive_entry* entry) {
    const char* text = archive_entry_pathname(entry);
    const std::string name = text != nullptr ? text : "";
    return name.rfind("./", 0) == 0 ? name.substr(2) : name;
}

std::string read_data(const ReadArchive& reader, const std::string& name, Bytes limit) {
    std::string content;
    std::vector<char> block(block_size);
    for (;;) {
        const auto count = archive_read_data(reader.get(), block.data(), block.size());
        if (count < 0) {
            throw archive_error(reader.get(), "read", name);
        }
        if (count == 0) {
            return content;
        }
        content.append(block.data(), static_cast<std::size_t>(count));
        if (content.size() > limit.count) {
            throw Error(ErrorCode::infra,
                        name + ": is too large (at most " + format_bytes(limit) + ")");
        }
    }
}

} // namespace

void for_each_file(const std::filesystem::path& tar,
                   const std::function<void(const std::string& name)>& visit) {
    const auto reader = open_tar(tar);
    while (archive_entry* entry = next_entry(reader, tar.string())) {
        if (archive_entry_filetype(entry) == AE_IFREG) {
            visit(member_name(entry));
        }
    }
}

std::map<std::string, std::string> read_members(const std::filesystem::path& tar,
                                                const std::set<std::string>& names, Bytes limit) {
    std::map<std::string, std::string> members;
    const auto reader = open_tar(tar);
    while (members.size() < names.size()) {
        archive_entry* entry = next_entry(reader, tar.string());
        if (entry == nullptr) {
            break;
        }
        const auto name = member_name(entry);
        if (archive_entry_filetype(entry) == AE_IFREG && names.count(name) != 0) {
            members[name] = read_data(reader, name, limit);
        }
    }
    return members;
}

std::string decompressed(const std::string& bytes, const std::string& name) {
    const ReadArchive reader(archive_read_new());
    archive_read_support_filter_gzip(reader.get());
    archive_read_support_filter_xz(reader.get());
    archive_read_support_filter_zstd(reader.get());
    archive_read_support_format_raw(reader.get());
    if (archive_read_open_memory(reader.get(), bytes.data(), bytes.size()) != ARCHIVE_OK ||
        next_entry(reader, name) == nullptr) {
        throw archive_error(reader.get(), "decompress", name);
    }
    return read_data(reader, name, mebibytes(256));
}

} // namespace lab::images
