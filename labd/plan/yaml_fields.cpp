// SPDX-License-Identifier: Apache-2.0
#include "plan/yaml_fields.h"

#include "base/characters.h"
#include "base/ids.h"
#include "base/text.h"
#include "plan/suggestion.h"

#include <algorithm>
#include <charconv>

namespace lab::plan {
namespace {

constexpr std::size_t longest_line = 1024;
constexpr std::size_t longest_text = 65536;
// Linux's PATH_MAX without the NUL, and NAME_MAX.
constexpr std::size_t longest_path = 4095;
constexpr std::size_t longest_file_name = 255;

bool is_line(const std::string& text) {
    return !text.empty() && text.size() <= longest_line &&
           std::none_of(text.begin(), text.end(), is_control);
}

const char* word_for(YamlNode::Kind kind) {
    switch (kind) {
    case YamlNode::Kind::null:
        return "nothing";
    case YamlNode::Kind::scalar:
        return "a single value";
    case YamlNode::Kind::list:
        return "a list";
    case YamlNode::Kind::map:
        return "a map";
    }
    return "";
}

std::string quoted(const std::string& text) {
    return "'" + cap(text, 64) + "'";
}

/// "512MiB" rather than the rounded "512.0 MiB": the form that may stand in the file.
std::string exact(Bytes size) {
    static constexpr std::pair<const char*, unsigned> units[] = {
        {"TiB", 40}, {"GiB", 30}, {"MiB", 20}, {"KiB", 10}};
    for (const auto& [name, shift] : units) {
        if (size.count >> shift > 0 && (size.count >> shift) << shift == size.count) {
            return std::to_string(size.count >> shift) + name;
        }
    }
    return std::to_string(size.count) + "B";
}

std::string exact(Duration duration) {
    static constexpr std::pair<const char*, std::int64_t> units[] = {
        {"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}};
    for (const auto& [name, factor] : units) {
        if (duration.count() > 0 && duration.count() % factor == 0) {
            return std::to_string(duration.count() / factor) + name;
        }
    }
    return std::to_string(duration.count()) + "ms";
}

std::optional<unsigned> parse_number(const std::string& text) {
    unsigned value = 0;
    const auto* const end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, value);
    const bool leading_zero = text.size() > 1 && text.front() == '0';
    if (result.ec != std::errc{} || result.ptr != end || leading_zero) {
        return std::nullopt;
    }
    return value;
}

} // namespace

std::string YamlField::place() const {
    return problems_->place(at_) + ": " + label_;
}

void YamlField::report(const std::string& message) const {
    problems_->add(at_, label_ + ": " + message);
}

void YamlField::report_value(const std::string& problem, const std::string& allowed) const {
    report(quoted(node_->text) + " " + problem + " (" + allowed + ")");
}

bool YamlField::is_scalar() const {
    return node_ != nullptr && node_->kind == YamlNode::Kind::scalar;
}

const std::string* YamlField::scalar(const char* expected) const {
    if (node_ == nullptr) {
        return nullptr;
    }
    if (node_->kind == YamlNode::Kind::scalar) {
        return &node_->text;
    }
    report(std::string("here stands ") + word_for(node_->kind) + " (expected: " + expected + ")");
    return nullptr;
}

std::optional<std::string> YamlField::secret_line() const {
    const auto* const value = scalar("one line of text");
    if (value == nullptr) {
        return std::nullopt;
    }
    if (!is_line(*value)) {
        report("this is not one line of text (1 to 1024 bytes, no control characters)");
        return std::nullopt;
    }
    return *value;
}

std::optional<std::string> YamlField::line() const {
    const auto* const value = scalar("one line of text");
    if (value == nullptr) {
        return std::nullopt;
    }
    if (!is_line(*value)) {
        report_value("is not one line of text", "1 to 1024 bytes, no control characters");
        return std::nullopt;
    }
    return *value;
}

std::optional<std::filesystem::path> YamlField::path(const std::filesystem::path& directory) const {
    const auto text = line();
    if (!text) {
        return std::nullopt;
    }
    if (text->front() == '~') {
        report("'~' is not replaced by your home directory (allowed: an absolute path or one "
               "relative to this file)");
        return std::nullopt;
    }
    auto path = (directory / *text).lexically_normal();
    const bool fits = path.native().size() <= longest_path &&
                      std::all_of(path.begin(), path.end(), [](const std::filesystem::path& name) {
                          return name.native().size() <= longest_file_name;
                      });
    if (!fits) {
        report_value("is no path of a file", "at most 4095 bytes, and 255 between two slashes");
        return std::nullopt;
    }
    return path;
}

std::optional<std::string> YamlField::text() const {
    const auto* const value = scalar("text");
    if (value == nullptr) {
        return std::nullopt;
    }
    const auto refused = [](char c) {
        return is_control(c) && c != '\n' && c != '\t';
    };
    if (value->empty() || value->size() > longest_text ||
        std::any_of(value->begin(), value->end(), refused)) {
        report_value("is not a text", "1 byte to 64 KiB, no control characters but line breaks");
        return std::nullopt;
    }
    return *value;
}

std::optional<std::string> YamlField::name() const {
    const auto* const value = scalar("a name");
    if (value == nullptr) {
        return std::nullopt;
    }
    if (!is_valid_name(*value)) {
        report_value("is not a name", valid_name_rule);
        return std::nullopt;
    }
    return *value;
}

std::optional<unsigned> YamlField::number(Range<unsigned> range) const {
    const auto allowed = std::to_string(range.smallest) + " to " + std::to_string(range.largest);
    const auto* const value = scalar("a whole number");
    if (value == nullptr) {
        return std::nullopt;
    }
    const auto number = parse_number(*value);
    if (!number) {
        report_value("is not a whole number", "allowed: " + allowed);
        return std::nullopt;
    }
    if (*number < range.smallest || *number > range.largest) {
        report_value("is out of range", "allowed: " + allowed);
        return std::nullopt;
    }
    return number;
}

std::optional<Bytes> YamlField::bytes(Range<Bytes> range) const {
    const auto allowed = "allowed: " + exact(range.smallest) + " to " + exact(range.largest);
    const auto* const value = scalar("a size like 512MiB");
    if (value == nullptr) {
        return std::nullopt;
    }
    const auto size = parse_bytes(*value);
    if (!size || value->front() == '0') {
        report_value("is not a size", "a whole number and B, KiB, MiB, GiB or TiB; " + allowed);
        return std::nullopt;
    }
    if (*size < range.smallest || *size > range.largest) {
        report_value("is out of range", allowed);
        return std::nullopt;
    }
    return size;
}

std::optional<Duration> YamlField::duration(Range<Duration> range) const {
    const auto allowed = "allowed: " + exact(range.smallest) + " to " + exact(range.largest);
    const auto* const value = scalar("a time like 90s");
    if (value == nullptr) {
        return std::nullopt;
    }
    const auto duration = parse_duration(*value);
    if (!duration || value->front() == '0') {
        report_value("is not a time", "a whole number and ms, s, m, h or d; " + allowed);
        return std::nullopt;
    }
    if (*duration < range.smallest || *duration > range.largest) {
        report_value("is out of range", allowed);
        return std::nullopt;
    }
    return duration;
}

std::optional<std::size_t> YamlField::index_of(const std::vector<std::string>& names) const {
    const auto* const value = scalar("a word");
    if (value == nullptr) {
        return std::nullopt;
    }
    const auto found = std::find(names.begin(), names.end(), *value);
    if (found == names.end()) {
        report_value("is unknown", "allowed: " + join(names, ", "));
        return std::nullopt;
    }
    return static_cast<std::size_t>(found - names.begin());
}

std::vector<YamlField> YamlField::list(std::size_t limit) const {
    std::vector<YamlField> fields;
    if (node_ == nullptr || node_->kind == YamlNode::Kind::null) {
        return fields;
    }
    if (node_->kind != YamlNode::Kind::list) {
        report(std::string("here stands ") + word_for(node_->kind) + " (expected: a list)");
        return fields;
    }
    if (node_->items.size() > limit) {
        report("the list is too long (at most " + std::to_string(limit) + ")");
        return fields;
    }
    for (const auto& item : node_->items) {
        fields.emplace_back(&item, item.at, label_ + "[" + std::to_string(fields.size()) + "]",
                            *problems_);
    }
    return fields;
}

bool YamlField::map(const std::function<void(YamlMap&)>& read) const {
    if (node_ == nullptr) {
        return false;
    }
    if (node_->kind != YamlNode::Kind::map) {
        report(std::string("here stands ") + word_for(node_->kind) + " (expected: keys)");
        return false;
    }
    YamlMap map(*node_, label_, *problems_);
    read(map);
    map.report_unknown_keys();
    return true;
}

std::vector<std::pair<std::string, YamlField>> YamlField::named() const {
    std::vector<std::pair<std::string, YamlField>> fields;
    if (node_ == nullptr || node_->kind == YamlNode::Kind::null) {
        return fields;
    }
    if (node_->kind != YamlNode::Kind::map) {
        report(std::string("here stands ") + word_for(node_->kind) + " (expected: names)");
        return fields;
    }
    for (const auto& entry : node_->entries) {
        if (!is_valid_name(entry.key)) {
            problems_->add(entry.at, label_ + ": " + quoted(entry.key) + " is not a name (" +
                                         valid_name_rule + ")");
            continue;
        }
        fields.emplace_back(entry.key, YamlField(&entry.value, entry.value.at,
                                                 label_ + "." + entry.key, *problems_));
    }
    return fields;
}

std::string YamlMap::label_of(const std::string& key) const {
    return label_.empty() ? key : label_ + "." + key;
}

YamlField YamlMap::optional(const char* key) {
    known_.emplace_back(key);
    const auto entry = std::find_if(node_.entries.begin(), node_.entries.end(),
                                    [&](const YamlEntry& each) { return each.key == key; });
    if (entry == node_.entries.end()) {
        return {nullptr, node_.at, label_of(key), problems_};
    }
    return {&entry->value, entry->value.at, label_of(key), problems_};
}

YamlField YamlMap::required(const char* key) {
    auto field = optional(key);
    if (!field.present()) {
        const auto object = label_.empty() ? std::string() : label_ + ": ";
        problems_.add(node_.at, object + "the key '" + key + "' is missing");
    }
    return field;
}

void YamlMap::report_unknown_keys() const {
    for (const auto& entry : node_.entries) {
        if (std::find(known_.begin(), known_.end(), entry.key) != known_.end()) {
            continue;
        }
        const auto near = nearest_word(entry.key, known_);
        const auto question = near.empty() ? std::string() : "did you mean '" + near + "'? ";
        problems_.add(entry.at, label_of(cap(entry.key, 64)) + ": unknown key (" + question +
                                    "allowed: " + join(known_, ", ") + ")");
    }
}

bool read_map(const std::string& text, Problems& problems,
              const std::function<void(YamlMap&)>& read) {
    const auto root = read_yaml(text, problems);
    if (!root) {
        return false;
    }
    if (root->kind != YamlNode::Kind::map && root->kind != YamlNode::Kind::null) {
        problems.add(root->at,
                     std::string("here stands ") + word_for(root->kind) + " (expected: keys)");
        return false;
    }
    YamlMap map(*root, {}, problems);
    read(map);
    map.report_unknown_keys();
    return true;
}

} // namespace lab::plan
