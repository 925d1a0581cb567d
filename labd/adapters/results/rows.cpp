// SPDX-License-Identifier: Apache-2.0
#include "adapters/results/rows.h"

#include "base/error.h"
#include "base/json.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace lab::adapters {
namespace {

using nlohmann::json;

Cell number(const std::optional<std::int64_t>& value) {
    return value ? Cell(*value) : Cell();
}

Cell number(const std::optional<double>& value) {
    return value ? Cell(*value + 0.0) : Cell();
}

std::string list_text(const std::vector<std::string>& lines) {
    return json_text(json(lines));
}

/// The cells of a row, taken one after another; what is not as it must be is an infra Error.
class Reader {
public:
    Reader(const Row& row, const char* table) : row_(row), table_(table) {}

    std::string text() { return std::get<std::string>(next(CellType::text)); }
    std::int64_t integer() { return std::get<std::int64_t>(next(CellType::integer)); }
    double real() { return std::get<double>(next(CellType::real)); }

    std::optional<std::int64_t> maybe_integer() {
        return is_null() ? std::nullopt : std::optional(integer());
    }

    std::optional<double> maybe_real() { return is_null() ? std::nullopt : std::optional(real()); }

    std::optional<ports::RecordTime> time() {
        const auto value = text();
        const auto found = ports::time_from(value);
        if (!found && !value.empty()) {
            damaged("no time");
        }
        return found;
    }

    template <class T>
    T parsed() {
        const auto value = json::parse(text(), nullptr, false);
        try {
            return value.get<T>();
        } catch (const json::exception&) {
            damaged("no JSON of the right form");
        }
    }

    core::Direction better() {
        const auto found = ports::better_from(text());
        if (!found) {
            damaged("neither higher nor lower");
        }
        return *found;
    }

private:
    [[noreturn]] void damaged(const char* what) const {
        throw Error(ErrorCode::infra,
                    std::string("table ") + table_ + ": a cell is " + what + " (column " +
                        std::to_string(at_) + ")",
                    "the store is damaged, or was written by something else");
    }

    bool is_null() {
        const bool null = at_ < row_.size() && row_[at_].index() == 0;
        at_ += null ? 1U : 0U;
        return null;
    }

    const Cell& next(CellType type) {
        static constexpr std::array<std::size_t, 4> alternatives{3, 3, 1, 2};
        const auto place = at_++;
        if (place >= row_.size() ||
            row_[place].index() != alternatives[static_cast<std::size_t>(type)]) {
            damaged("missing or of another type");
        }
        return row_[place];
    }

