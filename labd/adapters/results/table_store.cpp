// SPDX-License-Identifier: Apache-2.0
#include "adapters/results/table_store.h"

#include "base/text.h"

#include <algorithm>

namespace lab::adapters {
namespace {

using ports::matches;
using ports::ResultBatch;
using ports::ResultFilter;

std::string text_of(const Cell& cell) {
    if (const auto* text = std::get_if<std::string>(&cell)) {
        return cap(escape_for_terminal(*text), 80);
    }
    if (const auto* integer = std::get_if<std::int64_t>(&cell)) {
        return std::to_string(*integer);
    }
    const auto* real = std::get_if<double>(&cell);
    return real == nullptr ? "nothing" : std::to_string(*real);
}

std::string object_of(const Table& table, const Row& row) {
    std::vector<std::string> parts;
    for (const auto& cell : key_of(table, row)) {
        parts.push_back(text_of(cell));
    }
    return table.name + " " + join(parts, ", ");
}

bool is_empty(const Cell& cell) {
    const auto* text = std::get_if<std::string>(&cell);
    return cell.index() == 0 || (text != nullptr && text->empty());
}

/// The row that knows what both know. Throws where they contradict each other.
Row merged(const Table& table, const Row& stored, const Row& row) {
    Row out = stored;
    for (std::size_t i = table.key; i < row.size(); ++i) {
        const auto rule = table.columns[i].on_change;
        if (row[i] == stored[i] || (rule != OnChange::refuse && is_empty(row[i]))) {
            continue;
        }
        if (rule != OnChange::refuse && is_empty(stored[i])) {
            out[i] = row[i];
        } else if (rule != OnChange::keep) {
            throw Error(ErrorCode::conflict,
                        object_of(table, row) + ": the store has it with " + table.columns[i].name +
                            " '" + text_of(stored[i]) + "', not '" + text_of(row[i]) + "'",
                        "what is different needs another name");
        }
    }
    return out;
}

template <class Record, class Keep>
void keep_only(std::vector<Record>& records, Keep&& keep) {
    records.erase(std::remove_if(records.begin(), records.end(),
                                 [&](const Record& record) { return !keep(record); }),
                  records.end());
}

void filter_objects(ResultBatch& batch, const ResultFilter& filter) {
    keep_only(batch.suts, [&](const auto& sut) { return matches(filter.suts, sut.name); });
    keep_only(batch.swprofiles,
              [&](const auto& profile) { return matches(filter.swprofiles, profile.name); });
    keep_only(batch.benchmarks, [&](const auto& benchmark) {
        return ports::matches_benchmark(filter.benchmarks, benchmark.id());
    });
    keep_only(batch.resultclasses, [&](const auto& metric) {
        return ports::matches_benchmark(filter.benchmarks, metric.benchmark) &&
               matches(filter.resultclasses, metric.name);
    });
}

void filter_samples(ResultBatch& batch, const ResultFilter& filter) {
    const auto wanted = [&](const auto& record) {
        return matches(filter.suts, record.sut) && matches(filter.swprofiles, record.swprofile) &&
               ports::matches_benchmark(filter.benchmarks, record.benchmark);
    };
    keep_only(batch.results, [&](const auto& result) {
        return wanted(result) && matches(filter.resultclasses, result.resultclass);
    });
    keep_only(batch.errors, wanted);
    const bool everything = filter.suts.empty() && filter.swprofiles.empty() &&
                            filter.benchmarks.empty() && filter.resultclasses.empty();
    if (everything) {
        return;
    }
    std::set<std::string> sessions;
    for (const auto& result : batch.results) {
        sessions.insert(result.session);
    }
    for (const auto& error : batch.errors) {
        sessions.insert(error.session);
    }
    keep_only(batch.sessions, [&](const auto& session) { return sessions.contains(session.uuid); });
}

} // namespace

std::string TableStore::name() const {
    return tables_->name();
}

void TableStore::require_references(const Table& table, const Row& row, Known& known) {
    for (const auto& reference : table.references) {
        const auto& target = current_schema().tables[reference.front().table];
        Row key;
        for (const auto& part : reference) {
            key.push_back(row[part.column]);
        }
        if (known.contains({&target, key})) {
            continue;
        }
        if (!tables_->find(target, key)) {
            throw Error(ErrorCode::bad_input, object_of(table, row) + ": there is no " +
                                                  object_of(target, key) +
                                                  " (allowed: what the store or the batch has)");
        }
        known.insert({&target, key});
    }
}

bool TableStore::put(const Table& table, const Row& row) {
    if (tables_->insert(table, row)) {
        return true;
    }
    const auto stored = tables_->find(table, key_of(table, row));
    if (!stored) {
        throw Error(ErrorCode::infra,
                    name() + ": cannot store " + object_of(table, row) + ", and it is not there");
    }
    const auto both = merged(table, *stored, row);
    if (both != *stored) {
        tables_->replace(table, both);
    }
    return false;
}

std::size_t TableStore::append(const ResultBatch& batch) {
    if (const auto problems = problems_of(batch); !problems.empty()) {
        throw to_error(problems);
    }
    const auto rows = rows_of(batch);
    const std::lock_guard lock(mutex_);
    std::size_t added = 0;
    tables_->write([&] {
        Known known;
        for (std::size_t index = 0; index < rows.size(); ++index) {
            const auto& table = current_schema().tables[index];
            for (const auto& row : rows[index]) {
                require_references(table, row, known);
                const bool is_new = put(table, row);
                // Params and processors belong to their records.
                added += is_new && index != cpu_table && index != param_table ? 1U : 0U;
            }
        }
    });
    return added;
}

std::vector<Row> TableStore::sorted_rows(TableIndex index,
                                         const std::optional<Selection>& selection) {
    auto rows = tables_->rows(current_schema().tables[index], selection);
    std::sort(rows.begin(), rows.end());
    return rows;
}

std::optional<Selection> TableStore::of_profiles(const TableRows& rows,
                                                 const std::vector<std::string>& globs,
                                                 TableIndex index) {
    // A long list would cost more than it saves.
    constexpr std::size_t longest_list = 64;
    if (globs.empty()) {
        return std::nullopt;
    }
    Selection selection;
    const auto& columns = current_schema().tables[index].columns;
    while (columns[selection.column].name != "swprofile") {
        ++selection.column;
    }
    for (const auto& row : rows[swprofile_table]) {
        const auto& name = std::get<std::string>(row.front());
        if (ports::matches(globs, name)) {
            selection.values.push_back(name);
        }
    }
    return selection.values.size() > longest_list ? std::nullopt : std::optional(selection);
}

ResultBatch TableStore::read(const ResultFilter& filter) {
    const std::lock_guard lock(mutex_);
    TableRows rows;
    tables_->read([&] {
        rows = {};
        for (const auto index : {sut_table, cpu_table, swprofile_table, benchmark_table,
                                 param_table, resultclass_table}) {
            rows[index] = sorted_rows(index, std::nullopt);
        }
        if (filter.tables == ports::Tables::everything) {
            rows[session_table] = sorted_rows(session_table, std::nullopt);
            for (const auto index : {result_table, error_table}) {
                rows[index] = sorted_rows(index, of_profiles(rows, filter.swprofiles, index));
            }
        }
    });
    auto batch = batch_of(rows);
    filter_objects(batch, filter);
    filter_samples(batch, filter);
    return batch;
}

} // namespace lab::adapters
