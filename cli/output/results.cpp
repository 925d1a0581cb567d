// SPDX-License-Identifier: Apache-2.0
#include "cli/output/results.h"

#include "base/clock.h"
#include "base/text.h"
#include "base/units.h"

#include <array>
#include <cmath>

namespace lab::cli {
namespace {

using nlohmann::json;

/// What went wrong, and the end of the log that shows it.
std::string failures(const json& rows) {
    std::string out;
    for (const auto& row : rows) {
        const auto error = text_at(row, "error");
        if (error.empty()) {
            continue;
        }
        out += text_at(row, "id") + ": " + error + "\n";
        for (const auto& line : split(text_at(row, "log_tail"), '\n')) {
            out += line.empty() ? "" : "    " + line + "\n";
        }
    }
    return out;
}

void builds(const json& result, Document& document) {
    document.table.headers = {"BUILD", "STATE", "MODE", "TIME", "CHANGED", "FROM"};
    const auto rows = list_at(result, "builds");
    for (const auto& row : rows) {
        const auto parent = text_at(row, "parent");
        document.ids.push_back(text_at(row, "id"));
        document.table.rows.push_back(
            {text_at(row, "id"), text_at(row, "state"), text_at(row, "mode"),
             time_or_nothing(number_at(row, "seconds")),
             std::to_string(std::llround(number_at(row, "changed_files"))),
             parent.empty() ? "empty" : parent});
    }
    document.after = failures(rows);
}

void installs(const json& result, Document& document) {
    document.table.headers = {"INSTALL", "STATE", "TIME"};
    const auto rows = list_at(result, "installs");
    for (const auto& row : rows) {
        document.ids.push_back(text_at(row, "id"));
        document.table.rows.push_back({text_at(row, "id"), text_at(row, "state"),
                                       time_or_nothing(number_at(row, "seconds"))});
    }
    document.after = failures(rows);
}

void roots(const json& result, Document& document) {
    document.table.headers = {"VM", "MACHINE", "STATE", "TIME"};
    for (const auto& row : list_at(result, "roots")) {
        document.ids.push_back(text_at(row, "vm"));
        document.table.rows.push_back({text_at(row, "vm"), text_at(row, "machine"),
                                       text_at(row, "state"),
                                       time_or_nothing(number_at(row, "seconds"))});
    }
}

void started(const json& result, Document& document) {
    document.table.headers = {"VM", "INSTANCE"};
    document.table.rows = {{text_at(result, "vm"), text_at(result, "instance")}};
    document.ids = {text_at(result, "instance")};
    const auto vm = text_at(result, "vm");
    const bool has_ssh = text_at(result, "session") != "console";
    document.after = "enter it with: " + (has_ssh ? "lab vm ssh " + vm + ", or: " : "") +
                     "lab vm console " + vm + "\nstop it with:  lab vm stop " + vm;
}

void tested(const json& result, Document& document) {
    document.before = text_at(result, "target") + ": " + text_at(result, "outcome");
    const auto text = text_at(result, "text");
    document.before += text.empty() ? "" : " (" + text + ")";
    document.ids = {text_at(result, "target")};
    const auto samples = list_at(result, "samples");
    if (!samples.empty()) {
        document.table.headers = {"RESULTCLASS", "VALUE", "UNIT", "SESSION", "N", "ACCELERATOR"};
    }
    for (const auto& sample : samples) {
        document.table.rows.push_back(
            {text_at(sample, "resultclass"), value_text(number_at(sample, "value")),
             text_at(sample, "unit"), text_at(sample, "session").substr(0, 8),
             std::to_string(std::llround(number_at(sample, "sequence"))),
             text_at(sample, "accelerator")});
    }
    document.after = text_at(result, "output");
}

void planned(const json& result, Document& document) {
    const auto count = [&](const char* name) {
        return std::to_string(std::llround(number_at(result, name)));
    };
    const auto store = text_at(result, "store");
    document.table.headers = {"STORE", "SESSIONS", "SAMPLES", "ERRORS"};
    document.table.rows = {{store, count("sessions"), count("samples"), count("errors")}};
    document.ids = {store};
    document.after = "see them with: lab result list " + store + " --object swprofile";
}

} // namespace

Document result_document(const api::JobDetail& detail) {
    const auto& kind = detail.job.kind;
    if (kind == "bisect") {
        return bisect_document(detail);
    }
    Document document;
    document.data = detail.result;
    if (kind == "build") {
        builds(detail.result, document);
    } else if (kind == "install") {
        installs(detail.result, document);
    } else if (kind == "create") {
        roots(detail.result, document);
    } else if (kind == "start") {
        started(detail.result, document);
    } else if (kind == "plan") {
        planned(detail.result, document);
    } else {
        tested(detail.result, document);
    }
    return document;
}

} // namespace lab::cli
