// SPDX-License-Identifier: Apache-2.0
#include "core/conclusion.h"

namespace lab::core {

const char* to_string(ConclusionKind kind) noexcept {
    switch (kind) {
    case ConclusionKind::found:
        return "found";
    case ConclusionKind::found_with_skips:
        return "found_with_skips";
    case ConclusionKind::several_culprits:
        return "several_culprits";
    case ConclusionKind::no_culprit:
        return "no_culprit";
    case ConclusionKind::inconclusive:
        return "inconclusive";
    case ConclusionKind::aborted:
        break;
    }
    return "aborted";
}

std::string first_bad_sentence(const CommitId& commit, const std::string& bad) {
    return commit.hex() + " is the first " + bad + " commit";
}

std::vector<Suspect> evenly(const std::vector<CommitId>& commits, double sum) {
    std::vector<Suspect> suspects;
    for (const auto& commit : commits) {
        suspects.push_back({commit, sum / static_cast<double>(commits.size())});
    }
    return suspects;
}

std::string only_skipped_text(const std::vector<CommitId>& suspects, const std::string& bad) {
    std::string text = "There are only 'skip'ped commits left to test.\n"
                       "The first " +
                       bad + " commit could be any of:\n";
    for (const auto& suspect : suspects) {
        text += suspect.hex() + "\n";
    }
    return text + "We cannot bisect more!";
}

} // namespace lab::core
