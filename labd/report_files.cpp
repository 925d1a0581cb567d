// SPDX-License-Identifier: Apache-2.0
#include "report_files.h"

#include "base/files.h"
#include "report/gather.h"
#include "server/convert.h"

#include <chrono>

namespace lab {

std::filesystem::path ReportFiles::write(const ports::JobRow& row) const {
    const auto detail =
        server::to_wire(sources_.jobs.job(row.id), std::chrono::system_clock::now());
    const report::Origins origins{
        [&](std::uint64_t offset, std::size_t most) {
            auto chunk = sources_.jobs.log(row.id, offset, most);
            return api::LogChunk{std::move(chunk.bytes), chunk.next_offset, chunk.final};
        },
        [&] { return server::all_to_wire(sources_.lab.doctor()); },
        {row.config_path, row.config_text},
        sources_.repositories,
        sources_.changes};
    const auto made = report::make_report(detail, report::gather(detail, origins));
    make_directory(directory_);
    auto file = directory_ / (row.id + ".html");
    write_file(file, report::html_report(made), FileAccess::owner_only);
    return file;
}

} // namespace lab
