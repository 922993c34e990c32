//! Numbers of the kernel's BPF helpers that programs call (`enum bpf_func_id`, linux v6.12
//! include/uapi/linux/bpf.h) and the flags that they take.

pub const MAP_LOOKUP_ELEM: u32 = 1;
pub const MAP_UPDATE_ELEM: u32 = 2;
pub const MAP_DELETE_ELEM: u32 = 3;
pub const KTIME_GET_NS: u32 = 5;
pub const TRACE_PRINTK: u32 = 6;
pub const GET_PRANDOM_U32: u32 = 7;
pub const GET_SMP_PROCESSOR_ID: u32 = 8;
pub const GET_CURRENT_PID_TGID: u32 = 14;
pub const GET_CURRENT_UID_GID: u32 = 15;
pub const GET_CURRENT_COMM: u32 = 16;
pub const GET_CURRENT_TASK: u32 = 35;
pub const GET_NUMA_NODE_ID: u32 = 42;
pub const PROBE_WRITE_USER: u32 = 36;
pub const GET_STACK: u32 = 67;
pub const GET_CURRENT_CGROUP_ID: u32 = 80;
pub const SEND_SIGNAL: u32 = 109;
pub const PROBE_READ_USER: u32 = 112;
pub const PROBE_READ_KERNEL: u32 = 113;
pub const PROBE_READ_USER_STR: u32 = 114;
pub const PROBE_READ_KERNEL_STR: u32 = 115;
pub const SEND_SIGNAL_THREAD: u32 = 117;
pub const JIFFIES64: u32 = 118;
pub const GET_NS_CURRENT_PID_TGID: u32 = 120;
pub const GET_CURRENT_ANCESTOR_CGROUP_ID: u32 = 123;
pub const KTIME_GET_BOOT_NS: u32 = 125;
pub const RINGBUF_RESERVE: u32 = 131;
pub const RINGBUF_SUBMIT: u32 = 132;
pub const RINGBUF_QUERY: u32 = 134;
pub const RINGBUF_OUTPUT: u32 = 130;
pub const TASK_STORAGE_GET: u32 = 156;
pub const GET_CURRENT_TASK_BTF: u32 = 158;
pub const FOR_EACH_MAP_ELEM: u32 = 164;
pub const GET_ATTACH_COOKIE: u32 = 174;
pub const TASK_PT_REGS: u32 = 175;
pub const LOOP: u32 = 181;
pub const MAP_LOOKUP_PERCPU_ELEM: u32 = 195;
pub const KTIME_GET_TAI_NS: u32 = 208;

/// `BPF_ANY`: create or replace.
pub const ANY: i64 = 0;
/// `BPF_NOEXIST`: create only.
pub const NOEXIST: i64 = 1;
/// `BPF_LOCAL_STORAGE_GET_F_CREATE`
pub const STORAGE_CREATE: i64 = 1;
/// `BPF_F_USER_STACK`
pub const USER_STACK: i64 = 256;
/// `BPF_RB_AVAIL_DATA`: bytes that wait to be read.
pub const AVAILABLE_DATA: i64 = 0;
/// `BPF_RB_PROD_POS`: bytes that were ever written.
pub const PRODUCER_POSITION: i64 = 3;
/// `BPF_RB_NO_WAKEUP`
pub const NO_WAKEUP: i64 = 1;
/// `BPF_RB_FORCE_WAKEUP`
pub const FORCE_WAKEUP: i64 = 2;
/// The most iterations that `bpf_loop` does (`BPF_MAX_LOOPS`).
pub const MAX_LOOPS: i64 = 1 << 23;
/// `-EEXIST`
pub const ALREADY_EXISTS: i64 = -17;
/// `-E2BIG`: the map has all the entries that it can have.
pub const TOO_BIG: i64 = -7;
/// `-ENOMEM`: the kernel has no memory for one more.
pub const NO_MEMORY: i64 = -12;
