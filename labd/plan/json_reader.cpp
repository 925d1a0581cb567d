// SPDX-License-Identifier: Apache-2.0
#include "plan/json_reader.h"

#include "base/ids.h"
#include "base/text.h"
#include "plan/job_spec.h"

namespace lab::plan {
namespace {

constexpr std::size_t most_items = 10'000;
constexpr std::size_t most_complaints = 100;

} // namespace

void add_problem(Diagnostics& problems, const std::string& where, const std::string& message) {
    if (problems.size() < most_complaints) {
        const auto line = [](const std::string& text) {
            return join(split(escape_for_terminal(text), '\n'), "\\n");
        };
        problems.push_back({line(where), line(message)});
    }
}

void JsonReader::read(const std::function<void(JsonReader&)>& members) {
    if (!json_.is_object()) {
        report("is not an object");
        return;
    }
    members(*this);
    for (const auto& item : json_.items()) {
        if (!known_.contains(item.key())) {
            report("unknown member '" + cap(item.key(), 64) +
                   "' (allowed: " + join({known_.begin(), known_.end()}, ", ") + ")");
        }
    }
}

std::string JsonReader::text(const char* key, std::size_t limit) {
    const auto* const value = member(key);
    if (value == nullptr) {
        return {};
    }
    if (!value->is_string() || value->get_ref<const std::string&>().size() > limit ||
        value->get_ref<const std::string&>().find('\0') != std::string::npos) {
        report(key, "is not a text of at most " + std::to_string(limit) + " bytes");
        return {};
    }
    return value->get<std::string>();
}

std::string JsonReader::vm(const char* key) {
    auto name = text(key);
    check(key, name.empty() || is_valid_name(name), valid_name_rule);
    check(key, !name.empty(), "a VM must be named");
    return name;
}

std::string JsonReader::revision(const char* key) {
    auto value = text(key);
    if (const auto parsed = parse_revision(value); !parsed) {
        report(key, parsed.error().front().message);
    }
    return value;
}

bool JsonReader::flag(const char* key) {
    const auto* const value = member(key);
    if (value == nullptr) {
        return false;
    }
    check(key, value->is_boolean(), "true or false");
    return value->is_boolean() && value->get<bool>();
}

unsigned JsonReader::number(const char* key, unsigned smallest, unsigned largest) {
    const auto* const value = member(key);
    if (value == nullptr) {
        return smallest;
    }
    const bool fits = value->is_number_unsigned() && value->get<std::uint64_t>() >= smallest &&
                      value->get<std::uint64_t>() <= largest;
    check(key, fits,
          "a whole number from " + std::to_string(smallest) + " to " + std::to_string(largest));
    return fits ? value->get<unsigned>() : smallest;
}

std::optional<unsigned> JsonReader::optional_number(const char* key, unsigned smallest) {
    return has(key) ? std::optional(number(key, smallest)) : std::nullopt;
}

double JsonReader::chance(const char* key) {
    const auto* const value = member(key);
    if (value == nullptr) {
        return 0.0;
    }
    const auto number = value->is_number() ? value->get<double>() : 0.0;
    check(key, number >= 0.5 && number < 1.0, "a number from 0.5 to below 1");
    return number;
}

std::map<std::string, std::string> JsonReader::text_map(const char* key) {
    std::map<std::string, std::string> texts;
    object(key, [&](JsonReader& reader) {
        for (const auto& item : reader.json_.items()) {
            texts.emplace(item.key(), reader.text(item.key().c_str()));
        }
    });
    return texts;
}

bool JsonReader::has(const char* key) {
    known_.insert(key);
    return json_.contains(key);
}

void JsonReader::object(const char* key, const std::function<void(JsonReader&)>& members) {
    if (const auto* const value = member(key)) {
        JsonReader(*value, label_ + "." + key, problems_).read(members);
    }
}

void JsonReader::list(const char* key,
                      const std::function<void(const Json&, const std::string&)>& each) {
    const auto* const value = member(key);
    if (value == nullptr) {
        return;
    }
    if (!value->is_array() || value->size() > most_items) {
        report(key, "is not a list of at most " + std::to_string(most_items) + " items");
        return;
    }
    for (std::size_t i = 0; i < value->size(); ++i) {
        each((*value)[i], label_ + "." + key + "[" + std::to_string(i) + "]");
    }
}

void JsonReader::check(const char* key, bool holds, const std::string& allowed) {
    if (!holds) {
        report(key, "is not allowed (" + allowed + ")");
    }
}

void JsonReader::report(const char* key, const std::string& message) {
    add_problem(problems_, label_ + "." + key, message);
}

const JsonReader::Json* JsonReader::member(const char* key) {
    if (!has(key)) {
        report(std::string("the member '") + key + "' is missing");
        return nullptr;
    }
    return &json_.at(key);
}

std::vector<std::string> JsonReader::texts(const char* key) {
    std::vector<std::string> texts;
    list(key, [&](const Json& item, const std::string& label) {
        if (item.is_string() && !item.get_ref<const std::string&>().empty()) {
            texts.push_back(item.get<std::string>());
        } else {
            add_problem(problems_, label, "is not a text");
        }
    });
    return texts;
}

} // namespace lab::plan
