// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <vector>

namespace lab::core {

/// Which files of a source tree builds have read, by the records of their compilers, and which
/// there were to read. Value type, pure.
///
/// A change cannot matter to such builds when every path it touches
///   - is a file of a language whose compiler records what it reads (C, C++, assembler, device
///     trees): a Makefile or a script may be read without any record;
///   - was there and was not read: one that was not there might have been found first;
///   - lies in a part of the tree (its topmost directory) of which something was read, so that it
///     is known that records are kept there.
class ReadFiles {
public:
    /// @param read   paths relative to the top of the source tree.
    /// @param there  every file of the same tree.
    void add_build(const std::vector<std::string>& read, const std::vector<std::string>& there);

    /// @param changed  paths that a commit changes; none cannot matter.
    [[nodiscard]] bool cannot_matter(const std::vector<std::string>& changed) const;

private:
    [[nodiscard]] bool is_unread(const std::string& path) const;

    std::set<std::string> read_;
    std::set<std::string> there_;
    std::set<std::string> recorded_parts_;
};

} // namespace lab::core
