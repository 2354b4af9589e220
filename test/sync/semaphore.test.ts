import { claims } from '../fixtures/sync/semaphore.ts';
import { proveOnEachMemory } from './claims.ts';

proveOnEachMemory(claims);
