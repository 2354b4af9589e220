import { claims } from '../fixtures/sync/rlock.ts';
import { proveOnEachMemory } from './claims.ts';

proveOnEachMemory(claims);
