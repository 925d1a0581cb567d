// SPDX-License-Identifier: Apache-2.0
#include "engine/suts/deploy.h"

#include "base/error.h"
#include "base/files.h"
#include "base/process.h"
#include "base/sha256.h"
#include "base/text.h"
#include "engine/suts/deploy_scripts.h"
#include "engine/suts/kernel_image.h"
#include "engine/suts/system_scripts.h"

#include <fcntl.h>
#include <sys/stat.h>

namespace lab::engine {
namespace {

constexpr Bytes chunk_size = mebibytes(4);
constexpr Duration chunk_timeout = std::chrono::minutes(5);
constexpr Duration reconnect_timeout = std::chrono::minutes(1);
constexpr Duration placing_timeout = std::chrono::minutes(30);
constexpr unsigned most_breaks = 10;
constexpr unsigned copies_tried = 2;

/// A file of this host, read in pieces.
class Source {
public:
    explicit Source(const std::filesystem::path& file)
        : path_(file), descriptor_(::open(file.c_str(), O_RDONLY | O_CLOEXEC)) {
        struct stat info {};
        if (!descriptor_ || ::fstat(descriptor_.get(), &info) != 0) {
            throw errno_error("open", file.string());
        }
        size_ = static_cast<std::uint64_t>(info.st_size);
    }

    [[nodiscard]] std::uint64_t size() const { return size_; }

    [[nodiscard]] std::string read(std::uint64_t offset, std::uint64_t count) const {
        std::string bytes(count, '\0');
        const auto got =
            ::pread(descriptor_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (got <= 0) {
            throw errno_error("read", path_.string());
        }
        bytes.resize(static_cast<std::size_t>(got));
        return bytes;
    }

private:
    std::filesystem::path path_;
    FileDescriptor descriptor_;
    std::uint64_t size_ = 0;
};

class Deploying {
public:
    Deploying(SutLink& link, const SystemScripts& scripts, const KernelFiles& files,
              const ports::OutputSink& sink, const std::stop_token& stop)
        : link_(link), scripts_(scripts), files_(files), sink_(sink), stop_(stop) {}

    Deployment deploy(const std::filesystem::path& scratch) {
        const auto archive = pack(scratch);
        kernel_sha256_ = sha256_of_file(files_.kernel);
        modules_sha256_ = archive.empty() ? "" : sha256_of_file(archive);
        const auto name = kernel_name_in(read_beginning());
        DeployedKernel made;
        made.key = sha256_of("kernel 1\n" + kernel_sha256_ + "\n" + modules_sha256_).substr(0, 16);
        made.version = name ? name->version : "";
        incoming_ = "/var/lib/lab/incoming/" + made.key;
        const auto found = line_of(
            script("find the kernel", find_kernel_script, {{"LAB_KEY", made.key}}), "release");
        if (found) {
            made.release = *found;
            return made;
        }
        copy(archive);
        const auto answer = script("put the kernel in its place", scripts_.place_kernel,
                                   {{"LAB_KEY", made.key},
                                    {"LAB_INCOMING", incoming_},
                                    {"LAB_RELEASE", name ? name->release : ""}});
        if (const auto reason = line_of(answer, "refused")) {
            return Undeployable{cap(escape_for_terminal(*reason), 500)};
        }
        made.release = line_of(answer, "release").value_or("");
        return made;
    }

private:
    /// The modules as an archive; a directory is packed.
    std::filesystem::path pack(const std::filesystem::path& scratch) const {
        std::error_code ignored; // who reads it says what is wrong
        if (files_.modules.empty() || !std::filesystem::is_directory(files_.modules, ignored)) {
            return files_.modules;
        }
        const auto directory =
            files_.modules.has_filename() ? files_.modules : files_.modules.parent_path();
        const auto archive = scratch / "modules.tar";
        // Its own name is in it: of lib/modules/<release> that is the release. The same content
        // is the same archive, so that it is found on the machine.
        ProcessSpec process;
        process.argv = {"tar",
                        "--create",
                        "--sort=name",
                        "--mtime=@0",
                        "--owner=0",
                        "--group=0",
                        "--numeric-owner",
                        "--exclude=build",
                        "--exclude=source",
                        "--file=" + archive.string(),
                        "--directory=" + directory.parent_path().string(),
                        "--",
                        directory.filename().string()};
        static_cast<void>(run_process_checked(process, stop_));
        return archive;
    }

