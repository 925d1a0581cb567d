#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# One step of a bisection: builds the commit that is checked out and has lab judge it.
#
#   git bisect run <lab>/script/execute-bisection.sh CONTEXT [OPTION of lab bisect run ...]
#
# CONTEXT is what lab bisect start wrote. LAB names the program (default: lab); the variables of
# build-local-kernel.sh say how the kernel is built.
# Exit codes, as git bisect run reads them: 0 good, 1 bad, 125 skip, 128 stop.
set -u

if [ $# -lt 1 ] || [ "$1" = --help ] || [ "$1" = -h ]; then
    sed -n '3,9s/^# \{0,1\}//p' "$0" >&2
    exit 128
fi
context=$1
shift
here=$(cd "$(dirname "$0")" && pwd) || exit 128
if [ ! -f "$context" ]; then
    echo "execute-bisection.sh: error: $context: does not exist (lab bisect start writes it)" >&2
    exit 128
fi

echo "Building kernel for current commit..."
env=$("$here/build-local-kernel.sh")
status=$?
if [ "$status" -ne 0 ]; then
    echo "the build exited with status $status"
    # A script that cannot run at all (126, 127) is no commit that does not build.
    [ "$status" -eq 125 ] && exit 125
    exit 128
fi
# shellcheck disable=SC1090 # the build wrote it
. "$env" || exit 128

if [ -n "$MODULES_PATH" ]; then
    set -- --modules "$MODULES_PATH" "$@"
fi
"${LAB:-lab}" bisect run --context "$context" --kernel "$KERNEL_PATH" --gitsha "$GITSHA" "$@"
status=$?
echo "lab bisect run exited with status $status"
case $status in
0 | 1 | 125) exit "$status" ;;
# Whatever else it is (no such program, a signal): never a verdict.
*) exit 128 ;;
esac
