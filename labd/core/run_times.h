// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace lab::core {

/// How long runs take that build and test in one, told apart: what one that had to build takes
/// longer than those of a tree that was built before is the build. Seconds. Value type, pure.
class RunTimes {
public:
    /// A run of what was built before.
    void add_test(double seconds);

    /// A run that built first. As long as none was without a build, nobody knows how much of it
    /// that was.
    /// @return the part that was the build; 0 while that is not known.
    double add_build_and_test(double seconds);

    /// Mean time of a test; of whole runs as long as nothing better is known. 0 without any.
    [[nodiscard]] double test() const;

private:
    double tests_ = 0;
    double test_seconds_ = 0;
    double wholes_ = 0; ///< runs that cannot be told apart
    double whole_seconds_ = 0;
};

} // namespace lab::core
