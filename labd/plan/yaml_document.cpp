// SPDX-License-Identifier: Apache-2.0
#include "plan/yaml_document.h"

#include "base/text.h"
#include "base/units.h"

#include <algorithm>
#include <set>
#include <sstream>
#include <string_view>
#include <tuple>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

namespace lab::plan {
namespace {

constexpr Bytes largest_text = mebibytes(1);
constexpr std::size_t deepest_nesting = 64;
constexpr std::size_t most_values = 50'000;
constexpr std::size_t most_problems = 100;
constexpr std::size_t longest_message = 1000;

YamlPosition position_of(const YAML::Mark& mark) {
    if (mark.is_null()) {
        return {};
    }
    return {static_cast<unsigned>(mark.line) + 1, static_cast<unsigned>(mark.column) + 1};
}

YamlPosition position_of(std::string_view text, std::size_t offset) {
    const auto before = text.substr(0, offset);
    const auto lines = std::count(before.begin(), before.end(), '\n');
    const auto line_start = before.rfind('\n');
    const auto line = before.substr(line_start == std::string_view::npos ? 0 : line_start + 1);
    const auto characters = std::count_if(line.begin(), line.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    });
    return {static_cast<unsigned>(lines) + 1, static_cast<unsigned>(characters) + 1};
}

/// Safe for a terminal, and on one line: keys and values may hold line breaks.
std::string one_line(const std::string& text) {
    const auto joined = join(split(escape_for_terminal(text), '\n'), "\\n");
    return join(split(joined, '\t'), "\\t");
}

/// Ends the parse; thrown through yaml-cpp, never out of read_yaml.
struct Refused {
    YamlPosition at;
    std::string message;
};

/// Builds the tree from the parser's events and refuses what lab does not take.
class TreeBuilder : public YAML::EventHandler {
public:
    TreeBuilder(YamlNode& root, Problems& problems) : root_(root), problems_(problems) {}

    void OnDocumentStart(const YAML::Mark& mark) override {
        if (started_) {
            throw Refused{position_of(mark), "a second document begins here (allowed: one)"};
        }
        started_ = true;
    }

    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        refuse_anchor(mark, anchor);
        add({YamlNode::Kind::null, position_of(mark), {}, {}, {}});
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
        throw Refused{position_of(mark), "aliases (*name) are not allowed"};
    }

    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        refuse_anchor(mark, anchor);
        refuse_tag(mark, tag);
        add({YamlNode::Kind::scalar, position_of(mark), value, {}, {}});
    }

    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value /*style*/) override {
        refuse_anchor(mark, anchor);
        refuse_tag(mark, tag);
        open({YamlNode::Kind::list, position_of(mark), {}, {}, {}});
    }

    void OnSequenceEnd() override { close(); }

    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value /*style*/) override {
        refuse_anchor(mark, anchor);
        refuse_tag(mark, tag);
        open({YamlNode::Kind::map, position_of(mark), {}, {}, {}});
    }

    void OnMapEnd() override { close(); }

    void OnAnchor(const YAML::Mark& mark, const std::string& /*name*/) override {
        throw Refused{position_of(mark), "anchors (&name) are not allowed"};
    }

private:
    struct Frame {
        YamlNode node;
        std::set<std::string> keys = {};
        std::optional<YamlEntry> pending = {}; ///< key whose value comes next
        bool duplicate = false;                ///< the pending key was there before
    };

    static void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
        if (anchor != YAML::NullAnchor) {
            throw Refused{position_of(mark), "anchors (&name) are not allowed"};
        }
    }

    static void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
        // yaml-cpp reports untagged values as "?" or, when quoted, "!".
        if (!tag.empty() && tag != "?" && tag != "!") {
            throw Refused{position_of(mark), "tags (!name) are not allowed"};
        }
    }

    static bool awaits_key(const Frame& frame) {
        return frame.node.kind == YamlNode::Kind::map && !frame.pending;
    }

    void count_value(const YamlPosition& at) {
        if (++values_ > most_values) {
            throw Refused{at, "too many values (at most " + std::to_string(most_values) + ")"};
        }
    }

    void open(YamlNode node) {
        count_value(node.at);
        if (frames_.size() >= deepest_nesting) {
            throw Refused{node.at,
                          "nested too deep (at most " + std::to_string(deepest_nesting) + ")"};
        }
        if (!frames_.empty() && awaits_key(frames_.back())) {
            throw Refused{node.at, "a key must be a word, not a list or a map"};
        }
        frames_.push_back({std::move(node)});
    }

    void close() {
        auto node = std::move(frames_.back().node);
        frames_.pop_back();
        attach(std::move(node));
    }

    void add(YamlNode node) {
        count_value(node.at);
        if (!frames_.empty() && awaits_key(frames_.back())) {
            take_key(node);
        } else {
            attach(std::move(node));
        }
    }

    void take_key(YamlNode& node) {
        if (node.kind == YamlNode::Kind::null) {
            throw Refused{node.at, "a key is missing"};
        }
        auto& frame = frames_.back();
        frame.duplicate = !frame.keys.insert(node.text).second;
        if (frame.duplicate) {
            problems_.add(node.at,
                          cap(node.text, 64) + ": duplicate key (each key may stand once)");
        }
        frame.pending = YamlEntry{std::move(node.text), node.at, {}};
    }

    void attach(YamlNode node) {
        if (frames_.empty()) {
            root_ = std::move(node);
            return;
        }
        auto& frame = frames_.back();
        if (frame.node.kind == YamlNode::Kind::list) {
            frame.node.items.push_back(std::move(node));
            return;
        }
        if (node.kind == YamlNode::Kind::null) {
            node.at = frame.pending->at; // yaml-cpp gives the place of what comes after it
        }
        frame.pending->value = std::move(node);
        if (!frame.duplicate) {
            frame.node.entries.push_back(std::move(*frame.pending));
        }
        frame.pending.reset();
    }

    YamlNode& root_;
    Problems& problems_;
    std::vector<Frame> frames_;
    std::size_t values_ = 0;
    bool started_ = false;
};

