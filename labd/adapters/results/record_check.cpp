// SPDX-License-Identifier: Apache-2.0
// What no store takes, so that every store takes the same.
#include "adapters/results/rows.h"
#include "base/characters.h"
#include "base/text.h"

#include <algorithm>
#include <cmath>

namespace lab::adapters {
namespace {

constexpr std::size_t most_problems = 20;
constexpr std::size_t longest_id = 200;
constexpr std::size_t longest_text = std::size_t{1} << 20U;

class Check {
public:
    void id(const std::string& object, const std::string& value) {
        const bool odd = std::any_of(value.begin(), value.end(), is_control);
        if (value.empty() || value.size() > longest_id || odd || value.front() == ' ' ||
            value.back() == ' ' || to_valid_utf8(value) != value) {
            add(object, "is no id: " + shown(value) +
                            " (allowed: 1 to 200 bytes of UTF-8 without control characters and "
                            "without a space at either end)");
        }
    }

    void part(const std::string& object, const std::string& value, const char* without) {
        id(object, value);
        if (value.find_first_of(without) != std::string::npos) {
            add(object, "must not hold any of '" + std::string(without) + "': " + shown(value));
        }
    }

    void text(const std::string& object, const std::string& value) {
        if (value.size() > longest_text) {
            add(object, "is too long (at most 1 MiB)");
        } else if (value.find('\0') != std::string::npos || to_valid_utf8(value) != value) {
            add(object, "is no UTF-8 text without NUL: " + shown(value));
        }
    }

    void texts(const std::string& object, const std::vector<std::string>& values) {
        std::size_t total = 0;
        for (const auto& value : values) {
            text(object, value);
            total += value.size();
        }
        if (total > longest_text / 8) {
            add(object, "is too long (at most 128 KiB together)");
        }
    }

    void number(const std::string& object, double value) {
        if (!std::isfinite(value)) {
            add(object, "is not finite (allowed: finite numbers)");
        }
    }

    void sequence(const std::string& object, std::int64_t value) {
        if (value < 1) {
            add(object, "is " + std::to_string(value) + " (allowed: 1, 2, 3 ...)");
        }
    }

    void time(const std::string& object, const std::optional<ports::RecordTime>& value) {
        if (value && ports::time_from(ports::time_text(value)) != value) {
            add(object, "is outside the years 0 to 9999");
        }
    }

    Diagnostics take() { return std::move(problems_); }

private:
    static std::string shown(const std::string& value) {
        return "'" + cap(escape_for_terminal(value), 80) + "'";
    }

    void add(const std::string& object, const std::string& message) {
        if (problems_.size() < most_problems) {
            problems_.push_back({object, message});
        }
    }

    Diagnostics problems_;
};

void check(Check& problems, const ports::SutRecord& sut) {
    problems.id("sut", sut.name);
    for (const auto* text : {&sut.host_name, &sut.architecture, &sut.vendor_name, &sut.product_name,
                             &sut.kernel_name, &sut.userspace_name}) {
        problems.text("sut " + sut.name, *text);
    }
    for (const auto& cpu : sut.cpus) {
        std::vector<std::string> texts;
        for (const auto& [name, value] : cpu.description) {
            texts.insert(texts.end(), {name, value});
        }
        problems.texts("cpu of sut " + sut.name, texts);
    }
}

void check(Check& problems, const ports::SwprofileRecord& profile) {
    problems.id("swprofile", profile.name);
    const auto object = "swprofile " + profile.name;
    for (const auto* text :
         {&profile.kernel_name, &profile.kernel_git_sha, &profile.userspace_name}) {
        problems.text(object, *text);
    }
    problems.texts(object + ", cmdline", profile.cmdline);
    problems.texts(object + ", sysctl", profile.sysctl);
    problems.texts(object + ", bootscript", profile.bootscript);
}

void check(Check& problems, const ports::BenchmarkRecord& benchmark) {
    problems.part("benchmark, suite", benchmark.suite, "/:");
    problems.part("benchmark, name", benchmark.name, ":");
    problems.id("benchmark", benchmark.id());
    problems.text("benchmark " + benchmark.title() + ", type", benchmark.type);
    problems.text("benchmark " + benchmark.title() + ", image", benchmark.image);
    for (const auto& [name, value] : benchmark.params) {
        problems.id("param of benchmark " + benchmark.title(), name);
        problems.text("param " + name + " of benchmark " + benchmark.title(), value);
    }
}

void check(Check& problems, const ports::ResultRecord& result) {
    const auto object = "result of " + result.benchmark + ", " + result.resultclass;
    problems.number(object + ", value", result.value);
    problems.number(object + ", host load", result.host_load.value_or(0));
    problems.sequence(object + ", sequence", result.sequence);
    problems.time(object + ", time", result.time);
    problems.text(object + ", quiet", result.quiet);
}

} // namespace

Diagnostics problems_of(const ports::ResultBatch& batch) {
    Check problems;
    for (const auto& sut : batch.suts) {
        check(problems, sut);
    }
    for (const auto& profile : batch.swprofiles) {
        check(problems, profile);
    }
    for (const auto& benchmark : batch.benchmarks) {
        check(problems, benchmark);
    }
    for (const auto& metric : batch.resultclasses) {
        problems.id("resultclass", metric.name);
        problems.text("resultclass " + metric.name + ", unit", metric.unit);
    }
    for (const auto& session : batch.sessions) {
        problems.id("session", session.uuid);
        problems.time("session " + session.uuid + ", start", session.start);
        for (const auto* text : {&session.accelerator, &session.clock, &session.kernel_release}) {
            problems.text("session " + session.uuid, *text);
        }
    }
    for (const auto& result : batch.results) {
        check(problems, result);
    }
    for (const auto& error : batch.errors) {
        problems.sequence("error of " + error.benchmark + ", sequence", error.sequence);
        problems.time("error of " + error.benchmark + ", time", error.time);
        problems.text("error of " + error.benchmark + ", text", error.text);
    }
    return problems.take();
}

} // namespace lab::adapters
