# SPDX-License-Identifier: Apache-2.0
#
# The system as it is used: its root directory, and what boots it.

# What an earlier version installed must not stay behind.
install: world kernel
	@test -n "$(DESTDIR)" || { echo "make install: DESTDIR is not set" >&2; exit 1; }
	sh scripts/install.sh $(OBJ) $(DESTDIR) $(filter-out boot init,$(PROGRAMS))

boot: world
	@test -n "$(BOOTDIR)" || { echo "make boot: BOOTDIR is not set" >&2; exit 1; }
	sh scripts/make-boot.sh $(OBJ) $(BOOTDIR) $(KVER)
