// SPDX-License-Identifier: Apache-2.0
// `lab bisect run`: measures one commit and says good (0), bad (1), skip (125) or that the
// bisection must stop (128), as git bisect run wants it.
#include "base/files.h"
#include "base/ids.h"
#include "cli/bisect_probe.h"
#include "cli/commands/bisect_stored.h"
#include "cli/follow.h"
#include "cli/watch.h"
#include "plan/job_spec.h"

#include <set>

namespace lab::cli {
namespace {

constexpr const char* verb_name = "run";
constexpr Bytes largest_context = mebibytes(1);

struct RunOptions {
    std::string context;
    std::string kernel;
    std::string modules;
    std::string sha;
    std::string classifier = "fastpath";
    std::string panic_is = "skip";
    std::string timeout = "24h";
    double confidence = 0.99;
};

/// A job that is cancelled unless it was seen to end: nobody measures for a bisection that is over.
class RunningJob {
public:
    RunningJob(Session& session, std::string id) : session_(session), id_(std::move(id)) {}
    RunningJob(const RunningJob&) = delete;
    RunningJob& operator=(const RunningJob&) = delete;

    ~RunningJob() {
        if (over_) {
            return;
        }
        try {
            static_cast<void>(session_.jobs().cancel(id_));
        } catch (const Error& error) {
            session_.out().print_hint("job " + id_ + " goes on: " + error.what());
        }
    }

    /// Nothing when a signal came.
    std::optional<api::JobDetail> wait(Duration limit) {
        auto detail = watch(session_, id_, limit);
        over_ = detail.has_value();
        return detail;
    }

private:
    Session& session_;
    std::string id_;
    bool over_ = false;
};

/// Measures one commit until there is a verdict.
class CommitRun {
public:
    CommitRun(Session& session, const ProbeQuestion& question, Duration timeout)
        : session_(session), question_(question),
          store_(session.stores().open(question.context.output_resultstore, ports::OpenMode::read)),
          deadline_(Deadline::in({timeout})) {}

    int execute() {
        for (;;) {
            const auto seen = records_of(store_->read({}), question_);
            if (const auto judged = judge(seen)) {
                return report(*judged);
            }
            const auto wanted = more_samples(seen, question_);
            check(wanted);
            if (session_.only_says("measure " + question_.commit.swprofile)) {
                return 0;
            }
            announce(seen);
            if (!measure(wanted)) {
                return 130;
            }
            require_news(seen);
        }
    }

private:
    /// Errors count that came with this run: an earlier one may have failed for another reason.
    std::optional<Judged> judge(const CommitRecords& seen) {
        if (!old_errors_) {
            old_errors_.emplace();
            for (const auto& error : seen.errors) {
                old_errors_->insert(error.session);
            }
        }
        for (const auto& error : seen.errors) {
            if (!old_errors_->contains(error.session)) {
                return judge_error(error, question_);
            }
        }
        return judge_samples(seen, question_);
    }

    void announce(const CommitRecords& seen) {
        if (announced_ || session_.out().format() != Format::table) {
            return;
        }
        announced_ = true;
        if (!seen.samples.empty()) {
            session_.out().print_hint(question_.commit.swprofile + ": samples from before count: " +
                                      std::to_string(seen.samples.size()));
        }
        session_.out().print_text("Executing plan.yaml...\n");
    }

    [[nodiscard]] api::SubmitRequest request_of(unsigned samples) {
        auto commit = question_.commit;
        commit.sessions = samples;
        plan::PlanSpec spec;
        spec.text = plan::plan_text(question_.context, commit);
        spec.file = (question_.directory / "plan.yaml").string();
        spec.output = question_.context.output_resultstore;
        spec.append = true;
        const auto config =
            question_.context.sut.address ? session_.config_or_nothing() : session_.config();
        return {nlohmann::json::parse(plan::to_json(spec)), config, new_ulid(), false};
    }

    /// Has labd check everything, and makes sure that a build is one of this commit.
    void check(unsigned samples) {
        auto request = request_of(samples);
        request.dry_run = true;
        const auto answer = session_.jobs().submit(request);
        const auto spec = value_or_throw(plan::job_spec_from_json(json_text(answer.spec)));
        for (const auto& [profile, build] : std::get<plan::PlanSpec>(spec).builds) {
            if (!build.commit.starts_with(question_.commit.sha)) {
                throw Error(ErrorCode::bad_input, "--kernel: " + question_.commit.kernel +
                                                      " is commit " + build.commit +
                                                      ", not that of --gitsha");
            }
        }
    }

