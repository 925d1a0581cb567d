// SPDX-License-Identifier: Apache-2.0
#include "images/root_maker.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/files.h"
#include "base/process.h"
#include "base/user_namespace.h"
#include "images/download.h"
#include "images/ext4.h"
#include "images/import.h"
#include "images/initrd.h"
#include "images/inject.h"
#include "images/mmdebstrap.h"
#include "images/root_key.h"

#include <future>
#include <mutex>

namespace lab::images {
namespace {

using Progress = std::function<void(const std::string&)>;
using Log = std::function<void(std::string_view)>;

/// A scratch directory for files of any owner.
class ScratchTree {
public:
    explicit ScratchTree(const std::filesystem::path& parent) : path_(parent / "work") {
        make_directory(path_);
    }
    ScratchTree(const ScratchTree&) = delete;
    ScratchTree& operator=(const ScratchTree&) = delete;
    ~ScratchTree() { remove_foreign_tree(path_); }

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

/// One image in the making.
struct Work {
    const ports::RootRequest& request;
    std::filesystem::path directory; ///< of the draft
    std::filesystem::path scratch;
    const Progress& progress;
    const Log& log;
    std::stop_token stop;

    [[nodiscard]] std::filesystem::path disk() const { return directory / "disk.qcow2"; }
    [[nodiscard]] std::filesystem::path kernel() const { return directory / "kernel"; }
    [[nodiscard]] std::filesystem::path initrd() const { return directory / "initrd"; }
    [[nodiscard]] std::filesystem::path tree() const { return directory / "tree.tar.zst"; }
};

class Maker : public ports::RootMaker {
public:
    Maker(ports::ImageStore& store, RootMakerOptions options)
        : store_(store), options_(std::move(options)) {}

    std::string key_of(const ports::RootRequest& request) override {
        return root_key(request, digests_);
    }

    ports::ImageLease make(const ports::RootRequest& request, const Progress& progress,
                           const Log& log, const std::stop_token& stop) override;

private:
    /// @return the release of its kernel
    [[nodiscard]] std::string make_debian(const Work& work);
    void make_import(const Work& work);
    void inject(const Work& work, AcceleratorHint accelerator);
    [[nodiscard]] std::future<AcceleratorHint> ask_accelerator() const;

    ports::ImageStore& store_;
    RootMakerOptions options_;
    FileDigests digests_;
    std::timed_mutex making_;
};

/// Waits for its turn, but not after a stop request.
std::unique_lock<std::timed_mutex> wait_for(std::timed_mutex& mutex, const std::stop_token& stop) {
    std::unique_lock lock(mutex, std::defer_lock);
    while (!lock.try_lock_for(std::chrono::milliseconds(100))) {
        throw_if_stopped(stop);
    }
    return lock;
}

ports::ImageLease Maker::make(const ports::RootRequest& request, const Progress& progress,
                              const Log& log, const std::stop_token& stop) {
    const auto key = key_of(request);
    const auto turn = wait_for(making_, stop);
    if (auto made = store_.find(ports::ImageKind::root, key)) {
        return made;
    }
    const auto draft = store_.begin({.kind = ports::ImageKind::root, .key = key});
    std::map<std::string, std::string> labels{{"template", request.machine.name}};
    {
        const ScratchTree scratch(draft->directory());
        const Work work{request, draft->directory(), scratch.path(), progress, log, stop};
        const auto& root = request.machine.root;
        switch (root.recipe) {
        case plan::RootRecipe::debian:
            labels["kernel_release"] = make_debian(work);
            break;
        case plan::RootRecipe::import:
            make_import(work);
            break;
        case plan::RootRecipe::empty:
            progress("making an empty file system of " + format_bytes(root.size));
            make_ext4({.disk = work.disk(), .work = work.scratch, .size = root.size}, stop);
            break;
        }
    }
    progress("publishing the root image");
    return draft->publish(std::move(labels));
}

/// The first answer takes seconds; they pass while the root is made.
std::future<AcceleratorHint> Maker::ask_accelerator() const {
    return std::async(std::launch::async, options_.accelerator);
}

std::string Maker::make_debian(const Work& work) {
    auto accelerator = ask_accelerator();
    const auto& machine = work.request.machine;
    const auto& root = machine.root;
    const auto tar = work.scratch / "root.tar";
    work.progress("installing Debian " + root.suite + " packages (mmdebstrap)");
    make_debian_tar({root.suite, root.packages, tar}, work.log, work.stop);

    work.progress("making the initrd");
    auto release = make_boot_files({tar, root.modules, work.kernel(), work.initrd()});
    if (keeps_tree(machine)) {
        work.progress("keeping its files for containers");
        run_process_checked(
            {.argv = {"zstd", "-q", "-3", "-T0", tar.string(), "-o", work.tree().string()}},
            work.stop);
    }

    work.progress("making the file system of " + format_bytes(root.size));
    const auto tree = work.scratch / "root";
    make_directory(tree);
    // Nobody but root may make device files, and the guest's kernel makes its own.
    run_process_checked(
        {.argv = as_file_owner({"tar", "-x", "-p", "--numeric-owner", "--exclude=./dev/*", "-f",
                                tar.string(), "-C", tree.string()})},
        work.stop);
    make_ext4({.disk = work.disk(), .work = work.scratch, .size = root.size, .content = tree},
              work.stop);
    inject(work, accelerator.get());
    return release;
}

void Maker::make_import(const Work& work) {
    const auto& source = work.request.machine.root.import;
    if (!source) {
        throw Error(ErrorCode::bad_input,
                    work.request.machine.name + ": root.import is missing (needed by its recipe)");
    }
    auto accelerator = ask_accelerator();
    work.progress("copying " + shown_location(source->location));
    import_image({*source, work.disk(), work.scratch, options_.import_limit}, work.stop);
    inject(work, accelerator.get());
}

void Maker::inject(const Work& work, AcceleratorHint accelerator) {
    throw_if_stopped(work.stop);
    const auto& machine = work.request.machine;
    work.progress("putting keys and init into the root (libguestfs)");
    Appliance appliance({work.disk(), plan::ImageFormat::qcow2}, accelerator);
    throw_if_stopped(work.stop);
    const bool imported = machine.root.recipe == plan::RootRecipe::import;
    if (imported) {
        appliance.mount_system();
    } else {
        appliance.mount_whole_disk();
        inject_identity(appliance, machine);
    }
    inject_access(appliance, work.request);
    if (imported && machine.boot.method == plan::BootMethod::direct &&
        machine.boot.kernel_origin == plan::KernelOrigin::root) {
        extract_kernel(appliance, work.kernel(), work.initrd());
    }
    appliance.finish();
}

} // namespace

std::unique_ptr<ports::RootMaker> make_root_maker(ports::ImageStore& store,
                                                  RootMakerOptions options) {
    return std::make_unique<Maker>(store, std::move(options));
}

} // namespace lab::images
