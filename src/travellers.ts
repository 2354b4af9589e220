/**
 * Everything of the library that can arrive in a message. Every entry point imports this, so that whatever one thread
 * or process sends, the other knows it.
 */

import './process/context.ts';
import './process/process.ts';
import './queue/multiprocessing.ts';
import './queue/threading.ts';
import './shared-memory/shareable-list.ts';
import './sync/multiprocessing.ts';
import './sync/threading.ts';
import './thread/local.ts';
import './thread/thread.ts';
import './thread/timer.ts';
