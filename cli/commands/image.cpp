// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/commands.h"

#include "base/units.h"
#include "cli/confirm.h"
#include "cli/output/lists.h"

#include <algorithm>

namespace lab::cli {
namespace {

int list_images(Session& session) {
    session.out().print(images_document(session.lab().images()));
    return 0;
}

struct CollectOptions {
    std::string keep;
    bool all = false;
};

int collect(Session& session, const CollectOptions& options) {
    api::GarbageRequest request;
    request.all = options.all;
    if (!options.keep.empty()) {
        const auto size = parse_bytes(options.keep);
        if (!size) {
            throw Error(ErrorCode::bad_input,
                        "--keep: not a size (allowed: for example 512MiB, 20GiB)");
        }
        request.keep_at_most = size->count;
    }
    request.dry_run = true;
    const auto would = session.lab().collect(request);
    if (session.globals().dry_run || would.removed.empty()) {
        session.out().print(garbage_document(would, Removal::previewed));
        return 0;
    }
    confirm(session, "Remove " + images_text(would.removed.size()) + ", " +
                         format_bytes({would.freed}) + "?");
    request.dry_run = false;
    session.out().print(garbage_document(session.lab().collect(request), Removal::done));
    return 0;
}

int verify(Session& session) {
    const auto results = session.lab().verify();
    session.out().print(verify_document(results));
    const bool fine = std::all_of(results.begin(), results.end(),
                                  [](const auto& result) { return result.problem.empty(); });
    return fine ? 0 : 1;
}

} // namespace

void add_image(CLI::App& app, Command& command) {
    auto* verb = app.add_subcommand("image", "The disk images of roots, builds and installs");
    verb->require_subcommand(1);
    verb->add_subcommand("list", "List images")->callback([&command] {
        command.action = list_images;
    });
    auto* part = verb->add_subcommand("gc", "Remove images that nothing uses");
    auto options = std::make_shared<CollectOptions>();
    part->add_option("--keep", options->keep, "Keep the most recently used ones up to this size")
        ->option_text("SIZE");
    part->add_flag("--all", options->all,
                   "Also roots, and what bisections of the last 30 days are about");
    part->callback([&command, options] {
        command.action = [options](Session& session) {
            return collect(session, *options);
        };
    });
    verb->add_subcommand("verify", "Compare every image with its digest")->callback([&command] {
        command.action = verify;
    });
}

} // namespace lab::cli
