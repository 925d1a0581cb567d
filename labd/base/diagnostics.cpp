// SPDX-License-Identifier: Apache-2.0
#include "base/diagnostics.h"

namespace lab {

Error to_error(const Diagnostics& diagnostics) {
    std::string message;
    std::string hint;
    for (const auto& diagnostic : diagnostics) {
        if (!message.empty()) {
            message += '\n';
        }
        message += diagnostic.where + ": " + diagnostic.message;
        if (hint.empty()) {
            hint = diagnostic.hint;
        }
    }
    return Error(ErrorCode::bad_input, message, hint);
}

} // namespace lab
