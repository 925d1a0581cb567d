// SPDX-License-Identifier: Apache-2.0
// Composition root of the command line.
#include "adapters/git/git_repo.h"
#include "cli/app.h"

int main(int argc, char** argv) {
    const auto repos = lab::adapters::make_git_repos();
    return lab::cli::run({argv + 1, argv + argc}, *repos);
}
