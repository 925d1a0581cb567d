// SPDX-License-Identifier: Apache-2.0
#include "adapters/git/delta_tar.h"

#include "adapters/git/space_check.h"
#include "base/clock.h"
#include "base/text.h"

#include <algorithm>
#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <string_view>
#include <system_error>

namespace lab::adapters::git {
namespace {

using WriteArchive = Handle<archive, archive_write_free>;
using ArchiveEntry = Handle<archive_entry, archive_entry_free>;

/// Written at once, between two looks at the stop token.
constexpr std::size_t longest_write = std::size_t{4} << 20U;

/// A tar file that is removed unless it was finished.
class TarWriter {
public:
    TarWriter(const std::filesystem::path& file, const std::stop_token& stop)
        : file_(file), stop_(stop),
          descriptor_(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)),
          writer_(archive_write_new()) {
        if (!descriptor_) {
            throw errno_error("create", file.string());
        }
        archive_write_set_format_gnutar(writer_.get());
        archive_write_add_filter_none(writer_.get());
        require(archive_write_open_fd(writer_.get(), descriptor_.get()));
    }
    TarWriter(const TarWriter&) = delete;
    TarWriter& operator=(const TarWriter&) = delete;

    ~TarWriter() {
        if (!finished_) {
            std::error_code ignored;
            std::filesystem::remove(file_, ignored);
        }
    }

    void add_directory(const std::string& name) {
        const auto entry = make_entry(name, AE_IFDIR, 0755);
        require(archive_write_header(writer_.get(), entry.get()));
    }

    void add_file(const std::string& name, int mode, std::string_view content) {
        const auto entry = make_entry(name, AE_IFREG, mode);
        archive_entry_set_size(entry.get(), static_cast<la_int64_t>(content.size()));
        require(archive_write_header(writer_.get(), entry.get()));
        while (!content.empty()) {
            throw_if_stopped(stop_);
            const auto part = std::min(content.size(), longest_write);
            const auto count = archive_write_data(writer_.get(), content.data(), part);
            if (count <= 0) {
                throw failure();
            }
            content.remove_prefix(static_cast<std::size_t>(count));
        }
    }

    void add_link(const std::string& name, const std::string& target) {
        const auto entry = make_entry(name, AE_IFLNK, 0777);
        archive_entry_set_symlink(entry.get(), target.c_str());
        require(archive_write_header(writer_.get(), entry.get()));
    }

    void finish() {
        require(archive_write_close(writer_.get()));
        finished_ = true;
    }

private:
    static ArchiveEntry make_entry(const std::string& name, __LA_MODE_T type, int mode) {
        ArchiveEntry entry(archive_entry_new());
        archive_entry_set_pathname(entry.get(), name.c_str());
        archive_entry_set_filetype(entry.get(), type);
        archive_entry_set_perm(entry.get(), static_cast<__LA_MODE_T>(mode));
        archive_entry_set_mtime(entry.get(), 0, 0);
        return entry;
    }

    void require(int answer) const {
        if (answer != ARCHIVE_OK) {
            throw failure();
        }
    }

    [[nodiscard]] Error failure() const {
        const char* cause = archive_error_string(writer_.get());
        return {ErrorCode::infra, "cannot write '" + file_.string() +
                                      "': " + (cause != nullptr ? cause : "unknown cause")};
    }

    std::filesystem::path file_;
    const std::stop_token& stop_;
    FileDescriptor descriptor_;
    WriteArchive writer_;
    bool finished_ = false;
};

/// Writes the files of a delta, one by one.
class FileWriter {
public:
    FileWriter(git_repository* repository, TarWriter& tar, SpaceCheck& space)
        : repository_(repository), tar_(tar), space_(space) {}

    /// The size of its content, or why it cannot be written.
    Expected<std::uint64_t, ports::UnfitTree> add(const TreeFile& file) {
        git_blob* found = nullptr;
        require(git_blob_lookup(&found, repository_, &file.content), "read file", file.path);
        const Blob blob(found);
        const std::string_view content(static_cast<const char*>(git_blob_rawcontent(found)),
                                       static_cast<std::size_t>(git_blob_rawsize(found)));
        if (!space_.has_room(Bytes{content.size()})) {
            space_.require_room();
        }
        const auto name = "src/" + file.path;
        if (file.mode != GIT_FILEMODE_LINK) {
            tar_.add_file(name, file.mode == GIT_FILEMODE_BLOB_EXECUTABLE ? 0755 : 0644, content);
        } else if (content.find('\0') == std::string_view::npos) {
            tar_.add_link(name, std::string(content));
        } else {
            return Unexpected{ports::UnfitTree{
                "source tree: '" + escape_for_terminal(cap(file.path, 200)) +
                "' is a symbolic link without a usable target (not allowed: NUL)"}};
        }
        return content.size();
    }

private:
    git_repository* repository_;
    TarWriter& tar_;
    SpaceCheck& space_;
};

} // namespace

Expected<ports::DeltaInfo, ports::UnfitTree> write_delta_tar(git_repository* repository,
                                                             const TreeDelta& delta,
                                                             const DeltaFile& file,
                                                             const std::stop_token& stop) {
    ports::DeltaInfo info;
    info.changed_files = delta.files.size();
    info.deleted_paths = delta.deleted.size();
    for (const auto& path : delta.submodules) {
        info.warnings.push_back("submodule '" + escape_for_terminal(cap(path, 200)) +
                                "' is left out (its files are in another repository)");
    }
    std::string deleted;
    for (const auto& path : delta.deleted) {
        deleted += path;
        deleted += '\0';
    }
    TarWriter writer(file.tar, stop);
    writer.add_file("lab-delta/deleted", 0644, deleted);
    writer.add_directory("src/");
    SpaceCheck space(file.tar.parent_path(), file.left_free);
    FileWriter files(repository, writer, space);
    for (const auto& one : delta.files) {
        throw_if_stopped(stop);
        const auto size = files.add(one);
        if (!size) {
            return Unexpected{size.error()};
        }
        info.bytes += *size;
    }
    writer.finish();
    return info;
}

} // namespace lab::adapters::git
