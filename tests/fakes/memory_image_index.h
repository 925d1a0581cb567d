// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ports/image_store.h"

#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace lab::fakes {

/// ImageIndex in memory; outlives a store and so plays the database over a restart.
class MemoryImageIndex : public ports::ImageIndex {
public:
    std::vector<ports::Image> images() override {
        const std::lock_guard lock(mutex_);
        std::vector<ports::Image> images;
        for (const auto& [key, image] : images_) {
            images.push_back(image);
        }
        return images;
    }

    void put(const ports::Image& image) override {
        const std::lock_guard lock(mutex_);
        images_[image.key] = image;
    }

    void remove(const std::string& key) override {
        const std::lock_guard lock(mutex_);
        images_.erase(key);
        used_.erase(key);
    }

    void touch(const std::string& key, WallTime used) override {
        const std::lock_guard lock(mutex_);
        used_[key] = used;
    }

    std::map<std::string, WallTime> last_used() override {
        const std::lock_guard lock(mutex_);
        return used_;
    }

private:
    std::mutex mutex_;
    std::map<std::string, ports::Image> images_;
    std::map<std::string, WallTime> used_;
};

} // namespace lab::fakes
