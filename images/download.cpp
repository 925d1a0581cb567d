// SPDX-License-Identifier: Apache-2.0
#include "images/download.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/handle.h"

#include <cstdio>
#include <curl/curl.h>
#include <fcntl.h>

namespace lab::images {
namespace {

struct Transfer {
    int descriptor;
    std::uint64_t left;
    bool too_large = false;
    std::stop_token stop;
};

std::size_t write_block(char* bytes, std::size_t, std::size_t count, void* context) {
    auto& transfer = *static_cast<Transfer*>(context);
    if (count > transfer.left) {
        transfer.too_large = true;
        return 0;
    }
    transfer.left -= count;
    std::size_t written = 0;
    while (written < count) {
        const auto answer = ::write(transfer.descriptor, bytes + written, count - written);
        if (answer < 0 && errno != EINTR) {
            return 0;
        }
        written += answer > 0 ? static_cast<std::size_t>(answer) : 0;
    }
    return count;
}

int on_progress(void* context, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<Transfer*>(context)->stop.stop_requested() ? 1 : 0;
}

/// Thread-safe and once per process, as libcurl asks for.
void initialise_curl() {
    static const CURLcode answer = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (answer != CURLE_OK) {
        throw Error(ErrorCode::infra,
                    std::string("cannot start libcurl: ") + curl_easy_strerror(answer));
    }
}

} // namespace

std::string shown_location(const std::string& location) {
    const auto host = location.find("://") + 3;
    if (!location.starts_with("http://") && !location.starts_with("https://")) {
        return location;
    }
    const auto end = location.find_first_of("?#", host);
    auto shown = location.substr(0, end) + (end == std::string::npos ? "" : "?...");
    const auto slash = shown.find('/', host);
    const auto at = shown.substr(0, slash).rfind('@');
    return at == std::string::npos || at < host ? shown
                                                : shown.substr(0, host) + shown.substr(at + 1);
}

void download(const std::string& url, const std::filesystem::path& file, Bytes limit,
              const std::stop_token& stop) {
    initialise_curl();
    const FileDescriptor descriptor(
        ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!descriptor) {
        throw errno_error("create", file.string());
    }
    const Handle<CURL, curl_easy_cleanup> curl(curl_easy_init());
    if (!curl) {
        throw Error(ErrorCode::infra, "cannot create a libcurl handle");
    }
    Transfer transfer{.descriptor = descriptor.get(), .left = limit.count, .stop = stop};
    curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl.get(), CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl.get(), CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(curl.get(), CURLOPT_MAXREDIRS, 5L);
    curl_easy_setopt(curl.get(), CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT, 30L);
    curl_easy_setopt(curl.get(), CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl.get(), CURLOPT_LOW_SPEED_TIME, 60L);
    curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, write_block);
    curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(curl.get(), CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl.get(), CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(curl.get(), CURLOPT_XFERINFODATA, &transfer);

    const CURLcode answer = curl_easy_perform(curl.get());
    throw_if_stopped(stop);
    if (transfer.too_large) {
        throw Error(ErrorCode::infra,
                    shown_location(url) + ": is too large (at most " + format_bytes(limit) + ")");
    }
    if (answer != CURLE_OK) {
        throw Error(ErrorCode::infra,
                    "cannot download '" + shown_location(url) + "': " + curl_easy_strerror(answer));
    }
}

} // namespace lab::images
