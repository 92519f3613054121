//! Which system calls a step may make: those that Docker lets a container make that has Docker's capabilities.
//!
//! A last wall behind namespaces and capabilities: what is refused here is of no use to a build and has been the way
//! into kernels before. Programs of 32 bits are judged by their own numbers. What is refused fails with EPERM; what is
//! newer than this file fails with ENOSYS, and so does `clone3`, whose flags a filter cannot see, so that programs fall
//! back to what they used before.
//!
//! Source of the facts: the documentation of Docker's default profile, and the kernel's tables of system calls.

use nix::libc::{self, c_long, sock_filter};

/// The system calls of one kind of program.
struct Abi {
    /// How the kernel names it to filters.
    architecture: u32,
    refused: &'static [&'static [c_long]],
    clone: u32,
    clone3: u32,
    personality: u32,
    /// The last system call that is known here.
    last: u32,
}

/// The last number of `linux/unistd.h` that is known here: `mseal`. All architectures share numbers from 424 on.
const LAST: u32 = 462;

/// What is refused on every architecture of 64 bits.
const REFUSED_EVERYWHERE: &[c_long] = &[
    // The kernel's own keys, which are not told apart by namespace.
    libc::SYS_add_key,
    libc::SYS_keyctl,
    libc::SYS_request_key,
    // Code and other kernels in the kernel.
    libc::SYS_bpf,
    libc::SYS_delete_module,
    libc::SYS_finit_module,
    libc::SYS_init_module,
    libc::SYS_kexec_load,
    libc::SYS_perf_event_open,
    // Mounts and namespaces.
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fsopen,
    libc::SYS_fspick,
    libc::SYS_mount,
    libc::SYS_mount_setattr,
    libc::SYS_move_mount,
    libc::SYS_open_tree,
    libc::SYS_pivot_root,
    libc::SYS_setns,
    libc::SYS_umount2,
    libc::SYS_unshare,
    // The machine: its clock, its swap, its accounts, its end.
    libc::SYS_acct,
    libc::SYS_clock_adjtime,
    libc::SYS_clock_settime,
    libc::SYS_quotactl,
    libc::SYS_quotactl_fd,
    libc::SYS_reboot,
    libc::SYS_settimeofday,
    libc::SYS_swapoff,
    libc::SYS_swapon,
    libc::SYS_syslog,
    libc::SYS_vhangup,
    // Files by number, past every directory that is closed.
    libc::SYS_fanotify_init,
    libc::SYS_open_by_handle_at,
    // Other processes, and where memory lies.
    libc::SYS_get_mempolicy,
    libc::SYS_kcmp,
    libc::SYS_mbind,
    libc::SYS_migrate_pages,
    libc::SYS_move_pages,
    libc::SYS_pidfd_getfd,
    libc::SYS_process_madvise,
    libc::SYS_set_mempolicy,
    libc::SYS_set_mempolicy_home_node,
    // Work that a filter does not see, and faults that user space answers.
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_io_uring_setup,
    libc::SYS_userfaultfd,
];

#[cfg(target_arch = "x86_64")]
const ABIS: &[Abi] = &[
    Abi {
        architecture: 0xC000_003E,
        refused: &[
            REFUSED_EVERYWHERE,
            &[
                libc::SYS__sysctl,
                libc::SYS_ioperm,
                libc::SYS_iopl,
                libc::SYS_kexec_file_load,
                libc::SYS_lookup_dcookie,
                libc::SYS_nfsservctl,
                libc::SYS_sysfs,
                libc::SYS_uselib,
                libc::SYS_ustat,
            ],
        ],
        clone: libc::SYS_clone as u32,
        clone3: libc::SYS_clone3 as u32,
        personality: libc::SYS_personality as u32,
        last: LAST,
    },
    Abi {
        architecture: 0x4000_0003,
        // In the order of the numbers: mount, umount, stime, acct, umount2, ustat, settimeofday, uselib, swapon, reboot,
        // ioperm, syslog, iopl, vhangup, vm86old, swapoff, create_module, init_module, delete_module,
        // get_kernel_syms, quotactl, sysfs, _sysctl, vm86, query_module, nfsservctl, pivot_root, lookup_dcookie,
        // clock_settime, mbind, get_mempolicy, set_mempolicy, kexec_load, add_key, request_key, keyctl,
        // migrate_pages, unshare, move_pages, perf_event_open, fanotify_init, open_by_handle_at, clock_adjtime, setns,
        // kcmp, finit_module, bpf, userfaultfd, clock_settime64, clock_adjtime64; then as everywhere io_uring_setup,
        // io_uring_enter, io_uring_register, open_tree, move_mount, fsopen, fsconfig, fsmount, fspick, pidfd_getfd,
        // process_madvise, mount_setattr, quotactl_fd, set_mempolicy_home_node.
        refused: &[&[
            21, 22, 25, 51, 52, 62, 79, 86, 87, 88, 101, 103, 110, 111, 113, 115, 127, 128, 129, 130, 131, 135, 149,
            166, 167, 169, 217, 253, 264, 274, 275, 276, 283, 286, 287, 288, 294, 310, 317, 336, 338, 342, 343, 346,
            349, 350, 357, 374, 404, 405, 425, 426, 427, 428, 429, 430, 431, 432, 433, 438, 440, 442, 443, 450,
        ]],
        clone: 120,
        clone3: 435,
        personality: 136,
        last: LAST,
    },
];

