# SPDX-License-Identifier: Apache-2.0
# Outside libraries, each as an imported target; flags come from pkg-config where the package has it.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(Boost 1.74 REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(yaml-cpp REQUIRED)

pkg_check_modules(LIBVIRT REQUIRED IMPORTED_TARGET libvirt libvirt-qemu)
pkg_check_modules(LIBGIT2 REQUIRED IMPORTED_TARGET libgit2)
pkg_check_modules(LIBARCHIVE REQUIRED IMPORTED_TARGET libarchive)
pkg_check_modules(LIBSSH REQUIRED IMPORTED_TARGET libssh)
pkg_check_modules(LIBCRYPTO REQUIRED IMPORTED_TARGET libcrypto)
pkg_check_modules(LIBGUESTFS REQUIRED IMPORTED_TARGET libguestfs)
pkg_check_modules(LIBEXT2FS REQUIRED IMPORTED_TARGET ext2fs com_err)
pkg_check_modules(LIBNBD REQUIRED IMPORTED_TARGET libnbd)
pkg_check_modules(LIBCURL REQUIRED IMPORTED_TARGET libcurl)
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)
# Its class layouts depend on these flags: without them programs link and then crash.
pkg_check_modules(HTTPLIB REQUIRED IMPORTED_TARGET cpp-httplib)

find_library(SOCI_CORE soci_core REQUIRED)
find_library(SOCI_SQLITE3 soci_sqlite3 REQUIRED)
add_library(lab_soci INTERFACE)
target_link_libraries(lab_soci INTERFACE ${SOCI_SQLITE3} ${SOCI_CORE} sqlite3)

find_library(SOCI_MYSQL soci_mysql REQUIRED)
find_library(SOCI_POSTGRESQL soci_postgresql REQUIRED)
add_library(lab_soci_servers INTERFACE)
target_link_libraries(lab_soci_servers INTERFACE ${SOCI_MYSQL} ${SOCI_POSTGRESQL} lab_soci)
