// SPDX-License-Identifier: Apache-2.0
#include "cli/confirm.h"

#include "base/text.h"

#include <iostream>
#include <unistd.h>

namespace lab::cli {

void confirm(const Session& session, const std::string& question) {
    if (session.globals().yes) {
        return;
    }
    if (::isatty(STDIN_FILENO) == 0) {
        throw Error(ErrorCode::bad_input, question + " needs an answer, and there is no terminal",
                    "say --yes, or --dry-run to see what would be done");
    }
    std::cerr << question << " [y/N] " << std::flush;
    std::string answer;
    std::getline(std::cin, answer);
    if (trim(answer) != "y" && trim(answer) != "yes") {
        throw Error(ErrorCode::bad_input, "not confirmed; nothing was changed");
    }
}

} // namespace lab::cli
