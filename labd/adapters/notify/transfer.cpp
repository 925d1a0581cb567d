// SPDX-License-Identifier: Apache-2.0
#include "adapters/notify/transfer.h"

#include "adapters/notify/addresses.h"
#include "base/error.h"
#include "base/text.h"

#include <algorithm>
#include <array>
#include <strings.h>

namespace lab::adapters {
namespace {

constexpr std::size_t most_answer = 65536;

/// Thread-safe and once per process, as libcurl asks for.
void initialise_curl() {
    static const CURLcode answer = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (answer != CURLE_OK) {
        throw Error(ErrorCode::infra,
                    std::string("cannot start libcurl: ") + curl_easy_strerror(answer));
    }
}

Handle<CURL, curl_easy_cleanup> make_handle() {
    initialise_curl();
    Handle<CURL, curl_easy_cleanup> curl(curl_easy_init());
    if (!curl) {
        throw Error(ErrorCode::infra, "cannot create a libcurl handle");
    }
    return curl;
}

/// What cannot be cured by waiting.
bool is_lasting(CURLcode code) {
    static constexpr std::array lasting{
        CURLE_URL_MALFORMAT,      CURLE_UNSUPPORTED_PROTOCOL, CURLE_PEER_FAILED_VERIFICATION,
        CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR,     CURLE_USE_SSL_FAILED,
        CURLE_LOGIN_DENIED};
    return std::find(lasting.begin(), lasting.end(), code) != lasting.end();
}

} // namespace

CurlList curl_list(const std::vector<std::string>& lines) {
    CurlList list;
    for (const auto& line : lines) {
        auto* const longer = curl_slist_append(list.get(), line.c_str());
        if (longer == nullptr) {
            throw Error(ErrorCode::infra, "libcurl: out of memory");
        }
        static_cast<void>(list.release());
        list.reset(longer);
    }
    return list;
}

Transfer::Transfer(const plan::Channel& channel, const std::string& url,
                   const ports::Patience& patience)
    : curl_(make_handle()), reach_(channel.reach), is_plain_(url.starts_with("http://")),
      stop_(patience.stop) {
    const auto milliseconds = static_cast<long>(patience.timeout.count());
    set(CURLOPT_URL, url.c_str());
    const auto scheme = url.substr(0, url.find(':'));
    set(CURLOPT_PROTOCOLS_STR, scheme.c_str());
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_PROXY, "");
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (const auto found = channel.settings.find("ca_file"); found != channel.settings.end()) {
        set(CURLOPT_CAINFO, found->second.c_str());
    }
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_TIMEOUT_MS, milliseconds);
    set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds);
    set(CURLOPT_QUICK_EXIT, 1L); // a resolver that hangs is not waited for
    set(CURLOPT_USERAGENT, "lab");
    set(CURLOPT_OPENSOCKETFUNCTION, &Transfer::open_socket);
    set(CURLOPT_OPENSOCKETDATA, this);
    set(CURLOPT_WRITEFUNCTION, &Transfer::take_body);
    set(CURLOPT_WRITEDATA, this);
    set(CURLOPT_HEADERFUNCTION, &Transfer::take_header);
    set(CURLOPT_HEADERDATA, this);
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, &Transfer::on_progress);
    set(CURLOPT_XFERINFODATA, this);
}

CURLcode Transfer::perform() {
    if (is_plain_ && reach_ == plan::Reach::public_hosts) {
        refusal_ = "the URL is not encrypted (allowed: https://; http:// only to private hosts, "
                   "with allow_private: true)";
        return CURLE_COULDNT_CONNECT;
    }
    const auto code = curl_easy_perform(curl_.get());
    throw_if_stopped(stop_);
    answer_.status = status();
    return code;
}

long Transfer::status() const {
    long status = 0;
    curl_easy_getinfo(curl_.get(), CURLINFO_RESPONSE_CODE, &status);
    return status;
}

notify::Judgement Transfer::judge_failure(CURLcode code) const {
    if (!refusal_.empty()) {
        return {notify::Fate::refused, {}, refusal_};
    }
    return {is_lasting(code) ? notify::Fate::refused : notify::Fate::retry,
            {},
            curl_easy_strerror(code)};
}

curl_socket_t Transfer::open_socket(void* self, curlsocktype, curl_sockaddr* address) {
    auto& transfer = *static_cast<Transfer*>(self);
    const bool is_open = is_public(address->addr);
    if (!is_open && transfer.reach_ == plan::Reach::public_hosts) {
        transfer.refusal_ = "the address " + numeric(address->addr) +
                            " is not public (allow_private: true permits it)";
        return CURL_SOCKET_BAD;
    }
    if (is_open && transfer.is_plain_) {
        transfer.refusal_ = "the URL is not encrypted, and " + numeric(address->addr) +
                            " is public (allowed: https://)";
        return CURL_SOCKET_BAD;
    }
    transfer.refusal_.clear(); // another address of the same name may do
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

std::size_t Transfer::take_body(char* bytes, std::size_t, std::size_t count, void* self) {
    auto& body = static_cast<Transfer*>(self)->answer_.body;
    const auto taken = std::min(count, most_answer - body.size());
    body.append(bytes, taken);
    return taken; // fewer than there are ends the transfer
}

std::size_t Transfer::take_header(char* bytes, std::size_t, std::size_t count, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    transfer.header_bytes_ += count;
    const std::string_view line(bytes, count);
    constexpr std::string_view name = "retry-after:";
    if (count > name.size() && ::strncasecmp(bytes, name.data(), name.size()) == 0) {
        transfer.answer_.retry_after = cap(trim(line.substr(name.size())), 100);
    }
    return transfer.header_bytes_ > most_answer ? 0 : count;
}

int Transfer::on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<Transfer*>(self)->stop_.stop_requested() ? 1 : 0;
}

} // namespace lab::adapters
