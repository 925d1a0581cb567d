// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/notify/schema.h"

#include "base/files.h"

#include <algorithm>

namespace lab::notify::test {
namespace {

using Json = nlohmann::json;
using Problems = std::vector<std::string>;

bool has_type(const Json& value, const std::string& type) {
    return type == "object"    ? value.is_object()
           : type == "array"   ? value.is_array()
           : type == "string"  ? value.is_string()
           : type == "integer" ? value.is_number_integer()
           : type == "boolean" ? value.is_boolean()
                               : false;
}

std::size_t characters(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    }));
}

void append(Problems& all, const Problems& more) {
    all.insert(all.end(), more.begin(), more.end());
}

Problems of_object(const Json& schema, const Json& value, const std::string& where) {
    Problems problems;
    for (const auto& key : schema.value("required", Json::array())) {
        if (!value.contains(key.get<std::string>())) {
            problems.push_back(where + ": " + key.get<std::string>() + " is missing");
        }
    }
    const auto properties = schema.value("properties", Json::object());
    for (const auto& [key, member] : value.items()) {
        if (properties.contains(key)) {
            append(problems, violations(properties[key], member, where + "." + key));
        } else if (schema.value("additionalProperties", Json(true)) == Json(false)) {
            problems.push_back(where + ": " + key + " is not known");
        }
    }
    return problems;
}

Problems of_array(const Json& schema, const Json& value, const std::string& where) {
    Problems problems;
    if (schema.contains("maxItems") && value.size() > schema["maxItems"].get<std::size_t>()) {
        problems.push_back(where + ": too many items");
    }
    for (std::size_t i = 0; schema.contains("items") && i < value.size(); ++i) {
        append(problems,
               violations(schema["items"], value[i], where + "[" + std::to_string(i) + "]"));
    }
    return problems;
}

Problems of_string(const Json& schema, const std::string& value, const std::string& where) {
    const auto length = characters(value);
    const bool fits = length >= schema.value("minLength", std::size_t{0}) &&
                      length <= schema.value("maxLength", length);
    return fits ? Problems{} : Problems{where + ": length " + std::to_string(length)};
}

} // namespace

std::vector<std::string> violations(const Json& schema, const Json& value,
                                    const std::string& where) {
    if (schema.contains("type") && !has_type(value, schema["type"])) {
        return {where + ": is no " + schema["type"].get<std::string>()};
    }
    if (schema.contains("enum") &&
        std::find(schema["enum"].begin(), schema["enum"].end(), value) == schema["enum"].end()) {
        return {where + ": " + value.dump() + " is not allowed"};
    }
    return value.is_object()   ? of_object(schema, value, where)
           : value.is_array()  ? of_array(schema, value, where)
           : value.is_string() ? of_string(schema, value.get<std::string>(), where)
                               : Problems{};
}

nlohmann::json schema_of(const std::string& service) {
    return Json::parse(
        read_file(std::string(LAB_SOURCE_DIR) + "/tests/data/notify/" + service + ".schema.json"));
}

} // namespace lab::notify::test
