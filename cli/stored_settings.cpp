// SPDX-License-Identifier: Apache-2.0
#include "cli/stored_settings.h"

#include "base/ownership.h"
#include "base/text.h"
#include "cli/confirm.h"

#include <optional>
#include <string_view>

namespace lab::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_bytes = 8192; // of what is shown

/// A directory or file that holds the store; nothing for a server's.
std::optional<fs::path> local_place(const std::string& store) {
    for (const std::string_view scheme : {"csv://", "sqlite://"}) {
        if (store.rfind(scheme, 0) == 0) {
            return store.substr(scheme.size());
        }
    }
    return store.find("://") == std::string::npos ? std::optional<fs::path>(store) : std::nullopt;
}

/// Why others may have written what is in the store.
std::optional<std::string> others_of(const std::string& store) {
    const auto place = local_place(store);
    if (!place) {
        return "is on a server";
    }
    if (auto problem = who_else_may_change(*place)) {
        return problem;
    }
    std::error_code no_directory;
    for (const auto& entry : fs::directory_iterator(*place, no_directory)) {
        if (auto problem = who_else_may_change(entry.path())) {
            return quote_foreign(entry.path().filename().string()) + ": " + *problem;
        }
    }
    return std::nullopt;
}

std::string what_runs(const plan::BisectContext& context) {
    std::string text;
    const auto add = [&](const char* name, const std::vector<std::string>& lines) {
        for (const auto& line : lines) {
            text += std::string("  ") + name + ": " + escape_for_terminal(line) + "\n";
        }
    };
    add("cmdline", context.profile.cmdline);
    add("sysctl", context.profile.sysctl);
    add("bootscript", context.profile.bootscript);
    if (!context.benchmark.image.empty()) {
        add("container image", {context.benchmark.image});
    }
    return text;
}

} // namespace

void agree_to_stored_settings(const Session& session, const plan::BisectContext& context,
                              const std::string& store) {
    const auto text = what_runs(context);
    if (text.empty()) {
        return;
    }
    session.out().print_hint("Of the store, this runs as root on " +
                             quote_foreign(context.sut.name) + " with every commit:\n" +
                             cap(text, most_bytes));
    if (const auto others = others_of(store)) {
        session.out().print_hint("Others may have written it: the store " + *others);
        confirm(session, "Run it there?");
    }
}

} // namespace lab::cli
