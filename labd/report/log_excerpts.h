// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <deque>
#include <map>
#include <string>
#include <string_view>

namespace lab::report {

/// Picks the last lines of every commit's builds and tests out of a job's log, while it is read.
/// What a commit's clean build did is told apart from the rest by the word "clean". Keeps a few KiB
/// a commit. Not thread-safe.
class LogExcerpts {
public:
    /// The next bytes of the log, cut anywhere.
    void feed(std::string_view bytes);

    enum class Stage { search, clean };

    /// Lines "HH:MM:SS build | ..." of a commit, those of its builds first: foreign bytes. Empty
    /// when the log has none.
    [[nodiscard]] std::string of(const std::string& abbreviated, Stage stage) const;

private:
    struct Key {
        std::string commit;
        Stage stage;
        std::string kind; ///< first word of the line's source

        friend auto operator<=>(const Key&, const Key&) = default;
    };

    void line(std::string_view text);

    std::map<Key, std::deque<std::string>> lines_;
    std::string pending_;
};

} // namespace lab::report
