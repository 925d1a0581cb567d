// SPDX-License-Identifier: Apache-2.0
#include "adapters/notify/notifier.h"

#include "adapters/notify/secrets.h"
#include "adapters/notify/transfer.h"
#include "base/files.h"
#include "base/process.h"
#include "base/text.h"

#include <algorithm>
#include <cstring>

namespace lab::adapters {
namespace {

using notify::Fate;
using notify::Judgement;

/// What a delivery is sent with.
struct Sender {
    const plan::Channel& channel;
    const notify::Secrets& secrets;
    const ports::Patience& patience;

    [[nodiscard]] Judgement operator()(const notify::HttpRequest& request) const {
        std::vector<std::string> lines{"Expect:"};
        for (const auto& [name, value] : request.headers) {
            lines.push_back(name + ": " + value);
        }
        const auto headers = curl_list(lines);
        Transfer transfer(channel, request.url, patience);
        transfer.set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
        transfer.set(CURLOPT_HTTPHEADER, headers.get());
        transfer.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
        transfer.set(CURLOPT_POSTFIELDS, request.body.c_str());

        const auto code = transfer.perform();
        // An answer that is too long has been cut, but its status is known.
        const bool answered = code == CURLE_OK || code == CURLE_WRITE_ERROR;
        if (!answered || transfer.status() == 0) {
            return transfer.judge_failure(code);
        }
        auto answer = transfer.answer();
        // Before it is shortened: half a secret would not be found any more.
        answer.body = notify::without_secrets(std::move(answer.body), secrets);
        return notify::judge(channel.type, answer, std::chrono::system_clock::now());
    }

    [[nodiscard]] Judgement operator()(const notify::MailRequest& request) const {
        std::vector<std::string> addresses;
        std::transform(request.to.begin(), request.to.end(), std::back_inserter(addresses),
                       [](const auto& to) { return "<" + to + ">"; });
        const auto recipients = curl_list(addresses);
        Transfer transfer(channel, request.server, patience);
        transfer.set(CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_ALL));
        const auto from = "<" + request.from + ">";
        transfer.set(CURLOPT_MAIL_FROM, from.c_str());
        transfer.set(CURLOPT_MAIL_RCPT, recipients.get());
        if (!request.user.empty()) {
            transfer.set(CURLOPT_USERNAME, request.user.c_str());
            transfer.set(CURLOPT_PASSWORD, request.password.c_str());
        }
        std::string_view rest = request.text;
        transfer.set(CURLOPT_READFUNCTION, &read_mail);
        transfer.set(CURLOPT_READDATA, &rest);
        transfer.set(CURLOPT_UPLOAD, 1L);

        const auto code = transfer.perform();
        if (code == CURLE_OK) {
            return {};
        }
        auto judgement = transfer.judge_failure(code);
        const auto status = transfer.status();
        if (status >= 400 && status < 600) {
            judgement.fate = status < 500 ? Fate::retry : Fate::refused;
            judgement.reason += " (SMTP " + std::to_string(status) + ")";
        }
        return judgement;
    }

    [[nodiscard]] Judgement operator()(const notify::ProgramRequest& request) const {
        ProcessSpec spec;
        spec.argv = request.argv;
        spec.input = request.input;
        spec.timeout = patience.timeout;
        spec.output_limit = Bytes{65536};
        spec.leftovers = Leftovers::keep; // it may start what shows the message
        std::optional<TemporaryDirectory> directory;
        if (!request.secret_file.empty()) {
            directory.emplace(std::filesystem::temp_directory_path(), "lab-notify-");
            const auto file = directory->path() / "config";
            write_file(file, request.secret_file, FileAccess::owner_only);
            spec.argv.push_back(file.string());
        }
        const auto result = run_process(spec, patience.stop);
        if (result.timed_out) {
            return {Fate::retry,
                    {},
                    spec.argv.front() + ": no end within " + format_duration(spec.timeout)};
        }
        const auto output =
            notify::without_secrets(result.err.empty() ? result.out : result.err, secrets);
        return judge_exit(result.exit_code, spec.argv.front(), trim(output));
    }

private:
    static std::size_t read_mail(char* buffer, std::size_t, std::size_t room, void* context) {
        auto& rest = *static_cast<std::string_view*>(context);
        const auto count = std::min(room, rest.size());
        std::memcpy(buffer, rest.data(), count);
        rest.remove_prefix(count);
        return count;
    }

    /// sysexits(3) tells lasting trouble from passing one (EX_TEMPFAIL, and any other code).
    static Judgement judge_exit(int code, const std::string& program, std::string_view output) {
        if (code == 0) {
            return {};
        }
        const bool lasting = (code >= 64 && code <= 78 && code != 75) || code == 126 || code == 127;
        const auto line = cap(escape_for_terminal(output.substr(0, output.find('\n'))), 200);
        return {lasting ? Fate::refused : Fate::retry,
                {},
                program + ": exit code " + std::to_string(code) +
                    (line.empty() ? "" : ": " + line)};
    }
};

class Sending : public ports::Notifier {
public:
    std::string preview(const plan::Channel& channel, const notify::Message& message) override {
        const auto shown = notify::masked(read_secrets(channel));
        return notify::describe(notify::make_delivery(channel, shown, message));
    }

    Judgement send(const plan::Channel& channel, const notify::Message& message,
                   const ports::Patience& patience) override {
        const auto secrets = read_secrets(channel);
        const auto delivery = notify::make_delivery(channel, secrets, message);
        auto judgement = std::visit(Sender{channel, secrets, patience}, delivery);
        judgement.reason = notify::without_secrets(judgement.reason, secrets);
        return judgement;
    }
};

} // namespace

std::unique_ptr<ports::Notifier> make_notifier() {
    return std::make_unique<Sending>();
}

} // namespace lab::adapters
