// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.h"
#include "base/expected.h"
#include "core/classification.h"
#include "ports/result_store.h"

#include <string>
#include <vector>

namespace lab::cli {

/// Both ends of a bisection as somebody names them.
struct BaselineQuestion {
    std::string sut;
    std::string good; ///< swprofile
    std::string bad;
    std::string benchmark; ///< "suite/name", or an id with the digits behind the ":"
    std::string resultclass;
};

/// One reason why a bisection cannot begin.
struct Refusal {
    ErrorCode code = ErrorCode::bad_input;
    std::string text; ///< "<object>: <what is wrong> (<what is allowed>)"
    std::string hint = {};
};

using Refusals = std::vector<Refusal>;

/// All refusals as one Error, a line each: bad input comes before what is not found, that before a
/// conflict. The first hint is its hint.
[[nodiscard]] Error to_error(const Refusals& refusals);

/// Both ends, found in a store and fit for a bisection.
struct BaselinePair {
    ports::SwprofileRecord good;
    ports::SwprofileRecord bad;
    ports::BenchmarkRecord benchmark;
    ports::ResultclassRecord metric;
    core::Baselines levels;
    ports::ResultBatch records; ///< of both ends on this SUT by this benchmark: all to be copied
    unsigned sessions = 1;      ///< boots of the good end,
    unsigned repeats = 1;       ///< and samples of each, at most
};

/// All objects of a store, and the samples of both profiles; the right to read is enough.
[[nodiscard]] ports::ResultBatch read_ends(ports::ResultStore& store, const BaselineQuestion& ends);

/// Finds both ends of a bisection, and everything that keeps them from being ones: what is not
/// there, another benchmark or other params, profiles that differ in more than the commit, too few
/// samples, levels that do not differ or differ the wrong way. Pure.
/// @param store  what read_ends() gave.
[[nodiscard]] Expected<BaselinePair, Refusals> find_baselines(const ports::ResultBatch& store,
                                                              const BaselineQuestion& question);

/// Values of a resultclass of one profile, in the order of their sessions.
[[nodiscard]] std::vector<double> values_of(const ports::ResultBatch& batch,
                                            const std::string& swprofile,
                                            const ports::ResultclassRecord& metric);

} // namespace lab::cli