    [[nodiscard]] std::string read_beginning() const {
        const Source kernel(files_.kernel);
        return kernel.read(0, kernel_header_size);
    }

    std::string script(const char* what, const std::string& text,
                       std::map<std::string, std::string> environment) {
        return link_.run_script({{what, text}, std::move(environment), placing_timeout}, sink_,
                                stop_);
    }

    void copy(const std::filesystem::path& archive) {
        auto size = std::filesystem::file_size(files_.kernel);
        size += archive.empty() ? 0 : std::filesystem::file_size(archive);
        script("make room", make_room_script,
               {{"LAB_INCOMING", incoming_}, {"LAB_KIB", std::to_string(size / 1024 + 1)}});
        copy_file(files_.kernel, incoming_ + "/kernel", kernel_sha256_);
        if (!archive.empty()) {
            copy_file(archive, incoming_ + "/modules", modules_sha256_);
        }
    }

    void copy_file(const std::filesystem::path& file, const std::string& to,
                   const std::string& sha256) {
        for (unsigned i = 0; i < copies_tried; ++i) {
            send(file, to + ".part");
            GuestScript take{{"compare what was copied", take_file_script},
                             {{"LAB_FILE", to}, {"LAB_SHA256", sha256}},
                             placing_timeout};
            const auto result = link_.run(command_of(take), sink_, stop_);
            if (result.end == ports::CommandEnd::exited && result.exit_code == 0) {
                return;
            }
            if (result.exit_code != 3) {
                throw trouble_on(link_.name(), take.file.path, result);
            }
        }
        throw Error(ErrorCode::infra,
                    link_.name() + ": " + file.string() + ": arrives with another SHA-256, twice");
    }

    /// Sends what the machine does not have yet; goes on where a broken link left off.
    void send(const std::filesystem::path& file, const std::string& to) {
        const Source source(file);
        unsigned breaks = 0;
        auto there = size_there(to);
        while (there < source.size()) {
            const auto bytes = source.read(there, chunk_size.count);
            const auto result =
                link_.run({"cat >> " + shell_quote(to), bytes, chunk_timeout}, sink_, stop_);
            if (result.end == ports::CommandEnd::exited && result.exit_code == 0) {
                there += bytes.size();
                continue;
            }
            if (result.end == ports::CommandEnd::exited || ++breaks > most_breaks) {
                throw trouble_on(link_.name(), "copy " + file.filename().string(), result);
            }
            link_.open(reconnect_timeout, stop_);
            there = size_there(to);
            sink_(to + ": the link broke, going on at byte " + std::to_string(there) + " of " +
                  std::to_string(source.size()) + "\n");
        }
    }

    /// How much of a file the machine has.
    std::uint64_t size_there(const std::string& file) {
        const auto result =
            link_.run({"cat " + shell_quote(file) + " 2>/dev/null | wc -c", {}, chunk_timeout},
                      nullptr, stop_);
        if (result.end != ports::CommandEnd::exited || result.exit_code != 0) {
            throw trouble_on(link_.name(), "look at " + file, result);
        }
        return std::strtoull(std::string(trim(result.output)).c_str(), nullptr, 10);
    }

    SutLink& link_;
    const SystemScripts& scripts_;
    const KernelFiles& files_;
    const ports::OutputSink& sink_;
    const std::stop_token& stop_;
    std::string kernel_sha256_;
    std::string modules_sha256_;
    std::string incoming_;
};

} // namespace

Deployment deploy(SutLink& link, const std::string& system, const KernelFiles& files,
                  const std::filesystem::path& scratch, const ports::OutputSink& sink,
                  const std::stop_token& stop) {
    const auto* scripts = scripts_of(system);
    if (scripts == nullptr) {
        return Undeployable{not_bootable_text(system)};
    }
    return Deploying(link, *scripts, files, sink, stop).deploy(scratch);
}

} // namespace lab::engine
