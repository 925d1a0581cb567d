// SPDX-License-Identifier: Apache-2.0
#include "adapters/git/checkout.h"

#include "adapters/git/libgit.h"
#include "base/clock.h"
#include "base/files.h"

namespace lab::adapters::git {
namespace {

namespace fs = std::filesystem;

/// @see gitrepository-layout(5): objects/info/alternates, one directory a line.
void borrow_objects(const fs::path& lender, const fs::path& directory) {
    const auto objects = (lender / "objects").lexically_normal().string();
    if (objects.find('\n') != std::string::npos || objects.front() == '"') {
        throw Error(ErrorCode::bad_input,
                    objects + ": objects below such a path cannot be borrowed");
    }
    write_file(directory / ".git" / "objects" / "info" / "alternates", objects + "\n");
}

/// Locks of a killed owner; the checkout is ours alone.
void remove_locks(const fs::path& directory) {
    for (const auto* name : {"index.lock", "HEAD.lock"}) {
        fs::remove(directory / ".git" / name);
    }
}

Repository make_repository(git_repository* source, const fs::path& directory) {
    remove_locks(directory);
    git_repository* made = nullptr;
    require(git_repository_init(&made, directory.c_str(), 0), "make repository",
            directory.string());
    Repository owner(made);
    borrow_objects(fs::absolute(git_repository_commondir(source)), directory);
    owner.reset(); // opened again below: alternates are read when a repository is opened
    return open_repository(directory.string());
}

class BorrowingCheckout : public ports::Checkout {
public:
    BorrowingCheckout(git_repository* source, fs::path directory)
        : directory_(std::move(directory)), repository_(make_repository(source, directory_)) {}

    const fs::path& directory() const override { return directory_; }

    void check_out(const core::CommitId& id, const std::stop_token& stop) override {
        throw_if_stopped(stop);
        const auto oid = to_oid(id);
        const auto commit = find_commit(repository_.get(), oid);
        git_checkout_options options = GIT_CHECKOUT_OPTIONS_INIT;
        options.checkout_strategy = GIT_CHECKOUT_FORCE;
        // The C interface has no other way to say "any object".
        const auto* tree_ish = reinterpret_cast<const git_object*>(commit.get());
        require(git_checkout_tree(repository_.get(), tree_ish, &options), "check out commit",
                id.hex());
        require(git_repository_set_head_detached(repository_.get(), &oid), "move HEAD to commit",
                id.hex());
    }

private:
    fs::path directory_;
    Repository repository_;
};

} // namespace

std::unique_ptr<ports::Checkout> make_checkout(git_repository* source, const fs::path& directory) {
    make_directory(directory);
    return std::make_unique<BorrowingCheckout>(source, directory);
}

} // namespace lab::adapters::git
