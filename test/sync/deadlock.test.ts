import { claims } from '../fixtures/sync/deadlock.ts';
import { proveOnEachMemory } from './claims.ts';

proveOnEachMemory(claims);
