// SPDX-License-Identifier: Apache-2.0
#include "adapters/results/schema.h"

namespace lab::adapters {
namespace {

constexpr auto id = CellType::id;
constexpr auto text = CellType::text;
constexpr auto integer = CellType::integer;
constexpr auto real = CellType::real;
constexpr auto keep = OnChange::keep;
constexpr auto complete = OnChange::complete;

Table sut() {
    return {"sut",
            1,
            {{"name", id},
             {"host_name", text, keep},
             {"architecture", text, complete},
             {"vendor_name", text, keep},
             {"product_name", text, complete},
             {"cpu_count", integer, complete},
             {"memory", integer, keep},
             {"kernel_name", text, keep},
             {"userspace_name", text, keep}}};
}

Table cpu() {
    return {"cpu",
            2,
            {{"sut", id}, {"cpu_index", integer}, {"description", text, keep}},
            {{{0, sut_table}}}};
}

Table swprofile() {
    return {"swprofile",
            1,
            {{"name", id},
             {"kernel_name", text, keep},
             {"kernel_git_sha", text, complete},
             {"userspace_name", text, keep},
             {"cmdline", text},
             {"sysctl", text},
             {"bootscript", text}}};
}

Table benchmark() {
    return {"benchmark",
            1,
            {{"id", id},
             {"suite", text},
             {"name", text},
             {"type", text},
             {"image", text},
             {"params_hash", text}}};
}

Table param() {
    return {
        "param", 2, {{"benchmark", id}, {"name", id}, {"value", text}}, {{{0, benchmark_table}}}};
}

Table resultclass() {
    return {"resultclass",
            2,
            {{"benchmark", id}, {"name", id}, {"unit", text}, {"better", text}},
            {{{0, benchmark_table}}}};
}

Table session() {
    return {"session",
            1,
            {{"uuid", id},
             {"start", text},
             {"accelerator", text},
             {"clock", text},
             {"kernel_release", text}}};
}

Table result() {
    return {"result",
            4,
            {{"session", id},
             {"benchmark", id},
             {"resultclass", id},
             {"sequence", integer},
             {"sut", id},
             {"swprofile", id},
             {"time", text},
             {"value", real},
             {"host_load", real},
             {"quiet", text}},
            {{{0, session_table}},
             {{1, resultclass_table, 0}, {2, resultclass_table, 1}},
             {{4, sut_table}},
             {{5, swprofile_table}}}};
}

Table error() {
    return {
        "error",
        3,
        {{"session", id},
         {"benchmark", id},
         {"sequence", integer},
         {"sut", id},
         {"swprofile", id},
         {"time", text},
         {"code", integer},
         {"text", text}},
        {{{0, session_table}}, {{1, benchmark_table}}, {{3, sut_table}}, {{4, swprofile_table}}}};
}

} // namespace

const Schema& current_schema() {
    static const Schema schema{1,
                               {sut(), cpu(), swprofile(), benchmark(), param(), resultclass(),
                                session(), result(), error()}};
    return schema;
}

Row key_of(const Table& table, const Row& row) {
    return {row.begin(), row.begin() + static_cast<std::ptrdiff_t>(table.key)};
}

} // namespace lab::adapters
