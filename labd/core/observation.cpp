// SPDX-License-Identifier: Apache-2.0
#include "core/observation.h"

namespace lab::core {

const char* to_string(TaskKind kind) noexcept {
    switch (kind) {
    case TaskKind::end_good:
        return "end_good";
    case TaskKind::end_bad:
        return "end_bad";
    case TaskKind::probe:
        return "probe";
    case TaskKind::confirm_bad:
        return "confirm_bad";
    case TaskKind::confirm_parent:
        return "confirm_parent";
    case TaskKind::lookahead:
        break;
    }
    return "lookahead";
}

std::optional<TaskKind> task_kind_from(const std::string& word) noexcept {
    for (const auto kind : {TaskKind::end_good, TaskKind::end_bad, TaskKind::probe,
                            TaskKind::confirm_bad, TaskKind::confirm_parent, TaskKind::lookahead}) {
        if (word == to_string(kind)) {
            return kind;
        }
    }
    return std::nullopt;
}

} // namespace lab::core