/// What is wrong with the bytes themselves, before any parser sees them.
std::optional<Refused> refuse_bytes(std::string_view text) {
    using namespace std::string_view_literals;
    if (text.size() > largest_text.count) {
        return Refused{{}, "the file is too large (at most " + format_bytes(largest_text) + ")"};
    }
    if (text.starts_with("\xFF\xFE"sv) || text.starts_with("\xFE\xFF"sv)) {
        return Refused{{}, "the text is UTF-16 (allowed: UTF-8)"};
    }
    if (text.starts_with("\xEF\xBB\xBF"sv)) {
        return Refused{{}, "the text begins with a byte order mark (allowed: UTF-8 without one)"};
    }
    const auto control = std::find_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' && c != '\r') ||
               c == '\x7F';
    });
    if (control != text.end()) {
        const auto offset = static_cast<std::size_t>(control - text.begin());
        return Refused{position_of(text, offset),
                       *control == '\0' ? "a NUL byte stands here (allowed: UTF-8 text)"
                                        : "a control byte stands here (allowed: UTF-8 text)"};
    }
    const auto valid = to_valid_utf8(text);
    if (valid != text) {
        const auto end = std::mismatch(text.begin(), text.end(), valid.begin(), valid.end()).first;
        return Refused{position_of(text, static_cast<std::size_t>(end - text.begin())),
                       "the text is not valid UTF-8 from here on"};
    }
    return std::nullopt;
}

} // namespace

std::string Problems::place(const YamlPosition& at) const {
    return one_line(file_name_ + ":" + std::to_string(at.line) + ":" + std::to_string(at.column));
}

void Problems::add(const YamlPosition& at, const std::string& message) {
    if (found_.size() >= most_problems) {
        ++dropped_;
        return;
    }
    found_.push_back({at, {place(at), one_line(cap(message, longest_message))}});
}

Diagnostics Problems::take() {
    std::stable_sort(found_.begin(), found_.end(), [](const Found& a, const Found& b) {
        return std::tie(a.at.line, a.at.column) < std::tie(b.at.line, b.at.column);
    });
    Diagnostics diagnostics;
    for (auto& found : found_) {
        diagnostics.push_back(std::move(found.diagnostic));
    }
    if (dropped_ > 0) {
        diagnostics.push_back({file_name_, std::to_string(dropped_) + " more problems"});
    }
    found_.clear();
    dropped_ = 0;
    return diagnostics;
}

std::optional<YamlNode> read_yaml(const std::string& text, Problems& problems) {
    if (const auto refused = refuse_bytes(text)) {
        problems.add(refused->at, refused->message);
        return std::nullopt;
    }
    YamlNode root;
    try {
        // yaml-cpp takes a quoted text that never ends; at a document's end mark it does not.
        std::istringstream stream(text + (text.ends_with('\n') ? "" : "\n") + "...\n");
        YAML::Parser parser(stream);
        TreeBuilder builder(root, problems);
        while (parser.HandleNextDocument(builder)) {
        }
    } catch (const Refused& refused) {
        problems.add(refused.at, refused.message);
        return std::nullopt;
    } catch (const YAML::Exception& error) {
        const bool at_end_mark = error.msg == YAML::ErrorMsg::DOC_IN_SCALAR;
        problems.add(position_of(error.mark),
                     "this is not YAML: " +
                         (at_end_mark ? "a quoted text is not closed" : error.msg));
        return std::nullopt;
    }
    return root;
}

} // namespace lab::plan
