// SPDX-License-Identifier: Apache-2.0
#include "cli/output/progress.h"

#include "base/text.h"
#include "base/units.h"

#include <algorithm>
#include <cstdlib>
#include <sys/ioctl.h>
#include <unistd.h>

namespace lab::cli {
namespace {

constexpr std::size_t bar_width = 20;

std::string one_line(const std::string& text) {
    auto safe = escape_for_terminal(text);
    std::replace_if(
        safe.begin(), safe.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
    return safe;
}

double number_in(const nlohmann::json& data, const char* name) {
    return data.is_object() && data.contains(name) && data[name].is_number()
               ? data[name].get<double>()
               : 0;
}

std::string text_in(const nlohmann::json& data) {
    const bool there = data.is_object() && data.contains("text") && data["text"].is_string();
    return there ? one_line(data["text"].get<std::string>()) : std::string();
}

/// "[#####     ] 12/64 "; empty without "done" and "total".
std::string bar_of(const nlohmann::json& data) {
    const double total = number_in(data, "total");
    if (!(total >= 1)) {
        return {};
    }
    const double done = std::clamp(number_in(data, "done"), 0.0, total);
    const auto filled = static_cast<std::size_t>(done / total * bar_width);
    return "[" + std::string(filled, '#') + std::string(bar_width - filled, ' ') + "] " +
           std::to_string(static_cast<long long>(done)) + "/" +
           std::to_string(static_cast<long long>(total)) + " ";
}

/// First `limit` characters.
std::string cut(const std::string& text, std::size_t limit) {
    std::size_t characters = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool starts = (static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U;
        if (starts && ++characters > limit) {
            return text.substr(0, i);
        }
    }
    return text;
}

} // namespace

Progress::Progress(std::ostream& out, ProgressStyle style, Instant start, std::size_t columns)
    : out_(out), style_(style), start_(start), last_output_(start), columns_(columns) {}

void Progress::show(const api::Event& event, Instant now) {
    const auto text = text_in(event.data);
    if (style_ == ProgressStyle::silent || text.empty()) {
        return;
    }
    if (event.kind == "progress") {
        activity_ = text;
        bar_ = bar_of(event.data);
    } else {
        if (event.kind == "phase") {
            activity_ = text;
            bar_.clear();
        }
        write_line(event.kind == "warning" ? "warning: " + text : text);
        last_output_ = now;
    }
    redraw(now);
}

void Progress::tick(Instant now) {
    if (style_ == ProgressStyle::lines && now - last_output_ >= heartbeat) {
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - start_);
        out_ << "... still running (" << seconds.count() << " s)\n" << std::flush;
        last_output_ = now;
    }
    redraw(now);
}

void Progress::clear() {
    if (bottom_line_) {
        out_ << "\r\033[K" << std::flush;
        bottom_line_ = false;
    }
}

void Progress::write_line(const std::string& text) {
    clear();
    out_ << text << "\n" << std::flush;
}

void Progress::redraw(Instant now) {
    if (style_ != ProgressStyle::bar) {
        return;
    }
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - start_);
    const auto line = "[" + format_duration(seconds) + "] " + bar_ + activity_;
    out_ << "\r\033[K" << cut(line, columns_ - 1) << std::flush;
    bottom_line_ = true;
}

ProgressStyle progress_style() {
    const char* terminal = std::getenv("TERM");
    const bool dumb = terminal == nullptr || std::string(terminal) == "dumb";
    return ::isatty(STDERR_FILENO) != 0 && !dumb ? ProgressStyle::bar : ProgressStyle::lines;
}

std::size_t terminal_columns() {
    winsize size{};
    const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 10;
    return known ? size.ws_col : 80;
}

} // namespace lab::cli
