// SPDX-License-Identifier: Apache-2.0
#include "cli/session.h"

#include "base/ownership.h"
#include "base/text.h"
#include "cli/launch.h"

namespace lab::cli {

Session::Session(Globals globals, std::optional<std::vector<std::string>> words,
                 const Outside& outside)
    : globals_(std::move(globals)), words_(std::move(words)), outside_(outside),
      out_(globals_.format) {}

const api::Places& Session::places() {
    if (!places_) {
        places_ = api::find_places();
        std::error_code ignored;
        for (const auto& directory : {places_->config_dir, places_->state_dir, places_->data_dir}) {
            if (std::filesystem::exists(directory, ignored)) {
                require_own_directory(directory);
            }
        }
    }
    return *places_;
}

std::string Session::command_text() const {
    if (!words_ || words_->empty()) {
        return {};
    }
    return words_->size() == 1 ? words_->front() : shell_join(*words_);
}

const api::Transport& Session::daemon() {
    if (!transport_) {
        const auto socket = places().socket();
        if (!api::daemon_serves(socket)) {
            start_daemon(places());
        }
        transport_.emplace(socket);
    }
    return *transport_;
}

const api::Transport& Session::running_daemon() {
    if (!transport_) {
        transport_.emplace(places().socket());
    }
    return *transport_;
}

bool Session::only_says(const std::string& what) const {
    if (globals_.dry_run) {
        out_.print({{{"would", what}}, {}, {}, "would " + what, {}});
    }
    return globals_.dry_run;
}

std::filesystem::path Session::config_file() {
    if (!globals_.config.empty()) {
        return std::filesystem::absolute(globals_.config).lexically_normal();
    }
    const auto here = std::filesystem::current_path();
    const auto found = api::find_config(here, places());
    if (!found) {
        throw Error(ErrorCode::not_found,
                    "lab.yaml: not in " + here.string() + " nor above it, nor at " +
                        places().user_config().string(),
                    "write one with: lab init");
    }
    return *found;
}

api::ConfigText Session::config() {
    return trust().read(config_file());
}

api::ConfigText Session::config_or_nothing() {
    const bool searched = globals_.config.empty();
    if (searched && !api::find_config(std::filesystem::current_path(), places())) {
        return {};
    }
    return config();
}

} // namespace lab::cli
