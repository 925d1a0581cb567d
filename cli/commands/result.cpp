// SPDX-License-Identifier: Apache-2.0
// `lab result`: what is in result stores. Works on the stores itself, without a daemon.
#include "base/files.h"
#include "base/text.h"
#include "cli/commands/commands.h"
#include "cli/import_results.h"
#include "cli/output/lists.h"
#include "cli/output/stored_results.h"
#include "cli/plot.h"

#include <algorithm>
#include <iostream>
#include <iterator>

namespace lab::cli {
namespace {

using ports::OpenMode;

constexpr const char* stores_text =
    "STORE is a directory, csv:///dir, sqlite:///file, mysql://user@host[:port]/db or\n"
    "postgresql://user@host[:port]/db. Passwords come from ?password_file=FILE,\n"
    "?password_env=NAME, ~/.my.cnf or ~/.pgpass, never from the URL.";

struct ListOptions {
    std::string store;
    std::string object;
    std::vector<std::string> ids;
};

struct ShowOptions {
    std::string store;
    ports::ResultFilter filter;
    std::string plot;
    bool relative = false;
};

struct WriteOptions {
    std::vector<std::string> sources;
    std::string output;
    ports::ResultFilter filter;
    bool append = false;

    [[nodiscard]] OpenMode mode() const { return append ? OpenMode::append : OpenMode::create; }
};

int list_objects(Session& session, const ListOptions& options) {
    const auto store = session.stores().open(options.store, OpenMode::read);
    ports::ResultFilter filter;
    filter.tables = ports::Tables::objects;
    if (options.object == "sut") {
        filter.suts = options.ids;
        session.out().print(suts_document(store->read(filter).suts));
    } else if (options.object == "swprofile") {
        filter.swprofiles = options.ids;
        session.out().print(swprofiles_document(store->read(filter).swprofiles));
    } else if (options.object == "benchmark") {
        filter.benchmarks = options.ids;
        session.out().print(benchmarks_document(store->read(filter).benchmarks));
    } else {
        filter.resultclasses = options.ids;
        session.out().print(resultclasses_document(store->read(filter).resultclasses));
    }
    return 0;
}

/// The profiles that were named, in that order; a glob stands for all it matches.
std::vector<std::string> chosen_profiles(const ports::ResultBatch& batch,
                                         const std::vector<std::string>& globs,
                                         const std::string& store) {
    std::vector<std::string> chosen;
    for (const auto& glob : globs) {
        bool any = false;
        for (const auto& profile : batch.swprofiles) {
            if (!ports::matches({glob}, profile.name)) {
                continue;
            }
            any = true;
            if (std::find(chosen.begin(), chosen.end(), profile.name) == chosen.end()) {
                chosen.push_back(profile.name);
            }
        }
        if (!any) {
            throw Error(ErrorCode::not_found,
                        "swprofile '" + cap(escape_for_terminal(glob), 100) + "': is not in " +
                            store,
                        "see: lab result list STORE --object swprofile");
        }
    }
    return chosen;
}

int show_profiles(Session& session, const ShowOptions& options) {
    const auto store = session.stores().open(options.store, OpenMode::read);
    const auto batch = store->read(options.filter);
    const auto samples =
        group_samples(batch, chosen_profiles(batch, options.filter.swprofiles, store->name()));
    if (!options.plot.empty()) {
        if (session.only_says("draw into " + options.plot)) {
            return 0;
        }
        plot(samples, options.plot);
    }
    session.out().print(
        samples_document(samples, options.relative ? Numbers::relative : Numbers::absolute));
    return 0;
}

void append_to(ports::ResultBatch& all, ports::ResultBatch&& more) {
    const auto move_into = [](auto& to, auto& from) {
        to.insert(to.end(), std::make_move_iterator(from.begin()),
                  std::make_move_iterator(from.end()));
    };
    move_into(all.suts, more.suts);
    move_into(all.swprofiles, more.swprofiles);
    move_into(all.benchmarks, more.benchmarks);
    move_into(all.resultclasses, more.resultclasses);
    move_into(all.sessions, more.sessions);
    move_into(all.results, more.results);
    move_into(all.errors, more.errors);
}

/// Says what became of a batch.
void report(Session& session, const ports::ResultStore& store, std::size_t added,
            std::size_t total) {
    session.out().print(line_document(
        store.name() + ": " + std::to_string(added) + " records added, " +
            std::to_string(total - added) + " were there already\n",
        {{"store", store.name()}, {"added", added}, {"known", total - added}}, store.name()));
}

int merge(Session& session, const WriteOptions& options) {
    // Everything is read before anything is written.
    ports::ResultBatch all;
    for (const auto& source : options.sources) {
        append_to(all, session.stores().open(source, OpenMode::read)->read(options.filter));
    }
    if (session.only_says("merge " + std::to_string(all.size()) + " records")) {
        return 0;
    }
    const auto store = session.stores().open(options.output, options.mode());
    report(session, *store, store->append(all), all.size());
    return 0;
}

std::string input_text(const std::string& file) {
    return file == "-" ? std::string{std::istreambuf_iterator<char>(std::cin), {}}
                       : read_file(file, gibibytes(1));
}

/// Leaves out names of which the file says nothing and the store knows more.
void leave_out_known(ImportedResults& imported, ports::ResultStore& store) {
    ports::ResultFilter filter;
    filter.tables = ports::Tables::objects;
    const auto known = store.read(filter);
    auto& profiles = imported.batch.swprofiles;
    const auto is_known = [&](const ports::SwprofileRecord& profile) {
        return !imported.described.contains(profile.name) &&
               std::any_of(known.swprofiles.begin(), known.swprofiles.end(),
                           [&](const auto& other) { return other.name == profile.name; });
    };
    profiles.erase(std::remove_if(profiles.begin(), profiles.end(), is_known), profiles.end());
}

int import(Session& session, const WriteOptions& options) {
    const auto& file = options.sources.front();
    auto imported = value_or_throw(parse_results(input_text(file), file == "-" ? "stdin" : file));
    if (session.only_says("import " + std::to_string(imported.batch.results.size()) + " samples")) {
        return 0;
    }
    const auto total = imported.batch.size();
    const auto store = session.stores().open(options.output, options.mode());
    leave_out_known(imported, *store);
    report(session, *store, store->append(imported.batch), total);
    return 0;
}

void add_globs(CLI::App& verb, const std::string& name, std::vector<std::string>& globs) {
    verb.add_option("--" + name, globs, "Only those that match; may be repeated")
        ->option_text("GLOB")
        ->expected(1)
        ->take_all();
}

void add_result_list(CLI::App& result, Command& command) {
    auto* verb = result.add_subcommand("list", "List the objects of a store");
    auto options = std::make_shared<ListOptions>();
    verb->add_option("store", options->store, "Where the results are")
        ->option_text("STORE")
        ->required();
    verb->add_option("--object", options->object, "Which objects")
        ->option_text("sut|swprofile|benchmark|resultclass")
        ->check(CLI::IsMember({"sut", "swprofile", "benchmark", "resultclass"}).name(""))
        ->required();
    add_globs(*verb, "id", options->ids);
    verb->footer(stores_text);
    verb->callback([&command, options] {
        command.action = [options](Session& session) {
            return list_objects(session, *options);
        };
    });
}

void add_result_show(CLI::App& result, Command& command) {
    auto* verb = result.add_subcommand("show", "Show statistics of a profile, or compare several");
    auto options = std::make_shared<ShowOptions>();
    verb->add_option("store", options->store, "Where the results are")
        ->option_text("STORE")
        ->required();
    verb->add_option("--swprofile", options->filter.swprofiles,
                     "Profile to show; the first of several is the base of the others")
        ->option_text("GLOB")
        ->expected(1)
        ->take_all()
        ->required();
    add_globs(*verb, "sut", options->filter.suts);
    add_globs(*verb, "benchmark", options->filter.benchmarks);
    add_globs(*verb, "resultclass", options->filter.resultclasses);
    verb->add_flag("--relative", options->relative,
                   "Numbers of one profile in per cent of its mean");
    verb->add_option("--plot", options->plot, "Draw the samples as SVG, by gnuplot")
        ->option_text("FILE.svg");
    verb->footer(std::string("Of several profiles, (R) and (I) mark regressions and improvements "
                             "whose 95 % intervals\ndo not overlap; shift, p and finding are "
                             "explained in docs/statistics.md.\n") +
                 stores_text);
    verb->callback([&command, options] {
        command.action = [options](Session& session) {
            return show_profiles(session, *options);
        };
    });
}

void add_output(CLI::App& verb, WriteOptions& options) {
    verb.add_option("--output", options.output, "Store to write to; -o is the form of the report")
        ->option_text("STORE")
        ->required();
    verb.add_flag("--append", options.append, "The store may exist already");
    verb.footer(stores_text);
}

void add_merge(CLI::App& result, Command& command) {
    auto* verb = result.add_subcommand("merge", "Copy records of stores into another one");
    auto options = std::make_shared<WriteOptions>();
    verb->add_option("stores", options->sources, "Stores to read from")
        ->option_text("STORE...")
        ->required();
    add_output(*verb, *options);
    add_globs(*verb, "sut", options->filter.suts);
    add_globs(*verb, "swprofile", options->filter.swprofiles);
    add_globs(*verb, "benchmark", options->filter.benchmarks);
    verb->callback([&command, options] {
        command.action = [options](Session& session) {
            return merge(session, *options);
        };
    });
}

void add_import(CLI::App& result, Command& command) {
    auto* verb = result.add_subcommand("import", "Read foreign numbers, one JSON object a line");
    auto options = std::make_shared<WriteOptions>();
    verb->add_option("file", options->sources, "File of samples (docs/formats.md)")
        ->option_text("FILE|-")
        ->expected(1)
        ->required();
    add_output(*verb, *options);
    verb->callback([&command, options] {
        command.action = [options](Session& session) {
            return import(session, *options);
        };
    });
}

} // namespace

void add_result(CLI::App& app, Command& command) {
    auto* verb = app.add_subcommand("result", "List, compare, merge and import stored results");
    verb->require_subcommand(1);
    add_result_list(*verb, command);
    add_result_show(*verb, command);
    add_merge(*verb, command);
    add_import(*verb, command);
}

} // namespace lab::cli
