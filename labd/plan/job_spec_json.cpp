// SPDX-License-Identifier: Apache-2.0
#include "base/json.h"
#include "plan/job_spec.h"

#include "base/ids.h"
#include "base/text.h"
#include "core/metric_regex.h"
#include "plan/json_reader.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <re2/re2.h>
#include <set>

namespace lab::plan {
namespace {

using Json = nlohmann::json;

constexpr std::size_t largest_json = 1U << 20U;
constexpr int deepest_json = 16;
constexpr std::size_t longest_command = 65536;
constexpr std::size_t longest_path = 4096;
constexpr std::size_t longest_plan = 512U << 10U;
constexpr unsigned longest_timeout = 7 * 24 * 3600;

// ---- spec -> JSON

Json json_of(const BuildTarget& target) {
    return {{"vm", target.vm}, {"revision", target.revision}, {"commit", target.commit}};
}

Json json_of(const InstallTarget& target) {
    return {{"build", json_of(target.build)}, {"test_vm", target.test_vm}};
}

Json json_of(const MachineTarget& target) {
    Json object{{"vm", target.vm}};
    if (target.build) {
        object["build"] = json_of(*target.build);
    }
    return object;
}

Json json_of(const Check& check) {
    Json object{
        {"benchmark", check.benchmark}, {"metric", check.metric}, {"command", check.command}};
    if (!check.params.empty()) {
        object["params"] = check.params;
    }
    if (check.clock) {
        object["clock"] = word_of(clock_words(), *check.clock);
    }
    if (check.quiet) {
        object["quiet"] = word_of(quiet_words(), *check.quiet);
    }
    return object;
}

Json json_of(const SaidVerdict& said) {
    return {{"commit", said.commit}, {"verdict", core::to_string(said.verdict)}};
}

Json json_of(const LocalCheck& check) {
    Json object{{"repository", check.repository},
                {"argv", check.argv},
                {"directory", check.directory},
                {"search_path", check.search_path},
                {"timeout_seconds", check.timeout_seconds},
                {"timeout_is_bad", check.timeout_is_bad},
                {"metric_regex", check.metric_regex}};
    if (check.direction) {
        object["direction"] = core::to_string(*check.direction);
    }
    return object;
}

template <class T>
Json json_of(const std::vector<T>& items) {
    auto list = Json::array();
    for (const auto& item : items) {
        list.push_back(json_of(item));
    }
    return list;
}

void set(Json& object, const char* key, const std::optional<unsigned>& value) {
    if (value) {
        object[key] = *value;
    }
}

/// One overload for each kind of job.
struct Writer {
    Json operator()(const CreateSpec& spec) const { return {{"vms", spec.vms}}; }

    Json operator()(const BuildSpec& spec) const {
        return {{"targets", json_of(spec.targets)},
                {"mode", to_string(spec.mode)},
                {"clean", spec.clean == CleanBuild::yes}};
    }

    Json operator()(const InstallSpec& spec) const {
        return {{"targets", json_of(spec.targets)}, {"in", spec.in}};
    }

    Json operator()(const TestSpec& spec) const {
        Json object{{"target", json_of(spec.target)}, {"check", json_of(spec.check)}};
        set(object, "sessions", spec.sessions);
        set(object, "repeats", spec.repeats);
        set(object, "warmups", spec.warmups);
        return object;
    }

    Json operator()(const BisectSpec& spec) const {
        Json object{{"good", spec.good},
                    {"bad", spec.bad},
                    {"vm", spec.vm},
                    {"on", spec.on},
                    {"strategy", core::to_string(spec.strategy)},
                    {"wanted", core::to_string(spec.wanted)},
                    {"said", json_of(spec.said)},
                    {"term_good", spec.terms.good},
                    {"term_bad", spec.terms.bad},
                    {"confidence", spec.confidence},
                    {"first_parent", spec.first_parent},
                    {"kernel_only", spec.kernel_only},
                    {"paths", spec.paths},
                    {"prune", spec.prune},
                    {"panic_is_bad", spec.panic_is_bad},
                    {"jobs", spec.jobs}};
        if (spec.local) {
            object["local"] = json_of(*spec.local);
        } else {
            object["check"] = json_of(spec.check);
        }
        return object;
    }

