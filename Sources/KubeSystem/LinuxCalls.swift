// The few Linux calls that Swift's libc module leaves out, declared by symbol. Nothing else in the engine names a symbol.
// Each is a plain C function of integers and pointers, for which the two calling conventions agree on x86-64 and arm64.
import Glibc

@_silgen_name("epoll_create1")
func linux_epoll_create1(_ flags: Int32) -> Int32

@_silgen_name("epoll_ctl")
func linux_epoll_ctl(_ epoll: Int32, _ operation: Int32, _ descriptor: Int32, _ event: UnsafeMutableRawPointer?) -> Int32

@_silgen_name("epoll_wait")
func linux_epoll_wait(_ epoll: Int32, _ events: UnsafeMutableRawPointer, _ count: Int32, _ milliseconds: Int32) -> Int32

@_silgen_name("timerfd_create")
func linux_timerfd_create(_ clock: Int32, _ flags: Int32) -> Int32

@_silgen_name("timerfd_settime")
func linux_timerfd_settime(_ timer: Int32, _ flags: Int32, _ new: UnsafePointer<itimerspec>, _ old: UnsafeMutablePointer<itimerspec>?) -> Int32

@_silgen_name("eventfd")
func linux_eventfd(_ value: UInt32, _ flags: Int32) -> Int32

@_silgen_name("pthread_setname_np")
func linux_pthread_setname_np(_ thread: pthread_t, _ name: UnsafePointer<CChar>) -> Int32

@_silgen_name("pipe2")
func linux_pipe2(_ descriptors: UnsafeMutablePointer<Int32>, _ flags: Int32) -> Int32

@_silgen_name("posix_spawn_file_actions_addclosefrom_np")
func linux_posix_spawn_file_actions_addclosefrom_np(_ actions: UnsafeMutablePointer<posix_spawn_file_actions_t>, _ first: Int32) -> Int32

/// The C library has no function for `pidfd_open` before glibc 2.36.
@_silgen_name("syscall")
func linux_syscall(_ number: Int, _ first: Int, _ second: Int) -> Int

/// Constants of <sys/epoll.h>, <sys/timerfd.h> and <sys/eventfd.h>, part of the kernel's ABI, and what is hidden behind _GNU_SOURCE.
enum Linux {
    static let closeOnExec: Int32 = 0o2000000
    static let nonBlocking: Int32 = 0o4000
    static let epollAdd: Int32 = 1
    static let epollDelete: Int32 = 2
    static let epollModify: Int32 = 3
    static let epollIn: UInt32 = 0x001
    static let epollOut: UInt32 = 0x004
    static let epollError: UInt32 = 0x008
    static let epollHangUp: UInt32 = 0x010
    static let absoluteTime: Int32 = 1
    /// <sys/syscall.h>, the same on every architecture; <sys/wait.h>; <spawn.h>.
    static let pidfdOpen = 434
    static let waitByDescriptor: UInt32 = 3
    static let spawnNewSession: Int16 = 0x80
}

/// An array of `struct epoll_event`, which is packed on x86-64 only.
struct EpollEvents {
    #if arch(x86_64) || arch(i386)
    static let size = 12
    static let dataOffset = 4
    #else
    static let size = 16
    static let dataOffset = 8
    #endif

    let memory: UnsafeMutableRawPointer
    let capacity: Int

    init(capacity: Int) {
        self.capacity = capacity
        memory = UnsafeMutableRawPointer.allocate(byteCount: capacity &* EpollEvents.size, alignment: 8)
        memset(memory, 0, capacity &* EpollEvents.size)
    }

    func deallocate() { memory.deallocate() }

    /// `index` must be below `capacity`.
    func load(_ index: Int) -> (events: UInt32, data: UInt64) {
        let event = memory + index &* EpollEvents.size
        return (event.loadUnaligned(as: UInt32.self), event.loadUnaligned(fromByteOffset: EpollEvents.dataOffset, as: UInt64.self))
    }

    func store(_ index: Int, events: UInt32, data: UInt64) {
        let event = memory + index &* EpollEvents.size
        event.storeBytes(of: events, as: UInt32.self)
        event.storeBytes(of: data, toByteOffset: EpollEvents.dataOffset, as: UInt64.self)
    }
}
