# SPDX-License-Identifier: Apache-2.0
#
# The world: a library, a program for each directory of PROGRAM_DIRS, and a
# program for each file of world/tools.

W := $(OBJ)/world
PROGRAM_DIRS := bench boot check init sh

CC := gcc
AR := ar
WORLD_CFLAGS := -std=gnu11 -O2 -Wall -Wextra -Werror -ffreestanding \
	-fno-builtin -fno-stack-protector -fno-pie -fcf-protection=none \
	-fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns \
	-nostdinc -isystem $(shell $(CC) -print-file-name=include) \
	-Iworld/include -Iinclude
WORLD_LDFLAGS := -static -nostdlib -no-pie -Wl,--build-id=none -Wl,-z,noexecstack

sources = $(sort $(wildcard world/$(1)/*.c) $(wildcard world/$(1)/*.S))
objects = $(patsubst world/%,$(W)/%.o,$(call sources,$(1)))

LIBC := $(W)/libc.a
TOOLS := $(patsubst world/tools/%.c,%,$(call sources,tools))
PROGRAMS := $(sort $(PROGRAM_DIRS) $(TOOLS))
WORLD_DIRS := $(W) $(W)/bin $(addprefix $(W)/,libc tools $(PROGRAM_DIRS))

world: $(addprefix $(W)/bin/,$(PROGRAMS)) $(W)/programs

$(shell mkdir -p $(WORLD_DIRS))

# Everything depends on how it is made, and that is this file.
$(W)/%.c.o: world/%.c world/world.mk
	$(Q)echo "  CC $<"; $(CC) $(WORLD_CFLAGS) -MMD -MP -MF $(@:.o=.d) -c -o $@ $<

$(W)/%.S.o: world/%.S world/world.mk
	$(Q)echo "  CC $<"; $(CC) $(WORLD_CFLAGS) -MMD -MP -MF $(@:.o=.d) -c -o $@ $<

# A list changes its time only if it changes: a deleted source is noticed.
$(W)/%.list: FORCE
	@printf '%s\n' $(call objects,$*) | cmp -s - $@ || \
		printf '%s\n' $(call objects,$*) > $@

$(LIBC): $(call objects,libc) $(W)/libc.list world/world.mk
	$(Q)echo "  AR $@"; rm -f $@; $(AR) rcsD $@ $(call objects,libc)

define program_rule
$(W)/bin/$(1): $(call objects,$(1)) $(W)/$(1).list $(LIBC) world/world.mk
	$$(Q)echo "  LD $$@"; $(CC) $(WORLD_LDFLAGS) -o $$@ $(call objects,$(1)) $(LIBC)
endef
$(foreach dir,$(PROGRAM_DIRS),$(eval $(call program_rule,$(dir))))

$(addprefix $(W)/bin/,$(TOOLS)): $(W)/bin/%: $(W)/tools/%.c.o $(LIBC) world/world.mk
	$(Q)echo "  LD $@"; $(CC) $(WORLD_LDFLAGS) -o $@ $< $(LIBC)

# Programs and objects whose sources are gone must not stay behind.
WORLD_FILES := $(addprefix $(W)/bin/,$(PROGRAMS)) \
	$(foreach dir,libc tools $(PROGRAM_DIRS),$(call objects,$(dir)))
STALE := $(filter-out $(WORLD_FILES),$(wildcard $(W)/bin/*) \
	$(foreach dir,libc tools $(PROGRAM_DIRS),$(wildcard $(W)/$(dir)/*.o)))

$(W)/programs: FORCE
	@rm -f $(STALE) $(STALE:.o=.d)
	@printf '%s\n' $(PROGRAMS) | cmp -s - $@ || printf '%s\n' $(PROGRAMS) > $@

-include $(wildcard $(addsuffix /*.d,$(addprefix $(W)/,libc tools $(PROGRAM_DIRS))))
