// SPDX-License-Identifier: Apache-2.0
// Composition root of the command line.
#include "adapters/git/commit_changes.h"
#include "adapters/git/git_repo.h"
#include "adapters/notify/notifier.h"
#include "adapters/results/result_stores.h"
#include "cli/app.h"

int main(int argc, char** argv) {
    const auto repos = lab::adapters::make_git_repos();
    const auto stores = lab::adapters::make_result_stores(lab::adapters::default_option_file());
    const auto notifier = lab::adapters::make_notifier();
    const auto changes = lab::adapters::make_commit_changes();
    return lab::cli::run({argv + 1, argv + argc}, {*repos, *stores, *notifier, *changes});
}
