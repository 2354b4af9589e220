/**
 * The layout of a block of shared memory, in 32-bit words. Every address in this library is a word index.
 *
 * ```
 *      0 ..   63  root: what the whole program shares (below)
 *     64 ..  447  heap control: lock, top, free-list bitmaps and heads (heap.ts)
 *   1024 ..       party table: one slot of 32 words for each thread that uses the block (party.ts)
 * HEAP_START ..   chunks (heap.ts)
 * ```
 *
 * All words are zero in a fresh block; `MAGIC` is stored last when the block has been set up.
 */

/** Set once the block is ready for use. */
export const MAGIC = 0;
/** Size of the block, in words. */
export const SIZE = 1;
/** Highest slot of the party table that was ever used. */
export const PARTY_HIGH = 3;
/** Counter behind `Thread.ident`. */
export const IDENT_COUNTER = 4;
/** Counter behind unique ids of other objects (`local()`). */
export const ID_COUNTER = 5;
/** Counter behind the names `Thread-N`. */
export const NAME_COUNTER = 6;
/** `detectDeadlocks()` is on. */
export const DEADLOCK_DETECTION = 7;
/** Guards the list of live threads. */
export const THREADS_LOCK = 8;
/** First record of the list of threads that have started and not ended. */
export const THREADS_HEAD = 9;
/** How many non-daemon threads have started and not ended, the main thread not counted. */
export const NON_DAEMON = 10;
/** Waiters for {@link NON_DAEMON} to become 0 (a wait queue of 4 words). */
export const NON_DAEMON_QUEUE = 11;
/** First of the parked workers that wait for another thread to run (a stack, guarded by {@link THREADS_LOCK}). */
export const IDLE_WORKERS = 15;
/** The program is ending: daemon threads must not start anything any more. */
export const EXITING = 16;
/** Local block only: descriptor of the system block that this process uses, plus 1. */
export const SYSTEM_FD = 17;
/** Local block only: guards the creation of the system block. */
export const SYSTEM_LOCK = 20;
/** Cells of the threads that spin just now, one fewer than there are processors (spin.ts). */
export const SPINNERS = 24;
export const SPINNER_CELLS = 15;
/** Guards the record of child processes of this process (local block). */
export const PROCESSES_LOCK = 40;
/** First record of the children of this process that have started and not been reaped (local block). */
export const PROCESSES_HEAD = 41;
/** Counter behind the names `Process-N` of this process's children (local block). */
export const PROCESS_NAME_COUNTER = 42;

/** Record of this process, and of the one that started it, in the system block (local block). */
export const PROCESS_HERE = 43;
export const PROCESS_PARENT = 44;

/** When somebody last looked who has died (burial.ts), in milliseconds. */
export const SWEPT = 45;

/** Waiters for any child of this process to end (local block; a wait queue of 4 words). */
export const CHILD_ENDED_QUEUE = 46;

/** The level of the logger of `multiprocessing`, and whether it prints (local block). */
export const LOG_LEVEL = 53;
export const LOG_TO_STDERR = 54;

/** Guards the list of the files of Unix sockets that this process listens at (local block). */
export const SOCKET_FILES_LOCK = 58;
/** First of them. */
export const SOCKET_FILES_HEAD = 59;
/** Local block only: descriptor of the pipe that all processes of the family hold (family-pipe.ts), plus 1. */
export const FAMILY_PIPE = 50;
/** System block only: guards the start of the resource tracker (shared-memory/tracker.ts), and its process. */
export const TRACKER_LOCK = 51;
export const TRACKER_PID = 52;

/** Guards the search for deadlocks (sync/deadlock.ts). */
export const DEADLOCK_LOCK = 60;

export const HEAP_CONTROL = 64;

export const PARTY_TABLE = 1024;
export const PARTY_WORDS = 32;
export const PARTY_SLOTS = 4096;

export const HEAP_START = PARTY_TABLE + PARTY_WORDS * PARTY_SLOTS;

export const MAGIC_VALUE = 0x7457_0001;
