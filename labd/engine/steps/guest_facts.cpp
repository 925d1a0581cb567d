// SPDX-License-Identifier: Apache-2.0
#include "engine/steps/guest_facts.h"

#include "base/error.h"
#include "base/files.h"
#include "base/process.h"
#include "base/text.h"

#include <algorithm>

namespace lab::engine {
namespace {

constexpr Bytes longest_list = mebibytes(4);

/// Every word of a record that names a file of the source tree is taken as read: too many rather
/// than too few. Relative words are tried from the top of both trees and from where the record is.
constexpr const char* files_read_script = R"sh(
cd "$LAB_SRC"
list=$(mktemp -d)
trap 'rm -rf "$list"' EXIT
find . -name .git -prune -o -type f -print | sed 's|^\./||' > "$list/there"
find "$LAB_SRC" "$LAB_OBJ" -name .git -prune -o -type f \
    \( -name '*.d' -o -name '.*.cmd' -o -name '*.meta' \) -print | sort -u > "$list/records"
[ -s "$list/records" ] || exit 0
awk -v src="$LAB_SRC" -v obj="$LAB_OBJ" '
function plain(path,   parts, count, kept, i, result) {
    count = split(path, parts, "/"); kept = 0
    for (i = 1; i <= count; i++) {
        if (parts[i] == "" || parts[i] == ".") continue
        if (parts[i] == "..") { if (kept > 0) kept--; continue }
        stack[++kept] = parts[i]
    }
    result = ""
    for (i = 1; i <= kept; i++) result = result (i > 1 ? "/" : "") stack[i]
    return result
}
function below(path, top) { return index(path, top "/") == 1 }
function take(path) { path = plain(path); if (path in there) print path }
FNR == NR { there[$0] = 1; next }
{
    record = $0; home = record; sub("/[^/]*$", "", home)
    if (below(home "/", src)) home = substr(home, length(src) + 2)
    else if (below(home "/", obj)) home = substr(home, length(obj) + 2)
    while ((getline line < record) > 0) {
        count = split(line, words, /[ \t:\\]+/)
        for (i = 1; i <= count; i++) {
            word = words[i]
            if (word == "") continue
            if (substr(word, 1, 1) != "/") { take(word); take(home "/" word) }
            else if (below(word, src)) take(substr(word, length(src) + 2))
        }
    }
    close(record)
}' "$list/there" "$list/records" | sort -u
)sh";

constexpr const char* artefact_script = R"sh(
cd "$LAB_DESTDIR"
{
    find . -xdev ! -type d -cnewer "$LAB_MARK" -printf '%p %y %m %U %G %l\n'
    find . -xdev -type f -cnewer "$LAB_MARK" -print0 | sort -z | xargs -0 -r sha256sum
    cd "$LAB_BOOTDIR"
    find . -type f -print0 | sort -z | xargs -0 -r sha256sum
} | LC_ALL=C sort | sha256sum | cut -d ' ' -f 1
)sh";

std::vector<std::string> lines_of(const std::string& output) {
    auto lines = split(output, '\n');
    std::erase_if(lines, [](const std::string& line) { return line.empty(); });
    return lines;
}

/// Output of a script that may fail: then nothing is known.
std::string ask(const CommandRunner& run, const char* name, const char* text,
                std::map<std::string, std::string> environment, const std::stop_token& stop) {
    GuestScript script{{name, text}, std::move(environment)};
    script.output_limit = longest_list;
    const auto result = run(
        command_of(script), [](std::string_view) {}, stop);
    if (result.end == ports::CommandEnd::disconnected) {
        throw Error(ErrorCode::infra, std::string(name) + ": the guest went away");
    }
    const bool whole = result.end == ports::CommandEnd::exited && result.exit_code == 0 &&
                       result.dropped_bytes == 0;
    return whole ? result.output : "";
}

} // namespace

std::vector<std::string> files_read_in_guest(const CommandRunner& run, const std::string& sources,
                                             const std::string& objects,
                                             const std::stop_token& stop) {
    return lines_of(ask(run, "files-read", files_read_script,
                        {{"LAB_SRC", sources}, {"LAB_OBJ", objects}}, stop));
}

std::vector<std::string> files_read_here(const std::filesystem::path& sources,
                                         const std::stop_token& stop) {
    ProcessSpec process;
    process.argv = {"sh", "-eu", "-c", files_read_script};
    process.environment = {{"LAB_SRC", sources.string()}, {"LAB_OBJ", sources.string()}};
    process.output_limit = longest_list;
    const auto result = run_process(process, stop);
    const bool whole = !result.timed_out && result.exit_code == 0 && result.left_out == Bytes{0};
    return whole ? lines_of(result.out) : std::vector<std::string>();
}

void mark_before_install(const CommandRunner& run, const InstallPaths& paths,
                         const std::stop_token& stop) {
    static_cast<void>(ask(run, "mark", "touch \"$LAB_MARK\"", {{"LAB_MARK", paths.mark}}, stop));
}

std::string artefact_in_guest(const CommandRunner& run, const InstallPaths& paths,
                              const std::stop_token& stop) {
    const auto digest = std::string(trim(ask(
        run, "artefact", artefact_script,
        {{"LAB_DESTDIR", paths.destination}, {"LAB_BOOTDIR", paths.boot}, {"LAB_MARK", paths.mark}},
        stop)));
    const bool is_digest =
        digest.size() == 64 && digest.find_first_not_of("0123456789abcdef") == std::string::npos;
    return is_digest ? digest : "";
}

} // namespace lab::engine
