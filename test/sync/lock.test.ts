import { claims } from '../fixtures/sync/lock.ts';
import { proveOnEachMemory } from './claims.ts';

proveOnEachMemory(claims);
