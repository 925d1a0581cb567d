// SPDX-License-Identifier: Apache-2.0
// Values in what a benchmark printed.
#include "base/json.h"
#include "plan/benchmark_run.h"

#include "base/numbers.h"
#include "base/text.h"
#include "base/units.h"
#include "plan/param_value.h"

#include <algorithm>
#include <array>
#include <optional>
#include <re2/re2.h>
#include <set>

namespace lab::plan {
namespace {

using Json = nlohmann::json;
using Value = Expected<double, std::string>;

Unexpected<std::string> problem(const std::string& text) {
    return Unexpected{text};
}

Value number_of(std::string_view text, const std::string& where) {
    if (const auto value = parse_finite(trim(text))) {
        return *value;
    }
    return problem(where + ": '" + cap(escape_for_terminal(std::string(text)), 40) +
                   "' is not a finite decimal number");
}

std::string line_of(std::string_view output, std::size_t offset) {
    return "line " +
           std::to_string(std::count(output.begin(),
                                     output.begin() + static_cast<std::ptrdiff_t>(offset), '\n') +
                          1);
}

/// Fields of a line of RFC 4180 without line breaks in fields, blanks around them left out.
std::vector<std::string> csv_fields(std::string_view line) {
    std::vector<std::string> fields(1);
    bool quoted = false;
    for (const char c : trim(line)) {
        if (c == '"') {
            quoted = !quoted;
        } else if (c == ',' && !quoted) {
            fields.emplace_back();
        } else {
            fields.back() += c;
        }
    }
    for (auto& field : fields) {
        field = std::string(trim(field));
    }
    return fields;
}

std::optional<std::size_t> index_of(const std::vector<std::string>& fields,
                                    const std::string& name) {
    const auto found = std::find(fields.begin(), fields.end(), name);
    return found == fields.end() ? std::nullopt
                                 : std::optional(static_cast<std::size_t>(found - fields.begin()));
}

/// Of what is looked for in the whole output.
constexpr Bytes most_text = mebibytes(4);

/// One parse of the output for all resultclasses.
class Output {
public:
    Output(std::string_view text, Parsed<std::vector<core::MetricLine>> lines, core::OutputEnd end)
        : text_(text), lines_(std::move(lines)),
          may_be_cut_(end == core::OutputEnd::cut && !text.ends_with('\n')) {}

    Value read(const ResultClass& resultclass) {
        const auto& source = resultclass.source;
        if (source.format == ValueFormat::metric_line) {
            return from_lines(resultclass);
        }
        if (text_.size() > most_text.count) {
            return problem("output over " + format_bytes(most_text) + ": the value may be cut");
        }
        if (source.format == ValueFormat::json) {
            return from_json(source.where); // which shows itself whether it is whole
        }
        if (may_be_cut_) {
            return problem("the last line of the output may have been cut");
        }
        return source.format == ValueFormat::csv ? from_csv(source) : from_regex(source.where);
    }

private:
    Value from_lines(const ResultClass& resultclass) {
        if (!lines_) {
            const auto& first = lines_.error().front();
            return problem(first.where + ": " + first.message);
        }
        const auto found =
            std::find_if(lines_->begin(), lines_->end(), [&](const core::MetricLine& line) {
                return line.name == resultclass.name;
            });
        if (found == lines_->end()) {
            return problem("printed no LAB_METRIC " + resultclass.name);
        }
        if (found->unit != resultclass.unit) {
            return problem("came in " + found->unit + " (must be " + resultclass.unit + ")");
        }
        return found->value;
    }

    Value from_json(const std::string& pointer) {
        if (!json_) {
            json_ = parse_json();
        }
        if (json_->is_discarded()) {
            return problem("the output holds no JSON document, or one with a key twice");
        }
        const Json::json_pointer place(pointer);
        if (!json_->contains(place)) {
            return problem("there is nothing at " + pointer);
        }
        const auto& value = json_->at(place);
        if (value.is_string()) {
            return number_of(value.get<std::string>(), pointer);
        }
        if (!value.is_number()) {
            return problem(pointer + ": is no number");
        }
        return number_of(json_text(value), pointer);
    }

