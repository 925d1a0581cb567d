// SPDX-License-Identifier: Apache-2.0
#include "engine/suts/sut_state.h"

#include "base/characters.h"
#include "base/error.h"
#include "base/text.h"

#include <algorithm>

namespace lab::engine {
namespace {

constexpr std::string_view nonce_word = "lab.boot=";
constexpr const char* reset_after_panic = "panic=10";

constexpr const char* state_script = R"sh(
first() { "$@" 2>/dev/null || true; }
boot_id=$(first cat /proc/sys/kernel/random/boot_id)
[ -n "$boot_id" ] || boot_id=$(first sysctl -n kern.boot_id)
[ -n "$boot_id" ] || boot_id=$(first sysctl -n kern.boottime)
echo "boot_id $boot_id"
echo "system $(uname -s)"
echo "release $(uname -r)"
echo "version $(uname -v)"
if [ "$(uname -s)" = FreeBSD ]; then
    nonce=$(first kenv -q lab.boot)
    echo "cmdline ${nonce:+lab.boot=$nonce}"
    echo "build_id $(first sysctl -n kern.build_id)"
else
    echo "cmdline $(first cat /proc/cmdline)"
    echo "notes $(first od -An -v -tx1 /sys/kernel/notes | tr -d ' \n')"
fi
)sh";

bool starts_with(const std::string& word, std::string_view beginning) {
    return word.rfind(beginning, 0) == 0;
}

/// Words that a boot loader adds by itself.
bool is_of_the_loader(const std::string& word) {
    return starts_with(word, "BOOT_IMAGE=") || starts_with(word, "initrd=");
}

void check_word(const std::string& word) {
    const bool odd = std::any_of(word.begin(), word.end(),
                                 [](char c) { return is_control(c) || c == '\'' || c == '"'; });
    if (odd) {
        throw Error(ErrorCode::bad_input,
                    "cmdline: '" + cap(escape_for_terminal(word), 200) +
                        "' cannot be given to a machine's boot loader (no quotes and no control "
                        "characters)");
    }
}

/// Number at a place of a hex text, little-endian, four bytes.
std::size_t number_at(std::string_view hex, std::size_t byte) {
    std::size_t number = 0;
    for (std::size_t i = 4; i-- > 0;) {
        const auto digits = std::string(hex.substr((byte + i) * 2, 2));
        number = number * 256 + std::strtoul(digits.c_str(), nullptr, 16);
    }
    return number;
}

bool is_hex(std::string_view text) {
    return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::size_t padded(std::size_t size) {
    return (size + 3) / 4 * 4;
}

} // namespace

std::string build_id_in(std::string_view notes) {
    constexpr std::size_t header = 12;
    constexpr std::size_t build_id_type = 3;
    constexpr std::string_view gnu = "474e5500";
    const auto size = notes.size() / 2;
    if (!is_hex(notes)) {
        return {};
    }
    for (std::size_t at = 0; at + header <= size;) {
        const auto name_size = number_at(notes, at);
        const auto text_size = number_at(notes, at + 4);
        const auto type = number_at(notes, at + 8);
        const auto name = at + header;
        if (name_size > size || text_size > size || name + padded(name_size) + text_size > size) {
            return {};
        }
        const auto text = name + padded(name_size);
        if (type == build_id_type && notes.substr(name * 2, name_size * 2) == gnu) {
            return std::string(notes.substr(text * 2, text_size * 2));
        }
        at = text + padded(text_size);
    }
    return {};
}

std::string SutState::nonce() const {
    for (const auto& word : words_of(cmdline)) {
        if (starts_with(word, nonce_word)) {
            return word.substr(nonce_word.size());
        }
    }
    return {};
}

SutState state_from(const std::string& name, const std::string& answer) {
    SutState state;
    std::string notes;
    const std::pair<std::string_view, std::string*> fields[] = {{"boot_id ", &state.boot_id},
                                                                {"system ", &state.system},
                                                                {"build_id ", &state.build_id},
                                                                {"release ", &state.release},
                                                                {"version ", &state.version},
                                                                {"cmdline ", &state.cmdline},
                                                                {"notes ", &notes}};
    for (const auto& line : split(answer, '\n')) {
        for (const auto& [key, value] : fields) {
            if (starts_with(line, key)) {
                *value = std::string(trim(line.substr(key.size())));
            }
        }
    }
    if (!notes.empty()) {
        state.build_id = build_id_in(notes);
    } else if (!is_hex(state.build_id)) {
        state.build_id.clear();
    }
    if (state.boot_id.empty() || state.release.empty()) {
        throw Error(ErrorCode::infra,
                    name + ": does not tell its boot id and its kernel's release (Linux, FreeBSD)");
    }
    return state;
}

SutState read_state(SutLink& link, const std::stop_token& stop) {
    return state_from(link.name(), link.run_script({{"state", state_script}, {}}, nullptr, stop));
}

void check_cmdline(const std::vector<std::string>& profile) {
    std::for_each(profile.begin(), profile.end(), check_word);
}

std::string one_boot_cmdline(const std::string& current, const std::string& nonce,
                             const std::vector<std::string>& profile) {
    std::vector<std::string> words;
    for (const auto& word : words_of(current)) {
        if (starts_with(word, nonce_word)) {
            break;
        }
        if (!is_of_the_loader(word)) {
            words.push_back(word);
        }
    }
    std::vector<std::string> more;
    for (const auto& setting : profile) {
        for (const auto& word : words_of(setting)) {
            more.push_back(word);
        }
    }
    check_cmdline(words);
    check_cmdline(more);
    words.push_back(std::string(nonce_word) + nonce);
    words.emplace_back(reset_after_panic); // a later panic= wins
    words.insert(words.end(), more.begin(), more.end());
    return join(words, " ");
}

} // namespace lab::engine
