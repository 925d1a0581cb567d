// SPDX-License-Identifier: Apache-2.0
#include "base/command_words.h"

#include "base/characters.h"

#include <optional>

namespace lab {
namespace {

/// Reads one line; one object per text.
class WordReader {
public:
    explicit WordReader(std::string_view text) : text_(text) {}

    Expected<std::vector<std::string>, std::string> read() {
        for (; at_ < text_.size(); ++at_) {
            take(text_[at_]);
        }
        if (quote_ != '\0') {
            return Unexpected{std::string("a quote ") + quote_ + " does not end"};
        }
        if (dangling_) {
            return Unexpected{std::string("a backslash stands at the end")};
        }
        end_word();
        if (words_.empty()) {
            return Unexpected{std::string("no command in it")};
        }
        return std::move(words_);
    }

private:
    void take(char c) {
        if (c == '\\' && quote_ != '\'' && escapes_next()) {
            dangling_ = at_ + 1 == text_.size();
            ++at_;
            add(dangling_ ? '\\' : text_[at_]);
        } else if (quote_ != '\0' && c == quote_) {
            quote_ = '\0';
        } else if (quote_ == '\0' && (c == '\'' || c == '"')) {
            quote_ = c;
            word_ = word_.value_or("");
        } else if (quote_ == '\0' && (c == ' ' || is_control(c))) {
            end_word();
        } else {
            add(c);
        }
    }

    [[nodiscard]] bool escapes_next() const {
        const bool last = at_ + 1 == text_.size();
        return quote_ == '\0' || last || text_[at_ + 1] == '"' || text_[at_ + 1] == '\\';
    }

    void add(char c) { word_ = word_.value_or("") + c; }

    void end_word() {
        if (word_) {
            words_.push_back(*std::move(word_));
            word_.reset();
        }
    }

    std::string_view text_;
    std::size_t at_ = 0;
    char quote_ = '\0';
    bool dangling_ = false;
    std::optional<std::string> word_;
    std::vector<std::string> words_;
};

} // namespace

Expected<std::vector<std::string>, std::string> command_words(std::string_view text) {
    return WordReader(text).read();
}

} // namespace lab
