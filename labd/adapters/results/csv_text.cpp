// SPDX-License-Identifier: Apache-2.0
#include "adapters/results/csv_text.h"

namespace lab::adapters {
namespace {

/// Reads one field after another.
class Scanner {
public:
    explicit Scanner(std::string_view text) : text_(text) {}

    enum class End { field, record, text, error };

    /// Appends the next field's text; says what it ends with.
    End field(std::string& out) {
        return at_ < text_.size() && text_[at_] == '"' ? quoted(out) : plain(out);
    }

    [[nodiscard]] std::size_t position() const { return at_; }

private:
    End plain(std::string& out) {
        const auto end = text_.find_first_of(",\r\n\"", at_);
        if (end == std::string_view::npos) {
            return End::text;
        }
        out = text_.substr(at_, end - at_);
        at_ = end;
        return behind_field();
    }

    End quoted(std::string& out) {
        for (++at_; at_ < text_.size(); ++at_) {
            if (text_[at_] != '"') {
                out += text_[at_];
            } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
                out += text_[at_++];
            } else {
                ++at_;
                return behind_field();
            }
        }
        return End::text;
    }

    End behind_field() {
        if (at_ == text_.size()) {
            return End::text;
        }
        if (text_[at_] == ',') {
            ++at_;
            return End::field;
        }
        if (text_[at_] == '\r') {
            ++at_;
            if (at_ == text_.size()) {
                return End::text;
            }
        }
        return text_[at_++] == '\n' ? End::record : End::error;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

} // namespace

std::string csv_record(const std::vector<std::string>& fields) {
    std::string line;
    for (const auto& field : fields) {
        line += &field == &fields.front() ? "" : ",";
        if (field.find_first_of(",\"\r\n") == std::string::npos) {
            line += field;
            continue;
        }
        line += '"';
        for (const char c : field) {
            line += c == '"' ? "\"\"" : std::string(1, c);
        }
        line += '"';
    }
    return line + "\r\n";
}

CsvRecords parse_csv(std::string_view text) {
    CsvRecords out;
    Scanner scanner(text);
    std::vector<std::string> fields;
    for (;;) {
        std::string field;
        const auto end = scanner.field(field);
        fields.push_back(std::move(field));
        if (end == Scanner::End::error) {
            out.bad = out.records.size() + 1;
            return out;
        }
        if (end == Scanner::End::text) {
            return out;
        }
        if (end == Scanner::End::record) {
            out.records.push_back(std::move(fields));
            fields.clear();
            out.complete = scanner.position();
        }
    }
}

} // namespace lab::adapters
