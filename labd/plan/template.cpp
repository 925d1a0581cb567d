// SPDX-License-Identifier: Apache-2.0
#include "plan/load.h"
#include "plan/yaml_fields.h"

#include "base/text.h"
#include "core/console_watch.h"

#include <algorithm>
#include <re2/re2.h>

namespace lab::plan {
namespace {

constexpr Range<Bytes> disk_range{mebibytes(16), gibibytes(16384)};
constexpr Range<Duration> boot_range{std::chrono::seconds(1), std::chrono::hours(1)};
constexpr Range<Duration> step_range{std::chrono::seconds(1), std::chrono::hours(72)};
constexpr std::size_t largest_script = 1U << 20U;

/// A line that matches the whole of `form`, else a report that says what is allowed.
std::optional<std::string> matching_line(const YamlField& field, const RE2& form,
                                         const char* allowed) {
    auto line = field.line();
    if (line && !RE2::FullMatch(*line, form)) {
        field.report("'" + cap(*line, 64) + "' is not allowed (" + allowed + ")");
        return std::nullopt;
    }
    return line;
}

std::vector<std::string> matching_lines(const YamlField& field, const RE2& form,
                                        const char* allowed) {
    std::vector<std::string> lines;
    for (const auto& item : field.list()) {
        if (auto line = matching_line(item, form, allowed)) {
            lines.push_back(std::move(*line));
        }
    }
    return lines;
}

/// A line that holds a placeholder such as "{nonce}".
std::optional<std::string> line_with(const YamlField& field, const std::string& placeholder) {
    auto line = field.line();
    if (line && line->find(placeholder) == std::string::npos) {
        field.report("'" + cap(*line, 64) + "' does not hold " + placeholder);
    }
    return line;
}

void refuse(const YamlField& field, const std::string& why) {
    if (field.present()) {
        field.report("is not allowed here (" + why + ")");
    }
}

bool stays_inside(const std::filesystem::path& path) {
    return path.is_relative() && path.has_filename() &&
           std::none_of(path.begin(), path.end(), [](const std::filesystem::path& part) {
               return part == ".." || part == ".";
           });
}

/// Reads template.yaml; one object per text.
class TemplateReader {
public:
    TemplateReader(Template& model, const FileReader& reader) : model_(model), reader_(reader) {}

    void read(YamlMap& map) {
        read_name(map.required("name"));
        model_.description = map.optional("description").text().value_or("");
        map.required("root").map([&](YamlMap& root) { read_root(root); });
        map.required("boot").map([&](YamlMap& boot) { read_boot(boot); });
        read_session(map.optional("session"), map.optional("network"));
        read_outbound(map.optional("outbound"));
        model_.disk_device =
            line_with(map.optional("disk_device"), "{letter}").value_or(model_.disk_device);
        map.optional("build_machine").map([&](YamlMap& machine) { read_build_machine(machine); });
        map.optional("recipes").map([&](YamlMap& recipes) { read_recipes(recipes); });
    }

private:
    void read_name(const YamlField& field) {
        const auto folder = model_.directory.filename().string();
        model_.name = field.name().value_or("");
        if (!model_.name.empty() && model_.name != folder) {
            field.report("'" + model_.name + "' is not the folder's name ('" + cap(folder, 64) +
                         "')");
        }
    }

    void read_session(const YamlField& session, const YamlField& network) {
        const Words<SessionKind> sessions{{"ssh", SessionKind::ssh},
                                          {"console", SessionKind::console}};
        model_.session = session.one_of(sessions).value_or(model_.session);
        const Words<NetworkKind> networks{{"user", NetworkKind::user}, {"none", NetworkKind::none}};
        model_.network = network.one_of(networks).value_or(model_.network);
        if (model_.session == SessionKind::ssh && model_.network == NetworkKind::none) {
            network.report("'none' leaves no way for SSH (use session: console)");
        }
    }

