// SPDX-License-Identifier: Apache-2.0
#include "engine/steps/build.h"

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "core/first_error.h"
#include "engine/steps/build_cache.h"
#include "engine/steps/build_place.h"
#include "engine/steps/guest_facts.h"
#include "engine/steps/root.h"
#include "engine/stopwatch.h"

namespace lab::engine {
namespace {

/// What the log calls it: a clean build is told from the others of its commit.
std::string log_source(const BuildRequest& request) {
    return "build " + request.id() + (request.clean == plan::CleanBuild::yes ? " clean" : "");
}

/// What one run of a recipe works on.
struct BuildPlan {
    BuildKeys keys;
    plan::BuildMode mode = plan::BuildMode::full;
    NearestBuild nearest;
};

BuildPlan make_plan(Workshop& shop, const BuildRequest& request, const ports::ImageLease& root,
                    const std::stop_token& stop) {
    BuildPlan made;
    made.mode = request.mode;
    const auto lineage = build_keys(request, *root, request.mode, request.clean).lineage;
    if (request.clean == plan::CleanBuild::no) {
        made.nearest = nearest_build(shop, request, lineage, stop);
    }
    // A kernel needs the world of an earlier build to go with.
    if (!made.nearest.image || !request.recipe.recipes->kernel) {
        made.mode = plan::BuildMode::full;
    }
    made.keys = build_keys(request, *root, made.mode, request.clean);
    return made;
}

class BuildRun {
public:
    BuildRun(Workshop& shop, JobContext& job, const BuildRequest& request)
        : shop_(shop), job_(job), request_(request), log_(job.log(), log_source(request)) {}

    [[nodiscard]] HostShare reserve_machine(const ports::ImageLease& root,
                                            const std::stop_token& stop) const {
        return reserve(shop_, build_machine(request_, root), stop);
    }

    BuildOutcome run(const ports::ImageLease& root, HostShare share, const std::stop_token& stop) {
        if (!share) {
            share = reserve_machine(root, stop);
        }
        // Only now: while it waited, a nearer relative may have been published.
        plan_ = make_plan(shop_, request_, root, stop);
        const auto started = std::chrono::steady_clock::now();
        const auto draft = begin_draft();
        const auto place = make_place({shop_, request_, root, plan_.nearest.image, *draft},
                                      std::move(share), stop);
        if (const auto unfit = write_delta(place->delta(), stop)) {
            return failed(unfit->reason);
        }
        place->begin(sink(), stop);
        job_.phase("build " + request_.id() + ": compiling (" + plan::to_string(plan_.mode) + ")");
        auto outcome = compile(*place, stop);
        if (outcome.state != BuildState::failed) {
            note_files_read(*place, draft->directory(), stop);
            place->end(sink(), stop);
            outcome.seconds = seconds_since(started);
            outcome.image = publish(*draft, outcome, *root);
            place->published(*outcome.image);
        }
        outcome.seconds = seconds_since(started);
        return outcome;
    }

private:
    std::unique_ptr<ports::ImageDraft> begin_draft() {
        ports::DraftRequest draft;
        draft.kind = ports::ImageKind::build;
        draft.key = plan_.keys.key;
        draft.parent = plan_.nearest.image;
        if (request_.place == Place::container) {
            draft.content = ports::Content::tree;
        } else if (!draft.parent) {
            draft.size = request_.recipe.recipes->image_size;
        }
        return shop_.deps.images.begin(draft);
    }

    std::unique_ptr<BuildPlace> make_place(const BuildSite& site, HostShare share,
                                           const std::stop_token& stop) const {
        return request_.place == Place::container
                   ? make_container_place(site, std::move(share), stop)
                   : make_vm_place(site, std::move(share));
    }

    static BuildOutcome failed(const std::string& reason) {
        BuildOutcome outcome;
        outcome.state = BuildState::failed;
        outcome.error = reason;
        return outcome;
    }

