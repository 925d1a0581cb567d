// SPDX-License-Identifier: Apache-2.0
#include "base/json_members.h"

namespace lab {

using nlohmann::json;

std::string text_at(const json& object, const char* name) {
    const bool there = object.is_object() && object.contains(name) && object[name].is_string();
    return there ? object[name].get<std::string>() : std::string();
}

double number_at(const json& object, const char* name) {
    const bool there = object.is_object() && object.contains(name) && object[name].is_number();
    return there ? object[name].get<double>() : 0;
}

json list_at(const json& object, const char* name) {
    const bool there = object.is_object() && object.contains(name) && object[name].is_array();
    return there ? object[name] : json::array();
}

json object_at(const json& object, const char* name) {
    const bool there = object.is_object() && object.contains(name) && object[name].is_object();
    return there ? object[name] : json::object();
}

} // namespace lab
