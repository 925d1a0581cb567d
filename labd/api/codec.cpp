// SPDX-License-Identifier: Apache-2.0
#include "api/codec.h"

#include "base/text.h"

#include <set>

namespace lab::api {
namespace {

constexpr std::size_t depth_limit = 64;

/// Looks for what nlohmann's parser lets pass: depth without end and keys that hide each other.
class StrictReader : public nlohmann::json_sax<nlohmann::json> {
public:
    [[nodiscard]] const std::string& problem() const { return problem_; }

    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_integer(number_integer_t) override { return true; }
    bool number_unsigned(number_unsigned_t) override { return true; }
    bool number_float(number_float_t, const string_t&) override { return true; }
    bool string(string_t&) override { return true; }
    bool binary(binary_t&) override { return true; }
    bool start_object(std::size_t) override { return enter(); }
    bool end_object() override { return leave(); }
    bool start_array(std::size_t) override { return enter(); }
    bool end_array() override { return leave(); }

    bool key(string_t& name) override {
        if (!levels_.back().insert(name).second) {
            problem_ = "the key \"" + cap(escape_for_terminal(name), 100) + "\" is there twice";
            return false;
        }
        return true;
    }

    bool parse_error(std::size_t position, const std::string&,
                     const nlohmann::json::exception& error) override {
        problem_ = "at byte " + std::to_string(position) + ": " + text_of(error);
        return false;
    }

private:
    bool enter() {
        if (levels_.size() == depth_limit) {
            problem_ = "nested too deep (at most " + std::to_string(depth_limit) + " levels)";
            return false;
        }
        levels_.emplace_back();
        return true;
    }

    bool leave() {
        levels_.pop_back();
        return true;
    }

    std::vector<std::set<std::string>> levels_;
    std::string problem_;
};

} // namespace

const char* program_version() noexcept {
    return LAB_VERSION;
}

bool is_final(const std::string& state) noexcept {
    return state != "queued" && state != "running";
}

std::string text_of(const nlohmann::json::exception& error) {
    // "[json.exception.parse_error.101] parse error at line 1, column 2: ..."
    const std::string text = error.what();
    const auto tag = text.find("] ");
    return cap(escape_for_terminal(tag == std::string::npos ? text : text.substr(tag + 2)), 300);
}

nlohmann::json parse_json(const std::string& text, const std::string& subject) {
    StrictReader reader;
    if (!nlohmann::json::sax_parse(text, &reader)) {
        throw Error(ErrorCode::bad_input, subject + ": not valid JSON: " + reader.problem());
    }
    return nlohmann::json::parse(text);
}

nlohmann::json error_body(ErrorCode code, const std::string& message, const std::string& hint) {
    return {{"error", {{"code", to_string(code)}, {"message", message}, {"hint", hint}}}};
}

std::optional<Error> error_from_body(const std::string& text) {
    const auto body = nlohmann::json::parse(text, nullptr, false);
    if (!body.is_object() || !body.contains("error") || !body["error"].is_object()) {
        return std::nullopt;
    }
    const auto word = [&](const char* name) {
        const auto& error = body["error"];
        return error.contains(name) && error[name].is_string() ? error[name].get<std::string>()
                                                               : std::string();
    };
    return Error(error_code_from(word("code")), word("message"), word("hint"));
}

Error version_mismatch(const std::string& theirs) {
    const bool client_is_newer = std::atoi(theirs.c_str()) > api_version;
    return Error(ErrorCode::conflict,
                 "labd: the running daemon speaks API " + std::to_string(api_version) +
                     ", this lab speaks API " + cap(escape_for_terminal(theirs), 20),
                 client_is_newer
                     ? "restart the daemon with this version: lab daemon stop"
                     : "upgrade lab to labd's version, " + std::string(program_version()));
}

} // namespace lab::api
