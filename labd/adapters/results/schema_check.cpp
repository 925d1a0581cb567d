// SPDX-License-Identifier: Apache-2.0
#include "adapters/results/schema_check.h"

namespace lab::adapters {

Error store_exists(const std::string& name) {
    return Error(ErrorCode::conflict, name + ": already exists (a new store is made)",
                 "say --append to add to it");
}

Error no_store(const std::string& name) {
    return Error(ErrorCode::not_found, name + ": is no result store",
                 "make one with: lab result import FILE.ndjson --output URL");
}

Error something_else(const std::string& name, const std::string& what) {
    return Error(ErrorCode::conflict, name + ": holds something else: " + what +
                                          " (a result store has its place for "
                                          "itself)");
}

void check_version(const std::string& name, int stored, int known) {
    if (stored > known) {
        throw Error(ErrorCode::conflict,
                    name + ": has schema " + std::to_string(stored) + ", this lab knows " +
                        std::to_string(known),
                    "use the newer lab that wrote it");
    }
}

} // namespace lab::adapters
