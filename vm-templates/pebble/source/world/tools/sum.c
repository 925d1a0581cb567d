/* SPDX-License-Identifier: Apache-2.0 */
/* sum [FILE…]: checksum (Fletcher's, 32 bits) and size of each. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys.h>

struct sum {
	u32 low;
	u32 high;
	u64 size;
};

static void add(struct sum *sum, const u8 *bytes, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		sum->low = (sum->low + bytes[i]) % 65535;
		sum->high = (sum->high + sum->low) % 65535;
	}
	sum->size += count;
}

static int sum_file(const char *path, int fd)
{
	static u8 buf[16384];
	struct sum sum = { .low = 1 };
	long n;

	while ((n = sys_read(fd, buf, sizeof(buf))) > 0)
		add(&sum, buf, (size_t)n);
	if (n < 0) {
		warn("%s: %s", path, error_text((int)n));
		return 1;
	}
	print("%08x %lu %s\n", sum.high << 16 | sum.low, sum.size, path);
	return 0;
}

int main(int argc, char **argv)
{
	int failed = 0;
	int fd;
	int i;

	if (argc == 1)
		return sum_file("-", STDIN);
	for (i = 1; i < argc; i++) {
		fd = sys_open(argv[i], O_RDONLY, 0);
		if (fd < 0) {
			warn("%s: %s", argv[i], error_text(fd));
			failed = 1;
			continue;
		}
		failed |= sum_file(argv[i], fd);
		sys_close(fd);
	}
	return failed;
}
