// SPDX-License-Identifier: Apache-2.0
#include "images/keys.h"

#include "base/error.h"
#include "base/files.h"
#include "base/process.h"
#include "base/text.h"

#include <cstdio>
#include <sys/stat.h>

namespace lab::images {
namespace {

constexpr const char* user_name = "user_ed25519";
constexpr const char* host_name = "host_ed25519";

void generate(const std::filesystem::path& file, const char* comment) {
    run_process_checked({.argv = {"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment,
                                  "-f", file.string()}});
    if (::chmod(file.c_str(), 0600) != 0) {
        throw errno_error("change the mode of", file.string());
    }
    sync_path(file);
    sync_path(file.string() + ".pub");
}

/// "ssh-ed25519 AAAA..." of the public file beside a private key, comment left out.
std::string public_key(const std::filesystem::path& key) {
    const auto file = key.string() + ".pub";
    const auto text = read_file(file, mebibytes(1));
    const auto words = split(trim(text), ' ');
    if (words.size() < 2 || words[0] != "ssh-ed25519") {
        throw Error(ErrorCode::infra, file + ": is not an ed25519 public key",
                    "remove the directory; new keys are made, and root images with them");
    }
    return words[0] + " " + words[1];
}

} // namespace

ports::LabKeys lab_keys(const std::filesystem::path& directory) {
    if (!std::filesystem::exists(directory / host_name)) {
        TemporaryDirectory draft(directory.parent_path(), "keys-");
        generate(draft.path() / user_name, "lab");
        generate(draft.path() / host_name, "lab-guest");
        sync_path(draft.path());
        if (::rename(draft.path().c_str(), directory.c_str()) != 0) {
            throw errno_error("create", directory.string());
        }
        draft.keep();
        sync_path(directory.parent_path());
    }
    const auto user = directory / user_name;
    const auto host = directory / host_name;
    return {user, public_key(user), host, public_key(host)};
}

} // namespace lab::images