    std::optional<ports::UnfitTree> write_delta(const std::filesystem::path& tar,
                                                const std::stop_token& stop) {
        std::optional<core::CommitId> from;
        if (plan_.nearest.image) {
            from = plan_.nearest.commit;
        }
        auto written = request_.repo->write_delta(from, request_.commit, tar, stop);
        if (!written) {
            return std::move(written).error();
        }
        delta_ = *std::move(written);
        for (const auto& warning : delta_.warnings) {
            job_.warn("build " + request_.id() + ": " + warning);
        }
        job_.phase(
            "build " + request_.id() + ": " +
            (from ? std::to_string(delta_.changed_files) + " files changed and " +
                        std::to_string(delta_.deleted_paths) + " deleted since " +
                        from->abbreviated()
                  : std::to_string(delta_.changed_files) + " files, from an empty disk") +
            (request_.place == Place::container ? ", in a container" : ", starting the build VM"));
        return std::nullopt;
    }

    BuildOutcome compile(BuildPlace& place, const std::stop_token& stop) {
        const auto& recipes = *request_.recipe.recipes;
        const auto& file = plan_.mode == plan::BuildMode::kernel ? *recipes.kernel : recipes.full;
        auto environment = place.environment();
        environment["LAB_SRC"] = source_directory;
        environment["LAB_OBJ"] = object_directory;
        environment["LAB_COMMIT"] = request_.commit.hex();
        environment["LAB_JOBS"] = std::to_string(request_.vm.cpus);
        core::FirstError error;
        const auto result = place.run(
            command_of({file, std::move(environment), recipes.build_timeout}),
            [&](std::string_view bytes) {
                log_.write(bytes);
                error.feed(bytes);
            },
            stop);
        BuildOutcome outcome;
        outcome.changed_files = delta_.changed_files;
        outcome.parent = plan_.nearest.image ? plan_.nearest.commit.hex() : "";
        if (result.end == ports::CommandEnd::disconnected) {
            throw Error(ErrorCode::infra, request_.vm.name +
                                              ": the build VM went away while building " +
                                              request_.commit.abbreviated());
        }
        if (result.end == ports::CommandEnd::timed_out || result.exit_code != 0) {
            outcome.state = BuildState::failed;
            outcome.error =
                result.end == ports::CommandEnd::timed_out
                    ? "no end within " + format_duration(recipes.build_timeout)
                    : file.path + ": exit code " + std::to_string(result.exit_code) + said(error);
            log_.flush();
            outcome.log_tail = to_valid_utf8(log_.tail());
        }
        return outcome;
    }

    static void note_files_read(BuildPlace& place, const std::filesystem::path& draft,
                                const std::stop_token& stop) {
        const CommandRunner runner = [&](const auto& command, const auto& sink, const auto& token) {
            return place.run(command, sink, token);
        };
        const auto files = files_read_in_guest(runner, source_directory, object_directory, stop);
        if (!files.empty()) {
            write_file(draft / "files-read", join(files, "\n"));
        }
    }

    ports::ImageLease publish(ports::ImageDraft& draft, const BuildOutcome& outcome,
                              const ports::Image& root) {
        return draft.publish(
            {{"vm", request_.vm.name},
             {"source", request_.vm.source},
             {"commit", request_.commit.hex()},
             {"mode", plan::to_string(plan_.mode)},
             {"clean", request_.clean == plan::CleanBuild::yes ? "yes" : "no"},
             {"lineage", plan_.keys.lineage},
             {"from", outcome.parent},
             {"runs_in", to_string(request_.place)},
             {"root", root.key},
             {"image_size", std::to_string(request_.recipe.recipes->image_size.count)},
             {"changed_files", std::to_string(outcome.changed_files)},
             {"seconds", std::to_string(outcome.seconds)}});
    }

    static std::string said(const core::FirstError& error) {
        const auto line = error.line();
        return line.empty() ? "" : ": " + cap(escape_for_terminal(line), 300);
    }

    ports::OutputSink sink() {
        return [this](std::string_view bytes) {
            log_.write(bytes);
        };
    }

