// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/handle.h"
#include "notify/retry.h"
#include "plan/notifications.h"
#include "ports/notifier.h"

#include <curl/curl.h>
#include <string>
#include <vector>

namespace lab::adapters {

using CurlList = Handle<curl_slist, curl_slist_free_all>;

/// The list of libcurl made of lines.
[[nodiscard]] CurlList curl_list(const std::vector<std::string>& lines);

/// One transfer of libcurl with everything that protects us: the resolved address is checked where
/// it is connected to, TLS is verified, nothing is redirected, answers are bounded, and it ends
/// with its timeout. Not thread-safe.
class Transfer {
public:
    /// @param url  holds the scheme that is used; any other is refused.
    Transfer(const plan::Channel& channel, const std::string& url, const ports::Patience& patience);

    template <class Value>
    void set(CURLoption option, Value value) {
        curl_easy_setopt(curl_.get(), option, value);
    }

    /// Carries it out.
    /// @throws Cancelled  when stop was requested.
    [[nodiscard]] CURLcode perform();

    /// Status of HTTP or of SMTP; 0 when the server said none.
    [[nodiscard]] long status() const;

    [[nodiscard]] const notify::Answer& answer() const { return answer_; }

    /// Judgement of a transfer that got no answer.
    [[nodiscard]] notify::Judgement judge_failure(CURLcode code) const;

private:
    static curl_socket_t open_socket(void* self, curlsocktype purpose, curl_sockaddr* address);
    static std::size_t take_body(char* bytes, std::size_t size, std::size_t count, void* self);
    static std::size_t take_header(char* bytes, std::size_t size, std::size_t count, void* self);
    static int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t);

    Handle<CURL, curl_easy_cleanup> curl_;
    plan::Reach reach_;
    bool is_plain_;
    std::stop_token stop_;
    notify::Answer answer_;
    std::size_t header_bytes_ = 0;
    std::string refusal_;
};

} // namespace lab::adapters
