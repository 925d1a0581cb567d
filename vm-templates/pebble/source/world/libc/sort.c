/* SPDX-License-Identifier: Apache-2.0 */
/* Merge sort: items that compare equal keep their order. */
#include <stdlib.h>
#include <string.h>

struct job {
	char *scratch;
	size_t size;
	compare_fn *compare;
};

static void merge(const struct job *job, char *items, size_t half, size_t count)
{
	size_t left = 0;
	size_t right = half;
	size_t out = 0;
	size_t from;

	memcpy(job->scratch, items, count * job->size);
	while (left < half || right < count) {
		if (right == count)
			from = left++;
		else if (left == half)
			from = right++;
		else if (job->compare(job->scratch + left * job->size,
				      job->scratch + right * job->size) <= 0)
			from = left++;
		else
			from = right++;
		memcpy(items + out++ * job->size, job->scratch + from * job->size, job->size);
	}
}

static void sort_part(const struct job *job, char *items, size_t count)
{
	size_t half = count / 2;

	if (count < 2)
		return;
	sort_part(job, items, half);
	sort_part(job, items + half * job->size, count - half);
	merge(job, items, half, count);
}

void sort_items(void *items, size_t count, size_t size, compare_fn *compare)
{
	struct job job = { .size = size, .compare = compare };

	job.scratch = malloc(count * size);
	if (!job.scratch)
		return;
	sort_part(&job, items, count);
	free(job.scratch);
}