    /// The document begins at the first line that begins with a bracket: programs warn before it.
    [[nodiscard]] Json parse_json() const {
        static const RE2 start("(?m)^[ \\t]*[\\[{]");
        re2::StringPiece match;
        const re2::StringPiece whole(text_.data(), text_.size());
        if (!start.Match(whole, 0, whole.size(), RE2::UNANCHORED, &match, 1)) {
            return Json(Json::value_t::discarded);
        }
        const auto text = trim(text_.substr(static_cast<std::size_t>(match.data() - text_.data())));
        std::vector<std::set<std::string>> keys;
        bool twice = false;
        const auto watch = [&](int, Json::parse_event_t event, Json& parsed) {
            if (event == Json::parse_event_t::object_start) {
                keys.emplace_back();
            } else if (event == Json::parse_event_t::key) {
                twice = twice || !keys.back().insert(parsed.get<std::string>()).second;
            } else if (event == Json::parse_event_t::object_end) {
                keys.pop_back();
            }
            return keys.size() <= 64;
        };
        auto json = Json::parse(text.begin(), text.end(), watch, false);
        return twice ? Json(Json::value_t::discarded) : json;
    }

    [[nodiscard]] Value from_csv(const ValueSource& source) const {
        const auto lines = split(text_, '\n');
        std::optional<std::size_t> column;
        std::optional<std::size_t> key;
        std::optional<Value> found;
        for (std::size_t i = 0; i < lines.size(); ++i) {
            const auto fields = csv_fields(lines[i]);
            if (!column) {
                column = index_of(fields, source.where);
                key = source.key.empty() ? std::nullopt : index_of(fields, source.key);
                if (column && !source.key.empty() && !key) {
                    return problem("there is no column " + source.key);
                }
                continue;
            }
            if (fields.size() <= std::max(*column, key.value_or(0)) ||
                (key && fields[*key] != source.wanted)) {
                continue;
            }
            const auto where = "line " + std::to_string(i + 1);
            if (found) {
                return problem(where + ": there is a second row with the value");
            }
            found = number_of(fields[*column], where);
        }
        if (!column) {
            return problem("there is no column " + source.where);
        }
        return found.value_or(problem("there is no row with the value"));
    }

    [[nodiscard]] Value from_regex(const std::string& pattern) const {
        RE2::Options options;
        options.set_log_errors(false);
        options.set_encoding(RE2::Options::EncodingLatin1); // foreign bytes
        const RE2 regex("(?m)" + pattern, options);
        std::array<re2::StringPiece, 2> groups;
        const re2::StringPiece whole(text_.data(), text_.size());
        if (!regex.Match(whole, 0, whole.size(), RE2::UNANCHORED, groups.data(), 2)) {
            return problem("nothing matches " + pattern);
        }
        const auto value = groups[1];
        const auto end = static_cast<std::size_t>(groups[0].data() - whole.data()) +
                         std::max<std::size_t>(groups[0].size(), 1);
        if (end <= whole.size() &&
            regex.Match(whole, end, whole.size(), RE2::UNANCHORED, groups.data(), 2)) {
            const auto offset = static_cast<std::size_t>(groups[0].data() - whole.data());
            return problem(line_of(text_, offset) + ": a second value matches " + pattern);
        }
        const auto offset = static_cast<std::size_t>(value.data() - whole.data());
        return number_of({value.data(), value.size()}, line_of(text_, offset));
    }

    std::string_view text_;
    Parsed<std::vector<core::MetricLine>> lines_;
    bool may_be_cut_;
    std::optional<Json> json_;
};

} // namespace

PrintedValues::PrintedValues(const Benchmark& benchmark) : benchmark_(benchmark) {
    const auto& classes = benchmark.resultclasses;
    needs_text_ = std::any_of(classes.begin(), classes.end(), [](const ResultClass& one) {
        return one.source.format != ValueFormat::metric_line;
    });
}

void PrintedValues::feed(std::string_view bytes) {
    lines_.feed(bytes);
    if (needs_text_) {
        text_ += bytes.substr(0, most_text.count + 1 - text_.size());
    }
}

Parsed<std::vector<core::MetricLine>> PrintedValues::finish(core::OutputEnd end) {
    Output output(text_, lines_.finish(end), end);
    std::vector<core::MetricLine> values;
    Diagnostics problems;
    for (const auto& resultclass : benchmark_.resultclasses) {
        const auto value = output.read(resultclass);
        if (value) {
            values.push_back({resultclass.name, *value, resultclass.unit});
        } else {
            problems.push_back({benchmark_.id() + " " + resultclass.name, value.error()});
        }
    }
    if (!problems.empty()) {
        return Unexpected{std::move(problems)};
    }
    return values;
}

Parsed<std::vector<core::MetricLine>> read_values(const Benchmark& benchmark,
                                                  std::string_view output) {
    PrintedValues values(benchmark);
    values.feed(output);
    return values.finish(core::OutputEnd::whole);
}

} // namespace lab::plan
