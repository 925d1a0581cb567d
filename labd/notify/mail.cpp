// SPDX-License-Identifier: Apache-2.0
#include "base/base64.h"
#include "base/text.h"
#include "notify/fit.h"
#include "notify/services.h"

#include <ctime>

namespace lab::notify {
namespace {

constexpr std::string_view line_end = "\r\n";

/// Time as RFC 5322 wants it, in UTC. The words are English whatever the locale.
std::string mail_date(WallTime time) {
    static constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    char rest[64];
    std::strftime(rest, sizeof rest, "%Y %H:%M:%S +0000", &parts);
    return std::string(days[parts.tm_wday]) + ", " + std::to_string(parts.tm_mday) + " " +
           months[parts.tm_mon] + " " + rest;
}

bool is_plain(std::string_view text) {
    // "=?" would be read as an encoded word.
    return text.size() <= 70 && text.find("=?") == std::string_view::npos &&
           text.find_first_not_of(" !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~") ==
               std::string_view::npos;
}

/// Words of RFC 2047, each at most 75 characters, cut between characters.
std::string encoded_header(const std::string& text) {
    if (is_plain(text)) {
        return text;
    }
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        auto end = std::min(text.size(), at + 39);
        while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
            --end;
        }
        out += (out.empty() ? "=?utf-8?B?" : "\r\n =?utf-8?B?") +
               base64(std::string_view(text).substr(at, end - at)) + "?=";
        at = end;
    }
    return out;
}

/// One line: a line break in a header would begin another one.
std::string subject_of(const Message& message) {
    auto subject = fit(message.title, {Unit::bytes, 200});
    for (auto& c : subject) {
        c = c == '\n' || c == '\t' || c == '\r' ? ' ' : c;
    }
    return encoded_header(subject);
}

std::string body_of(const Message& message) {
    auto text = fit(message.title, {Unit::bytes, 1000}) + "\n\n" +
                fit(message.text, {Unit::bytes, 60000}) + "\n";
    if (!message.link.empty()) {
        text += "\n" + fit(message.link, {Unit::bytes, 1000}) + "\n";
    }
    const auto encoded = base64(text);
    std::string lines;
    for (std::size_t at = 0; at < encoded.size(); at += 76) {
        lines += encoded.substr(at, 76).append(line_end);
    }
    return lines;
}

} // namespace

std::string mail_text(const std::string& from, const std::vector<std::string>& to,
                      const Message& message) {
    const auto domain = from.substr(from.find('@') + 1);
    std::string text;
    const auto add = [&](const char* name, const std::string& value) {
        text += std::string(name) + ": " + value + std::string(line_end);
    };
    add("Date", mail_date(message.time));
    add("From", from);
    add("To", join(to, ",\r\n "));
    add("Subject", subject_of(message));
    add("Message-ID", "<" + message.id + "@" + domain + ">");
    if (!message.thread.empty()) {
        add("References", "<" + message.thread + "@" + domain + ">");
    }
    add("Auto-Submitted", "auto-generated");
    add("MIME-Version", "1.0");
    add("Content-Type", "text/plain; charset=utf-8");
    add("Content-Transfer-Encoding", "base64");
    return text + std::string(line_end) + body_of(message);
}

MailRequest to_email(const Target& target, const Message& message) {
    const auto from = target.setting("from");
    return {target.setting("server"),  target.setting("user"),
            target.secret("password"), from,
            target.channel.words,      mail_text(from, target.channel.words, message)};
}

ProgramRequest to_sendmail(const Target& target, const Message& message) {
    const auto from = target.setting("from");
    const auto mail = mail_text(from, target.channel.words, message);
    // Its standard input has the lines of this system.
    std::string input;
    for (const char c : mail) {
        if (c != '\r') {
            input += c;
        }
    }
    ProgramRequest request{{"sendmail", "-oi", "-f", from, "--"}, std::move(input)};
    request.argv.insert(request.argv.end(), target.channel.words.begin(),
                        target.channel.words.end());
    return request;
}

} // namespace lab::notify
