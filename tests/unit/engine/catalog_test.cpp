// SPDX-License-Identifier: Apache-2.0
#include "engine/catalog.h"

#include "base/error.h"
#include "base/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lab::engine {
namespace {

using testing::HasSubstr;

/// Templates that differ in their networks.
class LabMachines : public testing::Test {
protected:
    LabMachines() {
        add("shut", "session: ssh\nnetwork: user\n");
        add("open", "session: ssh\noutbound: true\n");
        add("island", "session: console\nnetwork: none\n");
    }

    void add(const std::string& name, const std::string& lines) const {
        make_directory(directory_.path() / name);
        write_file(directory_.path() / name / "template.yaml",
                   "name: " + name +
                       "\nroot: {recipe: import, import: {location: /i, format: raw}}\n"
                       "boot: {method: firmware, ready: '{nonce}'}\n" +
                       lines);
    }

    [[nodiscard]] Lab lab_of(const std::string& machine) const {
        return load_lab("/home/me/lab.yaml", "test_vms: {t: " + machine + "}\n",
                        {directory_.path()});
    }

    [[nodiscard]] plan::NetworkKind network_of(const std::string& machine) const {
        return lab_of(machine).machine_of("t").network;
    }

private:
    TemporaryDirectory directory_{"/tmp", "lab-"};
};

TEST_F(LabMachines, HaveTheNetworkOfTheirTemplateUnlessLabYamlChangesIt) {
    using plan::NetworkKind;
    EXPECT_EQ(network_of("{machine: shut}"), NetworkKind::user);
    EXPECT_EQ(network_of("{machine: shut, outbound: true}"), NetworkKind::outbound);
    EXPECT_EQ(network_of("{machine: open}"), NetworkKind::outbound);
    EXPECT_EQ(network_of("{machine: open, outbound: false}"), NetworkKind::user);
    EXPECT_EQ(network_of("{machine: island}"), NetworkKind::none);
}

TEST_F(LabMachines, WithoutANetworkCannotBeLetOut) {
    try {
        static_cast<void>(lab_of("{machine: island, outbound: true}"));
        FAIL() << "a machine without a network was let out";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::bad_input);
        EXPECT_THAT(error.what(), HasSubstr("test_vms.t.outbound: template island has no network"));
    }
}

} // namespace
} // namespace lab::engine
