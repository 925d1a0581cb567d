// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
/* /dev/pebble: the slot table, driven by ioctl. */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/uaccess.h>

#include "table.h"
#include "zones.h"

static struct pebble_table table;

static char *default_zone = "free";
module_param(default_zone, charp, 0444);
MODULE_PARM_DESC(default_zone, "zone that the first slot starts in");

static long do_pick(void __user *arg)
{
	struct pebble_pick pick;

	pebble_table_pick(&table, &pick);
	return copy_to_user(arg, &pick, sizeof(pick)) ? -EFAULT : 0;
}

static long do_set(const void __user *arg)
{
	struct pebble_set set;

	if (copy_from_user(&set, arg, sizeof(set)))
		return -EFAULT;
	return pebble_table_set(&table, &set);
}

static long do_touch(const void __user *arg)
{
	u32 slot;

	if (copy_from_user(&slot, arg, sizeof(slot)))
		return -EFAULT;
	return pebble_table_touch(&table, slot);
}

static long do_stat(void __user *arg)
{
	struct pebble_stat stat = { 0 };

	pebble_table_stat(&table, &stat);
	return copy_to_user(arg, &stat, sizeof(stat)) ? -EFAULT : 0;
}

static long do_zone(void __user *arg)
{
	struct pebble_zone_info info;
	int err;

	if (copy_from_user(&info, arg, sizeof(info)))
		return -EFAULT;
	err = pebble_zone_name(info.zone, info.name, sizeof(info.name));
	if (err)
		return err;
	info.slots = pebble_table_count(&table, info.zone);
	return copy_to_user(arg, &info, sizeof(info)) ? -EFAULT : 0;
}

static long pebble_ioctl(struct file *file, unsigned int request, unsigned long arg)
{
	void __user *user = (void __user *)arg;

	switch (request) {
	case PEBBLE_IOC_PICK:
		return do_pick(user);
	case PEBBLE_IOC_TOUCH:
		return do_touch(user);
	case PEBBLE_IOC_SET:
		return do_set(user);
	case PEBBLE_IOC_STAT:
		return do_stat(user);
	case PEBBLE_IOC_ZONE:
		return do_zone(user);
	case PEBBLE_IOC_RESET:
		pebble_table_reset(&table);
		return 0;
	default:
		return -ENOTTY;
	}
}

static const struct file_operations pebble_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = pebble_ioctl,
	.llseek = noop_llseek,
};

static struct miscdevice pebble_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "pebble",
	.fops = &pebble_fops,
	.mode = 0600,
};

/* The first slot's zone is the only thing that a parameter chooses. */
static int set_default_zone(void)
{
	struct pebble_set set = { .weight = PEBBLE_WEIGHT_MIN };

	set.zone = pebble_zone_find(default_zone);
	return pebble_table_set(&table, &set);
}

static int __init pebble_init(void)
{
	int err;

	err = pebble_zones_init();
	if (err)
		return err;
	err = pebble_table_init(&table);
	if (err)
		return err;
	err = set_default_zone();
	if (!err)
		err = misc_register(&pebble_device);
	if (err) {
		pebble_table_free(&table);
		return err;
	}
	pr_info("pebble: %u slots in %u zones\n", PEBBLE_SLOTS, PEBBLE_ZONES);
	return 0;
}

static void __exit pebble_exit(void)
{
	misc_deregister(&pebble_device);
	pebble_table_free(&table);
}

module_init(pebble_init);
module_exit(pebble_exit);

MODULE_DESCRIPTION("pebble's slot table");
MODULE_AUTHOR("Pebble Developers <pebble@example.org>");
MODULE_LICENSE("GPL");