    const Row& row_;
    const char* table_;
    std::size_t at_ = 0;
};

void add(TableRows& rows, const ports::SutRecord& sut) {
    rows[sut_table].push_back({sut.name, sut.host_name, sut.architecture, sut.vendor_name,
                               sut.product_name, number(sut.cpu_count), number(sut.memory),
                               sut.kernel_name, sut.userspace_name});
    for (const auto& cpu : sut.cpus) {
        rows[cpu_table].push_back({sut.name, cpu.index, json_text(json(cpu.description))});
    }
}

void add(TableRows& rows, const ports::BenchmarkRecord& benchmark) {
    const auto id = benchmark.id();
    rows[benchmark_table].push_back({id, benchmark.suite, benchmark.name, benchmark.type,
                                     benchmark.image, benchmark.params_hash()});
    for (const auto& [name, value] : benchmark.params) {
        rows[param_table].push_back({id, name, value});
    }
}

void read_suts(const TableRows& rows, ports::ResultBatch& batch) {
    for (const auto& row : rows[sut_table]) {
        Reader cells(row, "sut");
        ports::SutRecord sut;
        sut.name = cells.text();
        sut.host_name = cells.text();
        sut.architecture = cells.text();
        sut.vendor_name = cells.text();
        sut.product_name = cells.text();
        sut.cpu_count = cells.maybe_integer();
        sut.memory = cells.maybe_integer();
        sut.kernel_name = cells.text();
        sut.userspace_name = cells.text();
        batch.suts.push_back(std::move(sut));
    }
    std::map<std::string, ports::SutRecord*> by_name;
    for (auto& sut : batch.suts) {
        by_name[sut.name] = &sut;
    }
    for (const auto& row : rows[cpu_table]) {
        Reader cells(row, "cpu");
        const auto owner = by_name.find(cells.text());
        ports::CpuRecord cpu;
        cpu.index = cells.integer();
        cpu.description = cells.parsed<std::map<std::string, std::string>>();
        if (owner != by_name.end()) {
            owner->second->cpus.push_back(std::move(cpu));
        }
    }
}

void read_benchmarks(const TableRows& rows, ports::ResultBatch& batch) {
    std::map<std::string, std::size_t> by_id;
    for (const auto& row : rows[benchmark_table]) {
        Reader cells(row, "benchmark");
        by_id[cells.text()] = batch.benchmarks.size();
        ports::BenchmarkRecord benchmark;
        benchmark.suite = cells.text();
        benchmark.name = cells.text();
        benchmark.type = cells.text();
        benchmark.image = cells.text();
        batch.benchmarks.push_back(std::move(benchmark));
    }
    for (const auto& row : rows[param_table]) {
        Reader cells(row, "param");
        const auto owner = by_id.find(cells.text());
        auto name = cells.text();
        auto value = cells.text();
        if (owner != by_id.end()) {
            batch.benchmarks[owner->second].params.emplace(std::move(name), std::move(value));
        }
    }
}

ports::SwprofileRecord swprofile_from(const Row& row) {
    Reader cells(row, "swprofile");
    ports::SwprofileRecord profile;
    profile.name = cells.text();
    profile.kernel_name = cells.text();
    profile.kernel_git_sha = cells.text();
    profile.userspace_name = cells.text();
    profile.cmdline = cells.parsed<std::vector<std::string>>();
    profile.sysctl = cells.parsed<std::vector<std::string>>();
    profile.bootscript = cells.parsed<std::vector<std::string>>();
    return profile;
}

ports::ResultclassRecord resultclass_from(const Row& row) {
    Reader cells(row, "resultclass");
    ports::ResultclassRecord metric;
    metric.benchmark = cells.text();
    metric.name = cells.text();
    metric.unit = cells.text();
    metric.better = cells.better();
    return metric;
}

ports::SessionRecord session_from(const Row& row) {
    Reader cells(row, "session");
    ports::SessionRecord session;
    session.uuid = cells.text();
    session.start = cells.time();
    session.accelerator = cells.text();
    session.clock = cells.text();
    session.kernel_release = cells.text();
    return session;
}

ports::ResultRecord result_from(const Row& row) {
    Reader cells(row, "result");
    ports::ResultRecord result;
    result.session = cells.text();
    result.benchmark = cells.text();
    result.resultclass = cells.text();
    result.sequence = cells.integer();
    result.sut = cells.text();
    result.swprofile = cells.text();
    result.time = cells.time();
    result.value = cells.real();
    result.host_load = cells.maybe_real();
    result.quiet = cells.text();
    return result;
}

ports::ErrorRecord error_from(const Row& row) {
    Reader cells(row, "error");
    ports::ErrorRecord error;
    error.session = cells.text();
    error.benchmark = cells.text();
    error.sequence = cells.integer();
    error.sut = cells.text();
    error.swprofile = cells.text();
    error.time = cells.time();
    error.code = cells.integer();
    error.text = cells.text();
    return error;
}

template <class Read>
auto read_all(const std::vector<Row>& rows, Read&& read) {
    std::vector<decltype(read(rows.front()))> all;
    all.reserve(rows.size());
    std::transform(rows.begin(), rows.end(), std::back_inserter(all), read);
    return all;
}

} // namespace

TableRows rows_of(const ports::ResultBatch& batch) {
    TableRows rows;
    for (const auto& sut : batch.suts) {
        add(rows, sut);
    }
    for (const auto& profile : batch.swprofiles) {
        rows[swprofile_table].push_back({profile.name, profile.kernel_name, profile.kernel_git_sha,
                                         profile.userspace_name, list_text(profile.cmdline),
                                         list_text(profile.sysctl), list_text(profile.bootscript)});
    }
    for (const auto& benchmark : batch.benchmarks) {
        add(rows, benchmark);
    }
    for (const auto& metric : batch.resultclasses) {
        rows[resultclass_table].push_back({metric.benchmark, metric.name, metric.unit,
                                           std::string(ports::better_word(metric.better))});
    }
    for (const auto& session : batch.sessions) {
        rows[session_table].push_back({session.uuid, ports::time_text(session.start),
                                       session.accelerator, session.clock, session.kernel_release});
    }
    for (const auto& result : batch.results) {
        // SQLite has no negative zero; adding zero makes it a positive one for every kind.
        rows[result_table].push_back({result.session, result.benchmark, result.resultclass,
                                      result.sequence, result.sut, result.swprofile,
                                      ports::time_text(result.time), result.value + 0.0,
                                      number(result.host_load), result.quiet});
    }
    for (const auto& error : batch.errors) {
        rows[error_table].push_back({error.session, error.benchmark, error.sequence, error.sut,
                                     error.swprofile, ports::time_text(error.time), error.code,
                                     error.text});
    }
    return rows;
}

ports::ResultBatch batch_of(const TableRows& rows) {
    ports::ResultBatch batch;
    read_suts(rows, batch);
    read_benchmarks(rows, batch);
    batch.swprofiles = read_all(rows[swprofile_table], swprofile_from);
    batch.resultclasses = read_all(rows[resultclass_table], resultclass_from);
    batch.sessions = read_all(rows[session_table], session_from);
    batch.results = read_all(rows[result_table], result_from);
    batch.errors = read_all(rows[error_table], error_from);
    return batch;
}

} // namespace lab::adapters
