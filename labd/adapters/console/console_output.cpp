// SPDX-License-Identifier: Apache-2.0
#include "adapters/console/console_output.h"

#include <algorithm>
#include <utility>

namespace lab::adapters {
namespace {

/// Bytes before the begin mark that may be waited for; more is noise that can go.
constexpr std::size_t noise_limit = 65536;

/// Longest end of `text` that the mark may start with.
std::size_t open_mark_length(std::string_view text, std::string_view mark) {
    for (auto length = std::min(text.size(), mark.size()); length > 0; --length) {
        if (text.substr(text.size() - length) == mark.substr(0, length)) {
            return length;
        }
    }
    return 0;
}

} // namespace

ConsoleOutput::ConsoleOutput(const std::string& nonce, Bytes limit, const ports::OutputSink& sink)
    : begin_mark_("LAB-BEGIN " + nonce), end_mark_("LAB-END " + nonce + " "), kept_(limit),
      sink_(sink) {}

bool ConsoleOutput::feed(std::string_view bytes) {
    std::copy_if(bytes.begin(), bytes.end(), std::back_inserter(pending_),
                 [](char byte) { return byte != '\r'; });
    if (!begun_) {
        begun_ = find_begin();
    }
    return begun_ && find_end();
}

bool ConsoleOutput::find_begin() {
    auto found = pending_.find(begin_mark_);
    while (found != std::string::npos && found + begin_mark_.size() < pending_.size()) {
        const auto next = found + begin_mark_.size();
        // The echo of the typed line has a ';' there; anything else but a line break is a kernel
        // message that got in between.
        if (pending_[next] != ';') {
            pending_.erase(0, next + (pending_[next] == '\n' ? 1 : 0));
            return true;
        }
        found = pending_.find(begin_mark_, next);
    }
    if (pending_.size() > noise_limit) {
        pending_.erase(0, pending_.size() - begin_mark_.size());
    }
    return false;
}

bool ConsoleOutput::find_end() {
    const std::string_view text = pending_;
    const auto mark = text.find(end_mark_);
    if (mark == std::string_view::npos) {
        emit(pending_.size() - open_mark_length(text, end_mark_));
        return false;
    }
    const auto digits = text.substr(mark + end_mark_.size());
    const auto count = digits.find_first_not_of("0123456789");
    if (count == std::string_view::npos && digits.size() <= 3) {
        emit(mark); // the number may go on
        return false;
    }
    if (count == std::string_view::npos || count == 0 || count > 3) {
        // Such as the typed "$?": output that only looks like the mark.
        emit(mark + end_mark_.size());
        return find_end();
    }
    result_.exit_code = std::stoi(std::string(digits.substr(0, count)));
    emit(mark);
    return true;
}

void ConsoleOutput::emit(std::size_t count) {
    if (count == 0) {
        return;
    }
    const std::string bytes = pending_.substr(0, count);
    pending_.erase(0, count);
    kept_.add(bytes);
    if (sink_) {
        sink_(bytes);
    }
}

ports::CommandResult ConsoleOutput::take(ports::CommandEnd end) && {
    result_.end = end;
    result_.output = kept_.text();
    result_.dropped_bytes = kept_.left_out();
    return std::move(result_);
}

} // namespace lab::adapters
