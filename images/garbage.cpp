// SPDX-License-Identifier: Apache-2.0
#include "images/garbage.h"

#include <algorithm>
#include <map>
#include <string>

namespace lab::images {
namespace {

Bytes total_size(const std::vector<StoredImage>& stored) {
    Bytes total;
    for (const auto& item : stored) {
        total = total + item.image.size;
    }
    return total;
}

} // namespace

std::vector<ports::Image> choose_garbage(std::vector<StoredImage> stored,
                                         std::optional<Bytes> keep_at_most) {
    std::sort(stored.begin(), stored.end(), [](const StoredImage& a, const StoredImage& b) {
        return std::tie(a.last_used, a.image.key) < std::tie(b.last_used, b.image.key);
    });
    std::map<std::string, std::size_t> children;
    for (const auto& item : stored) {
        ++children[item.image.parent];
    }
    const auto limit = keep_at_most.value_or(Bytes{0});
    Bytes left = total_size(stored);
    std::vector<ports::Image> garbage;
    while (!keep_at_most || left > limit) {
        const auto oldest = std::find_if(stored.begin(), stored.end(), [&](const auto& item) {
            return item.usage == Usage::free && children[item.image.key] == 0;
        });
        if (oldest == stored.end()) {
            break;
        }
        left.count -= oldest->image.size.count;
        --children[oldest->image.parent];
        garbage.push_back(std::move(oldest->image));
        stored.erase(oldest);
    }
    return garbage;
}

} // namespace lab::images
