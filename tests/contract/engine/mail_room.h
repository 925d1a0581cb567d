// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "adapters/notify/notifier.h"
#include "adapters/store/sqlite_outbox.h"
#include "base/files.h"
#include "base/ids.h"
#include "notify/delivery.h"
#include "tests/contract/notify/receiver.h"

#include <gtest/gtest.h>

namespace lab::test {

/// lab.yaml as it stands at its place.
inline std::optional<std::string> config_as_it_is(const std::filesystem::path& file) {
    std::error_code gone;
    return std::filesystem::is_regular_file(file, gone) ? std::optional(read_file(file))
                                                        : std::nullopt;
}

/// A real outbox and a real notifier, with a lab.yaml whose webhooks are paths of one receiver on
/// loopback: channel "ok" sends to /ok and so on.
class MailRoom : public testing::Test {
protected:
    MailRoom() {
        std::string text = "notify:\n  channels:\n";
        for (const auto* name : {"ok", "hang", "error", "busy", "echo"}) {
            text += std::string("    ") + name + ": {type: webhook, allow_private: true, url: \"" +
                    receiver_.url(std::string("/") + name) + "\"}\n";
        }
        write_config(text);
    }

    void write_config(const std::string& text) {
        config_ = text;
        write_file(config_file(), text);
    }

    [[nodiscard]] std::filesystem::path config_file() const {
        return directory_.path() / "lab.yaml";
    }

    [[nodiscard]] ports::ChannelAddress to(const std::string& channel) const {
        return {config_file().string(), channel};
    }

    [[nodiscard]] ports::Letter letter(const std::string& channel, const std::string& title) const {
        ports::Letter letter;
        letter.id = new_ulid();
        letter.key = title + "/end";
        letter.to = to(channel);
        letter.config_text = config_;
        notify::Message message;
        message.id = letter.id;
        message.title = title;
        message.host = "box";
        letter.message = notify::event_json(message);
        letter.created = std::chrono::system_clock::now();
        letter.due = letter.created;
        letter.expires = letter.created + notify::longest_life;
        return letter;
    }

    void put(const std::string& channel, const std::string& title) {
        const auto one = letter(channel, title);
        outbox_.add(one.key, {one});
    }

    /// The only letter to a channel.
    [[nodiscard]] ports::Letter letter_to(const std::string& channel) {
        return outbox_.letters({{}, to(channel)}).at(0);
    }

    /// Waits for what a thread brings about; false after 20 s.
    template <class Condition>
    static bool eventually(const Condition& condition) {
        const auto deadline = Deadline::in(std::chrono::seconds(20));
        while (!condition()) {
            if (deadline.passed()) {
                return false;
            }
            sleep_for(std::chrono::milliseconds(5), {});
        }
        return true;
    }

    bool becomes(const std::string& channel, notify::LetterState state) {
        return eventually([&] { return letter_to(channel).state == state; });
    }

    static std::string title_of(const Received& request) {
        return nlohmann::json::parse(request.body).at("title");
    }

    TemporaryDirectory directory_{std::filesystem::temp_directory_path(), "lab-mail-"};
    std::string config_;
    Receiver receiver_;
    adapters::SqliteOutbox outbox_{directory_.path() / "outbox.db"};
    std::unique_ptr<ports::Notifier> notifier_ = adapters::make_notifier();
};

} // namespace lab::test
