// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <unistd.h>
#include <utility>

namespace lab {

/// Deleter that calls the C function `Release`; a destructor has nobody to report its result to.
template <auto Release>
struct ReleaseWith {
    template <class T>
    void operator()(T* object) const noexcept {
        static_cast<void>(Release(object));
    }
};

/// Sole owner of one C object. Move-only, one pointer wide, null means "empty".
template <class T, auto Release>
using Handle = std::unique_ptr<T, ReleaseWith<Release>>;

/// Sole owner of a file descriptor; -1 means "empty".
class FileDescriptor {
public:
    FileDescriptor() = default;
    explicit FileDescriptor(int descriptor) noexcept : descriptor_(descriptor) {}
    FileDescriptor(FileDescriptor&& other) noexcept : descriptor_(other.release()) {}
    FileDescriptor(const FileDescriptor&) = delete;
    FileDescriptor& operator=(const FileDescriptor&) = delete;
    ~FileDescriptor() { reset(); }

    FileDescriptor& operator=(FileDescriptor&& other) noexcept {
        if (this != &other) {
            reset();
            descriptor_ = other.release();
        }
        return *this;
    }

    [[nodiscard]] int get() const noexcept { return descriptor_; }
    explicit operator bool() const noexcept { return descriptor_ >= 0; }
    int release() noexcept { return std::exchange(descriptor_, -1); }

    void reset() noexcept {
        if (descriptor_ >= 0) {
            ::close(descriptor_);
            descriptor_ = -1;
        }
    }

private:
    int descriptor_ = -1;
};

} // namespace lab
