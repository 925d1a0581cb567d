// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/messages.h"
#include "api/places.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace lab::api {

/// Which lab.yaml may be used: it runs programs as the user
/// (docs/decisions/0011-foreign-lab-yaml.md).
///
/// Without a question: one that only the caller and root can change and that lies in no git
/// repository. Any other one must have been trusted, by its path and by what it runs or reveals.
class ConfigTrust {
public:
    explicit ConfigTrust(const Places& places) : list_(places.state_dir / "trusted.json") {}

    /// The text of a lab.yaml that may be used; what was checked is what is returned.
    /// @throws Error bad_input  when it may not, with what to do in the hint.
    /// @throws Error not_found, infra  when it cannot be read.
    [[nodiscard]] ConfigText read(const std::filesystem::path& file) const;

    /// The same for who reads it again later; nothing when it may not be used or is gone.
    [[nodiscard]] std::optional<std::string> read_again(const std::filesystem::path& file) const;

    /// Trusts a lab.yaml with this text at this place, until what it runs or reveals changes.
    void trust(const std::filesystem::path& file, const std::string& text) const;

    /// Whether there was something to forget.
    [[nodiscard]] bool forget(const std::filesystem::path& file) const;

    /// Paths of what is trusted.
    [[nodiscard]] std::vector<std::string> trusted() const;

private:
    [[nodiscard]] std::optional<std::string> objection(const std::filesystem::path& file,
                                                       const std::string& text) const;

    std::filesystem::path list_;
};

} // namespace lab::api