#[cfg(not(target_arch = "x86_64"))]
const ABIS: &[Abi] = &[Abi {
    architecture: if cfg!(target_arch = "aarch64") { 0xC000_00B7 } else { 0xC000_00F3 },
    refused: &[REFUSED_EVERYWHERE, &[libc::SYS_nfsservctl]],
    clone: libc::SYS_clone as u32,
    clone3: libc::SYS_clone3 as u32,
    personality: libc::SYS_personality as u32,
    last: LAST,
}];

/// The flags of `clone` that make namespaces.
const NEW_NAMESPACES: u32 = 0x7E02_0000;

/// What a program may say it is: Linux, an older Linux of 32 bits, either without random addresses; or it may just ask.
const PERSONALITIES: [u32; 5] = [0, 0x8, 0x2_0000, 0x2_0008, 0xFFFF_FFFF];

const ALLOWED: u32 = libc::SECCOMP_RET_ALLOW;
const REFUSED: u32 = libc::SECCOMP_RET_ERRNO | libc::EPERM as u32;
const UNKNOWN: u32 = libc::SECCOMP_RET_ERRNO | libc::ENOSYS as u32;

// Where the kernel shows these to a filter; of an argument the lower half comes first on these machines.
const NUMBER: u32 = 0;
const ARCHITECTURE: u32 = 4;
const FIRST_ARGUMENT: u32 = 16;

/// The filter as a program for the kernel.
pub(super) fn filter() -> Vec<sock_filter> {
    let mut program = vec![load(ARCHITECTURE)];
    for abi in ABIS {
        let judged = judge(abi);
        // A jump knows only 255 instructions: what is too far is gone to in two steps.
        program.push(jump(libc::BPF_JEQ, abi.architecture, 1, 0));
        program.push(go_on(judged.len()));
        program.extend(judged);
    }
    program.push(answer(libc::SECCOMP_RET_KILL_PROCESS));
    program
}

fn judge(abi: &Abi) -> Vec<sock_filter> {
    let mut program = vec![load(NUMBER)];
    program.extend([jump(libc::BPF_JGT, abi.last, 0, 1), answer(UNKNOWN)]);
    program.extend([jump(libc::BPF_JEQ, abi.clone3, 0, 1), answer(UNKNOWN)]);
    for number in abi.refused.iter().copied().flatten() {
        program.extend([jump(libc::BPF_JEQ, *number as u32, 0, 1), answer(REFUSED)]);
    }
    let clone = [load(FIRST_ARGUMENT), jump(libc::BPF_JSET, NEW_NAMESPACES, 0, 1), answer(REFUSED), answer(ALLOWED)];
    program.push(jump(libc::BPF_JEQ, abi.clone, 0, clone.len() as u8));
    program.extend(clone);
    program.extend([jump(libc::BPF_JEQ, abi.personality, 1, 0), answer(ALLOWED), load(FIRST_ARGUMENT)]);
    for personality in PERSONALITIES {
        program.extend([jump(libc::BPF_JEQ, personality, 0, 1), answer(ALLOWED)]);
    }
    program.push(answer(REFUSED));
    program
}

fn load(offset: u32) -> sock_filter {
    instruction(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, offset, 0, 0)
}

