// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace lab {

/// Closes every descriptor from `first` on. Async-signal-safe: for a child between fork and exec.
void close_descriptors_from(int first) noexcept;

/// Marks every descriptor behind standard error to be closed by exec, also those that a library
/// opened without that. Thread-safe; does nothing on a kernel before Linux 5.11.
void keep_descriptors_from_programs() noexcept;

} // namespace lab
