// SPDX-License-Identifier: Apache-2.0
#include "cli/completion.h"

#include "base/text.h"

namespace lab::cli {
namespace {

/// A verb with all that may follow it.
struct Node {
    std::string path;                                       ///< " vm create"; empty for the program
    std::vector<std::pair<std::string, std::string>> verbs; ///< name, description
    std::vector<std::pair<std::string, std::string>> options; ///< "--clean", description
};

void collect(const CLI::App& app, const std::string& path, std::vector<Node>& nodes) {
    Node node{path, {}, {}};
    for (const auto* option : app.get_options()) {
        for (const auto& name : option->get_lnames()) {
            node.options.emplace_back("--" + name, option->get_description());
        }
        for (const auto& name : option->get_snames()) {
            node.options.emplace_back("-" + name, option->get_description());
        }
    }
    const auto parts = app.get_subcommands([](const CLI::App*) { return true; });
    for (const auto* part : parts) {
        node.verbs.emplace_back(part->get_name(), part->get_description());
    }
    nodes.push_back(node);
    for (const auto* part : parts) {
        collect(*part, path + " " + part->get_name(), nodes);
    }
}

std::string names_of(const Node& node, const Node& root) {
    std::string names;
    const auto add = [&](const auto& pairs) {
        for (const auto& [name, description] : pairs) {
            names += (names.empty() ? "" : " ") + name;
        }
    };
    add(node.verbs);
    add(node.options);
    if (&node != &root) {
        for (const auto& [name, description] : root.options) {
            const bool own = (" " + names + " ").find(" " + name + " ") != std::string::npos;
            names += own ? "" : " " + name;
        }
    }
    return names;
}

/// Shell code that both bash and zsh understand: $path grows by the words that are verbs.
std::string walk_text(const std::vector<Node>& nodes, const std::string& words) {
    std::string paths;
    for (const auto& node : nodes) {
        paths += node.path.empty() ? "" : (paths.empty() ? "" : "|") + shell_quote(node.path);
    }
    return "    local verb='' word names=''\n    for word in " + words +
           "; do\n        case \"$verb $word\" in\n            " + paths +
           ") verb=\"$verb $word\" ;;\n        esac\n    done\n";
}

std::string cases_text(const std::vector<Node>& nodes) {
    std::string text = "    case \"$verb\" in\n";
    for (const auto& node : nodes) {
        text += "        " + shell_quote(node.path) +
                ") names=" + shell_quote(names_of(node, nodes.front())) + " ;;\n";
    }
    return text + "    esac\n";
}

std::string bash_script(const std::vector<Node>& nodes) {
    return "# bash completion of lab; source it, or put it into ~/.local/share/bash-completion/"
           "completions/lab\n_lab() {\n" +
           walk_text(nodes, "\"${COMP_WORDS[@]:1:COMP_CWORD-1}\"") + cases_text(nodes) +
           "    mapfile -t COMPREPLY < <(compgen -W \"$names\" -- \"${COMP_WORDS[COMP_CWORD]}\")\n"
           "}\ncomplete -o default -F _lab lab\n";
}

std::string zsh_script(const std::vector<Node>& nodes) {
    return "#compdef lab\n# zsh completion of lab; put it into a directory of $fpath as _lab\n"
           "_lab() {\n" +
           walk_text(nodes, "\"${(@)words[2,CURRENT-1]}\"") + cases_text(nodes) +
           "    compadd -- ${=names}\n    _files\n}\ncompdef _lab lab\n";
}

std::string fish_script(const std::vector<Node>& nodes) {
    std::string text = "# fish completion of lab; put it into ~/.config/fish/completions/"
                       "lab.fish\n";
    for (const auto& node : nodes) {
        std::string condition = "__fish_use_subcommand";
        if (!node.path.empty()) {
            const auto verbs = split(node.path.substr(1), ' ');
            condition =
                "__fish_seen_subcommand_from " + join(verbs, "; and __fish_seen_subcommand_from ");
        }
        for (const auto& [name, description] : node.verbs) {
            text += "complete -c lab -n " + shell_quote(condition) + " -a " + name + " -d " +
                    shell_quote(description) + "\n";
        }
        for (const auto& [name, description] : node.options) {
            const bool is_long = name.rfind("--", 0) == 0;
            const auto where = node.path.empty() ? std::string() : " -n " + shell_quote(condition);
            text += "complete -c lab" + where + (is_long ? " -l " : " -s ") +
                    name.substr(is_long ? 2 : 1) + " -d " + shell_quote(description) + "\n";
        }
    }
    return text;
}

} // namespace

std::string completion_script(const CLI::App& app, const std::string& shell) {
    std::vector<Node> nodes;
    collect(app, "", nodes);
    if (shell == "fish") {
        return fish_script(nodes);
    }
    return shell == "zsh" ? zsh_script(nodes) : bash_script(nodes);
}

} // namespace lab::cli
