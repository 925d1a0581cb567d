// SPDX-License-Identifier: Apache-2.0
// Composition root of the daemon: opens every part, hands them to the engine and serves.
#include "adapters/console/console_session.h"
#include "adapters/container/crun_containers.h"
#include "adapters/git/commit_changes.h"
#include "adapters/git/git_repo.h"
#include "adapters/libvirt/cpu_placement.h"
#include "adapters/libvirt/hypervisor.h"
#include "adapters/notify/notifier.h"
#include "adapters/results/result_stores.h"
#include "adapters/results/spooling_store.h"
#include "adapters/ssh/ssh_session.h"
#include "adapters/store/sqlite_outbox.h"
#include "adapters/store/sqlite_store.h"
#include "api/codec.h"
#include "api/config_trust.h"
#include "api/places.h"
#include "base/error.h"
#include "base/files.h"
#include "base/handle.h"
#include "base/log.h"
#include "base/ownership.h"
#include "base/pipe.h"
#include "engine/engine.h"
#include "engine/lab_queries.h"
#include "engine/suts/sut_keeper.h"
#include "images/boot_tar.h"
#include "images/keys.h"
#include "images/root_maker.h"
#include "images/store.h"
#include "images/tree_store.h"
#include "orphans.h"
#include "report_files.h"
#include "server/server.h"

#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <thread>

namespace {

using namespace lab;

/// Both kinds of sessions behind one port.
class Sessions final : public ports::SessionFactory {
public:
    std::unique_ptr<ports::GuestSession> open_ssh(const ports::SshEndpoint& endpoint,
                                                  const Timeout& timeout,
                                                  const std::stop_token& stop) override {
        return adapters::open_ssh_session(endpoint, timeout, stop);
    }

    ports::HostKey ask_host_key(const ports::SshEndpoint& endpoint, const Timeout& timeout,
                                const std::stop_token& stop) override {
        return adapters::ask_ssh_host_key(endpoint, timeout, stop);
    }

