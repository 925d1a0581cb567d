# SPDX-License-Identifier: Apache-2.0
#
# The system as it is used: its root directory, and what boots it.

# Both take what was built as it is, and build nothing: the objects may be on a
# disk that is read-only, or the kernel newer than the world.
install:
	@test -n "$(DESTDIR)" || { echo "make install: DESTDIR is not set" >&2; exit 1; }
	sh scripts/install.sh $(OBJ) $(DESTDIR) $(filter-out boot init,$(PROGRAMS))

boot:
	@test -n "$(BOOTDIR)" || { echo "make boot: BOOTDIR is not set" >&2; exit 1; }
	sh scripts/make-boot.sh $(OBJ) $(BOOTDIR) $(KVER)
