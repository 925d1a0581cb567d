#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds the Linux kernel whose sources are here (a git checkout), and says where the result is:
# KERNEL_PATH, MODULES_PATH and GITSHA in the file `env` of the output directory.
#
#   LAB_BUILD     make (default), tuxmake, or vm: then nothing is built here, labd builds the commit
#                 in the build VM LAB_BUILD_VM
#   LAB_OUT       output directory (default: one of this checkout below ~/.cache/lab/bisect)
#   LAB_KCONFIG   configuration (default: .config here, which make keeps; tuxmake: defconfig)
#   LAB_JOBS      commands at once (default: all processors)
#
# Exit codes: 0 built, 125 this commit does not build, 128 nothing can be built here.
set -u

fail() {
    echo "build-local-kernel.sh: error: $1" >&2
    exit 128
}

case ${1-} in
'') ;;
-h | --help)
    sed -n '3,13s/^# \{0,1\}//p' "$0"
    exit 0
    ;;
*) fail "'$1': not expected (it is told by variables, see --help)" ;;
esac

top=$(git rev-parse --show-toplevel) || fail "$PWD: is no git checkout"
cd "$top" || fail "cannot go to $top"
GITSHA=$(git rev-parse --verify HEAD) || fail "$top: has no commit"
jobs=${LAB_JOBS:-$(nproc)}
# Two checkouts of one name are told apart by their paths.
default=${XDG_CACHE_HOME:-$HOME/.cache}/lab/bisect/$(basename "$top")-$(printf %s "$top" | cksum | cut -d' ' -f1)
out=${LAB_OUT:-$default}
mkdir -p "$out" || fail "cannot make $out"
out=$(cd "$out" && pwd) || fail "cannot go to $out"

# Writes one variable of `env` so that a shell reads it back as it is.
assign() {
    printf "%s='%s'\n" "$1" "$(printf %s "$2" | sed "s/'/'\\\\''/g")"
}

write_env() {
    {
        assign KERNEL_PATH "$1"
        assign MODULES_PATH "$2"
        assign GITSHA "$GITSHA"
    } >"$out/env.new" || fail "cannot write $out/env.new"
    mv "$out/env.new" "$out/env" || fail "cannot write $out/env"
    echo "$out/env"
}

build_by_make() {
    for tool in make "${CC:-gcc}" xz; do
        command -v "$tool" >/dev/null || fail "$tool: is not installed"
    done
    if [ -n "${LAB_KCONFIG-}" ]; then
        cp -- "$LAB_KCONFIG" .config || fail "cannot read $LAB_KCONFIG"
    fi
    [ -f .config ] || fail "$top/.config: does not exist (name one with LAB_KCONFIG)"
    # New questions of another commit get their default answers.
    make olddefconfig </dev/null >&2 || exit 125
    make -j"$jobs" </dev/null >&2 || exit 125
    image=$(make -s image_name </dev/null) || exit 125
    rm -rf "$out/modules" "$out/modules.tar.xz"
    if grep -qx '# CONFIG_MODULES is not set' .config; then
        cp -- "$image" "$out/kernel" || fail "cannot copy $image"
        write_env "$out/kernel" ''
        return
    fi
    make modules_install INSTALL_MOD_PATH="$out/modules" INSTALL_MOD_STRIP=1 </dev/null >&2 || exit 125
    cp -- "$image" "$out/kernel" || fail "cannot copy $image"
    # The links to the sources mean nothing on another machine.
    tar -C "$out/modules" --exclude=build --exclude=source -cJf "$out/modules.tar.xz" lib ||
        fail "cannot write $out/modules.tar.xz"
    rm -rf "$out/modules"
    write_env "$out/kernel" "$out/modules.tar.xz"
}

build_by_tuxmake() {
    command -v tuxmake >/dev/null || fail "tuxmake: is not installed"
    rm -rf "$out/tuxmake"
    tuxmake --output-dir "$out/tuxmake" --build-dir "$out/objects" --jobs "$jobs" --runtime=null \
        --kconfig="${LAB_KCONFIG:-defconfig}" kernel modules </dev/null >&2 || exit 125
    for image in Image.gz Image bzImage zImage vmlinuz.efi; do
        if [ -f "$out/tuxmake/$image" ]; then
            modules=$out/tuxmake/modules.tar.xz
            [ -f "$modules" ] || modules='' # a kernel without any
            write_env "$out/tuxmake/$image" "$modules"
            exit 0
        fi
    done
    fail "tuxmake left no kernel image in $out/tuxmake"
}

case ${LAB_BUILD:-make} in
make) build_by_make ;;
tuxmake) build_by_tuxmake ;;
vm)
    [ -n "${LAB_BUILD_VM-}" ] || fail "LAB_BUILD_VM: is not set (the build VM of LAB_BUILD=vm)"
    write_env "$LAB_BUILD_VM/$GITSHA" ''
    ;;
*) fail "LAB_BUILD=$LAB_BUILD: is unknown (make, tuxmake or vm)" ;;
esac