    Workshop& shop_;
    JobContext& job_;
    const BuildRequest& request_;
    BuildPlan plan_;
    LogStream log_;
    ports::DeltaInfo delta_;
};

/// Where the commit is built; the job's log says it, and why.
Place place_of(Workshop& shop, JobContext& job, const BuildRequest& request) {
    const auto choice = choose_place(request.vm, request.machine,
                                     {[&] { return shop.deps.hypervisor.describe(); },
                                      [&] {
                                          return shop.deps.containers.support();
                                      }});
    LogStream(job.log(), log_source(request))
        .write(std::string("builds in a ") +
               (choice.place == Place::vm ? "virtual machine" : "container") + ": " +
               choice.reason + "\n");
    return choice.place;
}

BuildOutcome cached_build(const ports::ImageLease& image) {
    BuildOutcome outcome;
    outcome.state = BuildState::cached;
    outcome.image = image;
    outcome.seconds = std::stod(image->labels.at("seconds"));
    outcome.changed_files = std::stoull(image->labels.at("changed_files"));
    outcome.parent = image->labels.at("from");
    return outcome;
}

StepResult to_step(const BuildRequest& request, const BuildOutcome& outcome) {
    return {{{"state", to_string(outcome.state)},
             {"error", outcome.error},
             {"log_tail", outcome.log_tail},
             {"seconds", outcome.seconds},
             {"changed_files", outcome.changed_files},
             {"parent", outcome.parent}},
            request.id() + ": " + to_string(outcome.state) +
                (outcome.error.empty() ? "" : ": " + outcome.error)};
}

BuildOutcome build_from_step(const nlohmann::json& data) {
    BuildOutcome outcome;
    outcome.state = data.at("state") == "failed" ? BuildState::failed : BuildState::built;
    outcome.error = data.at("error");
    outcome.log_tail = data.at("log_tail");
    outcome.seconds = data.at("seconds");
    outcome.changed_files = data.at("changed_files");
    outcome.parent = data.at("parent");
    return outcome;
}

} // namespace

std::vector<std::string> files_read_by(const ports::Image& build) {
    const auto file = build.files_read();
    if (!std::filesystem::exists(file)) {
        return {};
    }
    const auto text = read_file(file, mebibytes(8));
    return text.empty() ? std::vector<std::string>() : split(text, '\n');
}

const char* to_string(BuildState state) noexcept {
    switch (state) {
    case BuildState::built:
        return "built";
    case BuildState::cached:
        return "cached";
    case BuildState::failed:
        break;
    }
    return "failed";
}

BuildOutcome build_commit(Workshop& shop, JobContext& job, const BuildRequest& wish,
                          const std::stop_token& stop) {
    auto request = wish;
    request.place = place_of(shop, job, request);
    const auto root = ensure_root(shop, job, request.machine, stop);
    if (const auto image = find_build(shop, request, *root)) {
        return cached_build(image);
    }
    // Work ahead of time waits for its CPU without the lock, so that it cannot hold up who wants
    // the same build now.
    HostShare share;
    if (request.priority == Priority::ahead_of_time) {
        share = BuildRun(shop, job, request).reserve_machine(root, stop);
    }
    const auto wanted = build_keys(request, *root, request.mode, request.clean);
    const auto guard = shop.locks.lock("build/" + wanted.key, stop);
    if (const auto image = find_build(shop, request, *root)) {
        return cached_build(image);
    }
    const auto step = "build/" + request.id() + "/" + plan::to_string(request.mode) +
                      (request.clean == plan::CleanBuild::yes ? "/clean" : "") +
                      (request.place == Place::container ? "/container" : "");
    ports::ImageLease image;
    const auto work = [&] {
        const auto outcome = BuildRun(shop, job, request).run(root, std::move(share), stop);
        image = outcome.image;
        return to_step(request, outcome);
    };
    auto outcome = build_from_step(job.step(step, stop, work));
    if (outcome.state != BuildState::failed && !image) {
        // Built by an earlier run of this job, and its image was collected since.
        job.forget(step);
        outcome = build_from_step(job.step(step, stop, work));
    }
    outcome.image = image;
    return outcome;
}

} // namespace lab::engine