    Json operator()(const StartSpec& spec) const { return {{"target", json_of(spec.target)}}; }

    Json operator()(const PlanSpec& spec) const {
        auto builds = Json::array();
        for (const auto& [profile, target] : spec.builds) {
            builds.push_back({{"swprofile", profile}, {"build", json_of(target)}});
        }
        return {{"text", spec.text},
                {"file", spec.file},
                {"output", spec.output},
                {"append", spec.append},
                {"builds", std::move(builds)}};
    }
};

// ---- JSON -> spec

BuildTarget read_build_target(JsonReader& reader) {
    BuildTarget target{reader.vm("vm"), reader.revision("revision"), reader.text("commit")};
    const bool is_id = target.commit.size() == 40 &&
                       target.commit.find_first_not_of("0123456789abcdef") == std::string::npos;
    reader.check("commit", target.commit.empty() || is_id, "empty or 40 lower-case hex digits");
    return target;
}

InstallTarget read_install_target(JsonReader& reader) {
    InstallTarget target;
    reader.object("build", [&](JsonReader& build) { target.build = read_build_target(build); });
    target.test_vm = reader.vm("test_vm");
    return target;
}

MachineTarget read_machine_target(JsonReader& reader) {
    MachineTarget target{reader.vm("vm")};
    if (reader.has("build")) {
        reader.object("build", [&](JsonReader& build) { target.build = read_build_target(build); });
    }
    return target;
}

Check read_check(JsonReader& reader) {
    Check check{reader.text("benchmark"), reader.text("metric"),
                reader.text("command", longest_command)};
    reader.check("benchmark", check.benchmark.empty() || is_benchmark_id(check.benchmark),
                 "<suite>/<name>");
    reader.check("metric", check.metric.empty() || is_valid_name(check.metric), valid_name_rule);
    if (check.benchmark.empty() == check.command.empty()) {
        reader.report("must have either a benchmark or a command");
    }
    if (reader.has("params")) {
        check.params = reader.text_map("params");
    }
    check.clock = reader.optional_word("clock", clock_words());
    check.quiet = reader.optional_word("quiet", quiet_words());
    if (check.benchmark.empty() && check.tunes_benchmark()) {
        reader.report("a metric, a parameter, a clock or quiet needs a benchmark");
    }
    return check;
}

template <class T>
std::vector<T> read_targets(JsonReader& reader, T (*read)(JsonReader&)) {
    std::vector<T> targets;
    reader.list("targets", [&](const Json& item, const std::string& label) {
        JsonReader(item, label, reader.problems()).read([&](JsonReader& each) {
            targets.push_back(read(each));
        });
    });
    reader.check("targets", !targets.empty(), "at least one");
    return targets;
}

JobSpec read_create(JsonReader& reader) {
    CreateSpec spec{reader.texts("vms")};
    reader.check("vms", !spec.vms.empty(), "at least one");
    reader.check("vms", std::all_of(spec.vms.begin(), spec.vms.end(), is_valid_name),
                 valid_name_rule);
    return spec;
}

JobSpec read_build(JsonReader& reader) {
    BuildSpec spec;
    spec.targets = read_targets(reader, read_build_target);
    const auto mode = reader.text("mode");
    reader.check("mode", mode == "full" || mode == "kernel", "full or kernel");
    spec.mode = mode == "kernel" ? BuildMode::kernel : BuildMode::full;
    spec.clean = reader.flag("clean") ? CleanBuild::yes : CleanBuild::no;
    return spec;
}

JobSpec read_install(JsonReader& reader) {
    InstallSpec spec{read_targets(reader, read_install_target), reader.text("in")};
    reader.check("in", spec.in.empty() || is_valid_name(spec.in), valid_name_rule);
    return spec;
}

JobSpec read_test(JsonReader& reader) {
    TestSpec spec;
    reader.object("target", [&](JsonReader& target) { spec.target = read_machine_target(target); });
    reader.object("check", [&](JsonReader& check) { spec.check = read_check(check); });
    spec.sessions = reader.optional_number("sessions", 1);
    spec.repeats = reader.optional_number("repeats", 1);
    spec.warmups = reader.optional_number("warmups", 0);
    return spec;
}

LocalCheck read_local(JsonReader& reader) {
    LocalCheck check;
    check.repository = reader.text("repository", longest_path);
    check.argv = reader.texts("argv");
    check.directory = reader.text("directory", longest_path);
    check.search_path = reader.text("search_path", longest_command);
    check.timeout_seconds = reader.number("timeout_seconds", 1, longest_timeout);
    check.timeout_is_bad = reader.flag("timeout_is_bad");
    check.metric_regex = reader.text("metric_regex");
    reader.check("repository", check.repository.starts_with('/'), "an absolute path");
    reader.check("directory", check.directory.empty() || check.directory.starts_with('/'),
                 "an absolute path");
    reader.check("argv", !check.argv.empty(), "at least one word");
    if (const auto problem = core::metric_regex_problem(check.metric_regex);
        !check.metric_regex.empty() && problem) {
        reader.check("metric_regex", false, *problem);
    }
    if (reader.has("direction")) {
        check.direction =
            reader.word("direction", core::direction_from, "higher_is_better or lower_is_better",
                        core::Direction::higher_is_better);
    }
    return check;
}

std::vector<SaidVerdict> read_said(JsonReader& reader) {
    std::vector<SaidVerdict> all;
    reader.list("said", [&](const Json& item, const std::string& label) {
        JsonReader(item, label, reader.problems()).read([&](JsonReader& each) {
            const auto commit = each.revision("commit");
            all.push_back({commit, each.word("verdict", core::verdict_from, "good, bad or skip",
                                             core::Verdict::skip)});
        });
    });
    return all;
}

JobSpec read_bisect(JsonReader& reader) {
    BisectSpec spec;
    spec.good = reader.revision("good");
    spec.bad = reader.revision("bad");
    if (reader.has("local")) {
        reader.object("local", [&](JsonReader& local) { spec.local = read_local(local); });
        reader.check("vm", reader.text("vm").empty(), "nothing beside a local check");
        reader.check("on", reader.text("on").empty(), "nothing beside a local check");
    } else {
        spec.vm = reader.vm("vm");
        spec.on = reader.vm("on");
        reader.object("check", [&](JsonReader& check) { spec.check = read_check(check); });
    }
    spec.strategy = reader.word("strategy", core::strategy_from, "git or bayes", spec.strategy);
    spec.wanted = reader.word("wanted", core::wanted_from, "first, largest or all", spec.wanted);
    spec.said = read_said(reader);
    spec.terms = {reader.text("term_good"), reader.text("term_bad")};
    if (const auto problem = core::problem_of(spec.terms)) {
        reader.check("term_bad", false, *problem);
    }
    spec.confidence = reader.chance("confidence");
    spec.first_parent = reader.flag("first_parent");
    spec.kernel_only = reader.flag("kernel_only");
    spec.paths = reader.texts("paths");
    spec.prune = reader.flag("prune");
    spec.panic_is_bad = reader.has("panic_is_bad") && reader.flag("panic_is_bad");
    spec.jobs = reader.number("jobs", 0, most_jobs);
    return spec;
}

JobSpec read_start(JsonReader& reader) {
    StartSpec spec;
    reader.object("target", [&](JsonReader& target) { spec.target = read_machine_target(target); });
    return spec;
}

/// Whether a store's URL holds what must stand in no request: requests are kept and shown.
bool holds_password(const std::string& url) {
    static const RE2 password(R"(://[^/?#]*:[^/?#]*@|[?&]pass(word)?=|)" // as a port:
                              R"(://[^/?#]*@[^\[/?#:]*:[0-9]*[^0-9/?#])");
    return RE2::PartialMatch(url, password);
}

JobSpec read_plan(JsonReader& reader) {
    PlanSpec spec;
    spec.text = reader.text("text", longest_plan);
    spec.file = reader.text("file", longest_path);
    spec.output = reader.text("output", longest_path);
    spec.append = reader.flag("append");
    reader.check("output", !holds_password(spec.output),
                 "a store's URL without a password: ?password_file=FILE or ?password_env=NAME");
    reader.check("file", spec.file.starts_with('/'), "an absolute path");
    if (reader.has("builds")) {
        reader.list("builds", [&](const Json& item, const std::string& label) {
            JsonReader(item, label, reader.problems()).read([&](JsonReader& each) {
                auto& target = spec.builds[each.text("swprofile")];
                each.object("build", [&](JsonReader& build) { target = read_build_target(build); });
            });
        });
    }
    return spec;
}

struct Kind {
    const char* name;
    JobSpec (*read)(JsonReader&);
};

constexpr Kind kinds[] = {
    {"create", read_create}, {"build", read_build}, {"install", read_install}, {"test", read_test},
    {"bisect", read_bisect}, {"start", read_start}, {"plan", read_plan}};

/// Parses without exceptions; refuses what nlohmann takes and lab does not.
std::optional<Json> parse(const std::string& text, Diagnostics& problems) {
    if (text.size() > largest_json) {
        add_problem(problems, "spec", "is too large (at most 1 MiB)");
        return std::nullopt;
    }
    bool too_deep = false;
    std::string duplicate;
    std::vector<std::set<std::string>> keys;
    const auto watch = [&](int depth, Json::parse_event_t event, Json& parsed) {
        too_deep = too_deep || depth > deepest_json;
        if (event == Json::parse_event_t::object_start) {
            keys.emplace_back();
        } else if (event == Json::parse_event_t::object_end) {
            keys.pop_back();
        } else if (event == Json::parse_event_t::key &&
                   !keys.back().insert(parsed.get<std::string>()).second) {
            duplicate = parsed.get<std::string>();
        }
        return !too_deep; // a value that is too deep is dropped, not built
    };
    auto json = Json::parse(text, watch, false);
    if (too_deep) {
        add_problem(problems, "spec", "is nested too deep (at most 16)");
    } else if (json.is_discarded()) {
        add_problem(problems, "spec", "is not JSON");
    } else if (!duplicate.empty()) {
        add_problem(problems, "spec", "the member '" + cap(duplicate, 64) + "' stands twice");
    } else {
        return std::optional(json);
    }
    return std::nullopt;
}

std::optional<JobSpec> read_spec(const Json& json, Diagnostics& problems) {
    std::optional<JobSpec> spec;
    JsonReader(json, "spec", problems).read([&](JsonReader& reader) {
        const auto name = reader.text("kind");
        std::vector<std::string> names;
        for (const auto& kind : kinds) {
            names.emplace_back(kind.name);
            if (name == kind.name) {
                spec = kind.read(reader);
            }
        }
        reader.check("kind", spec.has_value(), join(names, ", "));
    });
    return spec;
}

} // namespace

std::string to_json(const JobSpec& spec) {
    auto json = std::visit(Writer{}, spec);
    json["kind"] = kind_of(spec);
    try {
        return json.dump(-1, ' ', false, Json::error_handler_t::strict);
    } catch (const Json::exception&) {
        throw Error(ErrorCode::bad_input, "request: a text in it is not valid UTF-8");
    }
}

Parsed<JobSpec> job_spec_from_json(const std::string& text) {
    Diagnostics problems;
    const auto json = parse(text, problems);
    if (!json) {
        return Unexpected{std::move(problems)};
    }
    auto spec = read_spec(*json, problems);
    if (!spec || !problems.empty()) {
        return Unexpected{std::move(problems)};
    }
    return std::move(*spec);
}

} // namespace lab::plan