    std::unique_ptr<ports::GuestSession> open_console(const std::filesystem::path& socket,
                                                      const Timeout& timeout,
                                                      const std::stop_token& stop) override {
        return adapters::open_console_session(socket, timeout, stop);
    }
};

/// The lock that makes this the only labd of a state directory; the kernel frees it with the
/// process.
FileDescriptor lock_state(const std::filesystem::path& state_dir) {
    FileDescriptor lock(::open((state_dir / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!lock) {
        throw errno_error("open", (state_dir / "lock").string());
    }
    if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
        throw Error(ErrorCode::conflict,
                    state_dir.string() + ": " + std::string(api::another_labd_runs),
                    "stop it with 'lab daemon stop', or set another LAB_HOME");
    }
    return lock;
}

images::RootMakerOptions root_options(ports::Hypervisor& hypervisor) {
    images::RootMakerOptions options;
    options.accelerator = [&hypervisor] {
        return hypervisor.describe().accelerator == "kvm" ? images::AcceleratorHint::kvm
                                                          : images::AcceleratorHint::tcg;
    };
    return options;
}

int signal_pipe_write_end = -1;

extern "C" void on_signal(int) {
    const char byte = 0;
    static_cast<void>(!::write(signal_pipe_write_end, &byte, 1));
}

/// Stops the server on SIGTERM and SIGINT, from a thread: a handler itself may do next to nothing.
/// Signals are not blocked, because programs started later would inherit that.
class StopOnSignal {
public:
    explicit StopOnSignal(server::Server& server) {
        auto pipe = make_pipe();
        read_end_ = std::move(pipe.read_end);
        signal_pipe_write_end = pipe.write_end.release();
        std::signal(SIGTERM, on_signal);
        std::signal(SIGINT, on_signal);
        thread_ = std::jthread([this, &server] {
            char byte = 0;
            static_cast<void>(!::read(read_end_.get(), &byte, 1));
            server.stop();
        });
    }

    StopOnSignal(const StopOnSignal&) = delete;
    StopOnSignal& operator=(const StopOnSignal&) = delete;

    ~StopOnSignal() { on_signal(0); }

private:
    FileDescriptor read_end_;
    std::jthread thread_;
};

/// Ends the telling of news before the reports that it needs.
class StopTelling {
public:
    explicit StopTelling(engine::News& news) : news_(news) {}
    StopTelling(const StopTelling&) = delete;
    StopTelling& operator=(const StopTelling&) = delete;
    ~StopTelling() { news_.stop(); }

private:
    engine::News& news_;
};

std::filesystem::path crash_mark(const api::Places& places) {
    return places.state_dir / "crashed";
}

void serve(const api::Places& places) {
    for (const auto& directory : {places.state_dir, places.data_dir, places.runtime_dir}) {
        require_own_directory(directory);
    }
    const auto lock = lock_state(places.state_dir);
    open_log(places.state_dir / "labd.log");

    adapters::SqliteStore store(places.state_dir / "lab.db");
    const auto trees = images::open_tree_store(places.data_dir / "trees");
    const auto images = images::open_store(places.data_dir / "images", store, trees.get());
    const auto containers = adapters::make_crun_containers(places.data_dir / "trees");
    adapters::LibvirtOptions libvirt;
    libvirt.uri = api::environment("LAB_HYPERVISOR").value_or("");
    libvirt.state_dir = places.state_dir;
    libvirt.keep = engine::uuids_of_user_machines(store);
    const auto hypervisor = adapters::make_libvirt_hypervisor(libvirt);
    const auto roots = images::make_root_maker(*images, root_options(*hypervisor));
    const auto repos = adapters::make_git_repos();
    images::BootTar boot_files;
    const auto placement = adapters::make_cpu_placement();
    Sessions sessions;
    const auto stores = adapters::make_result_stores(adapters::default_option_file());
    adapters::SpoolingStores spooling(*stores, places.state_dir / "spool");
    const engine::Dependencies dependencies{store,
                                            store,
                                            store,
                                            store,
                                            *images,
                                            *roots,
                                            *trees,
                                            *containers,
                                            boot_files,
                                            *repos,
                                            *hypervisor,
                                            *placement,
                                            sessions,
                                            spooling,
                                            images::lab_keys(places.state_dir / "keys"),
                                            libvirt.uri,
                                            places.state_dir,
                                            api::template_search_path(places)};
    adapters::SqliteOutbox outbox(places.state_dir / "outbox.db");
    const auto notifier = adapters::make_notifier();
    engine::News news(
        store, outbox, *notifier,
        [trust = api::ConfigTrust(places)](const auto& file) { return trust.read_again(file); });
    engine::Engine engine(dependencies, news);
    engine::LabQueries queries(dependencies, engine.user_machines());
    const auto changes = adapters::make_commit_changes();
    const ReportFiles reports(places.state_dir / "reports", {engine, queries, *repos, *changes});
    news.reports_by([&reports](const ports::JobRow& row) { return reports.write(row); });
    const StopTelling stop_telling(news);
    engine::SutKeeper suts(dependencies, engine.locks());
    server::Server* self = nullptr;
    server::Server server({engine, queries, news, suts},
                          {places.socket(), places.state_dir, api::program_version(), [&self] {
                               self->stop();
                           }});
    self = &server;

    const StopOnSignal stop_on_signal(server);
    engine.start(take_crash_mark(crash_mark(places)) ? engine::EarlierEnd::crash
                                                     : engine::EarlierEnd::orderly);
    server.run();
}

} // namespace

int main(int argc, char** argv) {
    if (argc > 2 || (argc == 2 && std::string(argv[1]) != "--foreground")) {
        std::fputs(
            "usage: labd [--foreground]\n"
            "Serves the lab of LAB_HOME, or of the XDG directories. 'lab' starts it by itself.\n",
            stderr);
        return 2;
    }
    std::signal(SIGPIPE, SIG_IGN);
    ::umask(0077);
    try {
        const auto places = api::find_places();
        collect_orphans(crash_mark(places));
        serve(places);
        return 0;
    } catch (const Error& error) {
        std::fprintf(stderr, "labd: error: %s\n%s%s", error.what(), error.hint().c_str(),
                     error.hint().empty() ? "" : "\n");
        return exit_code(error.code());
    } catch (const std::exception& error) {
        std::fprintf(stderr, "labd: error: %s\n", error.what());
        return 5;
    }
}
