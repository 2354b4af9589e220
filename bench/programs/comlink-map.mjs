import { parentPort } from 'node:worker_threads';
import * as Comlink from 'comlink';
import nodeEndpoint from 'comlink/dist/umd/node-adapter.js';

Comlink.expose(new Map([['key', 1]]), nodeEndpoint(parentPort));