    /// False when a signal came.
    bool measure(unsigned samples) {
        catch_signals(); // from here on there may be a job to cancel
        const auto submitted = session_.jobs().submit(request_of(samples));
        RunningJob job(session_, submitted.id);
        const auto ended = job.wait(deadline_.left());
        if (!ended) {
            session_.out().print_hint("interrupted; job " + submitted.id + " is cancelled");
            return false;
        }
        // A plan whose sessions failed has said why in the store.
        const bool measured = ended->job.state == "done" ||
                              (ended->job.state == "failed" && ended->job.exit_code == 1);
        if (!measured) {
            throw Error(ErrorCode::infra,
                        "job " + submitted.id + ": " +
                            (ended->job.error.empty() ? ended->job.state : ended->job.error),
                        ended->job.hint);
        }
        return true;
    }

    /// What was measured must have arrived, else this would never end.
    void require_news(const CommitRecords& before) {
        const auto now = records_of(store_->read({}), question_);
        if (now.samples.size() + now.errors.size() <=
            before.samples.size() + before.errors.size()) {
            throw Error(ErrorCode::infra,
                        question_.context.output_resultstore + ": nothing new has arrived of " +
                            question_.commit.swprofile,
                        "see: lab job logs @last");
        }
    }

    int report(const Judged& judged) {
        session_.out().print(document_of(judged, question_));
        return exit_code_of(judged.verdict);
    }

    Session& session_;
    const ProbeQuestion& question_;
    std::unique_ptr<ports::ResultStore> store_;
    Deadline deadline_;
    std::optional<std::set<std::string>> old_errors_;
    bool announced_ = false;
};

Duration timeout_of(const RunOptions& options) {
    const auto timeout = parse_duration(options.timeout);
    if (!timeout || *timeout < std::chrono::seconds(1) || *timeout > std::chrono::hours(24 * 30)) {
        throw Error(ErrorCode::bad_input,
                    "--timeout: '" + options.timeout + "' is not allowed (1s to 720h)",
                    "for example: --timeout 2h");
    }
    return *timeout;
}

int run(Session& session, const RunOptions& options) {
    const auto timeout = timeout_of(options);
    const auto file = std::filesystem::absolute(options.context).lexically_normal();
    ProbeQuestion question;
    question.context =
        value_or_throw(plan::parse_bisect_context(read_file(file, largest_context), file));
    question.directory = file.parent_path();
    question.commit =
        value_or_throw(commit_of(question.context, {options.sha, options.kernel, options.modules}));
    question.classifier = options.classifier == "bayes" ? Classifier::bayes : Classifier::fastpath;
    question.confidence = options.confidence;
    question.panic = options.panic_is == "bad" ? core::Verdict::bad : core::Verdict::skip;
    return CommitRun(session, question, timeout).execute();
}

void add_run_options(CLI::App& verb, RunOptions& options) {
    verb.add_option("--context", options.context, "File that lab bisect start wrote")
        ->option_text("FILE")
        ->required();
    verb.add_option("--kernel", options.kernel, "Kernel image; of a test VM, a build")
        ->option_text("FILE|VM/COMMIT")
        ->required();
    verb.add_option("--modules", options.modules, "Its modules, a tar archive")
        ->option_text("FILE");
    verb.add_option("--gitsha", options.sha, "Its commit, 12 digits at least")
        ->option_text("SHA")
        ->required();
    verb.add_option("--classifier", options.classifier,
                    "How samples become a verdict (default: fastpath)")
        ->option_text("fastpath|bayes")
        ->check(CLI::IsMember({"fastpath", "bayes"}).name(""));
    verb.add_option("--confidence", options.confidence, "Of bayes, that is wanted (default: 0.99)")
        ->option_text("P")
        ->check(CLI::Range(0.5, 0.999999).name(""));
    verb.add_option("--panic-is", options.panic_is,
                    "What a kernel is that panics or hangs (default: skip)")
        ->option_text("skip|bad")
        ->check(CLI::IsMember({"skip", "bad"}).name(""));
    verb.add_option("--timeout", options.timeout, "For all of it (default: 24h)")
        ->option_text("DURATION");
}

} // namespace

bool answers_git_bisect(const CLI::App& app) {
    const auto verbs = app.get_subcommands();
    return !verbs.empty() && verbs.front()->get_name() == "bisect" &&
           verbs.front()->got_subcommand(verb_name);
}

void add_bisect_run(CLI::App& bisect, Command& command) {
    auto* verb = bisect.add_subcommand(verb_name, "Measure one commit, for git bisect run");
    auto options = std::make_shared<RunOptions>();
    verb->footer("Exit codes: 0 good, 1 bad, 125 skip, 128 anything else, which ends git bisect "
                 "run.\nA commit that was measured before is judged by what is there.");
    add_run_options(*verb, *options);
    verb->callback([&command, options] {
        command.takes_words = TakesWords::no;
        command.action = [options](Session& session) {
            return run(session, *options);
        };
    });
}

} // namespace lab::cli
