// Makes the Swift run-time fit for forked children, from the moment the library is loaded: its one-time initialisers are used by
// functions that touch nothing else of this module. What of ours must survive a fork is ProcessState's.
import CRuntime
import Glibc

/// Run by the dynamic loader, perhaps before the run-time has initialised itself: nothing of Swift may be used in it.
@used @section(".init_array") private let whenLoaded: @convention(c) () -> Void = {
    _ = pthread_atfork(nil, nil, { kcr_forget_thread_number() })
}
