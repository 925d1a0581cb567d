// SPDX-License-Identifier: Apache-2.0
#include "cli/output/document.h"

#include "base/numbers.h"
#include "base/text.h"

#include <algorithm>

namespace lab::cli {
namespace {

std::size_t width_of(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    }));
}

/// A cell in one line: line breaks and tabs would tear the table.
std::string cell_text(const std::string& text) {
    auto safe = escape_for_terminal(text);
    std::replace_if(
        safe.begin(), safe.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
    return safe;
}

std::string render_line(const std::vector<std::string>& cells,
                        const std::vector<std::size_t>& widths) {
    std::string line;
    for (std::size_t i = 0; i < cells.size() && i < widths.size(); ++i) {
        line += cells[i];
        line.append(widths[i] - width_of(cells[i]) + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    return line + "\n";
}

/// "-1.5", "+3.2 %", "+3.2 % (I)" with the mark of a finding, and the "-" of what there is none of.
bool is_signed_number(std::string_view text) {
    auto rest = text.substr(1);
    const auto mark = rest.size() < 4 ? rest.size() : rest.size() - 4;
    if (rest.substr(mark).starts_with(" (") && rest.ends_with(')') && rest[mark + 2] >= 'A' &&
        rest[mark + 2] <= 'Z') {
        rest = rest.substr(0, mark);
    }
    if (rest.ends_with('%')) {
        rest = trim(rest.substr(0, rest.size() - 1));
    }
    return text == "-" || (!rest.starts_with('-') && parse_finite(rest).has_value());
}

/// Text that a spreadsheet would take for a formula is marked as text, as OWASP advises: an
/// apostrophe in front. Numbers stay numbers.
std::string without_formula(std::string text) {
    static constexpr std::string_view first = "=+-@\t\r";
    const bool may_be_one = !text.empty() && first.find(text.front()) != std::string_view::npos;
    const bool is_sign = may_be_one && (text.front() == '-' || text.front() == '+');
    return may_be_one && !(is_sign && is_signed_number(text)) ? "'" + text : text;
}

std::string csv_cell(const std::string& raw) {
    const auto text = without_formula(to_valid_utf8(raw));
    if (text.find_first_of(",\"\r\n") == std::string::npos) {
        return text;
    }
    std::string out = "\"";
    for (const char c : text) {
        out += c == '"' ? "\"\"" : std::string(1, c);
    }
    return out + "\"";
}

std::string csv_line(const std::vector<std::string>& cells) {
    std::string line;
    for (const auto& cell : cells) {
        line += (&cell == &cells.front() ? "" : ",") + csv_cell(cell);
    }
    return line + "\r\n";
}

/// The cells as a terminal may show them.
Table for_terminal(Table table) {
    for (auto& row : table.rows) {
        std::transform(row.begin(), row.end(), row.begin(), escape_for_terminal);
    }
    return table;
}

std::string with_newline(std::string text) {
    if (!text.empty() && text.back() != '\n') {
        text += '\n';
    }
    return text;
}

/// Pretty JSON; for a terminal in pure ASCII, so that no control or bidi character gets through.
std::string render_json(const nlohmann::json& data, Sink sink) {
    return data.dump(2, ' ', sink == Sink::terminal, nlohmann::json::error_handler_t::replace) +
           "\n";
}

std::string render_text(const Document& document) {
    const auto before = with_newline(escape_for_terminal(document.before));
    const auto table = render_table(document.table);
    const auto after = with_newline(escape_for_terminal(document.after));
    std::string out = before;
    for (const auto& part : {table, after}) {
        out += out.empty() || part.empty() ? part : "\n" + part;
    }
    return out;
}

} // namespace

std::string render_table(const Table& table) {
    std::vector<std::vector<std::string>> lines{table.headers};
    for (const auto& row : table.rows) {
        lines.emplace_back();
        std::transform(row.begin(), row.end(), std::back_inserter(lines.back()), cell_text);
    }
    std::vector<std::size_t> widths(table.headers.size(), 0);
    for (const auto& line : lines) {
        for (std::size_t i = 0; i < line.size() && i < widths.size(); ++i) {
            widths[i] = std::max(widths[i], width_of(line[i]));
        }
    }
    std::string out;
    for (const auto& line : lines) {
        out += table.headers.empty() ? "" : render_line(line, widths);
    }
    return out;
}

std::string render_csv(const Table& table) {
    auto out = csv_line(table.headers);
    for (const auto& row : table.rows) {
        out += csv_line(row);
    }
    return out;
}

std::string render(const Document& document, Format format, Sink sink) {
    switch (format) {
    case Format::json:
        return render_json(document.data, sink);
    case Format::yaml:
        return to_yaml(document.data);
    case Format::csv:
        return render_csv(sink == Sink::terminal ? for_terminal(document.table) : document.table);
    case Format::id: {
        std::string out;
        for (const auto& id : document.ids) {
            out += cell_text(id) + "\n";
        }
        return out;
    }
    case Format::table:
        break;
    }
    return render_text(document);
}

} // namespace lab::cli
