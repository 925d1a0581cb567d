// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.h"

namespace lab {

/// Trouble of the environment that stays until somebody does something about it: work that is tried
/// again after others is not tried again after this one.
class LastingError : public Error {
public:
    explicit LastingError(const std::string& message, std::string hint = {})
        : Error(ErrorCode::infra, message, std::move(hint)) {}
};

} // namespace lab
