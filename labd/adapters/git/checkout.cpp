// SPDX-License-Identifier: Apache-2.0
#include "adapters/git/checkout.h"

#include "adapters/git/given_repository.h"
#include "adapters/git/libgit.h"
#include "adapters/git/obstacles.h"
#include "adapters/git/read_guard.h"
#include "adapters/git/space_check.h"
#include "base/clock.h"
#include "base/files.h"
#include "base/log.h"
#include "base/text.h"

#include <optional>

namespace lab::adapters::git {
namespace {

namespace fs = std::filesystem;

fs::path beside(const fs::path& directory) {
    auto path = directory;
    path += ".lab";
    return path;
}

/// What commands do in the directory must not decide what is checked out there: our index and our
/// configuration lie beside it, and the `.git` in it is only theirs.
class Workspace {
public:
    Workspace(const CheckoutSource& source, fs::path directory)
        : directory_(std::move(directory)), administration_(beside(directory_)),
          source_(source.repository), scales_(source.scales), left_free_(source.left_free),
          objects_(objects_of(source_)), given_(directory_, objects_) {
        open();
    }
    Workspace(const Workspace&) = delete;
    Workspace& operator=(const Workspace&) = delete;

    std::optional<ports::UnfitTree> check_out(const core::CommitId& id,
                                              const std::stop_token& stop) {
        stop_ = stop;
        const auto oid = to_oid(id);
        static_cast<void>(find_commit(repository_.get(), oid));
        if (auto unfit = scales_->fault_of(open_repository(source_, stop).get(), id, stop)) {
            return unfit;
        }
        if (const auto failure = write_files(oid)) {
            logger("git")->info("checkout is made anew path={} cause={}", directory_.string(),
                                *failure);
            make_anew();
            if (const auto again = write_files(oid)) {
                throw Error(ErrorCode::infra,
                            "commit " + id.hex() + ": cannot be checked out: " + *again);
            }
        }
        given_.show(id, administration_ / "index");
        return std::nullopt;
    }

private:
    static fs::path objects_of(const std::string& source) {
        const auto repository = open_repository(source);
        return fs::absolute(git_repository_commondir(repository.get())) / "objects";
    }

    void open() {
        make_directory(directory_);
        for (const auto* lock : {"index.lock", "HEAD.lock"}) { // of a killed owner
            static_cast<void>(remove_tree(administration_ / lock));
        }
        git_repository* made = nullptr;
        require(git_repository_init(&made, administration_.c_str(), 1), "make repository",
                administration_.string());
        Repository owner(made);
        borrow_objects(objects_, administration_);
        owner.reset(); // opened again: alternates are read when a repository is opened
        repository_ = open_repository(administration_.string());
        guard_reads(repository_.get(), [this] { return why_no_more(); });
        require(git_repository_set_workdir(repository_.get(), directory_.c_str(), 0),
                "use directory", directory_.string());
    }

    /// Asked while files are written; nothing = go on.
    const char* why_no_more() {
        if (stop_.stop_requested()) {
            return "was stopped";
        }
        return space_ && !space_->has_room() ? "there is no room" : nullptr;
    }

    /// Makes the tracked files those of the commit; why they are not.
    std::optional<std::string> write_files(const git_oid& oid) {
        std::error_code none;
        if (fs::symlink_status(directory_, none).type() != fs::file_type::directory) {
            return "the directory is gone";
        }
        remove_obstacles(repository_.get(), directory_, oid, stop_);
        const auto commit = find_commit(repository_.get(), oid);
        git_checkout_options options = GIT_CHECKOUT_OPTIONS_INIT;
        options.checkout_strategy = GIT_CHECKOUT_FORCE;
        // The C interface has no other way to say "any object".
        const auto* tree_ish = reinterpret_cast<const git_object*>(commit.get());
        space_.emplace(directory_.parent_path(), left_free_);
        const int code = git_checkout_tree(repository_.get(), tree_ish, &options);
        throw_if_stopped(stop_);
        space_->require_room();
        space_.reset();
        if (code < 0) {
            return git_failure(code, "check out commit", to_hex(oid)).what();
        }
        if (git_oid_cmp(&head_, &oid) != 0) { // by HEAD libgit2 knows what was there
            require(git_repository_set_head_detached(repository_.get(), &oid),
                    "move HEAD to commit", to_hex(oid));
            head_ = oid;
        }
        if (const auto path = find_difference(repository_.get(), directory_)) {
            return escape_for_terminal(cap(*path, 200)) + ": is not as the commit has it";
        }
        return std::nullopt;
    }

    void make_anew() {
        repository_.reset();
        head_ = {};
        for (const auto& path : {directory_, administration_}) {
            if (const auto failure = remove_tree(path)) {
                throw Error(ErrorCode::infra,
                            path.string() + ": cannot be removed: " + failure.message());
            }
        }
        open();
    }

    fs::path directory_;
    fs::path administration_;
    std::string source_;
    std::shared_ptr<TreeScales> scales_;
    Bytes left_free_;
    fs::path objects_;
    std::stop_token stop_;
    std::optional<SpaceCheck> space_; ///< while files are written
    Repository repository_;
    git_oid head_{}; ///< zero = not known
    GivenRepository given_;
};

class BorrowingCheckout : public ports::Checkout {
public:
    BorrowingCheckout(CheckoutSource source, const fs::path& directory)
        : source_(std::move(source)), directory_(fs::absolute(directory)),
          workspace_(source_.attendant.run(
              source_.repository, {}, [source = source_, directory = directory_] {
                  return std::make_shared<Workspace>(source, directory);
              })) {}

    const fs::path& directory() const override { return directory_; }

    std::optional<ports::UnfitTree> check_out(const core::CommitId& id,
                                              const std::stop_token& stop) override {
        if (!workspace_) {
            throw Error(ErrorCode::infra, directory_.string() + ": this checkout was given up");
        }
        // Work that is left behind keeps it. What a command left in the checkout may hang as well,
        // which is not the repository's fault.
        const auto workspace = std::move(workspace_);
        auto unfit =
            source_.attendant.run(directory_.string() + " (of " + source_.repository + ")", stop,
                                  [workspace, id, stop] { return workspace->check_out(id, stop); });
        workspace_ = workspace;
        return unfit;
    }

private:
    CheckoutSource source_;
    fs::path directory_;
    std::shared_ptr<Workspace> workspace_; ///< none after a failure
};

} // namespace

std::unique_ptr<ports::Checkout> make_checkout(const CheckoutSource& source,
                                               const fs::path& directory) {
    return std::make_unique<BorrowingCheckout>(source, directory);
}

} // namespace lab::adapters::git
