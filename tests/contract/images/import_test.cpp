// SPDX-License-Identifier: Apache-2.0
#include "images/download.h"
#include "images/import.h"
#include "images/qcow2_header.h"
#include "images/qemu_img.h"

#include "base/error.h"
#include "base/files.h"
#include "base/process.h"
#include "base/sha256.h"

#include <fcntl.h>
#include <fstream>
#include <functional>
#include <gtest/gtest.h>
#include <sys/stat.h>

namespace lab::images {
namespace {

namespace fs = std::filesystem;
using plan::ImageFormat;

class Import : public ::testing::Test {
protected:
    [[nodiscard]] fs::path path(const std::string& name) const { return directory_.path() / name; }

    void qemu_img(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), "qemu-img");
        run_process_checked({.argv = std::move(arguments)});
    }

    fs::path good_image() const {
        create_empty(path("good.qcow2"), mebibytes(1));
        run_process_checked({.argv = {"qemu-io", "-f", "qcow2", "-c", "write -P 7 0 64k",
                                      path("good.qcow2").string()}});
        return path("good.qcow2");
    }

    /// What the import complains about; empty when it was accepted.
    std::string refusal(const fs::path& file, ImageFormat format = ImageFormat::qcow2,
                        const std::string& sha256 = "") const {
        fs::remove(path("out.qcow2"));
        fs::remove(path("outside"));
        try {
            import_image({.source = {file.string(), sha256, format},
                          .disk = path("out.qcow2"),
                          .work = directory_.path(),
                          .size_limit = gibibytes(1)},
                         {});
        } catch (const Error& error) {
            EXPECT_NE(error.code(), ErrorCode::infra) << error.what();
            EXPECT_FALSE(fs::exists(path("out.qcow2")));
            return error.what();
        }
        return "";
    }

    /// Overwrites bytes of a good image's header.
    fs::path patched(std::streamoff offset, const std::string& bytes) const {
        const auto image = good_image();
        std::fstream file(image, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(offset);
        file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        return image;
    }

    TemporaryDirectory directory_{fs::temp_directory_path(), "lab-import-"};
};

void expect_part(const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << "'" << text << "' lacks '" << part << "'";
}

TEST_F(Import, CopiesAnImageThatStandsAlone) {
    const auto image = good_image();

    EXPECT_EQ(refusal(image, ImageFormat::qcow2, sha256_of_file(image)), "");

    EXPECT_EQ(read_qcow2_header(path("out.qcow2")).virtual_size, mebibytes(1));
    qemu_img({"compare", "-q", "-f", "qcow2", "-F", "qcow2", image.string(),
              path("out.qcow2").string()});
}

TEST_F(Import, LeavesARawImageRawWhateverItsFirstBytes) {
    // The classic: a raw disk whose guest wrote a qcow2 header that names a host file.
    write_file(path("secret"), std::string(65536, 's'));
    qemu_img({"create", "-q", "-f", "qcow2", "-b", path("secret").string(), "-F", "raw",
              path("raw").string()});

    EXPECT_EQ(refusal(path("raw"), ImageFormat::raw), "");

    EXPECT_EQ(read_qcow2_header(path("out.qcow2")).backing_file, "");
    qemu_img({"compare", "-q", "-f", "raw", "-F", "qcow2", path("raw").string(),
              path("out.qcow2").string()});
}

TEST_F(Import, ConvertsWhatItHasCheckedWhateverThePathLeadsToThen) {
    const auto image = good_image();
    fs::copy_file(image, path("before.qcow2"));
    write_file(path("secret"), std::string(65536, 's'));
    qemu_img({"create", "-q", "-f", "qcow2", "-b", path("secret").string(), "-F", "raw",
              path("evil").string()});
    // Somebody who waits until the checks are done.
    const auto real = find_program("qemu-img").value();
    fs::create_directory(path("bin"));
    for (const auto* swap : {"cat", "mv"}) {
        const std::string act = swap == std::string("cat")
                                    ? "cat " + path("evil").string() + " > " + image.string()
                                    : "mv " + path("evil").string() + " " + image.string();
        write_file(path("bin/qemu-img"), "#!/bin/sh\ncase \" $* \" in *' convert '*) " + act +
                                             " ;; esac\nexec " + real.string() + " \"$@\"\n");
        fs::permissions(path("bin/qemu-img"), fs::perms::owner_all);
        const std::string search_path = ::getenv("PATH");
        ::setenv("PATH", (path("bin").string() + ":" + search_path).c_str(), 1);

        EXPECT_EQ(refusal(image), "");

        ::setenv("PATH", search_path.c_str(), 1);
        EXPECT_EQ(read_qcow2_header(image).backing_file, path("secret")) << "nothing was swapped";
        EXPECT_EQ(read_qcow2_header(path("out.qcow2")).backing_file, "");
        qemu_img({"compare", "-q", "-f", "qcow2", "-F", "qcow2", path("before.qcow2").string(),
                  path("out.qcow2").string()});
        fs::copy_file(path("before.qcow2"), image, fs::copy_options::overwrite_existing);
    }
}

TEST_F(Import, RefusesAnImageThatClaimsABackingFile) {
    write_file(path("secret"), std::string(65536, 's'));
    for (const std::string& name :
         {path("secret").string(), std::string("json:{\"driver\":\"file\"}"),
          std::string("nbd://127.0.0.1:1/x"), std::string("http://127.0.0.1:1/x")}) {
        create_empty(path("overlay.qcow2"), mebibytes(1));
        qemu_img({"rebase", "-u", "-f", "qcow2", "-F", "raw", "-b", name,
                  path("overlay.qcow2").string()});

        expect_part(refusal(path("overlay.qcow2")), "refers to another file");
    }
}

TEST_F(Import, RefusesAnExternalDataFile) {
    qemu_img({"create", "-q", "-f", "qcow2", "-o", "data_file=" + path("data").string(),
              path("image").string(), "1M"});

    expect_part(refusal(path("image")), "refers to another file");
}

TEST_F(Import, RefusesEncryptionSnapshotsAndDirtyOrCorruptImages) {
    // Not LUKS: qemu-img times its key derivation first, which a host with a coarse clock of CPU
    // time fails ("Unable to get accurate CPU usage").
    qemu_img({"create", "-q", "-f", "qcow2", "--object", "secret,id=s,data=abc", "-o",
              "encrypt.format=aes,encrypt.key-secret=s", path("secret.qcow2").string(), "1M"});
    expect_part(refusal(path("secret.qcow2")), "encrypted");
    qemu_img({"snapshot", "-c", "one", good_image().string()});
    expect_part(refusal(path("good.qcow2")), "snapshots");
    expect_part(refusal(patched(79, "\x01")), "not closed");
    expect_part(refusal(patched(79, "\x02")), "corrupt");
}

TEST_F(Import, RefusesImpossibleHeadersFast) {
    expect_part(refusal(patched(24, std::string("\x7f\xff\xff\xff\xff\xff\xff\xff", 8))),
                "virtual size");
    expect_part(refusal(patched(4, std::string("\0\0\0\x01", 4))), "version 1");
    expect_part(refusal(patched(0, "QFIx")), "not a qcow2 image");
    // An L1 table far behind the end of the file.
    EXPECT_NE(refusal(patched(40, std::string("\x7f\0\0\0\0\0\0\0", 8))), "");
}

TEST_F(Import, RefusesATruncatedImage) {
    fs::resize_file(good_image(), 300'000);
    EXPECT_NE(refusal(path("good.qcow2")), "");
    fs::resize_file(path("good.qcow2"), 50);
    EXPECT_NE(refusal(path("good.qcow2")), "");
}

TEST_F(Import, NamesWhatIsNoFileOfAnImage) {
    ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0600), 0);
    fs::create_directory(path("directory"));
    write_file(path("empty"), "");
    fs::create_symlink(good_image(), path("link"));

