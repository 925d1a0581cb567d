// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/client.h"
#include "api/config_trust.h"
#include "api/messages.h"
#include "api/places.h"
#include "cli/output/printer.h"
#include "ports/commit_changes.h"
#include "ports/notifier.h"
#include "ports/result_store.h"
#include "ports/source_repo.h"

#include <optional>
#include <string>
#include <vector>

namespace lab::cli {

/// Options that every verb takes.
struct Globals {
    Format format = Format::table;
    std::string config; ///< --config; empty = search
    bool quiet = false;
    bool yes = false;
    bool dry_run = false;
};

/// What verbs use without the daemon; handed in by main.
struct Outside {
    ports::SourceRepos& repos;
    ports::ResultStores& stores;
    ports::Notifier& notifier;
    ports::CommitChanges& changes;
};

/// Everything a verb needs of the outside: options, places, the daemon, the output.
class Session {
public:
    /// @param words  what stood behind "--"; nothing when there was no "--".
    /// @param outside  must outlive the session.
    Session(Globals globals, std::optional<std::vector<std::string>> words, const Outside& outside);

    [[nodiscard]] const Globals& globals() const { return globals_; }
    [[nodiscard]] const Printer& out() const { return out_; }

    /// @throws Error conflict  when one of the directories is not the caller's own.
    [[nodiscard]] const api::Places& places();
    [[nodiscard]] const std::optional<std::vector<std::string>>& words() const { return words_; }

    /// The command behind "--" as shell text: one word is taken as it is, several are quoted.
    /// Empty when there is none.
    [[nodiscard]] std::string command_text() const;

    /// Connection to labd, which is started when none answers.
    [[nodiscard]] const api::Transport& daemon();
    [[nodiscard]] api::JobClient jobs() { return api::JobClient(daemon()); }
    [[nodiscard]] api::OutboxClient outbox() { return api::OutboxClient(daemon()); }
    [[nodiscard]] api::LabClient lab() { return api::LabClient(daemon()); }

    /// Connection to a labd that runs already.
    /// @throws Error infra  when none answers.
    [[nodiscard]] const api::Transport& running_daemon();

    /// Opens git repositories without the daemon.
    [[nodiscard]] ports::SourceRepos& repositories() const { return outside_.repos; }

    /// Opens result stores without the daemon.
    [[nodiscard]] ports::ResultStores& stores() const { return outside_.stores; }

    /// Sends messages without the daemon.
    [[nodiscard]] ports::Notifier& notifier() const { return outside_.notifier; }

    /// Reads what commits change without the daemon.
    [[nodiscard]] ports::CommitChanges& changes() const { return outside_.changes; }

    /// With --dry-run: prints "would <what>" and is true, and the verb must then do nothing.
    [[nodiscard]] bool only_says(const std::string& what) const;

    /// Path of the lab.yaml that counts here.
    /// @throws Error not_found  when there is none.
    [[nodiscard]] std::filesystem::path config_file();

    /// lab.yaml as it stands.
    /// @throws Error bad_input  when it is somebody else's and was not trusted.
    [[nodiscard]] api::ConfigText config();

    /// Which lab.yaml may be used.
    [[nodiscard]] api::ConfigTrust trust() { return api::ConfigTrust(places()); }

    /// lab.yaml, or an empty one when there is none.
    [[nodiscard]] api::ConfigText config_or_nothing();

private:
    Globals globals_;
    std::optional<std::vector<std::string>> words_;
    Outside outside_;
    Printer out_;
    std::optional<api::Places> places_;
    std::optional<api::Transport> transport_;
};

} // namespace lab::cli
