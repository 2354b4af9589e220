/**
 * Everything of the library that can arrive in a message. Every entry point imports this, so that whatever one thread
 * or process sends, the other knows it.
 */

import './manager/pickled-proxy.ts';
import './manager/sync-manager.ts';
import './pool/piscina-executor.ts';
import './pool/pool.ts';
import './pool/process-pool-executor.ts';
import './pool/thread-pool-executor.ts';
import './process/client.ts';
import './process/context.ts';
import './process/listener.ts';
import './process/process.ts';
import './queue/multiprocessing.ts';
import './queue/pipe.ts';
import './queue/threading.ts';
import './shared-memory/shareable-list.ts';
import './sync/multiprocessing.ts';
import './sync/threading.ts';
import './thread/local.ts';
import './thread/thread.ts';
import './thread/timer.ts';
