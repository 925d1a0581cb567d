// SPDX-License-Identifier: Apache-2.0
#include "images/qemu_img.h"

#include "base/error.h"
#include "base/files.h"
#include "base/json.h"
#include "base/process.h"
#include "base/text.h"

#include <algorithm>

namespace lab::images {
namespace {

using Json = nlohmann::json;

/// A program that reads hostile bytes: 1 GiB of address space, 60 s of CPU time.
std::vector<std::string> confined(std::vector<std::string> argv) {
    argv.insert(argv.begin(), {"prlimit", "--as=1073741824", "--cpu=60", "--core=0"});
    return argv;
}

/// A relative name could start with "json:" or "nbd:"; an absolute one is always a file.
std::string file_name(const std::filesystem::path& path) {
    return std::filesystem::absolute(path).string();
}

Error refused(const DiskFile& disk, const std::string& cause) {
    return {ErrorCode::bad_input, (disk.name.empty() ? disk.path.string() : disk.name) +
                                      ": is not a usable " + to_string(disk.format) +
                                      " image: " + escape_for_terminal(cap(trim(cause), 300))};
}

std::string text_or_empty(const Json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

bool is_true(const Json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_boolean() && found->get<bool>();
}

} // namespace

const char* to_string(plan::ImageFormat format) noexcept {
    return format == plan::ImageFormat::qcow2 ? "qcow2" : "raw";
}

void create_overlay(const std::filesystem::path& backing, const std::filesystem::path& file) {
    run_process_checked({.argv = {"qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b",
                                  backing.string(), file_name(file)}});
}

void create_empty(const std::filesystem::path& file, Bytes size) {
    run_process_checked({.argv = {"qemu-img", "create", "-q", "-f", "qcow2", file_name(file),
                                  std::to_string(size.count)}});
}

void convert(const DiskFile& from, const DiskFile& to, const std::stop_token& stop) {
    run_process_checked({.argv = {"qemu-img", "convert", "-f", to_string(from.format), "-O",
                                  to_string(to.format), file_name(from.path), file_name(to.path)},
                         .timeout = std::chrono::hours(1)},
                        stop);
    sync_path(to.path);
}

DiskInfo inspect(const DiskFile& disk) {
    const auto result =
        run_process({.argv = confined({"qemu-img", "info", "-U", "--output=json", "-f",
                                       to_string(disk.format), file_name(disk.path)}),
                     .timeout = std::chrono::seconds(30)});
    if (result.exit_code != 0 || result.timed_out) {
        throw refused(disk, result.timed_out ? "no answer within 30 s" : result.err);
    }
    const auto json = Json::parse(result.out, nullptr, false);
    const auto size = json.is_object() ? json.find("virtual-size") : json.end();
    if (!json.is_object() || size == json.end() || !size->is_number_unsigned()) {
        throw refused(disk, "no virtual size");
    }
    DiskInfo info;
    info.virtual_size = {size->get<std::uint64_t>()};
    info.backing_file = text_or_empty(json, "backing-filename");
    info.encrypted = is_true(json, "encrypted");
    const auto snapshots = json.find("snapshots");
    info.has_snapshots = snapshots != json.end() && !snapshots->empty();
    const auto specific = json.find("format-specific");
    if (specific != json.end() && specific->is_object() && specific->contains("data")) {
        const auto& data = (*specific)["data"];
        info.data_file = text_or_empty(data, "data-file");
        info.corrupt = is_true(data, "corrupt");
    }
    return info;
}

std::optional<std::string> check(const DiskFile& disk, const std::stop_token& stop) {
    const auto result =
        run_process({.argv = confined({"qemu-img", "check", "-q", "-f", to_string(disk.format),
                                       file_name(disk.path)}),
                     .timeout = std::chrono::minutes(5)},
                    stop);
    // 3 = leaked clusters only: wasted space, right content.
    if (!result.timed_out && (result.exit_code == 0 || result.exit_code == 3)) {
        return std::nullopt;
    }
    const auto cause = trim(result.err).empty() ? trim(result.out) : trim(result.err);
    return result.timed_out ? "no answer within 5 min" : escape_for_terminal(cap(cause, 300));
}

} // namespace lab::images
