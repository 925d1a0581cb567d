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

int collect(Session& session, const std::string& keep) {
    api::GarbageRequest request;
    request.dry_run = session.globals().dry_run;
    if (!keep.empty()) {
        const auto size = parse_bytes(keep);
        if (!size) {
            throw Error(ErrorCode::bad_input,
                        "--keep: not a size (allowed: for example 512MiB, 20GiB)");
        }
        request.keep_at_most = size->count;
    }
    if (!request.dry_run) {
        confirm(session, "Remove images that are not in use?");
    }
    session.out().print(garbage_document(session.lab().collect(request)));
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
    auto keep = std::make_shared<std::string>();
    part->add_option("--keep", *keep, "Keep the most recently used ones up to this size")
        ->option_text("SIZE");
    part->callback([&command, keep] {
        command.action = [keep](Session& session) {
            return collect(session, *keep);
        };
    });
    verb->add_subcommand("verify", "Compare every image with its digest")->callback([&command] {
        command.action = verify;
    });
}

} // namespace lab::cli