fn jump(condition: u32, value: u32, if_true: u8, if_false: u8) -> sock_filter {
    instruction(libc::BPF_JMP | condition | libc::BPF_K, value, if_true, if_false)
}

fn go_on(instructions: usize) -> sock_filter {
    instruction(libc::BPF_JMP | libc::BPF_JA, instructions as u32, 0, 0)
}

fn answer(value: u32) -> sock_filter {
    instruction(libc::BPF_RET | libc::BPF_K, value, 0, 0)
}

fn instruction(code: u32, k: u32, jt: u8, jf: u8) -> sock_filter {
    sock_filter { code: code as u16, jt, jf, k }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the filter answers, by doing what the kernel would.
    fn verdict(architecture: u32, number: u32, argument: u32) -> u32 {
        let program = filter();
        let (mut at, mut value) = (0, 0);
        loop {
            let sock_filter { code, jt, jf, k } = program[at];
            at += 1;
            let jumps = |holds: bool| usize::from(if holds { jt } else { jf });
            match u32::from(code) {
                code if code == libc::BPF_LD | libc::BPF_W | libc::BPF_ABS => {
                    value = match k {
                        NUMBER => number,
                        ARCHITECTURE => architecture,
                        FIRST_ARGUMENT => argument,
                        other => panic!("nothing is at {other}"),
                    };
                }
                code if code == libc::BPF_JMP | libc::BPF_JA => at += k as usize,
                code if code == libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K => at += jumps(value == k),
                code if code == libc::BPF_JMP | libc::BPF_JGT | libc::BPF_K => at += jumps(value > k),
                code if code == libc::BPF_JMP | libc::BPF_JSET | libc::BPF_K => at += jumps(value & k != 0),
                code if code == libc::BPF_RET | libc::BPF_K => return k,
                other => panic!("{other:#x} is not used"),
            }
        }
    }

    #[test]
    fn what_builds_do_is_allowed_and_what_they_never_do_is_refused() {
        let here = ABIS[0].architecture;
        for allowed in [libc::SYS_read, libc::SYS_execve, libc::SYS_chroot, libc::SYS_ptrace, libc::SYS_mknodat] {
            assert_eq!(verdict(here, allowed as u32, 0), ALLOWED, "{allowed}");
        }
        for refused in [libc::SYS_mount, libc::SYS_bpf, libc::SYS_keyctl, libc::SYS_unshare, libc::SYS_io_uring_setup] {
            assert_eq!(verdict(here, refused as u32, 0), REFUSED, "{refused}");
        }
    }

    #[test]
    fn what_is_asked_with_decides() {
        let abi = &ABIS[0];
        assert_eq!(verdict(abi.architecture, abi.clone, libc::CLONE_VM as u32), ALLOWED);
        for namespace in [libc::CLONE_NEWUSER, libc::CLONE_NEWNS, libc::CLONE_NEWNET, libc::CLONE_NEWPID] {
            assert_eq!(verdict(abi.architecture, abi.clone, namespace as u32), REFUSED);
        }
        assert_eq!(verdict(abi.architecture, abi.personality, 8), ALLOWED);
        assert_eq!(verdict(abi.architecture, abi.personality, 0x40_0000), REFUSED);
    }

    #[test]
    fn what_cannot_be_judged_is_said_not_to_exist() {
        for abi in ABIS {
            assert_eq!(verdict(abi.architecture, abi.clone3, 0), UNKNOWN);
            assert_eq!(verdict(abi.architecture, abi.last + 1, 0), UNKNOWN);
            // The numbers of x32.
            assert_eq!(verdict(abi.architecture, 0x4000_0000, 0), UNKNOWN);
        }
        assert_eq!(verdict(0, 0, 0), libc::SECCOMP_RET_KILL_PROCESS);
    }

    #[test]
    #[cfg(target_arch = "x86_64")]
    fn programs_of_32_bits_are_judged_by_their_own_numbers() {
        let abi = &ABIS[1];
        assert_eq!(verdict(abi.architecture, 3, 0), ALLOWED, "read");
        assert_eq!(verdict(abi.architecture, 21, 0), REFUSED, "mount, which is access of 64 bits");
        assert_eq!(verdict(abi.architecture, abi.clone, libc::CLONE_NEWNS as u32), REFUSED);
    }
}
