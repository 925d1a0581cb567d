// SPDX-License-Identifier: Apache-2.0
#include "images/root_key.h"

#include "base/error.h"
#include "base/sha256.h"
#include "images/import.h"

#include <sys/stat.h>

namespace lab::images {
namespace {

/// To be raised whenever the maker would make something else from the same request.
constexpr const char* maker_version = "1";

/// Digests a sequence of texts so that no two sequences give the same bytes.
class KeyDigest {
public:
    KeyDigest& add(const std::string& text) {
        digest_.update(std::to_string(text.size()) + ":");
        digest_.update(text);
        return *this;
    }

    KeyDigest& add(const std::vector<std::string>& texts) {
        add(std::to_string(texts.size()));
        for (const auto& text : texts) {
            add(text);
        }
        return *this;
    }

    [[nodiscard]] std::string finish() { return digest_.finish(); }

private:
    Sha256 digest_;
};

std::string digest_of_import(const plan::ImportSource& source, FileDigests& digests) {
    if (!source.sha256.empty()) {
        return source.sha256;
    }
    if (is_url(source.location)) {
        throw Error(ErrorCode::bad_input,
                    "root.import: '" + source.location + "' has no sha256 (needed for a URL)");
    }
    return digests.digest_of(source.location);
}

} // namespace

std::string FileDigests::digest_of(const std::filesystem::path& file) {
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0) {
        throw Error(ErrorCode::not_found, file.string() + ": there is no such image");
    }
    if (!S_ISREG(status.st_mode)) {
        throw Error(ErrorCode::bad_input, file.string() + ": is not a regular file");
    }
    const auto identity = std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino) +
                          ":" + std::to_string(status.st_size) + ":" +
                          std::to_string(status.st_mtim.tv_sec) + "." +
                          std::to_string(status.st_mtim.tv_nsec);
    const std::lock_guard lock(mutex_);
    auto& digest = known_[identity];
    if (digest.empty()) {
        digest = sha256_of_file(file);
    }
    return digest;
}

bool keeps_tree(const plan::Template& machine) {
    return machine.root.recipe == plan::RootRecipe::debian;
}

std::string root_key(const ports::RootRequest& request, FileDigests& digests) {
    const auto& machine = request.machine;
    const auto& root = machine.root;
    KeyDigest key;
    key.add(maker_version).add(std::to_string(static_cast<int>(root.recipe)));
    key.add(std::to_string(root.size.count));
    if (root.recipe == plan::RootRecipe::empty) {
        return key.finish();
    }
    key.add(machine.name).add(root.suite).add(root.packages).add(root.modules);
    if (keeps_tree(machine)) {
        key.add("tree 1");
    }
    key.add(root.init ? root.init->content : std::string());
    key.add(request.keys.user_public_key).add(request.keys.host_public_key);
    if (root.import) {
        key.add(digest_of_import(*root.import, digests));
        key.add(std::to_string(static_cast<int>(root.import->format)));
        // A direct boot takes kernel and initrd out of the image.
        key.add(std::to_string(static_cast<int>(machine.boot.method)));
        key.add(std::to_string(static_cast<int>(machine.boot.kernel_origin)));
    }
    return key.finish();
}

} // namespace lab::images
