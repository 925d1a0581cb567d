// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace lab::report {

/// Style sheet of HTML reports: the reader's light or dark colours, one column on a telephone.
extern const char* const report_style;

} // namespace lab::report
