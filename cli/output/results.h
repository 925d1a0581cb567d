// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/messages.h"
#include "cli/output/document.h"

namespace lab::cli {

/// The result of a job of any kind (docs/api.md has the shapes). Tolerates missing members: a job
/// that failed or still runs has only a part of them. Pure.
[[nodiscard]] Document result_document(const api::JobDetail& detail);

/// The result of a bisection: git's sentence, the commit, every verdict and the confidence.
[[nodiscard]] Document bisect_document(const api::JobDetail& detail);

/// The same, with what each observation taught: the chance that its commit is bad, the number of
/// commits left, the likeliest culprit.
[[nodiscard]] Document bisect_report(const api::JobDetail& detail);

/// Members of foreign JSON: the fallback when missing or of another type.
[[nodiscard]] std::string text_at(const nlohmann::json& object, const char* name);
[[nodiscard]] double number_at(const nlohmann::json& object, const char* name);
[[nodiscard]] nlohmann::json list_at(const nlohmann::json& object, const char* name);
[[nodiscard]] nlohmann::json object_at(const nlohmann::json& object, const char* name);

/// A measured value with six significant digits, without an exponent where people expect none.
[[nodiscard]] std::string value_text(double value);

/// A chance in per cent with one decimal, rounded down: 0.9996 must not be shown as certainty.
[[nodiscard]] std::string chance_text(double chance);

/// "12 s"; empty for 0, which means "did not happen".
[[nodiscard]] std::string time_or_nothing(double seconds);

} // namespace lab::cli
