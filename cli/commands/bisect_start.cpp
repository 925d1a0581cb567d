// SPDX-License-Identifier: Apache-2.0
// `lab bisect start`: what has to hold before a regression between two stored results is bisected.
// Works on result stores itself, without a daemon.
#include "base/new_file.h"
#include "base/text.h"
#include "cli/bisect_baselines.h"
#include "cli/commands/bisect_stored.h"
#include "cli/stored_settings.h"
#include "cli/whole_number.h"
#include "core/numbers.h"
#include "plan/bisect_context.h"
#include "plan/job_spec.h"
#include "plan/load.h"
#include "plan/plan_fields.h"

#include <charconv>

namespace lab::cli {
namespace {

using ports::OpenMode;

struct StartOptions {
    std::vector<std::string> hosts;
    std::string user;
    std::string port;
    std::string keyfile;
    BaselineQuestion ends;
    std::string store;
    std::string context;
    std::optional<unsigned> warmups;
};

std::string host_of(const StartOptions& options) {
    return options.hosts.size() == 1 ? options.hosts.front() : std::string();
}

/// What is wrong with the words themselves.
Refusals refused_options(const StartOptions& options) {
    Refusals refusals;
    const auto refuse = [&](const std::string& text, const std::string& hint = {}) {
        refusals.push_back({ErrorCode::bad_input, text, hint});
    };
    for (const auto& [name, value] : {std::pair{"--sut", &options.ends.sut},
                                      {"--good-swprofile", &options.ends.good},
                                      {"--bad-swprofile", &options.ends.bad},
                                      {"--benchmark", &options.ends.benchmark},
                                      {"--resultclass", &options.ends.resultclass},
                                      {"--context", &options.context}}) {
        if (value->empty()) {
            refuse(std::string(name) + ": is missing (required)", "see: lab bisect start --help");
        }
    }
    const auto comma = host_of(options).find(',');
    if (options.hosts.size() > 1 || comma != std::string::npos) {
        refuse("--host: names several machines (a bisection needs a SUT of a single node)");
    }
    for (const auto& [name, value] :
         {std::pair{"--host", host_of(options)}, {"--user", options.user}}) {
        const auto problem = value.empty() || comma != std::string::npos
                                 ? std::nullopt
                                 : plan::ssh_word_problem(value);
        if (problem) {
            refuse(std::string(name) + ": " + *problem);
        }
    }
    for (const auto& [name, value] : {std::pair{"--user", &options.user},
                                      {"--port", &options.port},
                                      {"--keyfile", &options.keyfile}}) {
        if (options.hosts.empty() && !value->empty()) {
            refuse(std::string(name) + ": goes with --host only (a test VM of the lab needs none)");
        }
    }
    const auto& benchmark = options.ends.benchmark;
    if (!benchmark.empty() && !plan::is_benchmark_id(benchmark.substr(0, benchmark.rfind(':')))) {
        refuse("--benchmark: " + quote_foreign(benchmark) +
               " is no benchmark (allowed: <suite>/<name>)");
    }
    return refusals;
}

/// The port of --port; refuses what is none.
std::optional<unsigned> port_of(const std::string& text, Refusals& refusals) {
    unsigned port = 0;
    const auto* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, port);
    const bool fits = parsed.ec == std::errc() && parsed.ptr == end && port >= 1 && port <= 65535;
    if (!text.empty() && !fits) {
        refusals.push_back({ErrorCode::bad_input,
                            "--port: " + quote_foreign(text) + " is not allowed (1 to 65535)"});
    }
    return fits ? std::optional(port) : std::nullopt;
}

/// What is wrong with the files that are named.
void check_files(const StartOptions& options, Refusals& refusals) {
    namespace fs = std::filesystem;
    std::error_code ignored;
    if (!options.keyfile.empty() && !fs::exists(options.keyfile, ignored)) {
        refusals.push_back({ErrorCode::not_found,
                            "--keyfile: " + quote_foreign(options.keyfile) + " does not exist"});
    } else if (!options.keyfile.empty() && !fs::is_regular_file(options.keyfile, ignored)) {
        refusals.push_back({ErrorCode::bad_input, "--keyfile: " + quote_foreign(options.keyfile) +
                                                      " is no file (a private key)"});
    }
    if (options.context.empty()) {
        return;
    }
    const auto context = fs::absolute(options.context);
    if (fs::symlink_status(context, ignored).type() != fs::file_type::not_found) {
        refusals.push_back({ErrorCode::conflict,
                            "--context: " + quote_foreign(options.context) + " exists (a new file)",
                            "remove it, or name another one"});
    } else if (!fs::is_directory(context.parent_path(), ignored)) {
        refusals.push_back({ErrorCode::not_found,
                            "--context: the directory " +
                                quote_foreign(context.parent_path().string()) + " does not exist"});
    }
}

/// A SUT without a host is a test VM of lab.yaml.
void check_test_vm(Session& session, const StartOptions& options, Refusals& refusals) {
    if (!options.hosts.empty() || options.ends.sut.empty()) {
        return;
    }
    const auto config = session.config();
    const auto lab = value_or_throw(plan::parse_config(config.text, config.path));
    if (!lab.test_vms.contains(options.ends.sut)) {
        refusals.push_back(
            {ErrorCode::not_found,
             "--sut: " + quote_foreign(options.ends.sut) + " is no test VM of " + config.path,
             "say how a machine by SSH is reached: --host HOST"});
    }
}

plan::BisectContext context_of(const StartOptions& options, const BaselinePair& pair) {
    plan::BisectContext context;
    context.sut.name = options.ends.sut;
    if (!options.hosts.empty()) {
        Refusals none;
        context.sut.address = {host_of(options), options.user, port_of(options.port, none)};
        if (!options.keyfile.empty()) {
            context.sut.address->key = std::filesystem::absolute(options.keyfile);
        }
    }
    context.profile.cmdline = pair.good.cmdline;
    context.profile.sysctl = pair.good.sysctl;
    context.profile.bootscript = pair.good.bootscript;
    context.benchmark = {pair.benchmark.suite, pair.benchmark.name, pair.benchmark.type,
                         pair.benchmark.image, pair.benchmark.params};
    context.defaults.warmups = options.warmups;
    context.defaults.repeats = pair.repeats;
    context.defaults.sessions = pair.sessions;
    context.good_swprofile = pair.good.name;
    context.good_sha = pair.good.kernel_git_sha;
    context.bad_swprofile = pair.bad.name;
    context.bad_sha = pair.bad.kernel_git_sha;
    context.resultclass = pair.metric.name;
    return context;
}

Document document_of(const plan::BisectContext& context, const BaselinePair& pair,
                     const std::string& file) {
    Document document;
    document.ids = {file};
    document.table.headers = {"END", "SWPROFILE", "SHA", "SAMPLES", "MEAN", "CI95"};
    document.data = {{"context", file},
                     {"output_resultstore", context.output_resultstore},
                     {"resultclass", context.resultclass}};
    const auto add = [&](const char* end, const ports::SwprofileRecord& profile,
                         const core::MeanInterval& level) {
        document.table.rows.push_back({end, profile.name, cap(profile.kernel_git_sha, 15),
                                       std::to_string(level.count), core::significant(level.mean),
                                       "+- " + core::significant(level.half_width)});
        document.data[end] = {{"swprofile", profile.name},
                              {"sha", profile.kernel_git_sha},
                              {"samples", level.count},
                              {"mean", level.mean},
                              {"half_width", level.half_width}};
    };
    add("good", pair.good, pair.levels.good());
    add("bad", pair.bad, pair.levels.bad());
    document.before = context.resultclass + " (" + pair.metric.unit + ", " +
                      ports::better_word(pair.metric.better) + " is better) on " +
                      context.sut.name + "\n";
    document.after = "wrote " + file + "; results go to " + context.output_resultstore +
                     "\nIn the repository of the kernel:\n  git bisect start\n  git bisect good " +
                     context.good_sha + "\n  git bisect bad " + context.bad_sha +
                     "\n  git bisect run <lab>/script/execute-bisection.sh " + shell_join({file}) +
                     "\n";
    return document;
}

/// A store of its own for the bisection: copies of both ends, private to the user.
void write_context(Session& session, plan::BisectContext context, const BaselinePair& pair,
                   const std::string& file) {
    TemporaryDirectory place(std::filesystem::absolute(std::filesystem::temp_directory_path()),
                             "bisect-resultstore-");
    context.output_resultstore = place.path().string() + "/";
    session.stores().open(context.output_resultstore, OpenMode::create)->append(pair.records);
    write_new_file(file, plan::to_yaml(context));
    place.keep();
    session.out().print(document_of(context, pair, file));
}

/// The store that was named, or the one of the environment.
std::string store_of(const StartOptions& options, Refusals& refusals) {
    const auto store =
        options.store.empty() ? api::environment("LAB_RESULTSTORE").value_or("") : options.store;
    if (store.empty()) {
        refusals.push_back({ErrorCode::bad_input,
                            "--resultstore: is missing (required unless LAB_RESULTSTORE is set)",
                            "name the store that both swprofiles were measured into"});
    }
    return store;
}

int prepare(Session& session, const StartOptions& options) {
    auto refusals = refused_options(options);
    static_cast<void>(port_of(options.port, refusals));
    const auto url = store_of(options, refusals);
    check_files(options, refusals);
    if (!refusals.empty()) {
        throw to_error(refusals);
    }
    check_test_vm(session, options, refusals);
    const auto store = session.stores().open(url, OpenMode::read);
    const auto found = find_baselines(read_ends(*store, options.ends), options.ends);
    if (!found) {
        refusals.insert(refusals.end(), found.error().begin(), found.error().end());
    }
    if (!refusals.empty()) {
        throw to_error(refusals);
    }
    auto context = context_of(options, *found);
    context.resultstore = store->name();
    if (session.only_says("write " + options.context)) {
        return 0;
    }
    agree_to_stored_settings(session, context, store->name());
    write_context(session, std::move(context), *found,
                  std::filesystem::absolute(options.context).lexically_normal().string());
    return 0;
}

void add_start_options(CLI::App& verb, StartOptions& options) {
    verb.add_option("--host", options.hosts, "The SUT by SSH; without it, --sut is a test VM")
        ->option_text("HOST")
        ->expected(1)
        ->take_all();
    verb.add_option("--user", options.user, "Who logs in (default: as ssh would)")
        ->option_text("USER");
    verb.add_option("--port", options.port, "Its SSH port (default: as ssh would)")
        ->option_text("PORT");
    verb.add_option("--keyfile", options.keyfile, "Private key (default: as ssh would)")
        ->option_text("FILE");
    verb.add_option("--sut", options.ends.sut, "The SUT's name in the result store")
        ->option_text("SUT");
    verb.add_option("--good-swprofile", options.ends.good, "Profile that was fast")
        ->option_text("PROFILE");
    verb.add_option("--bad-swprofile", options.ends.bad, "Profile that is slow")
        ->option_text("PROFILE");
    verb.add_option("--benchmark", options.ends.benchmark, "What both were measured by")
        ->option_text("SUITE/NAME");
    verb.add_option("--resultclass", options.ends.resultclass, "Its metric that regressed")
        ->option_text("RESULTCLASS");
    verb.add_option("--resultstore", options.store,
                    "Where both are; only read (default: LAB_RESULTSTORE)")
        ->option_text("STORE");
    verb.add_option("--context", options.context, "File to write")->option_text("FILE");
    verb.add_option("--warmups", options.warmups,
                    "Runs of each boot that do not count (default: the benchmark's)")
        ->option_text("N")
        ->check(whole_number(0, 100));
}

} // namespace

void add_bisect_start(CLI::App& bisect, Command& command) {
    auto* verb =
        bisect.add_subcommand("start", "Prepare a bisection between two stored swprofiles");
    auto options = std::make_shared<StartOptions>();
    verb->footer("Checks that both are baselines, copies them into a store of their own, and "
                 "writes the\ncontext file for lab bisect run. Nothing is measured. A range of "
                 "commits between branches\nnamed start and run is written as start..run.");
    add_start_options(*verb, *options);
    verb->callback([&command, options] {
        command.takes_words = TakesWords::no;
        command.action = [options](Session& session) {
            return prepare(session, *options);
        };
    });
}

} // namespace lab::cli