    void read_outbound(const YamlField& outbound) {
        const auto network = outbound.one_of(outbound_words());
        if (model_.network == NetworkKind::none) {
            refuse(outbound, "only for network: user");
            return;
        }
        model_.network = network.value_or(model_.network);
    }

    [[nodiscard]] std::optional<TemplateFile> read_file(const YamlField& field) const {
        auto path = field.line();
        if (!path) {
            return std::nullopt;
        }
        if (!stays_inside(*path)) {
            field.report("'" + cap(*path, 64) +
                         "' leaves the template's folder (allowed: a path below it without '..')");
            return std::nullopt;
        }
        auto content = reader_(model_.directory / *path);
        if (!content) {
            field.report("cannot read '" + cap(*path, 64) + "'");
            return std::nullopt;
        }
        if (content->empty() || content->size() > largest_script) {
            field.report("'" + cap(*path, 64) + "' is empty or too large (at most 1 MiB)");
            return std::nullopt;
        }
        return TemplateFile{std::move(*path), std::move(*content)};
    }

    void read_root(YamlMap& map) {
        auto& root = model_.root;
        const Words<RootRecipe> recipes{{"debian", RootRecipe::debian},
                                        {"empty", RootRecipe::empty},
                                        {"import", RootRecipe::import}};
        const auto recipe = map.required("recipe").one_of(recipes);
        has_kernel_ = recipe != RootRecipe::empty;
        root.recipe = recipe.value_or(root.recipe);
        root.size = map.optional("size").bytes(disk_range).value_or(root.size);
        read_debian(map, recipe);
        if (recipe == RootRecipe::import) {
            read_import(map.required("import"));
        } else if (const auto import = map.optional("import"); recipe) {
            refuse(import, "only for recipe: import");
        }
        const auto init = map.optional("init");
        if (recipe == RootRecipe::empty) {
            refuse(init, "an empty root is filled by the install");
        } else {
            root.init = read_file(init);
        }
    }

    void read_debian(YamlMap& map, std::optional<RootRecipe> recipe) {
        const bool is_debian = recipe == RootRecipe::debian;
        const auto suite = is_debian ? map.required("suite") : map.optional("suite");
        const auto packages = map.optional("packages");
        const auto modules = map.optional("modules");
        if (is_debian) {
            model_.root.suite = suite.name().value_or("");
            static const RE2 package("[a-z0-9][a-z0-9+.-]*(:[a-z0-9]+)?");
            model_.root.packages = matching_lines(packages, package, "the name of a package");
            static const RE2 module("[A-Za-z0-9_-]+");
            model_.root.modules = matching_lines(modules, module, "the name of a kernel module");
            return;
        }
        for (const auto& field : {suite, packages, modules}) {
            if (recipe) {
                refuse(field, "only for recipe: debian");
            }
        }
    }

    void read_import(const YamlField& field) {
        ImportSource source;
        field.map([&](YamlMap& map) {
            static const RE2 place("(/|https?://)[!-~]+");
            source.location = matching_line(map.required("location"), place,
                                            "an absolute path or an http or https URL")
                                  .value_or("");
            const bool is_url = source.location.starts_with("http");
            const auto digest = is_url ? map.required("sha256") : map.optional("sha256");
            static const RE2 hex("[0-9a-f]{64}");
            source.sha256 = matching_line(digest, hex, "64 lower-case hex digits").value_or("");
            const Words<ImageFormat> formats{{"qcow2", ImageFormat::qcow2},
                                             {"raw", ImageFormat::raw}};
            source.format = map.required("format").one_of(formats).value_or(source.format);
        });
        model_.root.import = std::move(source);
    }

    void read_boot(YamlMap& map) {
        auto& boot = model_.boot;
        const Words<BootMethod> methods{{"direct", BootMethod::direct},
                                        {"firmware", BootMethod::firmware}};
        const auto method = map.required("method").one_of(methods);
        boot.method = method.value_or(boot.method);
        read_kernel(map, method);
        boot.ready = line_with(map.required("ready"), "{nonce}").value_or("");
        read_crash(map.optional("crash"));
        boot.timeout = map.optional("timeout").duration(boot_range).value_or(boot.timeout);
        boot.silence = map.optional("silence").duration(boot_range).value_or(boot.silence);
    }