    expect_part(refusal(path("fifo"), ImageFormat::raw), "not a regular file");
    expect_part(refusal(path("directory")), "not a regular file");
    expect_part(refusal("/dev/null", ImageFormat::raw), "not a regular file");
    expect_part(refusal(path("empty"), ImageFormat::raw), "empty");
    expect_part(refusal(path("link")), "symbolic link");
    expect_part(refusal(path("missing")), "no such image");
}

TEST_F(Import, RefusesAWrongDigestAndARawImageAboveTheLimit) {
    expect_part(refusal(good_image(), ImageFormat::qcow2, std::string(64, '0')), "SHA-256");
    write_file(path("big"), "x");
    fs::resize_file(path("big"), (std::uintmax_t{1} << 30U) + 1);
    expect_part(refusal(path("big"), ImageFormat::raw), "virtual size");
}

TEST_F(Import, NamesALocationWithoutItsSecrets) {
    EXPECT_EQ(shown_location("https://u:hunter2@h/a/b.img?token=hunter2"), "https://h/a/b.img?...");
    EXPECT_EQ(shown_location("http://a@b@h#x@y"), "http://h?...");
    EXPECT_EQ(shown_location("https://h/a@b/c"), "https://h/a@b/c");
    EXPECT_EQ(shown_location("/a/b@c?d"), "/a/b@c?d");
}

TEST_F(Import, DownloadOfAnUnreachableUrlIsAnEnvironmentError) {
    try {
        import_image({.source = {"http://u:hunter2@127.0.0.1:1/x?hunter2", std::string(64, '0'),
                                 ImageFormat::raw},
                      .disk = path("out.qcow2"),
                      .work = directory_.path(),
                      .size_limit = gibibytes(1)},
                     {});
        FAIL() << "no error";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::infra);
        EXPECT_EQ(std::string(error.what()).find("hunter2"), std::string::npos) << error.what();
    }
}

} // namespace
} // namespace lab::images
