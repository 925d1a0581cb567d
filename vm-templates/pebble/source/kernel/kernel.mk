# SPDX-License-Identifier: Apache-2.0
#
# The kernel module. Kbuild writes next to its sources, and it is slow even if
# it has nothing to do: it works on a copy of the sources, and it is called
# only if the copy, or the kernel to build for, has changed.

K := $(OBJ)/kernel
KDIR ?= /lib/modules/$(KVER)/build

KERNEL_SOURCES := $(sort $(wildcard kernel/*.c kernel/*.h include/pebble/*.h)) \
	kernel/Kbuild

kernel: $(K)/pebble.ko

# The script changes the time of its stamp only if it changed the copy.
$(K)/sources: FORCE
	@sh scripts/sync-kernel.sh $(K) "$(KDIR)" $(KERNEL_SOURCES)

# Without debug information there are no paths in the module.
$(K)/pebble.ko: $(K)/sources kernel/kernel.mk
	$(MAKE) -C $(KDIR) M=$(K) O= CONFIG_DEBUG_INFO= CONFIG_DEBUG_INFO_BTF_MODULES= \
		KBUILD_BUILD_TIMESTAMP=@0 KBUILD_BUILD_USER=pebble \
		KBUILD_BUILD_HOST=pebble modules
	@touch $@