    void read_kernel(YamlMap& map, std::optional<BootMethod> method) {
        auto& boot = model_.boot;
        const auto kernel = map.optional("kernel");
        const auto cmdline = map.optional("cmdline");
        if (method == BootMethod::firmware) {
            refuse(kernel, "only for method: direct");
            refuse(cmdline, "only for method: direct");
            return;
        }
        const Words<KernelOrigin> origins{{"root", KernelOrigin::root},
                                          {"install", KernelOrigin::install}};
        boot.kernel_origin = kernel.one_of(origins).value_or(boot.kernel_origin);
        boot.cmdline = cmdline.line().value_or("");
        if (method && !has_kernel_ && boot.kernel_origin == KernelOrigin::root) {
            kernel.report("an empty root has no kernel (write kernel: install)");
        }
    }

    void read_crash(const YamlField& field) {
        for (const auto& item : field.list(core::most_crash_patterns)) {
            auto pattern = item.line();
            if (!pattern) {
                continue;
            }
            const auto problems = core::check_crash_patterns({*pattern}, item.label());
            for (const auto& problem : problems) {
                item.report(problem.message);
            }
            if (problems.empty()) {
                model_.boot.crash.push_back(std::move(*pattern));
            }
        }
    }

    void read_build_machine(YamlMap& map) {
        BuildMachineSpec machine;
        machine.build_begin = read_file(map.required("build_begin")).value_or(TemplateFile{});
        machine.build_end = read_file(map.required("build_end")).value_or(TemplateFile{});
        machine.install_begin = read_file(map.required("install_begin")).value_or(TemplateFile{});
        machine.install_end = read_file(map.required("install_end")).value_or(TemplateFile{});
        read_container(map.optional("container"), machine);
        model_.build_machine = std::move(machine);
    }

    void read_container(const YamlField& field, BuildMachineSpec& machine) const {
        const Words<bool> answers{{"false", false}, {"true", true}};
        machine.container = field.one_of(answers).value_or(false);
        if (machine.container && model_.root.recipe != RootRecipe::debian) {
            field.report("only for roots with recipe: debian (the files of another one are not "
                         "known to the host)");
        }
    }

    void read_recipes(YamlMap& map) {
        RecipeSpec recipes;
        recipes.machine = map.required("machine").name().value_or("");
        recipes.full = read_file(map.required("full")).value_or(TemplateFile{});
        recipes.kernel = read_file(map.optional("kernel"));
        recipes.install = read_file(map.required("install")).value_or(TemplateFile{});
        recipes.deploy = read_file(map.optional("deploy"));
        recipes.boot_once = read_file(map.optional("boot_once"));
        recipes.image_size =
            map.optional("image_size").bytes(disk_range).value_or(recipes.image_size);
        recipes.build_timeout =
            map.optional("build_timeout").duration(step_range).value_or(recipes.build_timeout);
        recipes.install_timeout =
            map.optional("install_timeout").duration(step_range).value_or(recipes.install_timeout);
        model_.recipes = std::move(recipes);
    }

    Template& model_;
    const FileReader& reader_;
    bool has_kernel_ = true; ///< unless the recipe of the root says otherwise
};

} // namespace

Parsed<Template> parse_template(const std::string& text, const std::filesystem::path& file,
                                const FileReader& reader) {
    const auto folder = file.parent_path();
    Problems problems((folder.filename() / file.filename()).string());
    Template model;
    model.directory = folder;
    model.text = text;
    read_map(text, problems, [&](YamlMap& map) { TemplateReader(model, reader).read(map); });
    if (!problems.empty()) {
        return Unexpected{problems.take()};
    }
    return model;
}

} // namespace lab::plan
