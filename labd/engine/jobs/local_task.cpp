// SPDX-License-Identifier: Apache-2.0
#include "engine/jobs/local_task.h"

#include "base/error.h"
#include "base/process.h"
#include "base/text.h"
#include "core/first_error.h"
#include "engine/command_end.h"
#include "engine/jobs/printed_value.h"
#include "engine/steps/guest_facts.h"
#include "engine/stopwatch.h"

#include <unistd.h>

namespace lab::engine {
namespace {

namespace fs = std::filesystem;

constexpr int bad_code = 1;

/// Whether a directory has an entry of this name, whatever it is: what is in a commit is foreign,
/// and a link that leads to itself is there, too.
bool has_entry(const fs::path& directory, const std::string& name) {
    std::error_code ignored;
    return fs::exists(fs::symlink_status(directory / name, ignored));
}

bool is_program(const std::string& file) {
    std::error_code ignored;
    return fs::is_regular_file(file, ignored) && ::access(file.c_str(), X_OK) == 0;
}

class LocalTask {
public:
    LocalTask(const JobRun& run, const plan::LocalCheck& check, CheckoutPool& pool,
              const core::Task& task)
        : run_(run), check_(check), pool_(pool), task_(task) {}

    CostedObservation perform() {
        CostedObservation costed;
        costed.observation = {task_.commit, task_.kind, core::Built{}, task_.first};
        const auto key = std::string("run/") + core::to_string(task_.kind) + "/" +
                         task_.commit.abbreviated() + "/" + std::to_string(task_.first + 1);
        auto done = step(key, costed);
        if (const auto signal = signal_of(done.observation.finding)) {
            run_.job.warn("run of " + task_.commit.abbreviated() + ": ended by signal " +
                          std::to_string(*signal) +
                          ", which lab did not send (9: the memory may have run out); trying it "
                          "once more");
            run_.job.forget(key);
            done = step(key, costed);
        }
        if (stops_bisection(done.observation.finding)) {
            run_.job.forget(key); // resumed, it is run anew
        }
        return done;
    }

private:
    /// One run, unless an earlier one of the job has ended.
    CostedObservation step(const std::string& key, CostedObservation costed) {
        // As a step: what has ended before labd was killed is not run again.
        const auto stored = run_.job.step(key, run_.stop, [&] {
            CostedObservation fresh = costed;
            const auto started = std::chrono::steady_clock::now();
            fresh.observation.finding = try_once(fresh);
            fresh.test_seconds = seconds_since(started);
            costed.files_read = std::move(fresh.files_read);
            return StepResult{to_json(fresh), "ran"};
        });
        auto done = observation_from(stored.get<std::string>());
        done.files_read = std::move(costed.files_read);
        return done;
    }

    /// @param costed  told whether the run had to build, and what an end's build read.
    core::Finding try_once(CostedObservation& costed) {
        const auto lease = pool_.take(task_.commit, wanted_checkout(), run_.stop);
        if (lease->unfit()) {
            return core::CheckFailed{lease->unfit()->reason};
        }
        costed.built_too = lease->moved();
        costed.replaced = lease->replaced();
        const bool clean = task_.build == core::BuildKind::clean_full;
        LogStream log(run_.job.log(),
                      "run " + task_.commit.abbreviated() + (clean ? " clean" : ""));
        ProcessSpec process;
        process.argv = check_.argv;
        process.argv[0] = program(lease->directory());
        if (!is_program(process.argv[0])) {
            return core::CheckFailed{quote_foreign(check_.argv[0], 300) +
                                     ": no program of this commit"};
        }
        process.directory = lease->directory();
        process.environment = {{"LAB_COMMIT", task_.commit.hex()},
                               {"LAB_CHECKOUT", lease->directory().string()},
                               pool_.mark()};
        if (!check_.search_path.empty()) {
            process.environment.emplace_back("PATH", check_.search_path);
        }
        process.timeout = std::chrono::seconds(check_.timeout_seconds);
        core::FirstError error;
        process.on_output = [&](std::string_view bytes) {
            log.write(bytes);
            error.feed(bytes);
        };
        PrintedValue value(check_.metric_regex);
        process.on_stdout = [&](std::string_view bytes) {
            value.feed(bytes);
        };
        ProcessResult result;
        try {
            result = run_process(process, run_.stop);
        } catch (const UnfitProgram& unfit) {
            return core::CheckFailed{escape_for_terminal(cap(unfit.what(), 300))};
        }
        log.flush();
        if (result.left_behind > 0) {
            run_.job.log().line("lab", "run " + task_.commit.abbreviated() + ": " +
                                           std::to_string(result.left_behind) +
                                           " process(es) that the command left behind were ended");
        }
        if (core::is_end(task_.kind) && task_.first == 0) {
            costed.files_read = files_read_here(lease->directory(), run_.stop);
        }
        if (!result.timed_out && result.exit_code != 0) {
            return core::CommandExit{result.exit_code,
                                     without_place(error.line(), lease->directory())};
        }
        return finding_of(result, value);
    }

    /// Checkouts come and go; what a line says of one holds for all.
    static std::string without_place(std::string line, const fs::path& checkout) {
        const auto place = checkout.string() + "/";
        for (auto at = line.find(place); at != std::string::npos; at = line.find(place, at)) {
            line.erase(at, place.size());
        }
        return to_valid_utf8(line);
    }

    [[nodiscard]] CheckoutPool::State wanted_checkout() const {
        if (task_.build == core::BuildKind::clean_full) {
            return CheckoutPool::State::untouched;
        }
        return core::is_end(task_.kind) ? CheckoutPool::State::kept : CheckoutPool::State::any;
    }

    /// A program given by a relative path: of the checkout, else of where the bisection was started
    /// (a script that is not under version control).
    [[nodiscard]] std::string program(const fs::path& checkout) const {
        const auto& name = check_.argv[0];
        if (name.find('/') == std::string::npos) {
            if (const auto found = find_program(name, check_.search_path)) {
                return found->string();
            }
            throw Error(ErrorCode::not_found, name + ": no such program in PATH");
        }
        if (fs::path(name).is_absolute() || has_entry(checkout, name)) {
            return (checkout / name).lexically_normal().string();
        }
        const auto& place =
            has_entry(check_.directory, name) ? fs::path(check_.directory) : checkout;
        return (place / name).lexically_normal().string();
    }

    [[nodiscard]] core::Finding finding_of(const ProcessResult& result, PrintedValue& value) const {
        if (result.timed_out) {
            const auto limit = std::to_string(check_.timeout_seconds) + " s";
            if (check_.timeout_is_bad) {
                return core::CommandExit{bad_code};
            }
            return core::CheckFailed{"no end within " + limit};
        }
        return value.finish(result.cut_short ? core::OutputEnd::cut : core::OutputEnd::whole);
    }

    const JobRun& run_;
    const plan::LocalCheck& check_;
    CheckoutPool& pool_;
    const core::Task& task_;
};

} // namespace

CostedObservation perform_locally(const JobRun& run, const plan::LocalCheck& check,
                                  CheckoutPool& pool, const core::Task& task) {
    return LocalTask(run, check, pool, task).perform();
}

} // namespace lab::engine
